"""What was given: dose intervals, treatment periods, relative dose intensity, dose changes, dose rules.

Dates of a dosing log are inclusive, periods are half-open. A day of a period without a record, or with a
record of 0 mg, is a day of interruption and counts in every denominator. Alternate-day dosing counts at its
nominal daily dose (400 mg every other day is 200 mg/day) on each of its days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby, pairwise

from casebook.domain.findings import Finding, Severity
from trial.domain.dosing import Frequency

ONE_DAY = timedelta(days=1)
STANDARD_DAILY_DOSE_MG = 800
DOSE_LEVELS_MG = (800, 400, 200)


class DosingError(ValueError):
    """A dosing history that cannot have happened, and is not computed through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseInterval:
    """One line of the dosing log: so many mg at a time, from `start` through `end` (None: still running)."""

    start: date
    end: date | None
    mg: Decimal
    frequency: Frequency

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise DosingError(f"The dose of {self.start} ends before it starts, on {self.end}.")
        if not self.mg.is_finite() or self.mg < 0:
            raise DosingError(f"The dose of {self.start} must be at least 0 mg, not {self.mg}.")

    @property
    def daily_dose_mg(self) -> Decimal:
        return self.mg * self.frequency.per_day


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentPeriod:
    """Treatment 1 or 2: from `start` up to, not including, `end`."""

    number: int
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSegment:
    """Consecutive days at one daily dose, from `start` up to, not including, `end`; 0 mg: interrupted."""

    start: date
    end: date
    daily_dose_mg: Decimal

    @property
    def days(self) -> int:
        return (self.end - self.start).days


class DoseChange(StrEnum):
    """A step of the dose (CDISC ACN submission values)."""

    REDUCED = "DOSE REDUCED"
    INCREASED = "DOSE INCREASED"
    INTERRUPTED = "DRUG INTERRUPTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseStep:
    """One change of the daily dose, on its first day; after an interruption, against the dose before it."""

    change: DoseChange
    on: date
    from_mg: Decimal
    to_mg: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodExposure:
    """Exposure of one patient in one period. `starting_dose_mg` None: nothing was given in the period."""

    period: TreatmentPeriod
    starting_dose_mg: Decimal | None
    total_mg: Decimal
    days_on_drug: int
    rdi_percent: Fraction
    steps: tuple[DoseStep, ...]

    def has(self, change: DoseChange) -> bool:
        return any(step.change is change for step in self.steps)


def derive_periods(
    *,
    first_dose: date | None,
    first_progression: date | None,
    second_progression: date | None,
    continued: bool,
    dosing_end: date | None,
    data_end: date,
) -> tuple[TreatmentPeriod, ...]:
    """Return Treatment 1 = [first dose, PD1) and, if the patient continued, Treatment 2 = [PD1, PD2).

    Without its progression a period ends with treatment (`dosing_end`, None while nothing says that it has
    ended), and while it runs at `data_end` (the day after the cut-off): a closed dosing log is an
    interruption. No dose: no period. A patient with PD1 who did not continue, or whose treatment had ended by
    then, has Treatment 1 only.
    """
    if first_dose is None:
        return ()
    open_end = min(dosing_end or data_end, data_end)
    treatment_1 = _period(1, first_dose, first_progression or open_end)
    if first_progression is None or not continued:
        return (treatment_1,)
    if second_progression is None and open_end <= first_progression:
        return (treatment_1,)
    return (treatment_1, _period(2, first_progression, second_progression or open_end))


def derive_segments(intervals: Iterable[DoseInterval], *, start: date, end: date) -> tuple[DoseSegment, ...]:
    """Return the daily doses of [start, end) as consecutive segments; days without a record are 0 mg.

    Neighbours at the same daily dose are one segment. Overlapping records are refused.
    """
    log = _in_date_order(intervals)
    for earlier, later in _overlaps(log):
        raise DosingError(f"The doses of {earlier.start} and {later.start} overlap.")
    pieces = [piece for piece in _pieces(log, start, end) if piece.days > 0]
    return tuple(
        DoseSegment(start=same[0].start, end=same[-1].end, daily_dose_mg=dose)
        for dose, group in groupby(pieces, key=lambda piece: piece.daily_dose_mg)
        for same in [list(group)]
    )


def compute_rdi(
    intervals: Iterable[DoseInterval],
    period_start: date,
    period_end_exclusive: date,
    standard_mg: int | Decimal = STANDARD_DAILY_DOSE_MG,
) -> Fraction:
    """Return the relative dose intensity in percent, exactly: 100 · mg given / (standard mg · days)."""
    period = _period(1, period_start, period_end_exclusive)
    segments = derive_segments(intervals, start=period.start, end=period.end)
    return Fraction(100) * Fraction(_total_mg(segments)) / (Fraction(standard_mg) * period.days)


def round_percent(percent: Fraction, places: int = 2) -> Decimal:
    """Return an exact percentage as a decimal with so many places, halves rounded up."""
    scaled = percent * 10**places
    halves_up = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(halves_up).scaleb(-places)


def derive_dose_changes(intervals: Iterable[DoseInterval], period: TreatmentPeriod) -> tuple[DoseStep, ...]:
    """Return the reductions, increases and interruptions inside a period, in date order.

    The first dose given in a period is its starting dose: neither it, nor a pause between the start of the
    period and that dose, is a step, so that what changes on day 0 of Treatment 2 counts in no period. An
    interruption is a step on its first day even if the drug is not resumed in the period. The dose after an
    interruption is compared with the dose before it.
    """
    return tuple(_steps(derive_segments(intervals, start=period.start, end=period.end)))


def derive_exposure(
    intervals: Sequence[DoseInterval],
    period: TreatmentPeriod,
    standard_mg: int | Decimal = STANDARD_DAILY_DOSE_MG,
) -> PeriodExposure:
    """Return starting dose, dose given, days on drug, RDI and dose changes of one period."""
    segments = derive_segments(intervals, start=period.start, end=period.end)
    given = [segment for segment in segments if segment.daily_dose_mg > 0]
    return PeriodExposure(
        period=period,
        starting_dose_mg=given[0].daily_dose_mg if given else None,
        total_mg=_total_mg(segments),
        days_on_drug=sum(segment.days for segment in given),
        rdi_percent=compute_rdi(intervals, period.start, period.end, standard_mg),
        steps=tuple(_steps(segments)),
    )


def check_dose_rules(
    intervals: Iterable[DoseInterval],
    *,
    consent: date | None,
    levels_mg: Sequence[int | Decimal] = DOSE_LEVELS_MG,
    max_reductions: int = 2,
    max_interruption_days: int = 30,
) -> tuple[Finding, ...]:
    """Return what a dosing log breaks: impossible histories (hard), departures from the protocol (soft).

    The standard daily dose is the first of `levels_mg`. Without a consent date every dose is one before
    consent. Reductions are counted over both periods. A log with overlapping lines is judged line by line
    only, because its steps are not known.
    """
    log = _in_date_order(intervals)
    lines = [finding for interval in log for finding in _check_line(interval, consent, levels_mg)]
    overlaps = [
        Finding(
            "dosing.overlap",
            Severity.HARD,
            f"The dose of {later.start} begins before the dose of {earlier.start} has ended.",
            "start",
        )
        for earlier, later in _overlaps(log)
    ]
    if overlaps or not log:
        return (*lines, *overlaps)
    segments = derive_segments(log, start=log[0].start, end=log[-1].end or log[-1].start + ONE_DAY)
    return (
        *lines,
        *_check_reductions(segments, max_reductions),
        *_check_restarts(segments, max_interruption_days),
    )


def _check_line(
    interval: DoseInterval, consent: date | None, levels_mg: Sequence[int | Decimal]
) -> Iterator[Finding]:
    daily, standard = interval.daily_dose_mg, levels_mg[0]
    if daily > 0 and (consent is None or interval.start < consent):
        given = "which is not recorded" if consent is None else f"given on {consent}"
        message = f"The dose of {interval.start} was given before the informed consent, {given}."
        yield Finding("dosing.before_consent", Severity.HARD, message, "start")
    if daily > standard:
        message = (
            f"{daily.normalize():f} mg/day from {interval.start} is above the standard {standard} mg/day."
        )
        yield Finding("dosing.above_standard", Severity.SOFT, message, "mg")
    elif daily > 0 and daily not in levels_mg:
        levels = ", ".join(str(level) for level in levels_mg)
        message = f"{daily.normalize():f} mg/day from {interval.start} is not a dose level ({levels} mg/day)."
        yield Finding("dosing.no_level", Severity.SOFT, message, "mg")


def _check_reductions(segments: Iterable[DoseSegment], max_reductions: int) -> Iterator[Finding]:
    reductions = [step for step in _steps(segments) if step.change is DoseChange.REDUCED]
    for number, step in enumerate(reductions[max_reductions:], start=max_reductions + 1):
        message = (
            f"The dose was reduced for the {number}. time on {step.on}; at most {max_reductions} are allowed."
        )
        yield Finding("dosing.too_many_reductions", Severity.SOFT, message, "mg")


def _check_restarts(segments: Sequence[DoseSegment], max_interruption_days: int) -> Iterator[Finding]:
    """A pause lies between two doses; days before the first dose and after the last are none."""
    given = [segment for segment in segments if segment.daily_dose_mg > 0]
    for before, after in pairwise(given):
        pause = (after.start - before.end).days
        if pause > max_interruption_days:
            message = (
                f"The drug was restarted on {after.start} after {pause} days of interruption;"
                f" after more than {max_interruption_days} it stays off."
            )
            yield Finding("dosing.late_restart", Severity.SOFT, message, "start")


def _period(number: int, start: date, end: date) -> TreatmentPeriod:
    if end <= start:
        raise DosingError(f"Treatment {number} starts on {start} and cannot end on {end}.")
    return TreatmentPeriod(number=number, start=start, end=end)


def _in_date_order(intervals: Iterable[DoseInterval]) -> list[DoseInterval]:
    return sorted(intervals, key=lambda interval: interval.start)


def _overlaps(log: Sequence[DoseInterval]) -> Iterator[tuple[DoseInterval, DoseInterval]]:
    """Neighbours that share a day; a line that is still running overlaps whatever comes after it."""
    for earlier, later in pairwise(log):
        if earlier.end is None or later.start <= earlier.end:
            yield earlier, later


def _pieces(log: Sequence[DoseInterval], start: date, end: date) -> Iterator[DoseSegment]:
    """Cut the log to [start, end) and fill the days between its lines with 0 mg."""
    day = start
    for interval in log:
        after = end if interval.end is None else min(interval.end + ONE_DAY, end)
        begin = max(interval.start, start)
        if after <= begin:
            continue
        yield DoseSegment(start=day, end=begin, daily_dose_mg=Decimal(0))
        yield DoseSegment(start=begin, end=after, daily_dose_mg=interval.daily_dose_mg)
        day = after
    yield DoseSegment(start=day, end=end, daily_dose_mg=Decimal(0))


def _total_mg(segments: Iterable[DoseSegment]) -> Decimal:
    return sum((segment.days * segment.daily_dose_mg for segment in segments), Decimal(0))


def _steps(segments: Iterable[DoseSegment]) -> Iterator[DoseStep]:
    last_given: Decimal | None = None
    for segment in segments:
        dose = segment.daily_dose_mg
        if last_given is not None and dose != last_given:
            yield DoseStep(
                change=_classify(last_given, dose), on=segment.start, from_mg=last_given, to_mg=dose
            )
        last_given = dose or last_given


def _classify(before: Decimal, after: Decimal) -> DoseChange:
    if after == 0:
        return DoseChange.INTERRUPTED
    return DoseChange.REDUCED if after < before else DoseChange.INCREASED
