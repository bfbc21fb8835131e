"""Two people at one form: both versions side by side, to choose from field by field."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import VitalSigns
from tests.factories import because, change, enter, signed_in
from trial.audit import acting, row_history


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def edit(signs: VitalSigns) -> str:
    return reverse("casebook:edit", args=[signs.patient.number, "vital-signs", signs.pk])


def in_page(response, **typed: str) -> dict[str, str]:
    shown = {field.name: field.value() for field in response.context["form"]}
    return {name: "" if value is None else str(value) for name, value in shown.items()} | typed


@pytest.fixture
def conflict(study, signs, coordinator):
    """They change pressure and weight while I type another pressure and the pulse."""
    mine = in_page(coordinator.get(edit(signs)), systolic="118", pulse="90") | because("from the chart")
    change(signs, by=study.investigator_a, systolic=138, weight="70.5", reason="measured again")
    response = coordinator.post(edit(signs), mine)
    assert response.status_code == 409
    return response


def picked(response, **choices: str) -> dict[str, str]:
    rows = {row.name: row.chosen for row in response.context["conflict"]} | choices
    chosen = {f"choose-{name}": choice for name, choice in rows.items() if choice}
    return in_page(response, choosing="1", **chosen)


def values(signs: VitalSigns, study) -> tuple:
    with acting(study.coordinator_a):
        signs.refresh_from_db()
    return signs.systolic, signs.pulse, str(signs.weight), signs.version


def test_both_versions_are_shown_and_what_only_one_changed_is_chosen_already(study, signs, conflict):
    rows = {(row.label, row.mine, row.theirs, row.chosen) for row in conflict.context["conflict"]}
    assert rows == {
        ("Systolic blood pressure, mmHg", "118", "138", ""),
        ("Pulse, per minute", "90", "68", "mine"),
        ("Weight, kg", "61.5", "70.5", "theirs"),
    }
    page = conflict.content.decode()
    assert all(shown in page for shown in ("118", "138", "90", "68", "61.5", "70.5"))
    assert values(signs, study) == (138, 68, "70.5", 2)


def test_nothing_goes_on_until_every_row_is_chosen(study, signs, coordinator, conflict):
    again = coordinator.post(edit(signs), picked(conflict))
    assert again.status_code == 409
    assert "Choose one in every row." in again.content.decode()
    assert {row.name: row.chosen for row in again.context["conflict"]}["weight"] == "theirs"
    strange = coordinator.post(edit(signs), picked(conflict, systolic="nobody's"))
    assert strange.status_code == 409
    assert values(signs, study) == (138, 68, "70.5", 2)


def test_what_is_chosen_is_looked_over_against_what_they_saved_and_kept(study, signs, coordinator, conflict):
    shown = coordinator.post(edit(signs), picked(conflict, systolic="mine"))
    assert shown.status_code == 200
    assert [(c.name, c.before, c.after) for c in shown.context["reasons"].changes] == [
        ("systolic", "138", "118"),
        ("pulse", "68", "90"),
    ]
    assert coordinator.post(edit(signs), in_page(shown) | because("from the chart")).status_code == 302
    assert values(signs, study) == (118, 90, "70.5", 3)
    with acting(study.coordinator_a):
        reasons = [entry.reason for entry in row_history("assessments_vitalsigns", signs.pk)]
    assert reasons == ["", "measured again", "from the chart"]


def test_a_third_person_meanwhile_shows_the_choice_anew(study, signs, coordinator, conflict):
    sent = picked(conflict, systolic="mine")
    with acting(study.investigator_a):
        signs.refresh_from_db()
    change(signs, by=study.investigator_a, systolic=150)
    again = coordinator.post(edit(signs), sent)
    assert again.status_code == 409
    assert ("118", "150") in {(row.mine, row.theirs) for row in again.context["conflict"]}
    assert values(signs, study)[0] == 150


def test_one_who_typed_the_same_has_nothing_left_to_save(study, signs, coordinator):
    mine = in_page(coordinator.get(edit(signs)), systolic="138")
    change(signs, by=study.investigator_a, systolic=138)
    response = coordinator.post(edit(signs), mine)
    assert response.context["conflict"] == []
    assert "nothing left to save" in response.content.decode()


@pytest.mark.parametrize("version", ["99", "0", "later", "-1", "9" * 30])
def test_a_version_that_never_was_is_a_choice_without_a_proposal(signs, coordinator, version):
    mine = in_page(coordinator.get(edit(signs)), systolic="118", version=version)
    response = coordinator.post(edit(signs), mine)
    assert response.status_code == 409
    assert [(row.name, row.chosen) for row in response.context["conflict"]] == [("systolic", "")]
