"""Histories that cannot have happened, entered through the services: refused at a field, or asked about."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from assessments.models import AdverseEvent, VitalSigns
from casebook.models import Query
from casebook.services import create_crf
from patients.models import (
    BaselineDisease,
    EligibilityDecision,
    Enrolment,
    Screening,
    SurvivalFollowUp,
    Visit,
)
from tests.assessments.conftest import grades
from tests.factories import change, enter, remove, unsaved
from trial.audit import acting

LONG_AGO, SOME_DAY = date(1901, 1, 1), date(2999, 1, 1)


def questions(study, patient) -> dict[str, str]:
    with acting(study.coordinator_a):
        return {
            q.rule_id: q.text
            for q in Query.objects.filter(patient=patient)
            .exclude(state="closed")
            .exclude(rule_id__startswith="lab.")
        }


def saved(model, patient, study):
    with acting(study.coordinator_a):
        return model.objects.select_related("patient").get(patient=patient)


@pytest.mark.parametrize("model", [Screening, BaselineDisease, EligibilityDecision, Visit, VitalSigns])
@pytest.mark.parametrize("day", [LONG_AGO, SOME_DAY])
def test_nothing_is_dated_before_birth_or_in_the_future(study, patient, enrolled, model, day):
    by = study.investigator_a if model is EligibilityDecision else None
    if model in (Visit, VitalSigns):
        crf = enter(model, patient)
    else:
        crf = saved(model, patient, study)
    with pytest.raises(ValidationError) as refusal:
        change(crf, by=by, date=day)
    assert list(refusal.value.message_dict) == ["date"]


def test_an_adverse_event_does_not_begin_before_birth(study, patient, enrolled):
    event = unsaved(AdverseEvent, patient, onset="1901")
    with pytest.raises(ValidationError) as refusal, acting(study.coordinator_a):
        create_crf(event, lines=grades(("1901", 1)), by=study.coordinator_a)
    assert "Onset of Diarrhea 1901 lies before birth 1944-05-17." in refusal.value.message_dict["onset"]


def test_a_patient_is_not_followed_up_before_consent(study, patient, enrolled):
    with pytest.raises(ValidationError) as refusal:
        enter(SurvivalFollowUp, patient, contact_date=date(2012, 1, 9))
    assert list(refusal.value.message_dict) == ["contact_date"]


def test_a_visit_before_consent_is_asked_about(study, patient, enrolled):
    visit = enter(Visit, patient, date=date(2012, 1, 9))
    assert questions(study, patient) == {"CHR-18": "Visit 2012-01-09 lies before consent 2012-01-10."}
    change(visit, date=date(2012, 1, 10))
    assert questions(study, patient) == {}


def test_screening_after_enrolment_is_asked_about(study, patient, enrolled):
    change(saved(BaselineDisease, patient, study), date=date(2012, 1, 17))
    assert questions(study, patient) == {
        "CHR-31": "Baseline disease 2012-01-17 lies after enrolment 2012-01-16."
    }


def test_an_event_after_the_assessment_does_not_count_as_none(study, patient):
    with pytest.raises(ValidationError) as refusal:
        enter(Screening, patient, myocardial_infarction=True, myocardial_infarction_date="2031")
    assert refusal.value.message_dict == {
        "myocardial_infarction_date": ["This lies after the assessment, 2012-01-12."]
    }
    enter(Screening, patient, myocardial_infarction=True, myocardial_infarction_date="2012")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"eligible": False}, "the investigator decided that the patient is not eligible"),
        ({"date": date(2012, 1, 17)}, "the investigator decided on 2012-01-17 only"),
    ],
)
def test_a_decision_changed_after_enrolment_is_asked_about(study, patient, enrolled, values, problem):
    decision = saved(EligibilityDecision, patient, study)
    before = {name: getattr(decision, name) for name in values}
    change(decision, by=study.investigator_a, **values)
    assert questions(study, patient) == {
        "eligibility.decided_otherwise": f"The patient was enrolled on 2012-01-16, but {problem}."
    }
    change(decision, by=study.investigator_a, **before)
    assert questions(study, patient) == {}


def test_a_decision_taken_out_after_enrolment_is_asked_about(study, patient, enrolled):
    remove(saved(EligibilityDecision, patient, study), by=study.investigator_a)
    assert list(questions(study, patient)) == ["eligibility.decided_otherwise"]
    change(saved(Enrolment, patient, study), registration_number="R-OTHER")
    assert list(questions(study, patient)) == ["eligibility.decided_otherwise"]
