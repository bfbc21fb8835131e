"""The adverse events of a SYNTHETIC patient as forms: those of the cohort, and unrelated ones besides."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from assessments.domain.ctcae import LAB_RULES
from casebook.domain.partial_dates import PartialDate
from demo.calendar import Calendar
from demo.cohort import EventRow, Subject
from demo.courses import STOPPED_BY, Course
from demo.plan import Chance, Change, Entry, Step, frozen

CTCAE = "4.03"
HOSPITAL = {"Hepatic hemorrhage", "Lung infection", "Anemia"}
"""Events treated in hospital from grade 3 on; of the others, some."""
MEASURED = {*LAB_RULES, "Hypertension", "Weight loss"}
"""Events that a measurement shows: their days are known."""

UNRELATED = """
    SYN-002 Insomnia                    1  -9 UNRELATED -
    SYN-003 Fatigue                     1  20 UNRELATED 41
    SYN-004 Back pain                   2  12 UNRELATED 25
    SYN-006 Upper respiratory infection 2  70 UNRELATED 9
    SYN-007 Constipation                1  33 UNLIKELY  60
    SYN-008 Insomnia                    1  60 UNRELATED 30
    SYN-010 Back pain                   1  50 UNRELATED 20
    SYN-012 Toothache                   2 101 UNRELATED 12
    SYN-013 Headache                    1  44 UNLIKELY  6
    SYN-015 Fall                        1  88 UNRELATED 1
    SYN-022 Constipation                2  15 UNLIKELY  -
    SYN-023 Upper respiratory infection 2 150 UNRELATED 14
    SYN-025 Nausea                      1  30 UNLIKELY  5
    SYN-026 Lung infection              3  94 UNLIKELY  -
    SYN-029 Cough                       1  21 UNRELATED 35
    SYN-030 Pruritus                    1  -4 UNRELATED 50
"""
"""Patient, term, grade, onset in days from first dose, attribution, days it lasted (-: beyond treatment)."""

RELATED = ("POSSIBLE", "PROBABLE", "PROBABLE", "DEFINITE")


def unrelated_courses(subject: Subject) -> tuple[tuple[Course, str], ...]:
    """The invented events that the drug did not cause, each with its attribution."""
    rows = (line.split() for line in UNRELATED.strip().splitlines())
    return tuple(
        (_unrelated(subject, " ".join(row[1:-4]), row[-4:]), row[-2])
        for row in rows
        if row[0] == subject.number
    )


def _unrelated(subject: Subject, term: str, rest: list[str]) -> Course:
    grade, onset_day, _, lasted = rest
    assert subject.start is not None
    onset = subject.start + timedelta(days=int(onset_day))
    period = 2 if subject.pd1 is not None and onset >= subject.pd1 else 1
    end = None if lasted == "-" else onset + timedelta(days=int(lasted))
    row = EventRow(period=period, term=term, worst_grade=int(grade), onset=onset)
    return Course(row=row, lines=((onset, int(grade)),), end=end)


def event_steps(
    subject: Subject, calendar: Calendar, courses: Iterable[Course], actions: Mapping[str, tuple[date, str]]
) -> Iterator[Step]:
    for course in courses:
        causality = Chance(subject.number, "causality", course.name).choice(RELATED)
        yield from _Event(subject, calendar, course, causality, actions).steps()
    for course, causality in unrelated_courses(subject):
        yield from _Event(subject, calendar, course, causality, {}).steps()


class _Event:
    """The steps of one event: entered at onset, changed with grade and action, closed at recovery."""

    def __init__(
        self,
        subject: Subject,
        calendar: Calendar,
        course: Course,
        causality: str,
        actions: Mapping[str, tuple[date, str]],
    ) -> None:
        self.subject, self.calendar, self.course, self.causality = subject, calendar, course, causality
        self.chance = Chance(subject.number, "event form", course.name)
        self.is_fatal = course.row.worst_grade == 5
        self.action = actions.get(course.name)
        if STOPPED_BY.get(subject.number) == course.row.term:
            self.action = (calendar.end, "NOT APPLICABLE" if self.is_fatal else "DRUG WITHDRAWN")

    def steps(self) -> Iterator[Step]:
        course = self.course
        yield self._entry()
        for day, grade in course.lines[1:]:
            words = f"Grade {grade} from {day}."
            yield self._change(day, {}, words, ({"date": PartialDate.on(day), "grade": grade},))
        if self.action is not None and self.action[0] > course.row.onset:
            yield self._change(
                self.action[0], {"action_taken": self.action[1]}, "Action taken with the drug entered."
            )
        if course.end is not None and not self.is_fatal:
            values = {"ongoing": False, "end": self._end(course.end), "outcome": "RECOVERED/RESOLVED"}
            yield self._change(course.end, values, "Recovered: end and outcome entered.")

    def _entry(self) -> Entry:
        course, onset = self.course, self._onset()
        now = self.action is not None and self.action[0] <= course.row.onset
        serious = self._seriousness()
        values: dict[str, Any] = {
            "term_id": f"{CTCAE} {course.row.term}",
            "onset": onset,
            "ongoing": not self.is_fatal,
            "end": PartialDate.on(course.row.onset) if self.is_fatal else None,
            "outcome": "FATAL" if self.is_fatal else "NOT RECOVERED/NOT RESOLVED",
            "causality": self.causality,
            "action_taken": self.action[1] if now and self.action else "DOSE NOT CHANGED",
            "serious": bool(serious),
        }
        return Entry(
            on=course.row.onset,
            patient=self.subject.number,
            form="adverse-event",
            key=course.name,
            values=frozen(values | dict.fromkeys(serious, True)),
            lines=(frozen({"date": onset, "grade": course.lines[0][1]}),),
        )

    def _change(
        self, day: date, values: Mapping[str, Any], reason: str, lines: tuple[Mapping[str, Any], ...] = ()
    ) -> Change:
        return Change(
            on=day,
            patient=self.subject.number,
            form="adverse-event",
            key=self.course.name,
            values=frozen(values),
            lines=tuple(frozen(line) for line in lines),
            reason=reason,
        )

    def _seriousness(self) -> tuple[str, ...]:
        row = self.course.row
        if self.is_fatal:
            return ("death",)
        in_hospital = row.term in HOSPITAL or (row.term not in LAB_RULES and self.chance.one_in(4))
        return ("hospitalisation",) if row.worst_grade >= 3 and in_hospital else ()

    def _onset(self) -> PartialDate:
        """Now and then only the month is known, where every day of it leads to the same answers."""
        row = self.course.row
        month = PartialDate(f"{row.onset:%Y-%m}")
        begins = self.subject.start if row.period == 1 else self.subject.pd1
        ends = self.subject.pd1 if row.period == 1 and self.subject.continued else self.calendar.end
        assert month.earliest is not None
        assert month.latest is not None
        undecided = begins is None or month.earliest < begins or ends is None or month.latest >= ends
        one_grade = len(self.course.lines) == 1 and row.term not in MEASURED
        over = self.course.end is not None and self.course.end <= month.latest
        if undecided or not one_grade or over or not self.chance.one_in(5):
            return PartialDate.on(row.onset)
        return month

    def _end(self, end: date) -> PartialDate:
        month = PartialDate(f"{end:%Y-%m}")
        last = self.course.lines[-1][0]
        known = month.earliest is None or month.earliest <= last or self.course.row.term in MEASURED
        return PartialDate.on(end) if known or not self.chance.one_in(12) else month
