"""Two people at the grades of one adverse event: neither overwrites the other without having seen it."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import AdverseEvent, AdverseEventGrade
from casebook.services import create_crf
from tests.assessments.conftest import grades
from tests.factories import coordinator_of, signed_in, unsaved
from trial.audit import acting


@pytest.fixture
def event(patient) -> AdverseEvent:
    by = coordinator_of(patient)
    with acting(by):
        lines = grades(("2012-03-01", 2), ("2012-03-10", 1))
        saved = create_crf(unsaved(AdverseEvent, patient), lines=lines, by=by)
        return AdverseEvent.objects.select_related("patient").get(pk=saved.pk)


@pytest.fixture
def client(patient) -> Client:
    return signed_in(coordinator_of(patient))


def address(event: AdverseEvent) -> str:
    return reverse("casebook:edit", args=[event.patient.number, "adverse-event", event.pk])


def in_page(response, **typed: str) -> dict[str, str]:
    """What the browser holds of this page, with the values given typed over it."""
    lines = response.context["lines"]
    forms = (response.context["form"], lines.management_form, *lines.forms)
    shown = {field.html_name: field.value() for form in forms for field in form}
    held = {name: "" if value in (None, False) else str(value) for name, value in shown.items()}
    return held | {"reason": "graded anew"} | typed


def differing(response) -> list[tuple[str, str]]:
    assert response.status_code == 409
    return [(str(yours), str(theirs)) for _, yours, theirs in response.context["conflict"]]


def saved_grades(event: AdverseEvent) -> list[tuple[str, int]]:
    with acting(coordinator_of(event.patient)):
        lines = AdverseEventGrade.objects.filter(adverse_event=event).order_by("date")
        return [(line.date.text, line.grade) for line in lines]


def typed_at_once(client: Client, event: AdverseEvent, theirs: dict[str, str], mine: dict[str, str]):
    """Both open the page, they save, then I save."""
    page = client.get(address(event))
    assert client.post(address(event), in_page(page, **theirs)).status_code == 302
    return client.post(address(event), in_page(page, **mine))


def test_a_grade_they_changed_is_shown_before_mine_replaces_it(client, event):
    response = typed_at_once(client, event, {"lines-0-grade": "3"}, {"description": "after a meal"})
    assert differing(response) == [
        ("after a meal", "–"),
        ("2012-03-01, 2 – moderate", "2012-03-01, 3 – severe"),
    ]
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 1)]
    assert client.post(address(event), in_page(response, **{"lines-0-grade": "3"})).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 1)]


def test_a_line_they_took_out_is_shown_and_mine_can_still_be_saved(client, event):
    response = typed_at_once(client, event, {"lines-1-DELETE": "on"}, {"lines-1-grade": "3"})
    assert differing(response) == [("2012-03-10, 3 – severe", "–")]
    assert client.post(address(event), in_page(response)).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 2), ("2012-03-10", 3)]


def test_a_line_both_took_out_is_gone(client, event):
    response = typed_at_once(client, event, {"lines-1-DELETE": "on"}, {"lines-1-DELETE": "on"})
    assert differing(response) == []
    assert client.post(address(event), in_page(response)).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 2)]


def test_a_line_they_added_is_shown_and_stays(client, event):
    added = {"lines-2-date": "2012-03-15", "lines-2-grade": "3"}
    response = typed_at_once(client, event, added, {"lines-1-DELETE": "on"})
    assert differing(response) == [("–", "2012-03-10, 1 – mild"), ("–", "2012-03-15, 3 – severe")]
    page = in_page(response, **{"lines-1-DELETE": "on"})
    assert client.post(address(event), page).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 2), ("2012-03-15", 3)]


def test_a_conflict_is_shown_with_what_is_wrong_at_its_field(client, event):
    response = typed_at_once(client, event, {"lines-0-grade": "3"}, {"onset": "yesterday"})
    assert ("2012-03-01, 2 – moderate", "2012-03-01, 3 – severe") in differing(response)
    assert response.context["form"].errors["onset"]
    assert response.context["form"]["onset"].value() == "yesterday"
