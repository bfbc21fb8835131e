"""What a page says beside what was entered: range, flag and grade of a value, criteria of a term."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assessments.domain.laboratory import LabGrade
from assessments.models import CtcaeTerm
from assessments.selectors import JudgedValue

FLAGS = {"HIGH": "▲ high", "LOW": "▼ low"}


def value_hint(judged: JudgedValue) -> SafeString:
    """The site's range of the day, then what the value is by it, then the value before treatment."""
    return format_html_join(" · ", "{}", ((part,) for part in _parts(judged)))


def _parts(judged: JudgedValue) -> Iterator[str | SafeString]:
    unit = judged.analyte.unit.replace("mm3", "mm³").replace("ratio", "").strip()
    if judged.reference is not None:
        yield f"Range {limits(judged.lln, judged.uln)} {unit}".strip()
    elif judged.analyte.terms:
        yield "No reference range on this day"
    if judged.flag:
        yield format_html('<strong class="lab-{}">{}</strong>', judged.flag.lower(), FLAGS[judged.flag])
    if judged.value is not None:
        yield from grade_words(judged.grades)
    if judged.baseline is not None:
        yield f"before treatment {plain(judged.baseline)}"


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


def plain(number: Decimal) -> str:
    """At most six significant digits: a limit converted from another unit may have 28."""
    shown = f"{number.normalize():f}"
    return shown if len(shown) <= 7 else f"{Decimal(f'{number:.6g}'):f}"


def term_hint(term: CtcaeTerm) -> SafeString:
    """The grades of a term with their criteria."""
    grades = ((grade, term.criteria[str(grade)]) for grade in term.grades)
    listed = format_html_join(" ", "<strong>{}</strong> {}.", ((g, text.rstrip(".")) for g, text in grades))
    return format_html("{}, CTCAE {}. Grades: {}", term.soc, term.version, listed)
