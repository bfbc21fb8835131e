from datetime import date
from decimal import Decimal

import pytest

from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    CtcaeTerm,
    DoseInterval,
    LabPanel,
    ReferenceRange,
)
from casebook.models import Patient
from patients.models import BaselineDisease, Consent, EligibilityDecision, Enrolment, Screening
from tests.factories import VALID, Study, enter, make_patient, make_study
from trial.audit import acting, system_person

ALOPECIA = "4.03 Alopecia"
DIARRHEA = "4.03 Diarrhea"
DEATH_NOS = "4.03 Death NOS"

VALID[LabPanel] = {"date": date(2012, 1, 20), "hemoglobin": Decimal("12.5"), "platelets": Decimal(150000)}
VALID[DoseInterval] = {
    "start": date(2012, 1, 20),
    "mg": Decimal(400),
    "frequency": "BID",
    "dose_reason": "INITIAL",
}
VALID[AdverseEvent] = {
    "term_id": DIARRHEA,
    "onset": "2012-03-01",
    "ongoing": False,
    "end": "2012-03-20",
    "outcome": "RECOVERED/RESOLVED",
    "causality": "PROBABLE",
    "action_taken": "DOSE REDUCED",
    "serious": False,
}


@pytest.fixture
def study(db) -> Study:
    study = make_study()
    with acting(system_person()):
        for term, soc, grades in (
            ("Alopecia", "Skin and subcutaneous tissue disorders", "12"),
            ("Death NOS", "General disorders and administration site conditions", "5"),
            ("Diarrhea", "Gastrointestinal disorders", "12345"),
        ):
            CtcaeTerm.objects.create(
                code=f"4.03 {term}",
                version="4.03",
                term=term,
                soc=soc,
                criteria={grade: f"criterion {grade}" for grade in grades},
            )
    return study


@pytest.fixture
def patient(study) -> Patient:
    return make_patient(study)


@pytest.fixture
def enrolled(study, patient) -> Patient:
    """A patient who met every criterion on 2012-01-16 and may be dosed."""
    return enrol(study, patient)


def enrol(study: Study, patient: Patient) -> Patient:
    with acting(study.data_manager):
        known = set(ReferenceRange.objects.values_list("analyte", flat=True))
    for analyte, unit, uln in (("ast", "U/L", "40"), ("alt", "U/L", "40"), ("creatinine", "mg/dL", "1.1")):
        if analyte not in known:
            make_range(study, analyte=analyte, unit=unit, lln=Decimal("0.1"), uln=Decimal(uln))
    enter(Consent, patient)
    enter(Screening, patient)
    enter(BaselineDisease, patient)
    enter(
        LabPanel,
        patient,
        date=date(2012, 1, 12),
        neutrophils=Decimal(3000),
        total_bilirubin=Decimal("0.9"),
        ast=Decimal(40),
        alt=Decimal(35),
        creatinine=Decimal("0.8"),
    )
    enter(EligibilityDecision, patient, by=study.investigator_a)
    enter(Enrolment, patient)
    return patient


def grades(*lines: tuple[str, int]) -> list[AdverseEventGrade]:
    return [AdverseEventGrade(date=day, grade=grade) for day, grade in lines]


def make_range(study: Study, **values) -> ReferenceRange:
    """A range of site A, entered by its coordinator."""
    filled = {
        "site": study.site_a,
        "analyte": "alt",
        "unit": "U/L",
        "lln": Decimal(5),
        "uln": Decimal(40),
        "valid_from": date(2011, 1, 1),
    } | values
    with acting(study.coordinator_a, reason="test"):
        found = ReferenceRange(**filled)
        found.full_clean()
        found.save()
        return found
