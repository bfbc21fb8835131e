"""The services every form goes through, with vital signs as the example."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.models import VitalSigns
from casebook import registry
from casebook.domain.findings import Finding, Severity
from casebook.models import Query, QueryState
from casebook.reasons import ReasonMissing
from casebook.services import (
    EditConflict,
    answer_query,
    edit_crf,
    raise_query,
    remove_crf,
)
from patients.models import BaselineDisease, Consent
from tests.factories import change, enter, make_patient, remove
from trial.audit import acting, row_history


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def history(signs: VitalSigns, reader) -> list:
    with acting(reader):
        return row_history("assessments_vitalsigns", signs.pk)


def test_a_form_is_entered_as_version_1_by_its_coordinator(study, signs):
    [entry] = history(signs, study.auditor)
    assert (signs.version, entry.operation, entry.actor, entry.site_id) == (
        1,
        "I",
        study.coordinator_a,
        study.site_a.pk,
    )
    assert entry.image["systolic"] == 128


@pytest.mark.parametrize(
    "name", ["coordinator_b", "monitor_a", "data_manager", "statistician", "administrator", "auditor"]
)
def test_only_those_who_enter_data_at_the_site_may_enter_change_or_remove(study, patient, signs, name):
    person = getattr(study, name)
    with pytest.raises(PermissionDenied):
        enter(VitalSigns, patient, by=person, date=date(2012, 2, 3))
    with pytest.raises(PermissionDenied):
        change(signs, by=person, pulse=70)
    with pytest.raises(PermissionDenied):
        remove(signs, by=person)


def test_a_change_counts_the_version_up_and_leaves_old_value_and_reason(study, signs):
    changed = change(signs, systolic=138, reason="misread the chart")
    assert changed.version == 2
    entry = history(signs, study.auditor)[-1]
    assert entry.before == {"systolic": 128, "version": 1}
    assert (entry.image["systolic"], entry.reason) == (138, "misread the chart")


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_change_and_a_removal_without_reason_are_refused_at_the_field(study, signs, reason):
    with pytest.raises(ReasonMissing) as refusal:
        change(signs, systolic=138, reason=reason)
    assert list(refusal.value.message_dict) == ["reason"]
    with pytest.raises(ReasonMissing):
        remove(signs, reason=reason)
    assert len(history(signs, study.auditor)) == 1


def test_who_read_an_older_version_cannot_overwrite_the_newer_one(study, signs):
    change(signs, systolic=138)
    with acting(study.coordinator_a):
        stale = VitalSigns.objects.select_related("patient").get(pk=signs.pk)
        stale.systolic = 118
        with pytest.raises(EditConflict) as conflict:
            edit_crf(stale, version=1, by=study.coordinator_a, reason="mine")
        assert conflict.value.current.systolic == 138
        with pytest.raises(EditConflict):
            remove_crf(stale, version=1, by=study.coordinator_a, reason="mine")


def test_a_value_beyond_its_limits_is_refused_at_its_field(patient):
    with pytest.raises(ValidationError) as refusal:
        enter(VitalSigns, patient, systolic=301, pulse=7)
    assert set(refusal.value.message_dict) == {"systolic", "pulse"}


def test_a_form_entered_once_is_not_entered_twice(patient):
    enter(Consent, patient)
    with pytest.raises(ValidationError, match="already entered"):
        enter(Consent, patient)


def test_a_second_form_of_the_same_day_is_refused_in_words(patient, signs):
    with pytest.raises(ValidationError, match="Vital signs of this day are already entered"):
        enter(VitalSigns, patient)


def test_a_patient_number_taken_at_a_site_one_cannot_see_is_refused_in_words(study, patient):
    with pytest.raises(ValidationError) as refusal:
        make_patient(study, site=study.site_b, number=patient.number)
    assert list(refusal.value.message_dict) == ["number"]


@pytest.mark.parametrize("number", ["Yamada Taro", "t-1", "", "-1", "山田"])
def test_a_name_is_no_patient_number(study, number):
    from casebook.services import register_patient

    with acting(study.coordinator_a), pytest.raises(ValidationError):
        register_patient(site=study.site_a, number=number, by=study.coordinator_a)


def test_a_removed_form_is_gone_and_its_trail_stays(study, signs):
    remove(signs, reason="other patient's chart")
    with acting(study.coordinator_a):
        assert not VitalSigns.objects.exists()
    last = history(signs, study.auditor)[-1]
    assert (last.operation, last.reason, last.image) == ("D", "other patient's chart", None)
    assert last.before["systolic"] == 128


@pytest.fixture
def check(monkeypatch) -> list[Finding]:
    """What the edit check of vital signs has to say."""
    findings: list[Finding] = []
    spec = replace(registry.spec("vital-signs"), check=lambda crf: list(findings))
    monkeypatch.setitem(registry._specs, "vital-signs", spec)
    return findings


def test_a_hard_finding_refuses_the_form_at_its_field(patient, check):
    check.append(Finding("X-1", Severity.HARD, "Before consent.", "date"))
    with pytest.raises(ValidationError) as refusal:
        enter(VitalSigns, patient)
    assert refusal.value.message_dict == {"date": ["Before consent."]}


def test_a_soft_finding_raises_one_query_which_closes_once_its_cause_is_gone(study, patient, check):
    check.append(Finding("X-2", Severity.SOFT, "Unusually low.", "pulse"))
    signs = enter(VitalSigns, patient)
    change(signs, pulse=41)
    with acting(study.coordinator_a):
        [query] = Query.objects.all()
    assert (query.state, query.field, query.rule_id, query.text) == ("open", "pulse", "X-2", "Unusually low.")
    check.clear()
    change(signs, pulse=61)
    with acting(study.coordinator_a):
        query.refresh_from_db()
        assert query.state == QueryState.CLOSED
        assert query.closing_note


@pytest.mark.parametrize("answer", ["", "The cuff was too wide."])
def test_a_finding_said_otherwise_changes_the_words_of_its_query_and_keeps_the_thread(
    study, patient, check, answer
):
    check.append(Finding("X-2", Severity.SOFT, "41 is unusually low.", "pulse"))
    signs = enter(VitalSigns, patient, pulse=41)
    with acting(study.coordinator_a):
        query = Query.objects.get()
        if answer:
            answer_query(query, answer=answer, by=study.coordinator_a)
    check[:] = [Finding("X-2", Severity.SOFT, "39 is unusually low.", "pulse")]
    change(signs, pulse=39)
    with acting(study.coordinator_a):
        [reworded] = Query.objects.all()
        entry = row_history("casebook_query", query.pk)[-1]
    assert (reworded.pk, reworded.text, reworded.answer) == (query.pk, "39 is unusually low.", answer)
    assert reworded.state == (QueryState.ANSWERED if answer else QueryState.OPEN)
    assert entry.before["text"] == "41 is unusually low."
    assert set(entry.before) == {"text", "version"}
    assert (entry.actor, entry.reason) == (study.coordinator_a, "The edit check found its cause changed.")


def test_a_finding_said_again_leaves_its_query_alone(study, patient, check):
    check.append(Finding("X-2", Severity.SOFT, "Unusually low.", "pulse"))
    signs = enter(VitalSigns, patient)
    change(signs, pulse=41)
    with acting(study.coordinator_a):
        assert len(row_history("casebook_query", Query.objects.get().pk)) == 1


def test_two_findings_of_one_rule_at_one_field_are_one_question(study, patient, check):
    check += [Finding("X-2", Severity.SOFT, said, "pulse") for said in ("First.", "Second.", "First.")]
    signs = enter(VitalSigns, patient)
    with acting(study.coordinator_a):
        assert Query.objects.get().text == "First. Second."
    del check[1:]
    change(signs, pulse=41)
    with acting(study.coordinator_a):
        assert Query.objects.get().text == "First."


def test_a_question_raised_by_a_person_keeps_its_words(study, patient, check):
    signs = enter(VitalSigns, patient)
    with acting(study.monitor_a):
        place = {"patient": patient, "crf": "vital-signs", "crf_id": signs.pk, "field": "pulse"}
        asked = raise_query(**place, text="Sure?", by=study.monitor_a)
    check.append(Finding("X-2", Severity.SOFT, "Unusually low.", "pulse"))
    change(signs, pulse=41)
    check.clear()
    change(signs, pulse=61)
    with acting(study.coordinator_a):
        asked.refresh_from_db()
        assert (asked.state, asked.text) == ("open", "Sure?")


def test_a_rule_that_fires_again_asks_anew(study, patient, check):
    check.append(Finding("X-2", Severity.SOFT, "Unusually low.", "pulse"))
    signs = enter(VitalSigns, patient)
    [finding] = check
    check.clear()
    change(signs, pulse=61)
    check.append(finding)
    change(signs, pulse=41)
    with acting(study.coordinator_a):
        assert sorted(Query.objects.values_list("state", flat=True)) == ["closed", "open"]


def test_removing_a_form_closes_its_queries(study, patient):
    disease = enter(BaselineDisease, patient, bclc_stage="C")
    with acting(study.coordinator_a):
        assert Query.objects.exclude(state=QueryState.CLOSED).count() == 1
    remove(disease)
    with acting(study.coordinator_a):
        assert not Query.objects.exclude(state=QueryState.CLOSED).exists()
