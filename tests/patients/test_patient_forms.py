"""Each form of the patient's way can be entered, and refuses what cannot be true at the field."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from casebook.domain.partial_dates import PartialDate
from casebook.models import Query
from patients import crfs, models
from patients.domain.bclc import BclcStage
from patients.models import (
    BaselineDisease,
    Consent,
    Death,
    Discontinuation,
    Enrolment,
    ProgressionDecision,
    Screening,
    SurvivalFollowUp,
)
from tests.factories import change, enter, posted_new, signed_in, unsaved
from trial.audit import acting


@pytest.mark.parametrize("spec", crfs.SPECS, ids=lambda spec: spec.slug)
def test_every_form_can_be_entered_on_its_page(study, patient, spec):
    client = signed_in(study.coordinator_a)
    address = reverse("casebook:new", args=[patient.number, spec.slug])
    assert client.get(address).status_code == 200
    response = client.post(address, posted_new(spec.model, patient) | {"confirmed": "1"})
    assert response.status_code == 302, response.context["form"].errors
    with acting(study.coordinator_a):
        saved = spec.model.objects.get()
    again = reverse("casebook:edit", args=[patient.number, spec.slug, saved.pk])
    assert client.get(again).status_code == 200


REFUSED = [
    (Consent, {"birth_date": "UNK"}, "birth_date"),
    (Consent, {"birth_date": "44"}, "birth_date"),
    (Consent, {"birth_date": "1944-13"}, "birth_date"),
    (Consent, {"birth_date": "1944-02-30"}, "birth_date"),
    (Consent, {"birth_date": "1844"}, "birth_date"),
    (Consent, {"birth_date": ""}, "birth_date"),
    (Consent, {"sex": "X"}, "sex"),
    (Consent, {"consent_date": None}, "consent_date"),
    (Screening, {"arrhythmia_grade": 6}, "arrhythmia_grade"),
    (Screening, {"arrhythmia_grade": -1}, "arrhythmia_grade"),
    (Screening, {"enhancing_lesion_mm": Decimal("-0.1")}, "enhancing_lesion_mm"),
    (Screening, {"enhancing_lesion_mm": Decimal("400.1")}, "enhancing_lesion_mm"),
    (Screening, {"enhancing_lesion_mm": Decimal("10.25")}, "enhancing_lesion_mm"),
    (Screening, {"imaging_modality": "X-RAY"}, "imaging_modality"),
    (Screening, {"gi_hemorrhage": False, "gi_hemorrhage_date": "2011"}, "gi_hemorrhage_date"),
    (Screening, {"unstable_angina": None, "unstable_angina_date": "2011-05"}, "unstable_angina_date"),
    (Screening, {"gi_hemorrhage": True, "gi_hemorrhage_date": "spring"}, "gi_hemorrhage_date"),
    (Screening, {"investigator_exclusion": True}, "investigator_exclusion_reason"),
    (
        Screening,
        {"investigator_exclusion": False, "investigator_exclusion_reason": "frail"},
        "investigator_exclusion_reason",
    ),
    (BaselineDisease, {"encephalopathy_grade": 5}, "encephalopathy_grade"),
    (BaselineDisease, {"ecog": 6}, "ecog"),
    (BaselineDisease, {"bilirubin": Decimal("0")}, "bilirubin"),
    (BaselineDisease, {"albumin": Decimal("39")}, "albumin"),
    (BaselineDisease, {"inr": Decimal("105")}, "inr"),
    (BaselineDisease, {"bclc_stage": "E"}, "bclc_stage"),
    (BaselineDisease, {"etiology": "HDV"}, "etiology"),
    (BaselineDisease, {"nodules": 100}, "nodules"),
    (BaselineDisease, {"afp": Decimal("-1")}, "afp"),
    (BaselineDisease, {"pretreated": False, "tace": True}, "pretreated"),
    (Enrolment, {"registration_number": "Taro Yamada"}, "registration_number"),
    (ProgressionDecision, {"continued": None}, "continued"),
    (ProgressionDecision, {"continued": False}, "not_continued_reason"),
    (ProgressionDecision, {"not_continued_reason": "RAPID GROWTH"}, "not_continued_reason"),
    (ProgressionDecision, {"continued": False, "not_continued_reason": "OTHER"}, "comment"),
    (Discontinuation, {"off_protocol_reason": "BORED"}, "off_protocol_reason"),
    (Discontinuation, {"off_protocol_reason": "ADVERSE EVENT"}, "detail"),
    (Discontinuation, {"off_protocol_reason": "OTHER", "detail": "  "}, "detail"),
    (SurvivalFollowUp, {"status": "DEAD"}, "status"),
    (Death, {"date": "UNK"}, "date"),
    (Death, {"cause": ""}, "cause"),
]


@pytest.mark.parametrize(("model", "values", "field"), REFUSED)
def test_what_cannot_be_true_is_refused_at_its_field(study, patient, model, values, field):
    with acting(study.coordinator_a), pytest.raises(ValidationError) as refusal:
        unsaved(model, patient, **values).full_clean()
    assert list(refusal.value.message_dict) == [field]


ALLOWED = [
    (Consent, {"birth_date": "1944"}),
    (Consent, {"birth_date": "1944-05", "sex": "F", "protocol_version": ""}),
    (Screening, {"gi_hemorrhage": True, "gi_hemorrhage_date": "UNK"}),
    (Screening, {"gi_hemorrhage": True}),
    (Screening, {"enhancing_lesion_mm": Decimal("0"), "imaging_modality": ""}),
    (Screening, {"investigator_exclusion": True, "investigator_exclusion_reason": "frail"}),
    (BaselineDisease, {"pretreated": False, "tace": None}),
    (BaselineDisease, {"pretreated": None, "tace": None}),
    (ProgressionDecision, {"continued": False, "not_continued_reason": "PS DETERIORATION"}),
    (Death, {"date": "2013-01"}),
]


@pytest.mark.parametrize(("model", "values"), ALLOWED)
def test_what_may_be_true_is_saved(patient, model, values):
    enter(model, patient, **values)


def test_a_screening_form_may_be_saved_with_nothing_but_its_date(patient):
    screening = enter(
        Screening,
        patient,
        **{f.name: None for f in Screening.fields_entered() if f.null},
        imaging_modality="",
    )
    assert screening.gi_hemorrhage is None
    assert screening.gi_hemorrhage_date is None


def test_the_state_of_a_form_follows_what_is_expected_of_everybody(study, patient):
    def complete() -> bool:
        page = signed_in(study.coordinator_a).get(reverse("casebook:patient", args=[patient.number]))
        [saved] = [s for row in page.context["groups"]["Screening"] for s in row.saved]
        return saved.complete

    screening = enter(Screening, patient, hiv=None)
    assert not complete()
    screening = change(screening, hiv=False)
    assert complete(), "a man's pregnancy and dates of events that never were are not expected"
    change(screening, imaging_modality="")
    assert not complete()


COHORT_REASONS = {
    "Second PD": ("SECOND PD", ""),
    "Adverse event before first tumour evaluation": ("ADVERSE EVENT", "Fatigue"),
    "Adverse event before first tumour evaluation (death NOS)": ("ADVERSE EVENT", "Death NOS"),
    "Adverse event: liver dysfunction": ("ADVERSE EVENT", "Hepatic failure"),
    "Adverse event: lung infection": ("ADVERSE EVENT", "Lung infection"),
    "PS deterioration": ("PS DETERIORATION", ""),
    "Patient refusal": ("PATIENT REFUSAL", ""),
    "Refused chemotherapy before first dose": ("REFUSED BEFORE FIRST DOSE", ""),
}


@pytest.mark.parametrize(("reason", "detail"), COHORT_REASONS.values(), ids=COHORT_REASONS)
def test_every_way_off_protocol_of_the_published_trial_can_be_said(patient, reason, detail):
    enter(Discontinuation, patient, off_protocol_reason=reason, detail=detail)


def test_dates_of_which_a_part_is_unknown_come_back_as_they_were_entered(study, patient):
    enter(Screening, patient, gi_hemorrhage=True, gi_hemorrhage_date="2011-03")
    with acting(study.coordinator_a):
        saved = Screening.objects.get()
    assert saved.gi_hemorrhage_date == PartialDate("2011-03")
    assert saved.gi_hemorrhage_date.latest == date(2011, 3, 31)
    assert saved.cardiac_failure_date is None


class TestBaselineDisease:
    def test_the_score_comes_from_the_components_of_the_form(self, patient):
        disease = enter(BaselineDisease, patient)
        assert (disease.child_pugh_score, disease.child_pugh_class) == (5, "A")
        worse = change(disease, ascites="MILD", bilirubin=Decimal("2.0"), albumin=Decimal("3.5"))
        assert (worse.child_pugh_score, worse.child_pugh_class) == (8, "B")

    @pytest.mark.parametrize(
        ("component", "nothing"),
        [
            ("bilirubin", None),
            ("albumin", None),
            ("inr", None),
            ("ascites", ""),
            ("encephalopathy_grade", None),
        ],
    )
    def test_without_a_component_there_is_no_score(self, patient, component, nothing):
        disease = unsaved(BaselineDisease, patient, **{component: nothing})
        assert disease.child_pugh_score is None
        assert disease.child_pugh_class is None

    def test_a_stage_other_than_the_derived_one_raises_a_query_that_closes_with_it(self, study, patient):
        disease = enter(BaselineDisease, patient, bclc_stage="C")
        assert disease.derived_bclc.stage is BclcStage.B
        with acting(study.coordinator_a):
            query = Query.objects.get()
        assert (query.rule_id, query.field, query.state) == ("BCLC-01", "bclc_stage", "open")
        change(disease, vascular_invasion=True, reason="seen on the scan")
        with acting(study.coordinator_a):
            query.refresh_from_db()
        assert query.state == "closed"

    def test_the_page_shows_score_and_stage_of_what_was_saved(self, study, patient):
        disease = enter(BaselineDisease, patient)
        address = reverse("casebook:edit", args=[patient.number, "baseline-disease", disease.pk])
        page = signed_in(study.coordinator_a).get(address).content.decode()
        assert "Child-Pugh of the saved values: 5 points, class A." in page
        assert "The saved values give stage B (multinodular)." in page
        change(disease, albumin=None, nodules=None)
        page = signed_in(study.coordinator_a).get(address).content.decode()
        assert "not yet computable without albumin" in page
        assert "Not derivable" in page


def test_a_form_of_each_kind_is_there_once_where_it_may_be_there_once(study, patient):
    once = [spec for spec in crfs.SPECS if not spec.repeats]
    assert {spec.model for spec in once} == {
        models.Consent,
        models.Screening,
        models.BaselineDisease,
        models.ProgressionDecision,
        models.Discontinuation,
        models.Death,
    }
    for spec in once:
        enter(spec.model, patient)
        with pytest.raises(ValidationError, match="already entered"):
            enter(spec.model, patient)
