"""What a patient is due for and when, against what was done: visits, laboratory, scans.

Each is counted from the one before it, the first from the first dose (scans from the first dose throughout
where the protocol says so). What came too early or too late keeps its place and the next one is counted from
it; what was missed keeps the day it was planned for. Days are whole days; a window includes its limits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from trial.domain.schedule import ImagingOrigin, Schedule


class AssessmentKind(StrEnum):
    """What is repeated at an interval of the protocol."""

    CLINIC = "CLINIC"
    LABORATORY = "LABORATORY"
    IMAGING = "IMAGING"


class PlannedStatus(StrEnum):
    """What became of something planned, or how it stands on the day of judgement."""

    DONE = "DONE"
    EARLY = "EARLY"
    LATE = "LATE"
    MISSED = "MISSED"
    NOT_DONE = "NOT DONE"
    OVERDUE = "OVERDUE"
    DUE = "DUE"
    IN_WINDOW = "IN WINDOW"
    NOT_YET = "NOT YET"


OPEN = (PlannedStatus.OVERDUE, PlannedStatus.DUE, PlannedStatus.IN_WINDOW)
"""It waits for the site to do something now, the most pressing first."""


class ApartReason(StrEnum):
    """Why something done stands apart from what is planned."""

    BEFORE_TREATMENT = "before or on the day of the first dose"
    UNSCHEDULED = "unscheduled"
    AFTER_TREATMENT = "after the end of treatment"
    EXTRA = "sooner after the one before it than the window says"


@dataclass(frozen=True, slots=True, order=True)
class MissedAssessment:
    """What the site says was missed: the day it was planned for and why."""

    planned: date
    kind: AssessmentKind
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFacts:
    """What a schedule is made from; ``None`` is not known or has not happened.

    Without a first dose nothing is due. ``end`` is the first day on which protocol treatment has ended,
    whatever ended it (its end, second progression, death, loss): what was due by then stays due, nothing else
    becomes due. ``clinic`` are the visits that were planned, ``laboratory`` every panel, ``imaging`` every
    scan but the baseline's; two on one day are one. ``treatment_2_start`` None: there is no Treatment 2.
    """

    first_dose: date | None = None
    end: date | None = None
    treatment_2_start: date | None = None
    clinic: tuple[date, ...] = ()
    laboratory: tuple[date, ...] = ()
    imaging: tuple[date, ...] = ()
    unscheduled: tuple[date, ...] = ()
    missed: tuple[MissedAssessment, ...] = ()

    def done(self, kind: AssessmentKind) -> tuple[date, ...]:
        """Return the days on which it was done, each once, in order."""
        days = {
            AssessmentKind.CLINIC: self.clinic,
            AssessmentKind.LABORATORY: self.laboratory,
            AssessmentKind.IMAGING: self.imaging,
        }[kind]
        return tuple(sorted(set(days)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One thing planned: the ``number``-th of its kind, its window counted from the day ``counted_from``.

    ``days_off`` are the days by which it lies, or on the day of judgement is already, outside its window.
    """

    kind: AssessmentKind
    number: int
    period: int
    counted_from: date
    earliest: date
    due: date
    latest: date
    status: PlannedStatus
    done_on: date | None = None
    days_off: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Apart:
    """Something done that is not one of the planned ones."""

    on: date
    kind: AssessmentKind
    why: ApartReason


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """What was and is planned for one patient, by day, and what stands apart from it."""

    planned: tuple[Planned, ...]
    apart: tuple[Apart, ...]

    @property
    def open(self) -> tuple[Planned, ...]:
        """Return what waits for the site now: overdue, due, in its window."""
        return tuple(item for item in self.planned if item.status in OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How one kind is repeated. ``from_start``: counted from the first dose throughout.

    ``earlier_is_extra``: sooner than the window it is one more than planned, not an early one.
    """

    kind: AssessmentKind
    interval: int
    window: tuple[int, int]
    from_start: bool = False
    earlier_is_extra: bool = False

    def origin_of_next(self, first_dose: date, last: date | None, number: int) -> date:
        """Return the day the next one is counted from, after ``number`` of them, the last on ``last``."""
        if last is None or self.from_start:
            return first_dose + timedelta(days=self.interval * number)
        return last

    def slot(self, origin: date) -> tuple[date, date, date]:
        """Return the earliest, the due and the latest day of the one counted from ``origin``."""
        shortest, longest = self.window
        earliest, due, latest = (origin + timedelta(days=n) for n in (shortest, self.interval, longest))
        return earliest, due, latest


def series_of(schedule: Schedule) -> tuple[Series, ...]:
    """Return what a protocol repeats: clinic and laboratory at the interval of visits, imaging at its own."""
    visits = schedule.visit_interval_days
    return (
        Series(kind=AssessmentKind.CLINIC, interval=visits, window=schedule.visit_days),
        Series(
            kind=AssessmentKind.LABORATORY,
            interval=visits,
            window=schedule.visit_days,
            earlier_is_extra=True,
        ),
        Series(
            kind=AssessmentKind.IMAGING,
            interval=schedule.imaging_interval_days,
            window=schedule.imaging_days,
            from_start=schedule.imaging_from is ImagingOrigin.FIRST_DOSE,
        ),
    )


def derive_visit_plan(
    facts: ScheduleFacts, schedule: Schedule, *, today: date, ahead_days: int = 0
) -> VisitPlan:
    """Return everything planned up to ``today``, what is open, and what lies ``ahead_days`` ahead.

    What is dated after ``today`` is not known yet. Without a first dose nothing is planned.
    """
    planned: list[Planned] = []
    apart = [
        Apart(day, AssessmentKind.CLINIC, ApartReason.UNSCHEDULED)
        for day in sorted(set(facts.unscheduled))
        if day <= today
    ]
    for series in series_of(schedule):
        for item in _walk(series, facts, today, ahead_days):
            if isinstance(item, Apart):
                apart.append(item)
            else:
                planned.append(item)
    kinds = list(AssessmentKind)
    by_day = sorted(planned, key=lambda item: (item.done_on or item.due, kinds.index(item.kind)))
    return VisitPlan(tuple(by_day), tuple(sorted(apart)))


def _walk(series: Series, facts: ScheduleFacts, today: date, ahead_days: int) -> Iterator[Planned | Apart]:
    first_dose = facts.first_dose
    if first_dose is None or first_dose > today:
        for day in facts.done(series.kind):
            if day <= today:
                yield Apart(day, series.kind, ApartReason.BEFORE_TREATMENT)
        return
    until = min(today, facts.end or today)
    last: date | None = None
    number = 0
    for day, missed in _events(series.kind, facts, today):
        if missed is None and not first_dose < day <= until:
            early = day <= first_dose
            why = ApartReason.BEFORE_TREATMENT if early else ApartReason.AFTER_TREATMENT
            yield Apart(day, series.kind, why)
        elif first_dose < day <= until:
            origin = series.origin_of_next(first_dose, last, number)
            item = _judged(series, origin, number + 1, day, missed, facts)
            if item is None:
                yield Apart(day, series.kind, ApartReason.EXTRA)
            else:
                number += 1
                yield item
            last = day
    yield from derive_following(series, facts, last=last, number=number, today=today, ahead_days=ahead_days)


def _events(
    kind: AssessmentKind, facts: ScheduleFacts, today: date
) -> Iterable[tuple[date, MissedAssessment | None]]:
    """What was done and what was missed, by day; on one day what was done comes first."""
    done: list[tuple[date, MissedAssessment | None]] = [(day, None) for day in facts.done(kind)]
    missed = {item.planned: item for item in sorted(facts.missed, reverse=True) if item.kind == kind}
    done += missed.items()
    known = (event for event in done if event[0] <= today)
    return sorted(known, key=lambda event: (event[0], event[1] is not None))


def _judged(
    series: Series,
    origin: date,
    number: int,
    day: date,
    missed: MissedAssessment | None,
    facts: ScheduleFacts,
) -> Planned | None:
    """What one thing done or missed is; None for one more than planned."""
    earliest, due, latest = series.slot(origin)
    off, status = 0, PlannedStatus.DONE
    if missed is not None:
        before, after = due - earliest, latest - due
        earliest, due, latest, status = day - before, day, day + after, PlannedStatus.MISSED
    elif day < earliest:
        if series.earlier_is_extra:
            return None
        off, status = (earliest - day).days, PlannedStatus.EARLY
    elif day > latest:
        off, status = (day - latest).days, PlannedStatus.LATE
    return Planned(
        kind=series.kind,
        number=number,
        period=_period(day, facts),
        counted_from=origin,
        earliest=earliest,
        due=due,
        latest=latest,
        status=status,
        done_on=None if missed else day,
        days_off=off,
        reason=missed.reason if missed else "",
    )


def derive_following(
    series: Series,
    facts: ScheduleFacts,
    *,
    last: date | None,
    number: int,
    today: date,
    ahead_days: int = 0,
) -> Iterator[Planned]:
    """Return the one that follows the last of its kind, and those after it up to ``ahead_days`` from today.

    ``number`` is how many there were, ``last`` the day of the last one (None: none yet): no more is needed.
    Those after the next are reckoned as if it were done on its day, or today where its day has passed.
    """
    following = _next(series, facts, last, number, today)
    if following is None:
        return
    yield following
    if following.status is PlannedStatus.NOT_DONE:
        return
    origin = following.due if series.from_start else max(following.due, today)
    while origin + timedelta(days=series.interval) <= today + timedelta(days=ahead_days):
        number += 1
        earliest, due, latest = series.slot(origin)
        if earliest > today:
            yield replace(
                following,
                number=number + 1,
                period=_period(due, facts),
                counted_from=origin,
                earliest=earliest,
                due=due,
                latest=latest,
                status=PlannedStatus.NOT_YET,
                days_off=0,
            )
        origin = due


def _next(
    series: Series, facts: ScheduleFacts, last: date | None, number: int, today: date
) -> Planned | None:
    """After the end of treatment it is None, unless its window had closed by then: it was not done."""
    if facts.first_dose is None or facts.first_dose > today:
        return None
    origin = series.origin_of_next(facts.first_dose, last, number)
    earliest, due, latest = series.slot(origin)
    has_ended = facts.end is not None and facts.end <= today
    until = min(today, facts.end or today)
    if has_ended and until <= latest:
        return None
    status = PlannedStatus.NOT_DONE if has_ended else _standing(earliest, due, latest, today)
    return Planned(
        kind=series.kind,
        number=number + 1,
        period=_period(due, facts),
        counted_from=origin,
        earliest=earliest,
        due=due,
        latest=latest,
        status=status,
        days_off=max(0, (until - latest).days),
    )


def _standing(earliest: date, due: date, latest: date, today: date) -> PlannedStatus:
    if today < earliest:
        return PlannedStatus.NOT_YET
    if today < due:
        return PlannedStatus.IN_WINDOW
    return PlannedStatus.DUE if today <= latest else PlannedStatus.OVERDUE


def _period(day: date, facts: ScheduleFacts) -> int:
    return 2 if facts.treatment_2_start is not None and day >= facts.treatment_2_start else 1
