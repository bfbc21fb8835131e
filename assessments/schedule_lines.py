"""Lines of the schedule as pages show them: words, marks, and where each thing is entered."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from assessments.course import PatientCourse
from assessments.schedule_words import APART, KIND, STATUS, Words
from patients.domain.schedule import OPEN, Apart, AssessmentKind, Planned, PlannedStatus

SLUGS = {AssessmentKind.CLINIC: "visit", AssessmentKind.LABORATORY: "laboratory"}
FormOf = dict[tuple[AssessmentKind, date], int]


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One planned thing of a patient; `form` is the key of the form that shows it was done, or missed."""

    number: str
    planned: Planned
    today: date
    form: int | None = None

    @property
    def kind(self) -> Words:
        return KIND[self.planned.kind]

    @property
    def status(self) -> Words:
        return STATUS[self.planned.status]

    @property
    def mark(self) -> str:
        """The class of its mark: "overdue", "in-window"."""
        return self.planned.status.value.lower().replace(" ", "-")

    @property
    def waits(self) -> bool:
        return self.planned.status in (*OPEN, PlannedStatus.NOT_DONE)

    @property
    def form_url(self) -> str:
        """The form that is saved of it."""
        if self.form is None:
            return ""
        if self.planned.status is PlannedStatus.MISSED:
            return reverse("casebook:edit", args=[self.number, "missed-visit", self.form])
        return _form_url(self.number, self.planned.kind, self.form)

    @property
    def enter_url(self) -> str:
        """The empty form of it, with its kind and the planned day, or today where that is still to come."""
        day = min(self.planned.due, self.today).isoformat()
        if self.planned.kind is AssessmentKind.IMAGING:
            return f"{reverse('assessments:imaging-new', args=[self.number])}?{urlencode({'date': day})}"
        values = {"date": day} | ({"kind": "SCHEDULED"} if self.planned.kind is AssessmentKind.CLINIC else {})
        return f"{reverse('casebook:new', args=[self.number, SLUGS[self.planned.kind]])}?{urlencode(values)}"

    @property
    def missed_url(self) -> str:
        """The form that says it was missed; nothing while its day is still to come."""
        if self.planned.due > self.today:
            return ""
        values = {"kind": self.planned.kind.value, "planned_date": self.planned.due.isoformat()}
        return f"{reverse('casebook:new', args=[self.number, 'missed-visit'])}?{urlencode(values)}"


@dataclass(frozen=True, slots=True)
class ApartLine:
    """Something done beside what is planned, and its form."""

    number: str
    apart: Apart
    form: int

    @property
    def kind(self) -> Words:
        return KIND[self.apart.kind]

    @property
    def why(self) -> Words:
        return APART[self.apart.why]

    @property
    def form_url(self) -> str:
        return _form_url(self.number, self.apart.kind, self.form)


def _form_url(number: str, kind: AssessmentKind, form: int) -> str:
    if kind is AssessmentKind.IMAGING:
        return reverse("assessments:imaging-edit", args=[number, form])
    return reverse("casebook:edit", args=[number, SLUGS[kind], form])


def forms_done(course: PatientCourse) -> FormOf:
    """The key of the form that shows what was done on a day."""
    return {
        **{(AssessmentKind.CLINIC, visit.date): visit.pk for visit in course.visits},
        **{(AssessmentKind.LABORATORY, panel.date): panel.pk for panel in course.lab_panels},
        **{(AssessmentKind.IMAGING, read.date): read.pk for read in course.reads},
    }


def forms_missed(course: PatientCourse) -> FormOf:
    return {(AssessmentKind(row.kind), row.planned_date): row.pk for row in course.missed_visits}


def planned_line(number: str, planned: Planned, today: date, done: FormOf, missed: FormOf) -> PlannedLine:
    if planned.status is PlannedStatus.MISSED:
        return PlannedLine(number, planned, today, missed[planned.kind, planned.due])
    form = done[planned.kind, planned.done_on] if planned.done_on else None
    return PlannedLine(number, planned, today, form)
