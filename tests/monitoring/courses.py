"""A patient taken through the trial, station by station, as its coordinator would enter it."""

from datetime import date

from assessments.models import AdverseEvent, DoseInterval
from casebook.models import Patient
from casebook.services import create_crf
from patients.models import (
    Consent,
    Death,
    Discontinuation,
    EligibilityDecision,
    ProgressionDecision,
    SurvivalFollowUp,
)
from tests.assessments.conftest import enrol, grades
from tests.assessments.imaging_cases import Entered
from tests.factories import Study, coordinator_of, enter, make_patient, unsaved
from trial.audit import acting


def dose(
    patient: Patient, start: str = "2012-01-20", end: str | None = None, **values: object
) -> DoseInterval:
    days = {"start": date.fromisoformat(start), "end": date.fromisoformat(end) if end else None}
    return enter(DoseInterval, patient, **days, **values)


def event(patient: Patient, *lines: tuple[str, int], **values: object) -> AdverseEvent:
    by = coordinator_of(patient)
    with acting(by):
        return create_crf(unsaved(AdverseEvent, patient, **values), lines=grades(*lines), by=by)


def progressed(patient: Patient) -> Entered:
    """Stable on day 64 after 2012-01-01, first progression on day 106, the new baseline chosen."""
    entered = Entered(patient)
    entered.enter("4 T1=40 T2=60", first="T1 T2")
    entered.enter("64 T1=40 T2=60")
    entered.enter("106 T1=60 T2=70")
    entered.rebaseline("106", "T1 T2")
    return entered


def take(study: Study, patient: Patient, stations: str) -> None:
    """Enter the forms named, in the order named."""
    investigator = study.investigator_a
    steps = {
        "consent": lambda: enter(Consent, patient),
        "judged not eligible": lambda: enter(EligibilityDecision, patient, by=investigator, eligible=False),
        "enrolled": lambda: enrol(study, patient),
        "dose": lambda: dose(patient),
        "closed": lambda: dose(patient, end="2012-03-01"),
        "interrupted": lambda: dose(patient, mg=0),
        "progressed": lambda: progressed(patient),
        "continued": lambda: enter(ProgressionDecision, patient),
        "not continued": lambda: enter(
            ProgressionDecision, patient, continued=False, not_continued_reason="PATIENT REFUSAL"
        ),
        "off": lambda: enter(Discontinuation, patient),
        "alive": lambda: enter(SurvivalFollowUp, patient),
        "lost": lambda: enter(
            SurvivalFollowUp, patient, contact_date=date(2012, 10, 1), status="LOST TO FOLLOW-UP"
        ),
        "found again": lambda: enter(SurvivalFollowUp, patient, contact_date=date(2012, 11, 1)),
        "died": lambda: enter(Death, patient),
    }
    for station in filter(None, stations.split(", ")):
        steps[station.strip()]()


def a_patient(study: Study, stations: str) -> Patient:
    patient = make_patient(study)
    take(study, patient, stations)
    return patient
