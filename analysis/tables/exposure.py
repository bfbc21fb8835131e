"""Table 2: what was given, and how the dose was changed, in each treatment period."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from analysis.domain.descriptive import (
    Measure,
    format_mean_range,
    format_median_range,
    format_trimmed,
    summarise,
)
from analysis.facts import PERIODS, StudyFacts, Subject, progression_read, ref
from analysis.outputs import Cell, Column, Row, Table
from analysis.tables.cells import count_cell, either, value_cell
from assessments.domain.dosing import DoseChange, DoseStep, PeriodExposure
from assessments.models import DoseInterval

CHANGES = (
    ("increase", "Patients with dose increase, n (%)", DoseChange.INCREASED),
    ("reduction", "Patients with dose reduction, n (%)", DoseChange.REDUCED),
    ("interruption", "Patients with dose interruption, n (%)", DoseChange.INTERRUPTED),
)


def exposure_table(facts: StudyFacts) -> Table:
    standard = facts.protocol.dosing.standard_mg_per_day
    return Table(
        title="Table 2. Treatment status",
        population="Patients treated in the period",
        columns=[
            Column(id=f"t{n}", label=facts.protocol.periods[n - 1].label, n=len(facts.treated_in(n)))
            for n in PERIODS
        ],
        rows=[
            _measured(
                "days",
                "Days in the period, median (range)",
                facts,
                lambda e: e.period.days,
                format_median_range,
            ),
            _measured(
                "initial_dose",
                "Mean initial dose, mg/day (range)",
                facts,
                lambda e: e.starting_dose_mg,
                mean_range,
            ),
            _measured(
                "rdi", "Mean relative dose intensity, % (range)", facts, lambda e: e.rdi_percent, mean_range
            ),
            *(_changed(id, label, change, facts) for id, label, change in CHANGES),
        ],
        footnotes=[
            f"Relative dose intensity: mg given over {standard} mg times the days of the period; days "
            "without the drug "
            "count. Treatment 1 lasts from the first dose to the day before first progression or the end of "
            "treatment, "
            "Treatment 2 from first progression to the day before the second.",
            "A change of dose on the first day of Treatment 2 belongs to neither period.",
            *_left_out(facts),
        ],
    )


def _left_out(facts: StudyFacts) -> Iterator[str]:
    """Patients of a period for whom its rows have no value."""
    for number in PERIODS:
        label, treated = facts.protocol.periods[number - 1].label, facts.treated_in(number)
        exposures = {subject.number: subject.exposure(number) for subject in treated}
        if none := [patient for patient, exposure in exposures.items() if exposure is None]:
            yield (f"{label}: no days or doses known of {', '.join(none)}, left out.")
        not_dosed = [p for p, e in exposures.items() if e is not None and e.starting_dose_mg is None]
        if not_dosed:
            yield f"{label}: {', '.join(not_dosed)} left out of the initial dose; nothing was given."


def mean_range(values: Sequence[Measure | None]) -> str:
    """Mean (range); the one value alone where all are the same."""
    summary = summarise(values)
    if summary is not None and summary.minimum == summary.maximum:
        return format_trimmed(summary.mean)
    return format_mean_range(values)


def _measured(
    id: str,
    label: str,
    facts: StudyFacts,
    measure: Callable[[PeriodExposure], Measure | None],
    printed: Callable[[Sequence[Measure | None]], str],
) -> Row:
    def cell(period: int) -> Cell:
        values: dict[str, Measure | Fraction] = {}
        for subject in facts.treated_in(period):
            exposure = subject.exposure(period)
            if exposure is not None and (value := measure(exposure)) is not None:
                values[subject.number] = value
        subjects = [s for s in facts.treated_in(period) if s.number in values]
        return value_cell(
            printed(list(values.values())),
            subjects,
            lambda s: doses_behind(s, period),
            among=facts.treated_in(period),
            others=facts.membership_in(period),
        )

    return Row(id=id, label=label, cells={f"t{period}": cell(period) for period in PERIODS})


def _changed(id: str, label: str, change: DoseChange, facts: StudyFacts) -> Row:
    def cell(period: int) -> Cell:
        treated = facts.treated_in(period)
        changed = [
            s for s in treated if (exposure := s.exposure(period)) is not None and exposure.has(change)
        ]
        return count_cell(
            changed,
            treated,
            lambda s: steps_behind(s, period, change),
            either(lambda s: doses_behind(s, period), facts.membership_in(period)),
        )

    return Row(id=id, label=label, cells={f"t{period}": cell(period) for period in PERIODS})


def doses_behind(subject: Subject, period: int) -> list[str]:
    """The dosing log of a period, and the scans of progression that begin and end it."""
    exposure = subject.exposure(period)
    if exposure is None:
        return []
    start, end = exposure.period.start, exposure.period.end
    doses = [d for d in subject.course.doses if d.start < end and (d.end is None or d.end >= start)]
    reads = [progression_read(subject.course, number) for number in range(1, period + 1)]
    return [*map(ref, doses), *(ref(read) for read in reads if read is not None)]


def steps_behind(subject: Subject, period: int, change: DoseChange) -> list[str]:
    """The lines of the dosing log between which the dose changed so."""
    exposure = subject.exposure(period)
    steps = [step for step in exposure.steps if step.change is change] if exposure else []
    doses = {ref(dose): None for step in steps for dose in _around(subject, step)}
    return list(doses)


def _around(subject: Subject, step: DoseStep) -> list[DoseInterval]:
    """The line that begins with the step and the last one before it."""
    before = [dose for dose in subject.course.doses if dose.start < step.on]
    return [*before[-1:], *(dose for dose in subject.course.doses if dose.start == step.on)]
