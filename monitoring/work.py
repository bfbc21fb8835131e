"""What waits for the people of a site: derived on every request, in a fixed number of statements."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.due import Due, open_at
from assessments.models import AdverseEvent
from assessments.schedule_lines import PlannedLine
from assessments.schedule_words import STATUS
from casebook.models import Patient, Query, QueryState
from casebook.registry import CrfSpec, spec, specs
from casebook.selectors_entry import TypedForm, drafts_of
from patients.domain.schedule import OPEN, AssessmentKind
from patients.models import EligibilityDecision, Enrolment, Screening
from trial.access import Permission, may
from trial.models import Person, Site

SHOWN, PER_PAGE = 15, 100
"""Lines of a section on the page of all, and on the page of one."""

PLANNED = {
    "visits": (AssessmentKind.CLINIC, _("Visits")),
    "laboratory": (AssessmentKind.LABORATORY, _("Laboratory")),
    "scans": (AssessmentKind.IMAGING, _("Scans")),
}
FORMS: dict[str, str | Promise] = {
    "drafts": _("Drafts: typed, not saved"),
    "queries": _("Unanswered queries"),
    "incomplete": _("Incomplete forms"),
    "adverse-events": _("Adverse events without an outcome"),
    "decisions": _("Eligibility decisions to take"),
}
NOTHING: dict[str, str | Promise] = {
    "drafts": _("Everything you typed is saved."),
    "visits": _("No visit is due today."),
    "laboratory": _("No laboratory panel is due today."),
    "scans": _("No scan is due today."),
    "queries": _("Every query is answered."),
    "incomplete": _("Every form entered is complete."),
    "adverse-events": _("Every adverse event has an outcome."),
    "decisions": _("No patient waits for a decision."),
}


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form, a query or a patient that waits: `day` is the form's date, `words` what is said of it."""

    section: str
    slug: str
    pk: int
    number: str
    day: str
    words: str

    @property
    def what(self) -> str:
        return spec(self.slug).title if self.slug else ""

    @property
    def url(self) -> str:
        if self.section == "queries":
            return reverse("monitoring:query", args=[self.pk])
        if self.section == "decisions":
            return reverse("assessments:eligibility", args=[self.number])
        return reverse("casebook:edit", args=[self.number, self.slug, self.pk])


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A form somebody typed into and did not save: it opens with what was typed on offer."""

    typed: TypedForm

    @property
    def number(self) -> str:
        return self.typed.draft.patient.number

    @property
    def what(self) -> str:
        return self.typed.title

    @property
    def day(self) -> str:
        return timezone.localtime(self.typed.draft.updated).strftime("%Y-%m-%d %H:%M")

    @property
    def words(self) -> str:
        return str(_("new form")) if self.typed.draft.crf_id is None else ""

    @property
    def url(self) -> str:
        return self.typed.address


@dataclass(frozen=True, slots=True)
class WorkSection:
    """One kind of work: the lines shown and how many there are; `states` counts those of the schedule."""

    slug: str
    title: str | Promise
    total: int
    lines: Sequence[PlannedLine | FormLine | DraftLine]
    states: Sequence[tuple[str, str | Promise, int]] = field(default=())

    @property
    def nothing(self) -> str | Promise:
        return NOTHING[self.slug]

    @property
    def is_planned(self) -> bool:
        return self.slug in PLANNED


def work_of(
    person: Person, sites: Sequence[Site], *, today: date, only: str = "", page: int = 1
) -> list[WorkSection]:
    """What waits at these sites; `only` one section, whose `page` is then shown whole."""
    size = PER_PAGE if only else SHOWN
    first = (page - 1) * size if only else 0
    drafts = _drafts(person, sites, first, size)
    found = [*_planned(sites, today, first, size), drafts, *_forms(person, sites, first, size)]
    return [section for section in found if only in ("", section.slug)]


def _planned(sites: Sequence[Site], today: date, first: int, size: int) -> Iterator[WorkSection]:
    waiting = open_at([site.pk for site in sites], today=today)
    for slug, (kind, title) in PLANNED.items():
        of_kind: list[Due] = [due for due in waiting if due.planned.kind is kind]
        lines = [PlannedLine(due.number, due.planned, today) for due in of_kind[first : first + size]]
        counts = Counter(due.planned.status for due in of_kind)
        states = [
            (status.value.lower().replace(" ", "-"), STATUS[status], counts[status])
            for status in OPEN
            if counts[status]
        ]
        yield WorkSection(slug, title, len(of_kind), lines, states)


def _drafts(person: Person, sites: Sequence[Site], first: int, size: int) -> WorkSection:
    """What this person typed and did not save; nobody sees another's."""
    at = {site.pk for site in sites}
    lines = [DraftLine(typed) for typed in drafts_of(person) if typed.draft.patient.site_id in at]
    return WorkSection("drafts", FORMS["drafts"], len(lines), lines[first : first + size])


def _forms(person: Person, sites: Sequence[Site], first: int, size: int) -> Iterator[WorkSection]:
    """The sections that are read from forms and queries, all in one statement."""
    titles = {slug: title for slug, title in FORMS.items() if slug in SOURCES}
    if not may(person, Permission.DECIDE_ELIGIBILITY):
        del titles["decisions"]
    sources = " UNION ALL ".join(source for slug in titles for source in SOURCES[slug]())
    sql = f"""
        SELECT section, slug, pk, number, day, words, total FROM (
            SELECT *, count(*) OVER (PARTITION BY section) AS total,
                row_number() OVER (PARTITION BY section ORDER BY day, number, pk) AS place
            FROM ({sources}) AS waiting
        ) AS ordered WHERE place > %(first)s AND place <= %(first)s + %(size)s ORDER BY section, place
    """
    parameters: dict[str, Any] = {"sites": [site.pk for site in sites], "first": first, "size": size}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    for slug, title in titles.items():
        lines = [FormLine(*row[:6]) for row in rows if row[0] == slug]
        yield WorkSection(slug, title, next((row[6] for row in rows if row[0] == slug), 0), lines)


def _table(model: type[Any]) -> str:
    return f'"{model._meta.db_table}"'


def _at_sites(section: str, slug: str, table: str, day: str, words: str, condition: str) -> str:
    """One SELECT of a source; the names in it are our own, never a person's."""
    return f"""
        SELECT '{section}' AS section, {slug} AS slug, f.id AS pk, p.number, {day} AS day, {words} AS words
        FROM {table} f JOIN {_table(Patient)} p ON p.id = f.patient_id
        WHERE p.site_id = ANY(%(sites)s) AND ({condition})
    """


def _queries() -> Iterator[str]:
    yield _at_sites("queries", "f.crf", _table(Query), "''", "f.text", f"f.state = '{QueryState.OPEN}'")


def _incomplete() -> Iterator[str]:
    for one in specs():
        if one.expected:
            missing = " OR ".join(_is_empty(one, name) for name in one.expected)
            if one.model is AdverseEvent:  # those without an outcome have a section of their own
                missing = f"f.outcome <> '' AND ({missing})"
            day = f'f."{one.date_field}"::text'
            yield _at_sites("incomplete", f"'{one.slug}'", _table(one.model), day, "''", missing)


def _is_empty(one: CrfSpec, name: str) -> str:
    found: Any = one.model._meta.get_field(name)
    is_text = found.get_internal_type() in ("CharField", "TextField")
    column = f'f."{found.column}"'
    return f"{column} IS NULL OR {column} = ''" if is_text else f"{column} IS NULL"


def _adverse_events() -> Iterator[str]:
    term = "substr(f.term_id, strpos(f.term_id, ' ') + 1)"
    yield _at_sites(
        "adverse-events", "'adverse-event'", _table(AdverseEvent), "f.onset", term, "f.outcome = ''"
    )


def _decisions() -> Iterator[str]:
    none = " AND ".join(
        f"NOT EXISTS (SELECT FROM {_table(model)} o WHERE o.patient_id = p.id)"
        for model in (EligibilityDecision, Enrolment)
    )
    yield _at_sites("decisions", "'screening'", _table(Screening), "f.date::text", "''", none)


SOURCES = {
    "queries": _queries,
    "incomplete": _incomplete,
    "adverse-events": _adverse_events,
    "decisions": _decisions,
}
