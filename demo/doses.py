"""The dosing log of a SYNTHETIC patient, and the adverse event behind each step of the dose."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.cohort import DoseRow, Subject
from demo.courses import Course
from demo.plan import Chance, Change, Entry, Step, frozen

FREQUENCY = {800: "BID", 400: "QD", 200: "QOD"}
"""400 mg at a time, whatever the level."""
HARMLESS = {"Alopecia", "Dysgeusia", "Hoarseness"}
"""Events for which nobody changes the dose."""
WITHOUT_EVENT = (
    "Patient asked for a lower dose.",
    "Precaution at this age and weight, physician's judgement.",
    "Drug not taken for some days at the patient's wish; restarted with care.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A line of the log, why this dose, the event behind it, and how many days the drug was off before it."""

    row: DoseRow
    reason: str
    cause: Course | None
    words: str
    paused_from: date | None

    @property
    def key(self) -> str:
        return f"from {self.row.start}"


def make_doses(subject: Subject, courses: Sequence[Course]) -> tuple[Dose, ...]:
    """The lines with a dose; days of 0 mg are not entered."""
    chance = Chance(subject.number, "doses")
    doses: list[Dose] = []
    pause: date | None = None
    for row in subject.doses:
        if row.mg_per_day == 0:
            pause = row.start
        else:
            doses.append(_dose(row, doses[-1].row if doses else None, pause, courses, chance))
            pause = None
    return tuple(doses)


def _dose(
    row: DoseRow, before: DoseRow | None, pause: date | None, courses: Iterable[Course], chance: Chance
) -> Dose:
    reason, cause, words = "INITIAL", None, ""
    if before is not None:
        reason = _reason(row, before, pause)
    if reason == "ADVERSE EVENT":
        cause = _cause(pause or row.start, row.start, courses)
        if cause is None:
            reason, words = "OTHER", WITHOUT_EVENT[2 if pause else chance.randint(0, 1)]
    return Dose(row=row, reason=reason, cause=cause, words=words, paused_from=pause)


def _reason(row: DoseRow, before: DoseRow, pause: date | None) -> str:
    if row.period > before.period and pause is None:
        return "TREATMENT 2 UNCHANGED" if row.mg_per_day == before.mg_per_day else "TREATMENT 2 START"
    return "TOLERATED INCREASE" if row.mg_per_day > before.mg_per_day else "ADVERSE EVENT"


def _cause(step: date, restart: date, courses: Iterable[Course]) -> Course | None:
    """The worst event that began in the three weeks before, or in the pause itself."""
    earliest = step - timedelta(days=21)
    possible = [
        course
        for course in courses
        if earliest <= course.row.onset <= restart
        and course.row.term not in HARMLESS
        and (course.end is None or course.end > step - timedelta(days=7))
    ]
    return max(possible, key=lambda c: (c.row.worst_grade, c.row.onset), default=None)


def actions(doses: Iterable[Dose]) -> dict[str, tuple[date, str]]:
    """For each event that changed the dose, by name: the day and the action taken with the drug."""
    taken: dict[str, tuple[date, str]] = {}
    for dose in doses:
        if dose.cause is not None and dose.cause.name not in taken:
            paused = dose.paused_from is not None and dose.cause.row.onset <= dose.paused_from
            day = dose.paused_from if paused and dose.paused_from else dose.row.start
            taken[dose.cause.name] = (day, "DRUG INTERRUPTED" if paused else "DOSE REDUCED")
    return taken


def dose_steps(subject: Subject, doses: Sequence[Dose]) -> Iterator[Step]:
    """Each line is opened on its first day and closed the day after its last one."""
    for dose in doses:
        values = {
            "start": dose.row.start,
            "mg": Decimal("400.00"),
            "frequency": FREQUENCY[dose.row.mg_per_day],
            "dose_reason": dose.reason,
            "dose_reason_text": dose.words,
        }
        links = {"adverse_event": dose.cause.name} if dose.cause else {}
        yield Entry(
            on=dose.row.start,
            patient=subject.number,
            form="dosing",
            key=dose.key,
            values=frozen(values),
            links=frozen(links),
        )
        closed_on = dose.row.end + timedelta(days=1)
        yield Change(
            on=closed_on,
            patient=subject.number,
            form="dosing",
            key=dose.key,
            values=frozen({"end": dose.row.end}),
            reason=_why_closed(subject, closed_on),
        )


def _why_closed(subject: Subject, day: date) -> str:
    if day == subject.pd2:
        return "Second progression: last day of the dose entered."
    if day == subject.pd1:
        return "First progression: last day of the dose entered."
    if any(row.start == day and row.mg_per_day == 0 for row in subject.doses):
        return "Drug interrupted: last day of the dose entered."
    if day == subject.treatment_end:
        return "Treatment ended: last day of the dose entered."
    return "Dose changed: last day of the former dose entered."
