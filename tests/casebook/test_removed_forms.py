"""A form that was taken out: found in the trail, and never the end of what somebody else was typing."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import VitalSigns
from casebook.models import Patient
from casebook.services import FormRemoved, edit_crf
from tests.factories import change, enter, make_patient, remove, signed_in
from trial.audit import acting


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def address(page: str, patient: Patient, slug: str = "vital-signs", *rest: int) -> str:
    return reverse(f"casebook:{page}", args=[patient.number, slug, *rest])


def in_page(response) -> dict[str, str]:
    """What the browser would send of the form that a page shows."""
    shown = {field.name: field.value() for field in response.context["form"]}
    return {name: "" if value is None else str(value) for name, value in shown.items()}


def test_what_was_typed_stands_in_a_new_form_when_the_old_one_was_removed(study, signs, coordinator):
    patient, edit = signs.patient, address("edit", signs.patient, "vital-signs", signs.pk)
    typed = in_page(coordinator.get(edit)) | {"pulse": "77"}
    gone = signs.pk
    remove(signs)
    response = coordinator.post(edit, typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else removed this form" in page
    assert "saving enters it anew" in page
    assert f'action="{address("new", patient)}"' in page
    assert address("history", patient, "vital-signs", gone) in page
    assert 'value="77"' in page
    with acting(study.coordinator_a):
        assert not VitalSigns.objects.exists()
    assert coordinator.post(address("new", patient), in_page(response)).status_code == 302
    with acting(study.coordinator_a):
        assert VitalSigns.objects.get().pulse == 77


def test_a_form_removed_between_opening_and_saving_is_not_written(study, signs):
    stale = VitalSigns(**{f.attname: getattr(signs, f.attname) for f in VitalSigns._meta.concrete_fields})
    remove(signs)
    with acting(study.coordinator_a), pytest.raises(FormRemoved):
        edit_crf(stale, version=1, by=study.coordinator_a, reason="misread the chart")


def test_the_trail_of_a_removed_form_can_be_read(study, signs, coordinator):
    patient, gone = signs.patient, signs.pk
    change(signs, pulse=71)
    remove(signs, reason="another patient's chart")
    for reader in (coordinator, signed_in(study.auditor)):
        page = reader.get(address("history", patient, "vital-signs", gone)).content.decode()
        assert "This form was removed." in page
        assert "another patient&#x27;s chart" in page
        assert "71" in page


def test_a_history_that_never_was_is_not_found(study, signs, coordinator):
    other = make_patient(study)
    gone = signs.pk
    remove(signs)
    assert coordinator.get(address("history", other, "vital-signs", gone)).status_code == 404
    assert coordinator.get(address("history", signs.patient, "laboratory", gone)).status_code == 404
    assert coordinator.get(address("history", signs.patient, "vital-signs", gone + 99)).status_code == 404
    assert coordinator.post(address("edit", other, "vital-signs", gone), {}).status_code == 404
    stranger = signed_in(study.coordinator_b)
    assert stranger.get(address("history", signs.patient, "vital-signs", gone)).status_code == 404


@pytest.fixture
def patient_page(patient) -> str:
    return reverse("casebook:patient", args=[patient.number])


def test_the_patient_page_lists_what_was_removed(signs, coordinator, patient_page):
    assert "Removed forms" not in coordinator.get(patient_page).content.decode()
    patient, gone = signs.patient, signs.pk
    remove(signs, reason="another patient's chart")
    page = coordinator.get(patient_page).content.decode()
    assert "Removed forms (1)" in page
    assert "Vital signs and ECOG, 2012-01-20" in page
    assert address("history", patient, "vital-signs", gone) in page
    assert "another patient&#x27;s chart" in page


def test_the_list_costs_one_query_however_long(patient, coordinator, patient_page):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            coordinator.get(patient_page)
        return len(counted)

    remove(enter(VitalSigns, patient))
    queries()  # the first page after signing in writes the session
    few = queries()
    for _ in range(5):
        remove(enter(VitalSigns, patient))
    assert queries() == few
