"""Two people at the grades of one adverse event: neither overwrites the other without having seen it."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from assessments.models import AdverseEvent, AdverseEventGrade, ImagingRead, Lesion, LesionReading
from assessments.services_imaging import save_imaging_read
from casebook import registry
from casebook.registry import spec_of
from casebook.services import create_crf
from tests.assessments.conftest import grades
from tests.assessments.imaging_cases import Entered, enter_course
from tests.factories import because, coordinator_of, signed_in, unsaved
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
    return held | because("graded anew") | typed


def differing(response) -> list[tuple[str, str, str]]:
    """What I typed, what they saved, and which of the two is chosen."""
    assert response.status_code == 409
    return [(row.mine, row.theirs, row.chosen) for row in response.context["conflict"]]


def chosen(response, *choices: str, **typed: str) -> dict[str, str]:
    """What the browser sends once a row each was chosen, from the first on; the others as they came."""
    rows = response.context["conflict"]
    wanted = [*choices, *(row.chosen for row in rows[len(choices) :])]
    picked = {f"choose-{row.name}": choice for row, choice in zip(rows, wanted, strict=True)}
    return in_page(response, choosing="1", **picked, **typed)


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
        ("after a meal", "–", "mine"),
        ("2012-03-01, 2 – moderate", "2012-03-01, 3 – severe", ""),
    ]
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 1)]
    unchosen = client.post(address(event), in_page(response, choosing="1"))
    assert (unchosen.status_code, unchosen.context["is_incomplete"]) == (409, True)
    assert client.post(address(event), chosen(response, "mine", "theirs")).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 1)]
    with acting(coordinator_of(event.patient)):
        assert AdverseEvent.objects.get().description == "after a meal"


def test_mine_can_be_chosen_against_theirs(client, event):
    response = typed_at_once(client, event, {"lines-0-grade": "3"}, {"lines-0-grade": "1"})
    assert differing(response) == [("2012-03-01, 1 – mild", "2012-03-01, 3 – severe", "")]
    assert client.post(address(event), chosen(response, "mine")).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 1), ("2012-03-10", 1)]


def test_where_theirs_is_chosen_everywhere_nothing_is_left_to_save(client, event):
    response = typed_at_once(client, event, {"lines-0-grade": "3"}, {"lines-0-grade": "1"})
    answer = client.post(address(event), chosen(response, "theirs"), follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 1)]


@pytest.mark.parametrize(
    ("choice", "left"),
    [("mine", [("2012-03-01", 2), ("2012-03-10", 3)]), ("theirs", [("2012-03-01", 2)])],
)
def test_a_line_they_took_out_is_shown_and_mine_can_still_be_saved(client, event, choice, left):
    response = typed_at_once(client, event, {"lines-1-DELETE": "on"}, {"lines-1-grade": "3"})
    assert differing(response) == [("2012-03-10, 3 – severe", "–", "")]
    assert client.post(address(event), chosen(response, choice)).status_code == 302
    assert saved_grades(event) == left


def test_a_line_both_took_out_is_gone(client, event):
    response = typed_at_once(client, event, {"lines-1-DELETE": "on"}, {"lines-1-DELETE": "on"})
    assert differing(response) == []
    assert saved_grades(event) == [("2012-03-01", 2)]


@pytest.mark.parametrize(
    ("mine", "added", "left"),
    [
        ("mine", "theirs", [("2012-03-01", 2), ("2012-03-15", 3)]),
        ("theirs", "theirs", [("2012-03-01", 2), ("2012-03-10", 1), ("2012-03-15", 3)]),
        ("mine", "mine", [("2012-03-01", 2)]),
    ],
)
def test_a_line_they_added_is_shown_and_stays_unless_it_is_taken_out(client, event, mine, added, left):
    theirs = {"lines-2-date": "2012-03-15", "lines-2-grade": "3"}
    response = typed_at_once(client, event, theirs, {"lines-1-DELETE": "on"})
    assert differing(response) == [
        ("–", "2012-03-10, 1 – mild", ""),
        ("–", "2012-03-15, 3 – severe", "theirs"),
    ]
    sent = chosen(response, mine, added, **{"lines-1-DELETE": "on"})
    assert client.post(address(event), sent).status_code == 302
    assert saved_grades(event) == left


@pytest.mark.parametrize(("choice", "left"), [("mine", 3), ("theirs", 2)])
def test_a_line_i_added_stays_unless_i_leave_it(client, event, choice, left):
    mine = {"lines-2-date": "2012-03-15", "lines-2-grade": "3"}
    response = typed_at_once(client, event, {"description": "after a meal"}, mine)
    assert differing(response) == [("–", "after a meal", "theirs"), ("2012-03-15, 3 – severe", "–", "mine")]
    assert client.post(address(event), chosen(response, "theirs", choice)).status_code == 302
    assert len(saved_grades(event)) == left


def test_what_is_wrong_is_said_at_its_field_once_it_is_chosen(client, event):
    response = typed_at_once(client, event, {"lines-0-grade": "3"}, {"onset": "yesterday"})
    assert differing(response) == [
        ("yesterday", "2012-03-01", "mine"),
        ("2012-03-01, 2 – moderate", "2012-03-01, 3 – severe", ""),
    ]
    refused = client.post(address(event), chosen(response, "mine", "theirs"))
    assert refused.context["form"].errors["onset"]
    assert refused.context["form"]["onset"].value() == "yesterday"
    assert refused.context["lines"].forms[0]["grade"].value() == "3"


def test_two_grades_change_places_in_one_save(client, event):
    page = client.get(address(event))
    typed = in_page(page, **{"lines-0-date": "2012-03-10", "lines-1-date": "2012-03-01"})
    assert client.post(address(event), typed).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 1), ("2012-03-10", 2)]


def test_grades_move_on_to_where_another_stood(client, event):
    page = client.get(address(event))
    moved = {"lines-0-date": "2012-03-10", "lines-1-date": "2012-03-15"}
    added = {"lines-2-date": "2012-03-01", "lines-2-grade": "3"}
    assert client.post(address(event), in_page(page, **moved, **added)).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 2), ("2012-03-15", 1)]


def test_a_grade_stands_where_one_is_taken_out(client, event):
    page = client.get(address(event))
    typed = {"lines-0-DELETE": "on", "lines-2-date": "2012-03-01", "lines-2-grade": "3"}
    assert client.post(address(event), in_page(page, **typed)).status_code == 302
    assert saved_grades(event) == [("2012-03-01", 3), ("2012-03-10", 1)]


@pytest.mark.parametrize("typed", [{"lines-1-date": "2012-03-01"}, {"lines-0-date": "2012-03-10"}])
def test_two_grades_of_one_day_are_refused_at_their_line(client, event, typed):
    response = client.post(address(event), in_page(client.get(address(event)), **typed))
    assert response.status_code == 200
    [line] = [line for line in response.context["lines"].forms if line.errors]
    assert line.errors == {"date": ["Another line has this date."]}
    assert saved_grades(event) == [("2012-03-01", 2), ("2012-03-10", 1)]


def test_what_no_check_of_the_form_sees_the_database_refuses_at_the_line(client, event, monkeypatch):
    spec = spec_of(AdverseEvent)
    unchecked = replace(spec, rows=replace(spec.rows, check=lambda event, lines: []))
    monkeypatch.setitem(registry._specs, spec.slug, unchecked)
    page = in_page(client.get(address(event)), **{"lines-1-date": "2012-03-01"})
    response = client.post(address(event), page)
    assert response.status_code == 200
    [line] = [line for line in response.context["lines"].forms if line.errors]
    assert line.errors == {"__all__": ["Another grade from this date on is entered."]}
    assert saved_grades(event) == [("2012-03-01", 2), ("2012-03-10", 1)]


def test_two_lesions_change_labels_in_one_save(patient):
    entered = enter_course(patient, "-7 T1=50 T2=40", first="T1 T2")
    one, two = entered.lesions["T1"], entered.lesions["T2"]
    one.label, two.label = "T2", "T1"
    save_again(entered, one, two)
    with acting(entered.by):
        assert {lesion.pk: lesion.label for lesion in Lesion.objects.all()} == {one.pk: "T2", two.pk: "T1"}


def test_two_lesions_of_one_label_are_refused_at_their_lines(patient):
    entered = enter_course(patient, "-7 T1=50 T2=40", first="T1 T2")
    two = entered.lesions["T2"]
    two.label = "T1"
    with pytest.raises(ValidationError) as refusal:
        save_again(entered, two)
    assert refusal.value.message_dict == {
        "lines-1-__all__": ["This label is already in use for another lesion."]
    }


def save_again(entered: Entered, *described: Lesion) -> None:
    """Save the first read as it is, with these lesions described anew."""
    with acting(entered.by):
        read = ImagingRead.objects.select_related("patient").get()
        readings = LesionReading.objects.filter(read=read).select_related("lesion").order_by("lesion")
        save_imaging_read(
            patient=entered.patient,
            read=read,
            readings=list(readings),
            lesions=described,
            version=read.version,
            by=entered.by,
            reason="labelled anew",
        )
