"""Where a patient's course departed from the protocol."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from casebook.domain.partial_dates import as_partial
from patients.domain.chronology import DatedItem
from patients.domain.eligibility import EligibilityJudgement
from patients.domain.medication import Medication, inducers_among
from patients.domain.schedule import AssessmentKind, PlannedStatus, ScheduleFacts, derive_visit_plan
from trial.domain.dosing import Dosing
from trial.domain.protocol import Protocol
from trial.domain.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Deviation:
    """One departure: the rule, the day on which it happened or became certain, and the sentence."""

    rule_id: str
    date: datetime.date
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationFacts:
    """What deviations are judged on; ``None`` is not known or has not happened.

    ``schedule`` has the first dose and what visits, panels and scans are judged on, ``procedures`` what was
    done for the trial only, ``dose_steps`` the start and mg per day of each step of the dosing log (0 =
    interruption), ``medications`` what was taken besides. ``eligibility`` is the judgement on today's data,
    None for a patient who is not judged.
    """

    consent_date: date | None = None
    enrolment_date: date | None = None
    schedule: ScheduleFacts = field(default_factory=ScheduleFacts)
    procedures: tuple[DatedItem, ...] = ()
    dose_steps: tuple[tuple[date, Decimal], ...] = ()
    medications: tuple[Medication, ...] = ()
    eligibility: EligibilityJudgement | None = None


def check_deviations(facts: DeviationFacts, protocol: Protocol, *, as_of: date) -> tuple[Deviation, ...]:
    """Return the deviations that are certain on the day ``as_of``, the earliest first.

    What is not known is not a deviation; what is overdue on that day is one.
    """
    found = (
        *_consent(facts),
        *_eligibility(facts),
        *_first_dose(facts, protocol.schedule, as_of),
        *_planned(facts.schedule, protocol.schedule, as_of),
        *_doses(facts, protocol.dosing),
        *_inducers(facts, as_of),
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
    if facts.schedule.first_dose is None:
        if as_of > last_day:
            sentence = f"No dose within {within} days after enrolment on {facts.enrolment_date}."
            yield Deviation("DEV-04", last_day + timedelta(days=1), sentence)
    elif facts.schedule.first_dose > last_day:
        days = (facts.schedule.first_dose - facts.enrolment_date).days
        sentence = f"First dose {days} days after enrolment on {facts.enrolment_date}; allowed are {within}."
        yield Deviation("DEV-05", facts.schedule.first_dose, sentence)


WORDS = {
    AssessmentKind.CLINIC: "Visit",
    AssessmentKind.LABORATORY: "Laboratory panel",
    AssessmentKind.IMAGING: "Scan",
}
OUTSIDE = {
    AssessmentKind.IMAGING: "DEV-06",
    AssessmentKind.CLINIC: "DEV-08",
    AssessmentKind.LABORATORY: "DEV-11",
}
NOT_DONE = {
    AssessmentKind.IMAGING: "DEV-07",
    AssessmentKind.CLINIC: "DEV-09",
    AssessmentKind.LABORATORY: "DEV-12",
}
MISSED = "DEV-13"


def _planned(facts: ScheduleFacts, schedule: Schedule, as_of: date) -> Iterator[Deviation]:
    """Visits, panels and scans outside their window, missed, or not done by the last day of it."""
    for item in derive_visit_plan(facts, schedule, today=as_of).planned:
        words, origin = WORDS[item.kind], item.counted_from
        if item.status in (PlannedStatus.EARLY, PlannedStatus.LATE) and item.done_on is not None:
            shortest, longest = ((day - origin).days for day in (item.earliest, item.latest))
            sentence = (
                f"{words} on {item.done_on}, {(item.done_on - origin).days} days after {origin}; "
                f"the window is {shortest} to {longest}."
            )
            yield Deviation(OUTSIDE[item.kind], item.done_on, sentence)
        elif item.status is PlannedStatus.MISSED:
            sentence = f"{words} planned for {item.due} was missed: {item.reason}."
            yield Deviation(MISSED, item.due, sentence)
        elif item.status in (PlannedStatus.OVERDUE, PlannedStatus.NOT_DONE):
            days = (item.latest - origin).days
            sentence = f"No {words.lower()} by {item.latest}, {days} days after {origin}."
            yield Deviation(NOT_DONE[item.kind], item.latest + timedelta(days=1), sentence)


def _doses(facts: DeviationFacts, dosing: Dosing) -> Iterator[Deviation]:
    """A daily dose that is none of the protocol's levels; 0 mg is an interruption, not a deviation."""
    levels = ", ".join(f"{level.mg_per_day:f}" for level in dosing.levels)
    for start, mg_per_day in facts.dose_steps:
        if mg_per_day != 0 and dosing.level_of(mg_per_day) is None:
            sentence = f"{mg_per_day:f} mg a day from {start}; the protocol has {levels} mg a day."
            yield Deviation("DEV-10", start, sentence)


def _inducers(facts: DeviationFacts, as_of: date) -> Iterator[Deviation]:
    """A strong CYP3A4 inducer certainly taken on a day from the first dose to before the end of treatment."""
    first, end = facts.schedule.first_dose, facts.schedule.end
    if first is None:
        return
    last = as_of if end is None else min(as_of, end - timedelta(days=1))
    for medication in inducers_among(facts.medications):
        start = medication.span.start
        if start is None or start.latest is None or not medication.span.overlaps(first, last):
            continue
        sentence = f"{medication.drug}, a strong inducer of CYP3A4, was taken during treatment, from {start}."
        yield Deviation("DEV-14", max(first, start.latest), sentence)
