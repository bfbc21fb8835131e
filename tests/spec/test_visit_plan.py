"""What a patient is due for, against what was done: windows, statuses, what was missed, what stands apart."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.domain.schedule import (
    OPEN,
    Apart,
    ApartReason,
    AssessmentKind,
    MissedAssessment,
    Planned,
    PlannedStatus,
    ScheduleFacts,
    derive_following,
    derive_visit_plan,
    series_of,
)
from tests.spec.test_deviations import PROTOCOL
from trial.domain.schedule import ImagingOrigin

START = date(2012, 3, 5)
SCHEDULE = PROTOCOL.schedule
CLINIC, LABORATORY, IMAGING = AssessmentKind


def day(number: int) -> date:
    """Return the day so many days after the first dose."""
    return START + timedelta(days=number)


def days(text: str) -> tuple[date, ...]:
    return tuple(day(int(number)) for number in text.split())


def number_of(when: date) -> int:
    return (when - START).days


def said(item: Planned) -> str:
    """One planned thing in a line: number, window, what became of it."""
    window = f"{item.number}: {number_of(item.earliest)}-{number_of(item.due)}-{number_of(item.latest)}"
    done = "" if item.done_on is None else f" on {number_of(item.done_on)}"
    off = f" by {item.days_off}" if item.days_off else ""
    return f"{window} {item.status.lower()}{done}{off}"


def facts(kind: AssessmentKind, done: str = "", missed: str = "", **values: object) -> ScheduleFacts:
    """A treated patient; days are counted from the first dose."""
    missing = tuple(MissedAssessment(when, kind, "unwell") for when in days(missed))
    return ScheduleFacts(first_dose=START, missed=missing, **{kind.lower(): days(done)}, **values)  # type: ignore[arg-type]


def plan_of(known: ScheduleFacts, kind: AssessmentKind, now: int, ahead: int = 0) -> list[str]:
    plan = derive_visit_plan(known, SCHEDULE, today=day(now), ahead_days=ahead)
    return [said(item) for item in plan.planned if item.kind is kind]


# visits done | missed | end of treatment | today | what was and is planned: earliest-due-latest day
VISITS = """
             |       |    | 0   | 1: 7-14-21 not yet
             |       |    | 6   | 1: 7-14-21 not yet
             |       |    | 7   | 1: 7-14-21 in window
             |       |    | 13  | 1: 7-14-21 in window
             |       |    | 14  | 1: 7-14-21 due
             |       |    | 21  | 1: 7-14-21 due
             |       |    | 22  | 1: 7-14-21 overdue by 1
    7        |       |    | 7   | 1: 7-14-21 done on 7         ; 2: 14-21-28 not yet
    6        |       |    | 7   | 1: 7-14-21 early on 6 by 1   ; 2: 13-20-27 not yet
    21       |       |    | 21  | 1: 7-14-21 done on 21        ; 2: 28-35-42 not yet
    24       |       |    | 24  | 1: 7-14-21 late on 24 by 3   ; 2: 31-38-45 not yet
    14 29    |       |    | 40  | 1: 7-14-21 done on 14 ; 2: 21-28-35 done on 29 ; 3: 36-43-50 in window
             | 14    |    | 22  | 1: 7-14-21 missed            ; 2: 21-28-35 in window
             | 15    |    | 22  | 1: 8-15-22 missed            ; 2: 22-29-36 in window
    28       | 14    |    | 28  | 1: 7-14-21 missed ; 2: 21-28-35 done on 28 ; 3: 35-42-49 not yet
             | 14 28 |    | 50  | 1: 7-14-21 missed ; 2: 21-28-35 missed ; 3: 35-42-49 overdue by 1
    14       | 14    |    | 14  | 1: 7-14-21 done on 14 ; 2: 7-14-21 missed ; 3: 21-28-35 not yet
             | 40    |    | 10  | 1: 7-14-21 in window
             |       | 21 | 99  |
             |       | 22 | 99  | 1: 7-14-21 not done by 1
    14       |       | 20 | 99  | 1: 7-14-21 done on 14
    14 30    |       | 30 | 99  | 1: 7-14-21 done on 14 ; 2: 21-28-35 done on 30
    14 31    |       | 30 | 99  | 1: 7-14-21 done on 14
             |       | 30 | 25  | 1: 7-14-21 overdue by 4
             | 35    | 30 | 99  | 1: 7-14-21 not done by 9
             | 0     |    | 7   | 1: 7-14-21 in window
"""


@pytest.mark.parametrize("row", VISITS.strip("\n").splitlines())
def test_visits_every_14_days_with_7_either_way(row: str) -> None:
    done, missed, end, now, expected = (cell.strip() for cell in row.split("|"))
    known = facts(CLINIC, done, missed, end=day(int(end)) if end else None)
    wanted = [" ".join(item.split()) for item in expected.split(";") if item.strip()]
    assert plan_of(known, CLINIC, int(now)) == wanted


# panels sooner after the one before than the window says are more than planned, not early ones
PANELS = """
    6        | 10 |                              | 1: 13-20-27 not yet
    7        | 10 | 1: 7-14-21 done on 7         ; 2: 14-21-28 not yet
    2 5 14   | 20 | 1: 12-19-26 done on 14       ; 2: 21-28-35 not yet
    22       | 22 | 1: 7-14-21 late on 22 by 1   ; 2: 29-36-43 not yet
"""


@pytest.mark.parametrize("row", PANELS.strip("\n").splitlines())
def test_panels_may_be_taken_more_often(row: str) -> None:
    done, now, *expected = (cell.strip() for cell in row.split("|"))
    wanted = [" ".join(item.split()) for item in ";".join(expected).split(";") if item.strip()]
    assert plan_of(facts(LABORATORY, done), LABORATORY, int(now)) == wanted


SCANS = """
    previous_scan | 42 99    | 110 | 2: 70-84-98 late on 99 by 1 ; 3: 127-141-155 not yet
    previous_scan | 27       | 50  | 1: 28-42-56 early on 27 by 1 ; 2: 55-69-83 not yet
    first_dose    | 55 70    | 113 | 2: 70-84-98 done on 70 ; 3: 112-126-140 in window
    first_dose    |          | 113 | 1: 28-42-56 overdue by 57
"""


@pytest.mark.parametrize("row", SCANS.strip("\n").splitlines())
def test_scans_are_counted_from_the_previous_one_or_from_the_first_dose(row: str) -> None:
    origin, done, now, expected = (cell.strip() for cell in row.split("|"))
    schedule = replace(SCHEDULE, imaging_from=ImagingOrigin(origin))
    plan = derive_visit_plan(facts(IMAGING, done), schedule, today=day(int(now)))
    found = [said(item) for item in plan.planned if item.kind is IMAGING]
    assert found[-2:] == [item.strip() for item in expected.split(";")]


AHEAD = """
    10 | 42 | 1: 7-14-21 in window    ; 2: 21-28-35 not yet ; 3: 35-42-49 not yet
    14 | 28 | 1: 7-14-21 due          ; 2: 21-28-35 not yet ; 3: 35-42-49 not yet
    30 | 28 | 1: 7-14-21 overdue by 9 ; 2: 37-44-51 not yet ; 3: 51-58-65 not yet
"""


@pytest.mark.parametrize("row", AHEAD.strip("\n").splitlines())
def test_what_lies_ahead_follows_as_if_each_were_done_on_its_day(row: str) -> None:
    now, ahead, expected = (cell.strip() for cell in row.split("|"))
    wanted = [" ".join(item.split()) for item in expected.split(";")]
    found = plan_of(facts(CLINIC), CLINIC, int(now), int(ahead) if now != "10" else 32)
    assert found == wanted


def test_counted_from_the_first_dose_what_lies_ahead_keeps_its_days() -> None:
    schedule = replace(SCHEDULE, imaging_from=ImagingOrigin.FIRST_DOSE)
    plan = derive_visit_plan(facts(IMAGING), schedule, today=day(113), ahead_days=60)
    found = [said(item) for item in plan.planned if item.kind is IMAGING]
    assert found == ["1: 28-42-56 overdue by 57", "4: 154-168-182 not yet"]


def test_nothing_lies_ahead_after_the_end_of_treatment() -> None:
    known = facts(CLINIC, end=day(30))
    assert plan_of(known, CLINIC, 99, ahead=90) == ["1: 7-14-21 not done by 9"]


def test_what_was_done_outside_treatment_or_unplanned_stands_apart() -> None:
    known = facts(CLINIC, "-10 0 14 31", end=day(30), unscheduled=days("9 9 40"), laboratory=days("0 3 16"))
    plan = derive_visit_plan(known, SCHEDULE, today=day(35))
    assert plan.apart == (
        Apart(day(-10), CLINIC, ApartReason.BEFORE_TREATMENT),
        Apart(day(0), CLINIC, ApartReason.BEFORE_TREATMENT),
        Apart(day(0), LABORATORY, ApartReason.BEFORE_TREATMENT),
        Apart(day(3), LABORATORY, ApartReason.EXTRA),
        Apart(day(9), CLINIC, ApartReason.UNSCHEDULED),
        Apart(day(31), CLINIC, ApartReason.AFTER_TREATMENT),
    )


def test_without_a_first_dose_nothing_is_planned() -> None:
    known = ScheduleFacts(clinic=days("-3 20"))
    plan = derive_visit_plan(known, SCHEDULE, today=day(10))
    assert plan.planned == ()
    assert plan.apart == (Apart(day(-3), CLINIC, ApartReason.BEFORE_TREATMENT),)
    (clinic, *_) = series_of(SCHEDULE)
    assert list(derive_following(clinic, known, last=None, number=0, today=day(10))) == []
    later = derive_visit_plan(replace(known, first_dose=day(11)), SCHEDULE, today=day(10))
    assert later == plan


def test_treatment_2_begins_on_its_day() -> None:
    known = facts(CLINIC, "14 28", treatment_2_start=day(28))
    plan = derive_visit_plan(known, SCHEDULE, today=day(30))
    assert [item.period for item in plan.planned if item.kind is CLINIC] == [1, 2, 2]


def test_a_missed_one_keeps_its_reason() -> None:
    (missed, _) = [
        item
        for item in derive_visit_plan(facts(CLINIC, missed="14"), SCHEDULE, today=day(20)).planned
        if item.kind is CLINIC
    ]
    assert (missed.reason, missed.done_on, missed.due) == ("unwell", None, day(14))


numbers = st.lists(st.integers(-20, 200), max_size=8)
misses = st.lists(
    st.builds(MissedAssessment, st.integers(1, 200).map(day), st.sampled_from(AssessmentKind)),
    max_size=6,
)
histories = st.builds(
    ScheduleFacts,
    first_dose=st.just(START),
    end=st.none() | st.integers(1, 200).map(day),
    treatment_2_start=st.none() | st.integers(1, 200).map(day),
    clinic=numbers.map(lambda n: tuple(map(day, n))),
    laboratory=numbers.map(lambda n: tuple(map(day, n))),
    imaging=numbers.map(lambda n: tuple(map(day, n))),
    missed=misses.map(tuple),
)
today = st.integers(0, 250).map(day)


@given(histories, today)
def test_everything_done_is_found_once_planned_or_apart(known: ScheduleFacts, now: date) -> None:
    plan = derive_visit_plan(known, SCHEDULE, today=now)
    found = Counter((item.kind, item.done_on) for item in plan.planned if item.done_on)
    found += Counter((item.kind, item.on) for item in plan.apart)
    done = {(kind, when) for kind in AssessmentKind for when in known.done(kind) if when <= now}
    assert found == Counter(done)


@given(histories, today, st.randoms())
def test_the_order_of_entry_does_not_matter(known: ScheduleFacts, now: date, chance) -> None:
    def shuffled(values: tuple) -> tuple:
        return tuple(chance.sample(values, len(values)))

    mixed = replace(
        known,
        clinic=shuffled(known.clinic),
        laboratory=shuffled(known.laboratory),
        imaging=shuffled(known.imaging),
        missed=shuffled(known.missed),
    )
    plan = derive_visit_plan(known, SCHEDULE, today=now, ahead_days=60)
    assert derive_visit_plan(mixed, SCHEDULE, today=now, ahead_days=60) == plan


@given(histories, today)
def test_one_of_a_kind_is_open_at_most_and_none_that_was_missed(known: ScheduleFacts, now: date) -> None:
    plan = derive_visit_plan(known, SCHEDULE, today=now)
    for kind in AssessmentKind:
        items = [item for item in plan.planned if item.kind is kind]
        assert [item.number for item in sorted(items, key=lambda i: i.number)] == list(
            range(1, len(items) + 1)
        )
        waiting = [item for item in items if item.status in (*OPEN, PlannedStatus.NOT_DONE)]
        assert len(waiting) <= 1
        missed = {item.planned for item in known.missed if item.kind is kind and item.planned <= now}
        assert not any(item.due in missed for item in waiting)
        assert all(item in plan.open for item in waiting if item.status in OPEN)


@given(histories, today)
def test_a_window_holds_its_day_and_days_off_say_how_far_outside(known: ScheduleFacts, now: date) -> None:
    for item in derive_visit_plan(known, SCHEDULE, today=now, ahead_days=60).planned:
        assert item.earliest <= item.due <= item.latest
        on_time = item.done_on is None or item.earliest <= item.done_on <= item.latest
        outside = (PlannedStatus.EARLY, PlannedStatus.LATE, PlannedStatus.OVERDUE, PlannedStatus.NOT_DONE)
        assert (item.days_off > 0) == (item.status in outside)
        assert on_time == (item.status not in (PlannedStatus.EARLY, PlannedStatus.LATE))


@given(histories, today)
def test_what_is_open_or_ahead_follows_from_the_last_of_its_kind_alone(
    known: ScheduleFacts, now: date
) -> None:
    """So that a work list need not read more than the last day and how many there were."""
    plan = derive_visit_plan(known, SCHEDULE, today=now, ahead_days=60)
    until = min(now, known.end or now)
    for series in series_of(SCHEDULE):
        missed = [item.planned for item in known.missed if item.kind is series.kind]
        counted = [when for when in (*known.done(series.kind), *missed) if START < when <= until]
        items = [item for item in plan.planned if item.kind is series.kind]
        waiting = [item for item in items if item.done_on is None and item.status != PlannedStatus.MISSED]
        following = derive_following(
            series,
            known,
            last=max(counted, default=None),
            number=len(items) - len(waiting),
            today=now,
            ahead_days=60,
        )
        assert list(following) == waiting
