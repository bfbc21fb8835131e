"""The pages every form shares, with vital signs as the example."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import VitalSigns
from casebook import registry
from casebook.domain.findings import Finding, Severity
from patients.models import BaselineDisease
from tests.factories import because, change, enter, make_patient, posted_new, signed_in
from trial.audit import acting, row_history
from trial.models import AuditEntry


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def url(name: str, patient, *rest) -> str:
    return reverse(f"casebook:{name}", args=[patient.number, "vital-signs", *rest])


def edited(client: Client, signs: VitalSigns, **values) -> dict:
    """What the browser sends after the page was opened and these values typed."""
    form = client.get(url("edit", signs.patient, signs.pk)).context["form"]
    shown = {b.name: "" if b.value() is None else str(b.value()) for b in form}
    return shown | because("misread the chart") | values


def test_a_form_is_entered_on_its_page(study, patient, coordinator):
    assert coordinator.get(url("new", patient)).status_code == 200
    response = coordinator.post(url("new", patient), posted_new(VitalSigns, patient), follow=True)
    at_the_form = reverse("casebook:patient", args=[patient.number]) + "#form-vital-signs"
    assert response.redirect_chain == [(at_the_form, 302)]
    assert "Vital signs and ECOG saved." in response.content.decode()
    with acting(study.coordinator_a):
        saved = VitalSigns.objects.get()
        assert (saved.systolic, saved.patient_id, saved.version) == (128, patient.pk, 1)
        assert row_history("assessments_vitalsigns", saved.pk)[0].actor == study.coordinator_a


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(study, patient, coordinator):
    typed = posted_new(VitalSigns, patient, systolic="999", weight="heavy", pulse="66", date="2012-02-30")
    response = coordinator.post(url("new", patient), typed)
    form = response.context["form"]
    assert response.status_code == 200
    assert set(form.errors) == {"systolic", "weight", "date"}
    page = response.content.decode()
    assert all(f'value="{value}"' in page for value in ("999", "heavy", "66", "2012-02-30"))
    with acting(study.coordinator_a):
        assert not VitalSigns.objects.exists()


def test_a_rule_between_two_fields_is_said_on_the_page(patient, coordinator):
    response = coordinator.post(
        url("new", patient), posted_new(VitalSigns, patient, systolic=80, diastolic=90)
    )
    assert response.context["form"].non_field_errors() == [
        "The diastolic pressure must be below the systolic one."
    ]


def test_a_hard_finding_of_an_edit_check_stands_at_its_field(patient, coordinator, monkeypatch):
    finding = Finding("X-1", Severity.HARD, "This day lies before consent.", "date")
    spec = replace(registry.spec("vital-signs"), check=lambda crf: [finding])
    monkeypatch.setitem(registry._specs, "vital-signs", spec)
    response = coordinator.post(url("new", patient), posted_new(VitalSigns, patient, pulse=66))
    assert response.context["form"].errors == {"date": ["This day lies before consent."]}
    assert 'value="66"' in response.content.decode()


def test_a_soft_finding_is_saved_and_its_query_is_seen_on_the_form(patient, coordinator):
    disease = enter(BaselineDisease, patient, bclc_stage="C")
    page = coordinator.get(reverse("casebook:edit", args=[patient.number, "baseline-disease", disease.pk]))
    assert "BCLC stage C is entered; the data give stage B" in page.content.decode()


def test_a_form_entered_once_cannot_be_sent_twice(patient, coordinator):
    from patients.models import Consent

    enter(Consent, patient)
    address = reverse("casebook:new", args=[patient.number, "consent"])
    response = coordinator.post(address, posted_new(Consent, patient))
    assert response.status_code == 200
    assert "already entered" in str(response.context["form"].errors)


def test_an_edit_shows_the_saved_values_and_saves_the_new_ones(study, signs, coordinator):
    response = coordinator.post(
        url("edit", signs.patient, signs.pk), edited(coordinator, signs, systolic="141")
    )
    assert response.status_code == 302
    with acting(study.coordinator_a):
        signs.refresh_from_db()
        assert (signs.systolic, signs.version) == (141, 2)


def test_the_history_says_who_when_what_before_after_and_why(study, signs, coordinator):
    change(signs, systolic=138, weight=None, reason="misread the chart")
    response = coordinator.get(url("history", signs.patient, signs.pk))
    newest, entered = response.context["history"]
    assert {(c.label, c.before, c.after) for c in newest.changes} == {
        ("systolic blood pressure, mmHg", "128", "138"),
        ("weight, kg", "61.5", "—"),
    }
    assert {c.before for c in entered.changes} == {"—"}
    page = response.content.decode()
    assert study.coordinator_a.full_name in page
    assert "misread the chart" in page
    assert newest.entry.at.astimezone().strftime("%Y") in page


def test_a_form_is_removed_with_a_reason(study, signs, coordinator):
    address = url("remove", signs.patient, signs.pk)
    assert coordinator.get(address).status_code == 200
    refused = coordinator.post(address, {"version": 1, "reason": " "})
    assert list(refused.context["form"].errors) == ["reason"]
    stale = coordinator.post(address, {"version": 7, "reason": "wrong chart"})
    assert "Somebody changed this form" in stale.content.decode()
    assert coordinator.post(address, {"version": 1, "reason": "wrong chart"}).status_code == 302
    with acting(study.auditor):
        assert not VitalSigns.objects.exists()
        assert (
            AuditEntry.objects.filter(table="assessments_vitalsigns", operation="D").get().reason
            == "wrong chart"
        )


PAGES = [
    ("patient", ()),
    ("new", ("slug",)),
    ("edit", ("slug", "pk")),
    ("history", ("slug", "pk")),
    ("remove", ("slug", "pk")),
]


def addresses(signs: VitalSigns) -> dict[str, str]:
    known = {"slug": "vital-signs", "pk": signs.pk}
    return {
        name: reverse(f"casebook:{name}", args=[signs.patient.number, *(known[part] for part in parts)])
        for name, parts in PAGES
    }


def statuses(client: Client, signs: VitalSigns) -> dict[str, tuple[int, int]]:
    data = {"version": 1, "reason": "x", "date": "2012-03-01"}
    return {
        name: (client.get(address).status_code, client.post(address, data).status_code)
        for name, address in addresses(signs).items()
        if name != "patient"
    }


def test_a_coordinator_of_another_site_finds_no_such_patient(study, signs):
    client = signed_in(study.coordinator_b)
    assert set(statuses(client, signs).values()) == {(404, 404)}
    assert client.get(addresses(signs)["patient"]).status_code == 404


@pytest.mark.parametrize("reader", ["monitor_a", "data_manager", "statistician", "auditor"])
def test_who_only_reads_sees_the_form_and_may_not_send_it(study, signs, reader):
    client = signed_in(getattr(study, reader))
    assert statuses(client, signs) == {
        "new": (403, 403),
        "edit": (200, 403),
        "history": (200, 405),
        "remove": (403, 403),
    }
    page = client.get(addresses(signs)["edit"]).content.decode()
    assert "128" in page
    assert 'name="systolic"' not in page


def test_an_administrator_is_refused_every_clinical_page(study, signs):
    client = signed_in(study.administrator)
    assert {status for pair in statuses(client, signs).values() for status in pair} == {403}
    assert client.get(addresses(signs)["patient"]).status_code == 403


def test_without_sign_in_every_page_leads_to_it(signs):
    for address in addresses(signs).values():
        response = Client().get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("pk", [0, 987654321, 10**17])
def test_what_is_not_there_is_not_found(patient, coordinator, pk):
    for name in ("edit", "history", "remove"):
        assert coordinator.get(url(name, patient, pk)).status_code == 404
    assert coordinator.get(reverse("casebook:new", args=[patient.number, "no-such-form"])).status_code == 404


def test_a_form_of_another_patient_is_not_found_under_this_one(study, signs, coordinator):
    other = make_patient(study)
    assert coordinator.get(url("edit", other, signs.pk)).status_code == 404
    assert coordinator.post(url("remove", other, signs.pk), {"version": 1, "reason": "x"}).status_code == 404


def test_a_patient_is_registered_on_the_page_and_only_at_ones_own_site(study, coordinator):
    address = reverse("casebook:patient-new")
    assert coordinator.get(address).status_code == 200
    made = coordinator.post(address, {"site": study.site_a.pk, "number": "T-PAGE"})
    assert made["Location"] == reverse("casebook:patient", args=["T-PAGE"])
    elsewhere = coordinator.post(address, {"site": study.site_b.pk, "number": "T-ELSE"})
    assert list(elsewhere.context["form"].errors) == ["site"]
    taken = signed_in(study.coordinator_b).post(address, {"site": study.site_b.pk, "number": "T-PAGE"})
    assert taken.status_code == 200
    assert "already exists" in taken.content.decode()
    assert signed_in(study.monitor_a).get(address).status_code == 403


@pytest.mark.parametrize("page", ["patient", "new", "edit", "history", "remove"])
def test_every_page_stays_within_twelve_queries(signs, coordinator, page, django_assert_max_num_queries):
    address = addresses(signs)[page]
    coordinator.get(address)
    with django_assert_max_num_queries(12):
        assert coordinator.get(address).status_code == 200
