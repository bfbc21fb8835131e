"""ADEX: the dosing log and the exposure of each period."""

from collections.abc import Iterator

from analysis.adam.spec import ADEX, build
from analysis.adam.subjects import ONE_DAY, Record, flag, period, treatment
from analysis.facts import PERIODS, StudyFacts, Subject, ref
from analysis.outputs import Dataset
from assessments.domain.dosing import DoseChange, PeriodExposure, round_percent

PARAMETERS = {
    "DOSE": "Daily Dose (mg/day)",
    "STDOSE": "Starting Dose of the Period (mg/day)",
    "TOTDOSE": "Total Dose in the Period (mg)",
    "PERDUR": "Duration of the Period (days)",
    "DAYSON": "Days on Drug in the Period",
    "RDI": "Relative Dose Intensity (%)",
    "INCRFL": "Dose Increased in the Period",
    "REDFL": "Dose Reduced in the Period",
    "INTRFL": "Drug Interrupted in the Period",
}
CHANGES = {"INCRFL": DoseChange.INCREASED, "REDFL": DoseChange.REDUCED, "INTRFL": DoseChange.INTERRUPTED}


def adex(facts: StudyFacts) -> Dataset:
    return build(ADEX, (record for subject in facts.subjects for record in _records(facts, subject)))


def _records(facts: StudyFacts, subject: Subject) -> Iterator[Record]:
    shared = treatment(facts, subject)
    records = [
        record | period(facts, number)
        for number in PERIODS
        if (exposure := subject.exposure(number)) is not None
        for record in (*_doses(subject, exposure), *_summary(exposure))
    ]
    for sequence, record in enumerate(records, start=1):
        yield shared | record | {"ASEQ": sequence, "PARAM": PARAMETERS[record["PARAMCD"]]}


def _doses(subject: Subject, exposure: PeriodExposure) -> Iterator[Record]:
    """The lines of the dosing log, cut to the period."""
    start, end = exposure.period.start, exposure.period.end
    for dose in subject.course.doses:
        if dose.start < end and (dose.end is None or dose.end >= start):
            yield {
                "PARAMCD": "DOSE",
                "ASTDT": max(dose.start, start),
                "AENDT": min(dose.end or end, end - ONE_DAY),
                "AVAL": dose.daily_dose_mg,
                "EXDOSE": dose.mg,
                "EXDOSU": "mg",
                "EXDOSFRQ": dose.frequency,
                "SRCREF": ref(dose),
            }


def _summary(exposure: PeriodExposure) -> Iterator[Record]:
    span = {"ASTDT": exposure.period.start, "AENDT": exposure.period.end - ONE_DAY}
    values = {
        "STDOSE": exposure.starting_dose_mg,
        "TOTDOSE": exposure.total_mg,
        "PERDUR": exposure.period.days,
        "DAYSON": exposure.days_on_drug,
        "RDI": round_percent(exposure.rdi_percent, 4),
    }
    for code, value in values.items():
        yield span | {"PARAMCD": code, "AVAL": value}
    for code, change in CHANGES.items():
        yield span | {"PARAMCD": code, "AVAL": int(exposure.has(change)), "AVALC": flag(exposure.has(change))}
