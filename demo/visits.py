"""What was measured at the visits of a SYNTHETIC patient, in step with the adverse events."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from demo.calendar import Calendar
from demo.cohort import Subject
from demo.courses import Course
from demo.laboratory import Laboratory, baseline_of
from demo.plan import Chance, Entry, Step, frozen

PRESSURE = {
    1: ((122, 138), (80, 88)),
    2: ((142, 158), (84, 98)),
    3: ((162, 178), (96, 108)),
}
"""Systolic and diastolic pressure, mmHg, of each CTCAE grade of hypertension."""
NORMAL, HIGH_NORMAL = ((104, 118), (62, 78)), ((112, 136), (66, 84))
WEIGHT_KEPT = {0: (990, 1010), 1: (928, 946), 2: (868, 894), 3: (770, 795)}
"""Thousandths of the weight before treatment at each CTCAE grade of weight loss."""


def visit_steps(
    subject: Subject, calendar: Calendar, courses: Iterable[Course], laboratory: Laboratory
) -> Iterator[Step]:
    measured = _Measurements(subject, calendar, tuple(courses))
    for day in (calendar.blood, *calendar.visits):
        kind = "UNSCHEDULED" if day in calendar.unscheduled else "SCHEDULED"
        yield _entry(subject, day, "visit", {"kind": kind})
        yield _entry(subject, day, "vital-signs", measured.on(day))
    for day, values in laboratory.panels():
        yield _entry(subject, day, "laboratory", values)


def _entry(subject: Subject, day: date, form: str, values: dict[str, Any]) -> Entry:
    return Entry(
        on=day, patient=subject.number, form=form, key=day.isoformat(), values=frozen({"date": day} | values)
    )


class _Measurements:
    def __init__(self, subject: Subject, calendar: Calendar, courses: tuple[Course, ...]) -> None:
        self.subject, self.calendar, self.courses = subject, calendar, courses
        own = Chance(subject.number, "vital signs")
        heavier = 8 if baseline_of(subject).sex == "M" else 0
        self.weight = own.randint(430, 640) + 10 * heavier
        mild = any(e.term == "Hypertension" and e.worst_grade == 1 for e in subject.events)
        self.usual = NORMAL if mild or own.one_in(3) else HIGH_NORMAL

    def on(self, day: date) -> dict[str, Any]:
        chance = Chance(self.subject.number, "vital signs", day.isoformat())
        grade = self._grade("Hypertension", day)
        systolic, diastolic = PRESSURE[grade] if grade else self.usual
        kept = chance.randint(*WEIGHT_KEPT[self._grade("Weight loss", day)])
        return {
            "systolic": chance.randint(*systolic),
            "diastolic": chance.randint(*diastolic),
            "pulse": chance.randint(58, 86),
            "temperature": Decimal(chance.randint(359, 370)) / 10,
            "weight": Decimal(self.weight * kept // 1000) / 10,
            "ecog": self._ecog(day),
        }

    def _grade(self, term: str, day: date) -> int:
        return max((c.grade_on(day) for c in self.courses if c.row.term == term), default=0)

    def _ecog(self, day: date) -> int:
        """As at baseline; 2 at the end in those who stopped because of it."""
        if (
            self.subject.off_protocol_reason == "PS deterioration"
            and self.subject.pd1
            and day >= self.subject.pd1
        ):
            return 2
        return baseline_of(self.subject).ecog
