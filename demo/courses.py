"""How the grade of each SYNTHETIC adverse event went, from onset to recovery."""

from dataclasses import dataclass
from datetime import date, timedelta

from assessments.domain.ctcae import LAB_RULES
from demo.calendar import Calendar
from demo.cohort import EventRow, Subject
from demo.plan import Chance

LASTING = {"Alopecia", "Hypertension", "Weight loss", "Proteinuria"}
"""Events that seldom end while the drug is taken."""

STOPPED_BY = {
    "SYN-009": "Death NOS",
    "SYN-017": "Diarrhea",
    "SYN-020": "Alanine aminotransferase increased",
    "SYN-021": "Anorexia",
    "SYN-024": "Palmar-plantar erythrodysesthesia syndrome",
    "SYN-026": "Lung infection",
}
"""The adverse event for which treatment was stopped; it outlasts the treatment."""

Line = tuple[date, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """An event with its grade from each day on; `end` is the day of recovery, None while it goes on."""

    row: EventRow
    lines: tuple[Line, ...]
    end: date | None

    def grade_on(self, day: date) -> int:
        """0 before onset and from the day of recovery on."""
        if day < self.row.onset or (self.end is not None and day >= self.end):
            return 0
        return [grade for since, grade in self.lines if since <= day][-1]

    @property
    def name(self) -> str:
        return f"{self.row.period}/{self.row.term}"


def derive_courses(
    subject: Subject, calendar: Calendar, baseline_grades: dict[str, int]
) -> tuple[Course, ...]:
    """The events of the cohort; laboratory events change their grade where the blood was taken."""
    return tuple(
        _laboratory(subject, row, calendar, baseline_grades[row.term])
        if row.term in LAB_RULES
        else _clinical(subject, row, calendar)
        for row in subject.events
    )


def _laboratory(subject: Subject, row: EventRow, calendar: Calendar, baseline_grade: int) -> Course:
    """From sample to sample a grade or two better, until it is the grade from before treatment again."""
    chance = Chance(subject.number, "event", row.term, str(row.period))
    lines, grade = [(row.onset, row.worst_grade)], row.worst_grade
    if STOPPED_BY.get(subject.number) == row.term:
        return Course(row=row, lines=tuple(lines), end=None)
    for day in (day for day in calendar.visits if day > row.onset + timedelta(days=3)):
        grade -= chance.choice((1, 1, 2))
        if grade <= baseline_grade:
            return Course(row=row, lines=tuple(lines), end=day)
        lines.append((day, grade))
    return Course(row=row, lines=tuple(lines), end=None)


def _clinical(subject: Subject, row: EventRow, calendar: Calendar) -> Course:
    """Some rise to their worst grade within days, some fall before they end; the fatal one does neither."""
    if row.worst_grade == 5:
        return Course(row=row, lines=((row.onset, 5),), end=row.onset)
    chance = Chance(subject.number, "event", row.term, str(row.period))
    worst_from, lines = row.onset, [(row.onset, row.worst_grade)]
    rise = row.onset + timedelta(days=chance.randint(3, 9))
    if row.worst_grade > 1 and chance.one_in(2) and rise < _limit_of_rise(subject, row, calendar):
        worst_from = rise
        lines = [(row.onset, row.worst_grade - 1), (rise, row.worst_grade)]
    fall = worst_from + timedelta(days=chance.randint(5, 21))
    end = fall + timedelta(days=chance.randint(4, 40))
    lasts = row.term in LASTING and not chance.one_in(4)
    lasts = lasts or STOPPED_BY.get(subject.number) == row.term
    last_day = _known_until(subject, row, calendar)
    if row.worst_grade > 1 and chance.one_in(2) and not lasts and fall < last_day:
        lines.append((fall, row.worst_grade - 1))
    again = _next_onset(subject, row)
    if again is not None and (lasts or end >= again):
        return _until(Course(row=row, lines=tuple(lines), end=None), again - timedelta(days=1))
    return Course(row=row, lines=tuple(lines), end=end if not lasts and end < last_day else None)


def _until(course: Course, end: date) -> Course:
    """The course cut short: the same term begins anew afterwards."""
    end = max(end, course.row.onset)
    kept = tuple(line for line in course.lines if line[0] < end) or course.lines[:1]
    return Course(row=course.row, lines=kept, end=end)


def _limit_of_rise(subject: Subject, row: EventRow, calendar: Calendar) -> date:
    """A grade reached after the first progression would count in Treatment 2."""
    limit = subject.pd1 if row.period == 1 and subject.pd1 else calendar.end
    again = _next_onset(subject, row)
    return min(limit, again - timedelta(days=2)) if again else limit


def _known_until(subject: Subject, row: EventRow, calendar: Calendar) -> date:
    """Events are followed for some weeks after treatment, never beyond the patient's life or last contact."""
    assert subject.last_contact is not None
    return min(calendar.end + timedelta(days=40), subject.last_contact)


def _next_onset(subject: Subject, row: EventRow) -> date | None:
    onsets = (e.onset for e in subject.events if e.term == row.term and e.onset > row.onset)
    return min(onsets, default=None)
