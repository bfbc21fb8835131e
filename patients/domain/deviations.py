"""Where a patient's course departed from the protocol."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from casebook.domain.partial_dates import as_partial
from patients.domain.chronology import DatedItem
from patients.domain.eligibility import EligibilityJudgement
from trial.domain.dosing import Dosing
from trial.domain.protocol import Protocol
from trial.domain.schedule import ImagingOrigin, Schedule


@dataclass(frozen=True, slots=True)
class Deviation:
    """One departure: the rule, the day on which it happened or became certain, and the sentence."""

    rule_id: str
    date: datetime.date
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationFacts:
    """What deviations are judged on; ``None`` is not known or has not happened.

    ``treatment_end`` is the day of discontinuation or death, after which visits and scans are no longer
    due. ``scan_dates`` are the scans after baseline, ``visit_dates`` the scheduled visits after the first
    dose, ``procedures`` what was done for the trial only, ``dose_steps`` the start and mg per day of each
    step of the dosing log (0 = interruption). ``eligibility`` is the judgement on today's data, None for
    a patient who is not judged.
    """

    consent_date: date | None = None
    enrolment_date: date | None = None
    first_dose_date: date | None = None
    treatment_end: date | None = None
    scan_dates: tuple[date, ...] = ()
    visit_dates: tuple[date, ...] = ()
    procedures: tuple[DatedItem, ...] = ()
    dose_steps: tuple[tuple[date, Decimal], ...] = ()
    eligibility: EligibilityJudgement | None = None


def check_deviations(facts: DeviationFacts, protocol: Protocol, *, as_of: date) -> tuple[Deviation, ...]:
    """Return the deviations that are certain on the day ``as_of``, the earliest first.

    What is not known is not a deviation; what is overdue on that day is one.
    """
    found = (
        *_consent(facts),
        *_eligibility(facts),
        *_first_dose(facts, protocol.schedule, as_of),
        *_scans(facts, protocol.schedule, as_of),
        *_visits(facts, protocol.schedule, as_of),
        *_doses(facts, protocol.dosing),
    )
    return tuple(sorted(found, key=lambda deviation: (deviation.date, deviation.rule_id)))


def _consent(facts: DeviationFacts) -> Iterator[Deviation]:
    """A procedure of the trial before consent; a partial date counts when every day it can mean does."""
    if facts.consent_date is None:
        return
    for procedure in facts.procedures:
        day = as_partial(procedure.on)
        if day.latest is not None and day.is_before(facts.consent_date):
            sentence = f"{procedure.label} on {day}, before consent on {facts.consent_date}."
            yield Deviation("DEV-01", day.latest, sentence)


def _eligibility(facts: DeviationFacts) -> Iterator[Deviation]:
    """Enrolled with a criterion violated, or with one that nobody could judge."""
    if facts.enrolment_date is None or facts.eligibility is None:
        return
    for result in facts.eligibility.violated:
        sentence = (
            f"Enrolled although {result.id} ({result.text}) is {result.verdict.lower()}: {result.sentence}"
        )
        yield Deviation("DEV-02", facts.enrolment_date, sentence)
    for result in facts.eligibility.missing:
        sentence = f"Enrolled although {result.id} ({result.text}) could not be judged: {result.sentence}"
        yield Deviation("DEV-03", facts.enrolment_date, sentence)


def _first_dose(facts: DeviationFacts, schedule: Schedule, as_of: date) -> Iterator[Deviation]:
    """The first dose later than allowed after enrolment, or not given by then."""
    if facts.enrolment_date is None:
        return
    within = schedule.first_dose_within_days
    last_day = facts.enrolment_date + timedelta(days=within)
    if facts.first_dose_date is None:
        if as_of > last_day:
            sentence = f"No dose within {within} days after enrolment on {facts.enrolment_date}."
            yield Deviation("DEV-04", last_day + timedelta(days=1), sentence)
    elif facts.first_dose_date > last_day:
        days = (facts.first_dose_date - facts.enrolment_date).days
        sentence = f"First dose {days} days after enrolment on {facts.enrolment_date}; allowed are {within}."
        yield Deviation("DEV-05", facts.first_dose_date, sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Repeated assessments due at an interval; ``step`` is given where they are counted from the start."""

    label: str
    window: tuple[int, int]
    outside_rule: str
    overdue_rule: str
    step: int | None = None


def _scans(facts: DeviationFacts, schedule: Schedule, as_of: date) -> Iterator[Deviation]:
    from_start = schedule.imaging_from is ImagingOrigin.FIRST_DOSE
    series = _Series(
        label="Scan",
        window=schedule.imaging_days,
        outside_rule="DEV-06",
        overdue_rule="DEV-07",
        step=schedule.imaging_interval_days if from_start else None,
    )
    return _intervals(series, facts, facts.scan_dates, as_of)


def _visits(facts: DeviationFacts, schedule: Schedule, as_of: date) -> Iterator[Deviation]:
    series = _Series(label="Visit", window=schedule.visit_days, outside_rule="DEV-08", overdue_rule="DEV-09")
    return _intervals(series, facts, facts.visit_dates, as_of)


def _intervals(
    series: _Series, facts: DeviationFacts, dates: tuple[date, ...], as_of: date
) -> Iterator[Deviation]:
    """Each assessment against the one before it (the first against the first dose), then the one overdue."""
    if facts.first_dose_date is None:
        return
    end = min(as_of, facts.treatment_end or as_of)
    shortest, longest = series.window
    origin = facts.first_dose_date
    for day in sorted(day for day in dates if facts.first_dose_date < day <= end):
        days = (day - origin).days
        if not shortest <= days <= longest:
            sentence = (
                f"{series.label} on {day}, {days} days after {origin}; the window is {shortest} to {longest}."
            )
            yield Deviation(series.outside_rule, day, sentence)
        origin = day if series.step is None else origin + timedelta(days=series.step)
    if (end - origin).days > longest:
        last_day = origin + timedelta(days=longest)
        sentence = f"No {series.label.lower()} by {last_day}, {longest} days after {origin}."
        yield Deviation(series.overdue_rule, last_day + timedelta(days=1), sentence)


def _doses(facts: DeviationFacts, dosing: Dosing) -> Iterator[Deviation]:
    """A daily dose that is none of the protocol's levels; 0 mg is an interruption, not a deviation."""
    levels = ", ".join(f"{level.mg_per_day:f}" for level in dosing.levels)
    for start, mg_per_day in facts.dose_steps:
        if mg_per_day != 0 and dosing.level_of(mg_per_day) is None:
            sentence = f"{mg_per_day:f} mg a day from {start}; the protocol has {levels} mg a day."
            yield Deviation("DEV-10", start, sentence)
