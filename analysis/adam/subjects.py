"""ADSL: one record per patient."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from analysis.adam.spec import ADSL, build
from analysis.facts import PERIODS, StudyFacts, Subject
from analysis.outputs import Dataset
from analysis.tables.baseline import age_at_consent
from patients.models import ContactStatus, OffProtocolReason

ONE_DAY = timedelta(days=1)
Record = dict[str, Any]


def flag(answer: bool | None) -> str | None:
    return None if answer is None else "Y" if answer else "N"


def identifiers(facts: StudyFacts, subject: Subject) -> Record:
    study, site = facts.protocol.id, subject.course.patient.site.code
    return {
        "STUDYID": study,
        "USUBJID": f"{study}-{site}-{subject.number}",
        "SUBJID": subject.number,
        "SITEID": site,
    }


def treatment(facts: StudyFacts, subject: Subject) -> Record:
    """What every data set but ADSL repeats of the patient."""
    drug = facts.protocol.dosing.drug
    return identifiers(facts, subject) | {
        "TRTP": drug,
        "TRTA": drug if subject.history.first_dose else None,
        "SAFFL": flag(facts.has(subject, "safety")),
    }


def period(facts: StudyFacts, number: int | None) -> Record:
    label = None if number is None else facts.protocol.periods[number - 1].label
    return {"APERIOD": number, "APERIODC": label}


def adsl(facts: StudyFacts) -> Dataset:
    """Patients of whom no form tells anything yet at the cut-off have no record."""
    return build(ADSL, (_record(facts, subject) for subject in facts.subjects if _is_known(subject)))


def _is_known(subject: Subject) -> bool:
    course, history = subject.course, subject.history
    forms = (course.consent, course.screening, course.baseline, course.enrolment, course.death)
    return any(form is not None for form in forms) or history.first_dose is not None


def _record(facts: StudyFacts, subject: Subject) -> Record:
    history, course = subject.history, subject.course
    return (
        identifiers(facts, subject)
        | _demographics(facts, subject)
        | dict(_periods(facts, subject))
        | _disease(subject)
        | {
            "TRTSDT": history.first_dose,
            "TRTEDT": history.last_dose,
            "RFICDT": history.consent_date,
            "ENRLDT": history.enrolment_date,
            "ENRLFL": flag(history.enrolment_date is not None),
            "SAFFL": flag(facts.has(subject, "safety")),
            "FASFL": flag(facts.has(subject, facts.protocol.endpoint("OS").analysis_set)),
            "TRT2FL": flag(facts.has(subject, "treatment_2")),
            "PD1DT": history.pd1_date,
            "PD2DT": history.pd2_date,
            "CONTDT": history.continuation_date,
            "EOTSTT": _treatment_status(subject),
            "EOTDT": history.treatment_discontinued_date,
            "DCTREAS": _reason_off_treatment(subject),
            "LSTALVDT": history.last_contact_date,
            "DTHFL": "Y" if _died(subject) else None,
            "DTHDT": history.death_date,
            "DTHCAUS": course.death.cause if course.death and _died(subject) else None,
        }
        | _end_of_study(subject)
    )


def _demographics(facts: StudyFacts, subject: Subject) -> Record:
    consent, drug = subject.course.consent, facts.protocol.dosing.drug
    return {
        "AGE": (age := age_at_consent(subject)),
        "AGEU": None if age is None else "YEARS",
        "SEX": consent.sex if consent else None,
        "ARM": drug,
        "ACTARM": drug if subject.history.first_dose else None,
        "TRT01P": drug,
        "TRT01PN": 1,
    }


def _periods(facts: StudyFacts, subject: Subject) -> Iterator[tuple[str, Any]]:
    for number in PERIODS:
        exposure = subject.exposure(number)
        if exposure is None:
            continue
        drug, span = facts.protocol.dosing.drug, exposure.period
        first, last = _dosed(subject, span.start, span.end)
        for name in ("P", "A") if number > 1 else ("A",):
            yield f"TRT0{number}{name}", drug
            yield f"TRT0{number}{name}N", 1
        yield f"AP0{number}SDT", span.start
        yield f"AP0{number}EDT", span.end - ONE_DAY
        yield f"TR0{number}SDT", first
        yield f"TR0{number}EDT", last


def _dosed(subject: Subject, start: date, end: date) -> tuple[date | None, date | None]:
    """The first and the last day of [start, end) on which the drug was taken."""
    last_day = end - ONE_DAY
    spans = [
        (max(dose.start, start), min(dose.end or last_day, last_day))
        for dose in subject.course.given_doses
        if dose.start < end and (dose.end is None or dose.end >= start)
    ]
    return (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (None, None)


def _disease(subject: Subject) -> Record:
    disease = subject.course.baseline
    if disease is None:
        return {}
    return {
        "ETIOLOGY": disease.etiology,
        "ECOGBL": disease.ecog,
        "CPSCORBL": disease.child_pugh_score,
        "BCLCBL": disease.bclc_stage,
        "VIFL": flag(disease.vascular_invasion),
        "EHSFL": flag(disease.extrahepatic_spread),
        "AFPBL": disease.afp,
        "DCPBL": disease.dcp,
        "PRETRTFL": flag(disease.pretreated),
    }


def _treatment_status(subject: Subject) -> str | None:
    """Treatment is complete at second progression, as the protocol foresees it; empty if it never began."""
    if subject.history.first_dose is None:
        return None
    if subject.history.pd2_date is not None:
        return "COMPLETED"
    return "ONGOING" if subject.history.treatment_discontinued_date is None else "DISCONTINUED"


def _reason_off_treatment(subject: Subject) -> str | None:
    reason = subject.history.treatment_discontinued_reason
    return None if reason == OffProtocolReason.SECOND_PROGRESSION else reason


def _died(subject: Subject) -> bool:
    """Whether the patient died by the end of the data, on a known day or not."""
    course = subject.course
    latest = course.death.date.latest if course.death else None
    return subject.history.death_date is not None or (latest is not None and latest <= course.data_end)


def _end_of_study(subject: Subject) -> Record:
    lost = subject.course.last_contact
    if _died(subject):
        return {"EOSSTT": "DISCONTINUED", "DCSREAS": "DEATH"}
    if lost is not None and lost.status == ContactStatus.LOST:
        return {"EOSSTT": "DISCONTINUED", "DCSREAS": "LOST TO FOLLOW-UP"}
    return {"EOSSTT": "ONGOING"}
