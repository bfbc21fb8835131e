"""Consent to enrolment of a SYNTHETIC patient: everything eligibility is judged on."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from casebook.domain.partial_dates import PartialDate
from demo.calendar import Calendar
from demo.cohort import Baseline, Subject
from demo.laboratory import Laboratory, baseline_of, child_pugh_point
from demo.lesions import Disease
from demo.plan import Chance, Entry, Step, frozen
from patients.domain.calendar import completed_years

MODALITY = ("CONTRAST ENHANCED CT SCAN", "DYNAMIC CONTRAST ENHANCED MRI")
TREATMENTS = ("resection", "ablation", "tace", "haic", "radiation", "other_treatment")
NO = (
    "prior_targeted_therapy",
    "prior_systemic_chemotherapy",
    "significant_ascites",
    "liver_transplantation",
    "varices_likely_to_bleed",
    "myocardial_infarction",
    "unstable_angina",
    "cardiac_failure",
    "cerebrovascular_disorder",
    "hepatic_encephalopathy",
    "brain_tumor",
    "dialysis",
    "gi_hemorrhage",
    "active_double_cancer",
    "cyp3a4_inducer",
    "uncontrolled_hypertension",
    "drug_hypersensitivity",
    "anticancer_herbal_medicine",
    "hiv",
    "investigator_exclusion",
)
LONG_AGO: dict[str, dict[str, Any]] = {
    "SYN-004": {"cerebrovascular_disorder": True, "cerebrovascular_disorder_date": PartialDate("2009-03")},
    "SYN-012": {"gi_hemorrhage": True, "gi_hemorrhage_date": PartialDate("2011-10-08")},
    "SYN-019": {"myocardial_infarction": True, "myocardial_infarction_date": PartialDate("2006")},
    "SYN-027": {"arrhythmia_grade": 1},
}
"""Events of the past that keep nobody out."""


def modality_of(subject: Subject) -> str:
    return MODALITY[Chance(subject.number, "modality").one_in(5)]


def screening_steps(
    subject: Subject, calendar: Calendar, disease: Disease, laboratory: Laboratory
) -> Iterator[Step]:
    baseline = baseline_of(subject)

    def entry(on: date, form: str, **values: Any) -> Entry:
        return Entry(on=on, patient=subject.number, form=form, key=form, values=frozen(values))

    yield entry(
        calendar.consent,
        "consent",
        consent_date=calendar.consent,
        birth_date=PartialDate.on(_birth(subject, calendar, baseline)),
        sex=baseline.sex,
        protocol_version="1.0",
    )
    yield entry(calendar.screening, "screening", **_items(subject, calendar, baseline, disease))
    yield entry(
        calendar.screening, "baseline-disease", **_disease(subject, calendar, baseline, disease, laboratory)
    )
    yield entry(calendar.decision, "eligibility-decision", date=calendar.decision, eligible=True)
    number = f"SBP-{int(subject.number[-3:]):03}"
    yield entry(subject.enrolment, "enrolment", date=subject.enrolment, registration_number=number)


def _birth(subject: Subject, calendar: Calendar, baseline: Baseline) -> date:
    """A day that gives the age of the cohort at consent, at enrolment and at the first dose alike."""
    chance = Chance(subject.number, "birth")
    last = subject.start or subject.enrolment
    while True:
        birth = last - timedelta(days=365 * baseline.age + chance.randint(20, 360))
        if completed_years(birth, calendar.consent) == completed_years(birth, last) == baseline.age:
            return birth


def _items(subject: Subject, calendar: Calendar, baseline: Baseline, disease: Disease) -> dict[str, Any]:
    chance = Chance(subject.number, "screening")
    histology = chance.one_in(3)
    return (
        dict.fromkeys(NO, False)
        | {
            "date": calendar.screening,
            "histologically_confirmed": histology,
            "typical_imaging": not histology or not chance.one_in(3),
            "no_curative_option": True,
            "enhancing_lesion_mm": Decimal(disease.largest_in_liver) / 10,
            "imaging_modality": modality_of(subject),
            "can_follow_protocol": True,
            "arrhythmia_grade": 0,
            "pregnant_or_nursing": False if baseline.sex == "F" else None,
        }
        | LONG_AGO.get(subject.number, {})
    )


def _disease(
    subject: Subject, calendar: Calendar, baseline: Baseline, disease: Disease, laboratory: Laboratory
) -> dict[str, Any]:
    _, blood = next(laboratory.panels())
    return {
        "date": calendar.screening,
        "etiology": baseline.etiology,
        "ecog": baseline.ecog,
        "ascites": "MILD" if child_pugh_point(subject) == "ascites" else "NONE",
        "encephalopathy_grade": 0,
        "bilirubin": blood["total_bilirubin"],
        "albumin": blood["albumin"],
        "inr": blood["pt_inr"],
        "bclc_stage": baseline.bclc,
        "vascular_invasion": baseline.vascular_invasion,
        "extrahepatic_spread": baseline.extrahepatic_spread,
        "nodules": disease.nodules,
        "largest_nodule_mm": Decimal(disease.largest_in_liver) / 10,
        "afp": baseline.afp,
        "dcp": baseline.dcp,
        "pretreated": baseline.pretreated,
    } | treatments_of(subject, baseline)


def treatments_of(subject: Subject, baseline: Baseline) -> dict[str, bool]:
    """Most had embolisation; a pretreated patient had at least one treatment."""
    chance = Chance(subject.number, "treatments")
    given = {"tace"} if baseline.pretreated and not chance.one_in(5) else set()
    if baseline.pretreated:
        given |= {name for name in ("resection", "ablation") if chance.one_in(3)}
        given |= {"haic"} if chance.one_in(6) else set()
        given = given or {"ablation"}
    return {name: name in given for name in TREATMENTS}
