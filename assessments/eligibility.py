"""Eligibility of a patient, judged on the forms as they are."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from assessments.course import PatientCourse
from assessments.models import LabPanel
from assessments.selectors import ReferenceRanges
from casebook.domain.partial_dates import PartialDate
from patients.domain.child_pugh import Ascites
from patients.domain.eligibility import (
    CriterionResult,
    CriterionVerdict,
    EligibilityFacts,
    EligibilityJudgement,
    check_eligibility,
)
from patients.domain.hcc_history import CRITERION_OF_KIND
from patients.domain.medication import taken_on
from trial.domain.criteria import CriterionKind, Sex
from trial.domain.response import ImagingModality

LAB_ITEMS = {
    "hemoglobin": "hemoglobin",
    "neutrophils": "neutrophils",
    "platelets": "platelets",
    "bilirubin": "total_bilirubin",
    "ast": "ast",
    "alt": "alt",
    "creatinine": "creatinine",
}
ULN_ITEMS = {"ast_uln": "ast", "alt_uln": "alt", "creatinine_uln": "creatinine"}
SCREENING_ITEMS = {f.name for f in fields(EligibilityFacts)}


def judge(course: PatientCourse, ranges: ReferenceRanges) -> EligibilityJudgement:
    """Every criterion of the protocol on today's data; laboratory values are the last up to enrolment."""
    return check_eligibility(eligibility_facts(course, ranges), course.protocol.eligibility)


def eligibility_facts(course: PatientCourse, ranges: ReferenceRanges) -> EligibilityFacts:
    known: dict[str, Any] = {
        "enrolment_date": course.enrolment.date if course.enrolment else _planned(course)
    }
    if course.consent:
        known |= {
            "sex": Sex(course.consent.sex),
            "birth_date": course.consent.birth_date,
            "consent_date": course.consent.consent_date,
        }
    if course.baseline:
        disease = course.baseline
        known |= {
            "ecog": disease.ecog,
            "albumin": disease.albumin,
            "inr": disease.inr,
            "ascites": Ascites(disease.ascites) if disease.ascites else None,
            "encephalopathy_grade": disease.encephalopathy_grade,
        }
    if course.screening:
        known |= {
            f.name: getattr(course.screening, f.name)
            for f in course.screening.fields_entered()
            if f.name in SCREENING_ITEMS
            and f.name not in ("imaging_modality", "investigator_exclusion_reason")
        }
        known["investigator_exclusion_reason"] = course.screening.investigator_exclusion_reason or ""
        modality = course.screening.imaging_modality
        known["imaging_modality"] = ImagingModality(modality) if modality else None
    known |= _treated_before(course, known) | _inducer(course, known)
    return EligibilityFacts(**(known | _laboratory(course, ranges, known["enrolment_date"])))


def _treated_before(course: PatientCourse, known: dict[str, Any]) -> dict[str, Any]:
    """A treatment that is entered was given, whatever the answer to its question."""
    given = {CRITERION_OF_KIND.get(row.facts.kind) for row in course.hcc_treatments}
    return {item.value: True for item in CRITERION_OF_KIND.values() if item in given}


def _inducer(course: PatientCourse, known: dict[str, Any]) -> dict[str, Any]:
    """The answer on the form, and what the medication entered says of the day of enrolment.

    Either one keeps the patient out. A drug whose dates leave open whether it was taken that day makes a no
    undecided; before any day is planned, so does every inducer that is entered.
    """
    answered, day = known.get("cyp3a4_inducer"), known["enrolment_date"]
    taken, drugs = taken_on((row.facts for row in course.medications), day or PartialDate("UNK"))
    if not drugs:
        return {}
    words = ", ".join(f"{m.drug} from {m.span.start}" for m in drugs)
    if taken or answered:
        return {"cyp3a4_inducer": True, "cyp3a4_inducer_drugs": words}
    open_question = f"{words}: the dates do not say whether it was taken on the day of enrolment"
    return {"cyp3a4_inducer": None, "cyp3a4_inducer_drugs": open_question}


def _planned(course: PatientCourse) -> date | None:
    """Until enrolment, the day of the investigator's decision stands for it."""
    return course.eligibility_decision.date if course.eligibility_decision else None


def _laboratory(course: PatientCourse, ranges: ReferenceRanges, until: date | None) -> dict[str, Any]:
    panels = [panel for panel in course.lab_panels if until is None or panel.date <= until]
    values: dict[str, Any] = {}
    for item, column in LAB_ITEMS.items():
        values[item] = next(
            (v for panel in reversed(panels) if (v := panel.canonical(column)) is not None), None
        )
    for item, column in ULN_ITEMS.items():
        values[item] = _uln(course, ranges, panels, column)
    return values


def _uln(course: PatientCourse, ranges: ReferenceRanges, panels: list[LabPanel], column: str) -> Any:
    panel = next((p for p in reversed(panels) if getattr(p, column) is not None), None)
    if panel is None:
        return None
    found = ranges.find(course.patient.site_id, column, panel.date, *course.sex_and_birth)
    limit = found.canonical_uln if found else None
    return None if limit is None else Decimal(f"{limit.normalize():f}")


def freeze(judgement: EligibilityJudgement) -> list[dict[str, str]]:
    """The judgement as it is kept with the enrolment."""
    return [
        {
            "id": result.id,
            "kind": result.kind.value,
            "text": result.text,
            "value": result.value,
            "verdict": result.verdict.value,
            "sentence": result.sentence,
        }
        for result in judgement.results
    ]


def thaw(frozen: list[dict[str, str]]) -> EligibilityJudgement:
    return EligibilityJudgement(
        tuple(
            CriterionResult(
                id=row["id"],
                kind=CriterionKind(row["kind"]),
                text=row["text"],
                value=row["value"],
                verdict=CriterionVerdict(row["verdict"]),
                sentence=row["sentence"],
            )
            for row in frozen
        )
    )
