"""What a check would ask can be answered where it is asked, before anything is saved."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from assessments.models import VitalSigns
from casebook import registry
from casebook.domain.findings import Finding, Severity
from casebook.models import Query
from casebook.rule_queries import AtOnce
from casebook.services import create_crf
from tests.factories import because, change, enter, posted_new, signed_in, unsaved
from trial.audit import acting, row_history

LOW = Finding("X-2", Severity.SOFT, "41 is unusually low.", "pulse")


@pytest.fixture
def check(monkeypatch) -> list[Finding]:
    """What the edit check of vital signs has to say."""
    findings: list[Finding] = []
    spec = replace(registry.spec("vital-signs"), check=lambda crf: list(findings))
    monkeypatch.setitem(registry._specs, "vital-signs", spec)
    return findings


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


def new(patient) -> str:
    return reverse("casebook:new", args=[patient.number, "vital-signs"])


def queries(study) -> list[tuple[str, str, str]]:
    with acting(study.coordinator_a):
        return list(Query.objects.order_by("id").values_list("field", "state", "answer"))


def test_a_remark_is_shown_before_a_new_form_is_saved_and_its_answer_saved_with_it(
    study, patient, coordinator, check
):
    check.append(LOW)
    typed = posted_new(VitalSigns, patient, pulse="41")
    shown = coordinator.post(new(patient), typed)
    assert shown.status_code == 200
    [(label, text, box)] = shown.context["answers"].questions
    assert (str(label), text) == ("Pulse, per minute", "41 is unusually low.")
    with acting(study.coordinator_a):
        assert not VitalSigns.objects.exists()
    sent = typed | {"confirmed": "1", box.html_name: "An athlete."}
    assert coordinator.post(new(patient), sent).status_code == 302
    assert queries(study) == [("pulse", "answered", "An athlete.")]
    with acting(study.coordinator_a):
        [entry] = row_history("casebook_query", Query.objects.get().pk)
    assert (entry.operation, entry.actor) == ("I", study.coordinator_a)


@pytest.mark.parametrize("answer", ["", "   "])
def test_a_remark_left_without_answer_becomes_an_open_query(study, patient, coordinator, check, answer):
    check.append(LOW)
    typed = posted_new(VitalSigns, patient, pulse="41")
    [(_, _, box)] = coordinator.post(new(patient), typed).context["answers"].questions
    assert (
        coordinator.post(new(patient), typed | {"confirmed": "1", box.html_name: answer}).status_code == 302
    )
    assert queries(study) == [("pulse", "open", "")]


@pytest.mark.parametrize("answer", ["Seen\x00 twice.", " Seen twice. "])
def test_an_answer_is_kept_as_it_can_be(study, patient, coordinator, check, answer):
    check.append(LOW)
    typed = posted_new(VitalSigns, patient, pulse="41")
    [(_, _, box)] = coordinator.post(new(patient), typed).context["answers"].questions
    sent = typed | {"confirmed": "1", box.html_name: answer}
    assert coordinator.post(new(patient), sent).status_code == 302
    assert queries(study) == [("pulse", "answered", "Seen twice.")]


def test_without_a_remark_a_new_form_is_saved_at_once(study, patient, coordinator, check):
    assert coordinator.post(new(patient), posted_new(VitalSigns, patient)).status_code == 302
    assert queries(study) == []


def test_one_goes_back_and_corrects_what_the_remark_found(study, patient, coordinator, check):
    check.append(LOW)
    typed = posted_new(VitalSigns, patient, pulse="41")
    back = coordinator.post(new(patient), typed | {"confirmed": "1", "back": "1"})
    assert back.context["form"]["pulse"].value() == "41"
    check.clear()
    assert coordinator.post(new(patient), typed | {"pulse": "61"}).status_code == 302
    assert queries(study) == []


def test_a_change_that_raises_a_remark_shows_it_beside_the_reasons(study, patient, coordinator, check):
    signs = enter(VitalSigns, patient)
    check.append(LOW)
    address = reverse("casebook:edit", args=[patient.number, "vital-signs", signs.pk])
    typed = posted_new(VitalSigns, patient, pulse="41") | {"version": "1"}
    shown = coordinator.post(address, typed)
    [(_, _, box)] = shown.context["answers"].questions
    assert queries(study) == []
    sent = typed | because("misread") | {box.html_name: "Seen twice."}
    assert coordinator.post(address, sent).status_code == 302
    assert queries(study) == [("pulse", "answered", "Seen twice.")]


def test_a_query_that_waits_already_is_not_asked_again(study, patient, coordinator, check):
    check.append(LOW)
    signs = enter(VitalSigns, patient)
    address = reverse("casebook:edit", args=[patient.number, "vital-signs", signs.pk])
    typed = posted_new(VitalSigns, patient, systolic="131") | {"version": "1"}
    shown = coordinator.post(address, typed)
    assert shown.context["answers"].questions == []
    change(signs, pulse=41)
    assert queries(study) == [("pulse", "open", "")]


def test_who_may_not_answer_queries_cannot_answer_with_a_save(study, patient, check, monkeypatch):
    from trial import access

    only_entry = frozenset(access.PERMISSIONS["coordinator"] - {access.Permission.ANSWER_QUERY})
    monkeypatch.setitem(access.PERMISSIONS, access.Role.COORDINATOR, only_entry)
    check.append(LOW)
    at_once = AtOnce({"X-2@vital-signs:this:pulse": "It is right."})
    with acting(study.coordinator_a), pytest.raises(PermissionDenied):
        create_crf(unsaved(VitalSigns, patient), by=study.coordinator_a, at_once=at_once)
