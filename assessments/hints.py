"""What a page says beside what was entered: range, flag and grade of a value, criteria of a term."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from assessments.domain.laboratory import LabGrade, plain, unit_words
from assessments.laboratory import JudgedValue
from assessments.models import CtcaeTerm

FLAGS = {
    "H": ("high", _("▲ high")),
    "L": ("low", _("▼ low")),
    "HH": ("high", _("▲▲ HH, critically high")),
    "LL": ("low", _("▼▼ LL, critically low")),
}


def value_hint(judged: JudgedValue) -> SafeString:
    """The site's range of the day, then what the value is by it, then the value before treatment."""
    return format_html_join(" · ", "{}", ((part,) for part in _parts(judged)))


def _parts(judged: JudgedValue) -> Iterator[str | SafeString]:
    unit = unit_words(judged.unit)
    if judged.reference is not None:
        range_words = _("Range %(limits)s %(unit)s")
        yield (range_words % {"limits": limits(judged.lln, judged.uln), "unit": unit}).strip()
    elif judged.analyte.terms:
        yield str(_("No reference range on this day"))
    if judged.flag:
        yield format_html('<strong class="lab-{}">{}</strong>', *FLAGS[judged.flag])
    if judged.value is not None:
        yield from grade_words(judged.grades)
    if judged.baseline is not None:
        yield _("before treatment %(value)s") % {"value": plain(judged.baseline)}
    if judged.delta:
        yield format_html('<span class="lab-delta">{}</span>', judged.delta)


def grade_words(grades: tuple[LabGrade, ...]) -> Iterator[str | SafeString]:
    """The CTCAE grades above 0 with their terms, or grade 0; what cannot be graded says so."""
    raised = [grade for grade in grades if grade.grade]
    for grade in raised:
        worse = ", worse than before treatment" if grade.is_worse else ""
        yield format_html("<strong>CTCAE grade {}</strong> {}{}", grade.grade, grade.term, worse)
    if grades and not raised:
        yield "CTCAE grade 0" if all(grade.grade == 0 for grade in grades) else "cannot be graded"


def limits(lln: Decimal | None, uln: Decimal | None) -> str:
    """A range as laboratories print it: 10–40, ≤40, ≥10."""
    if lln is None:
        return f"≤{plain(uln)}" if uln is not None else "–"
    return f"≥{plain(lln)}" if uln is None else f"{plain(lln)}–{plain(uln)}"


def term_hint(term: CtcaeTerm) -> SafeString:
    """The grades of a term with their criteria."""
    grades = ((grade, term.criteria[str(grade)]) for grade in term.grades)
    listed = format_html_join(" ", "<strong>{}</strong> {}.", ((g, text.rstrip(".")) for g, text in grades))
    return format_html("{}, CTCAE {}. Grades: {}", term.soc, term.version, listed)
