"""Concomitant medication, medical history, previous treatment of the carcinoma, and what hangs on them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from assessments.course import patient_course
from assessments.eligibility import judge
from assessments.models import ConcomitantMedication, DoseInterval, HccTreatment, MedicalHistory
from assessments.selectors import ReferenceRanges, protocol_now
from casebook.extraction import extract
from casebook.models import Query, QueryState
from monitoring.selectors import deviations
from patients.domain.eligibility import CriterionVerdict
from patients.models import BaselineDisease, Discontinuation, EligibilityDecision, Screening
from tests.factories import change, enter, posted_new, remove, signed_in
from trial.audit import acting

MEDICATION = "concomitant-medication"


def refused(model, patient, **values) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        enter(model, patient, **values)
    return error.value.message_dict


def asked(study, rule: str) -> list[tuple[str, str, str]]:
    """The open queries of a rule: form, field, words."""
    with acting(study.data_manager):
        waiting = Query.objects.filter(rule_id=rule).exclude(state=QueryState.CLOSED)
        return [(query.crf, query.field, query.text) for query in waiting.order_by("id")]


def verdict(study, patient, criterion: str) -> tuple[CriterionVerdict, str]:
    with acting(study.data_manager):
        course = patient_course(
            extract([patient]), patient, protocol_now(patient.site_id), data_end=date(2012, 12, 31)
        )
        results = judge(course, ReferenceRanges.of_sites(patient.site_id)).results
    [found] = [result for result in results if result.id == criterion]
    return found.verdict, found.sentence


@pytest.mark.parametrize("model", [ConcomitantMedication, MedicalHistory])
def test_a_course_that_cannot_be_true_is_refused_at_its_end(patient, model):
    assert "end" in refused(model, patient, start="2012-03", ongoing=False, end="2012-02")
    assert "end" in refused(model, patient, ongoing=True, end="2012-02")
    assert enter(model, patient, start="2012-03", ongoing=False, end="2012-03").pk


def test_a_treatment_cannot_end_before_it_began(patient):
    assert "end" in refused(HccTreatment, patient, start="2011-03", end="2011-02-28")
    assert enter(HccTreatment, patient, start="2011-03", end="2011-03-01").pk


@pytest.mark.parametrize(("model", "rule"), [(ConcomitantMedication, "cm"), (MedicalHistory, "mh")])
def test_what_is_over_is_asked_for_its_end_until_it_is_given(study, patient, model, rule):
    row = enter(model, patient, ongoing=False)
    assert [field for _, field, _ in asked(study, f"{rule}.end_missing")] == ["end"]
    change(row, end="UNK")
    assert asked(study, f"{rule}.end_missing") == []


def test_each_form_reads_by_itself(patient):
    assert str(enter(ConcomitantMedication, patient)) == "Amlodipine from 2010"
    assert str(enter(MedicalHistory, patient)) == "Hypertension from 2009-04"
    assert "TACE" in str(enter(HccTreatment, patient))


@pytest.mark.parametrize(
    ("model", "slug"),
    [
        (ConcomitantMedication, MEDICATION),
        (MedicalHistory, "medical-history"),
        (HccTreatment, "hcc-treatment"),
    ],
)
def test_a_coordinator_enters_the_form_on_its_page(study, patient, model, slug):
    page = reverse("casebook:new", args=[patient.number, slug])
    client = signed_in(study.coordinator_a)
    typed = posted_new(model, patient)
    wrong = client.post(page, typed | {"start": "2012-13"})
    assert wrong.status_code == 200
    assert "is not a day of the calendar" in wrong.content.decode()
    assert client.post(page, typed).status_code == 302
    with acting(study.coordinator_a):
        assert model.objects.filter(patient=patient).count() == 1


def test_the_page_of_an_inducer_says_that_it_is_one(study, patient):
    client = signed_in(study.coordinator_a)
    said = []
    for drug, route in (("リファンピシン", "ORAL"), ("Amlodipine", "ORAL"), ("Dexamethasone", "TOPICAL")):
        row = enter(ConcomitantMedication, patient, drug=drug, route=route)
        page = client.get(reverse("casebook:edit", args=[patient.number, MEDICATION, row.pk]))
        said.append("Strong CYP3A4 inducer (rifampicin)" in page.content.decode())
        assert ("Strong CYP3A4 inducer (" in page.content.decode()) is said[-1]
    assert said == [True, False, False]


def test_dates_before_birth_and_after_death_are_found(enrolled):
    assert "lies before birth" in str(refused(MedicalHistory, enrolled, start="1943"))
    assert "lies in the future" in str(refused(ConcomitantMedication, enrolled, start="2999"))
    assert "lies before birth" in str(refused(HccTreatment, enrolled, start="1930-02"))


# MET keeps the patient out
INDUCERS = """
    Amlodipine | 2011       | on         | NOT MET           | no.
    Rifampicin | 2011       | on         | MET               | yes (Rifampicin from 2011).
    Rifampicin | 2011       | 2012-01-15 | NOT MET           | no.
    Rifampicin | 2011       | 2012-01-16 | MET               | yes (Rifampicin from 2011).
    Rifampicin | 2011       | 2012-01    | NOT YET EVALUABLE | missing (Rifampicin from 2011: the dates
    Rifampicin | UNK        | on         | NOT YET EVALUABLE | missing (Rifampicin from UNK: the dates
    Rifampicin | 2012-01-17 | on         | NOT MET           | no.
"""


@pytest.mark.parametrize("line", INDUCERS.strip().splitlines())
def test_the_criterion_on_inducers_reads_the_medication(study, enrolled, line):
    drug, start, end, expected, says = (cell.strip() for cell in line.split("|"))
    ends = {"ongoing": True} if end == "on" else {"ongoing": False, "end": end}
    enter(ConcomitantMedication, enrolled, drug=drug, start=start, **ends)
    judged, sentence = verdict(study, enrolled, "E15")
    assert judged == expected, sentence
    assert sentence.startswith(f"CYP3A4 inducer: {says}")


def test_an_inducer_of_no_known_day_is_undecided_until_the_form_says_yes(study, patient):
    enter(ConcomitantMedication, patient, drug="Rifampicin", start="2011")
    form = enter(Screening, patient)
    assert verdict(study, patient, "E15")[0] is CriterionVerdict.NOT_EVALUABLE
    change(form, cyp3a4_inducer=True)
    assert verdict(study, patient, "E15")[0] is CriterionVerdict.MET
    with acting(study.investigator_a), pytest.raises(ValidationError):
        enter(EligibilityDecision, patient, by=study.investigator_a)


def test_the_answer_and_the_medication_are_held_against_each_other(study, patient):
    denied, missing = "medication.inducer_denied", "medication.inducer_missing"
    form = enter(Screening, patient)
    drug = enter(ConcomitantMedication, patient, drug="Carbamazepine", start="2011-12")
    [(crf, field, words)] = asked(study, denied)
    assert (crf, field) == ("screening", "cyp3a4_inducer")
    assert words.startswith("Carbamazepine, a strong CYP3A4 inducer, was taken on 2012-01-12")
    change(form, cyp3a4_inducer=True)
    assert asked(study, denied) == asked(study, missing) == []
    remove(drug)
    [(crf, field, _)] = asked(study, missing)
    assert (crf, field) == ("screening", "cyp3a4_inducer")
    change(form, cyp3a4_inducer=None)
    assert asked(study, missing) == []


def test_an_inducer_during_treatment_is_asked_about_and_is_a_deviation(study, enrolled):
    enter(DoseInterval, enrolled, end=date(2012, 2, 20))
    enter(Discontinuation, enrolled, date=date(2012, 2, 21))
    drug = enter(ConcomitantMedication, enrolled, drug="Rifampicin", start="2012-02-01")
    [(crf, field, words)] = asked(study, "medication.inducer_on_treatment")
    assert (crf, field) == (MEDICATION, "drug")
    assert "Rifampicin (rifampicin, a strong CYP3A4 inducer)" in words
    assert departures(study) == [("DEV-14", date(2012, 2, 1))]
    change(drug, start="2012-02")
    assert departures(study) == []
    [(_, field, words)] = asked(study, "medication.inducer_undecided")
    assert (field, "cannot be decided" in words) == ("start", True)
    change(drug, start="2012-02-21")
    assert asked(study, "medication.inducer_undecided") == []
    assert asked(study, "medication.inducer_on_treatment") == []


def departures(study) -> list[tuple[str, date]]:
    with acting(study.monitor_a):
        lines = deviations(study.monitor_a)
    return [(one.deviation.rule_id, one.deviation.date) for one in lines if one.deviation.rule_id == "DEV-14"]


@pytest.mark.parametrize(
    ("kind", "criterion"),
    [("TARGETED THERAPY", "E01"), ("SYSTEMIC CHEMOTHERAPY", "E02"), ("LIVER TRANSPLANTATION", "E04")],
)
def test_a_treatment_that_is_entered_was_given_whatever_the_answer(study, patient, kind, criterion):
    enter(Screening, patient)
    enter(HccTreatment, patient, kind="TACE")
    assert verdict(study, patient, criterion)[0] is CriterionVerdict.NOT_MET
    enter(HccTreatment, patient, kind=kind)
    assert verdict(study, patient, criterion)[0] is CriterionVerdict.MET


def test_the_history_and_baseline_disease_are_held_against_each_other(study, patient):
    enter(HccTreatment, patient, kind="RESECTION")
    disease = enter(BaselineDisease, patient, resection=False, largest_nodule_mm=Decimal("42.0"))
    assert [(crf, field) for crf, field, _ in asked(study, "hcc_history.denied")] == [
        ("hcc-treatment", "kind")
    ]
    assert [(crf, field) for crf, field, _ in asked(study, "hcc_history.missing")] == [
        ("baseline-disease", "tace")
    ]
    enter(HccTreatment, patient, kind="TACE")
    change(disease, resection=True)
    assert asked(study, "hcc_history.denied") == asked(study, "hcc_history.missing") == []
