"""What is typed is never lost: kept while one types, brought back to its writer, gone once it is saved."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import VitalSigns
from casebook.models import Draft
from casebook.registry import spec
from casebook.selectors_entry import drafts_of
from casebook.services_drafts import LONGEST, forget_old_drafts
from tests.databases import as_application, as_owner
from tests.factories import because, change, enter, make_patient, posted_new, remove, signed_in
from trial.audit import acting


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def page(name: str, patient, *rest) -> str:
    return reverse(f"casebook:{name}", args=[patient.number, "vital-signs", *rest])


def in_page(response, **typed: str) -> dict[str, str]:
    shown = {field.name: field.value() for field in response.context["form"]}
    return {name: "" if value is None else str(value) for name, value in shown.items()} | typed


def kept(person) -> list[Draft]:
    with acting(person):
        return list(Draft.objects.all())


def test_what_is_typed_into_a_new_form_comes_back(study, patient, coordinator):
    typed = posted_new(VitalSigns, patient, pulse="heavy", systolic="")
    assert coordinator.post(page("draft-new", patient), typed).status_code == 204
    offered = coordinator.get(page("new", patient))
    assert "You typed here on" in offered.content.decode()
    assert offered.context["form"]["pulse"].value() is None
    restored = coordinator.get(page("new", patient) + "?restore=1")
    form = restored.context["form"]
    assert (form["pulse"].value(), form["systolic"].value(), form["weight"].value()) == ("heavy", "", "61.5")
    assert not form.errors
    assert "is back, and not saved yet" in restored.content.decode()


def test_the_last_thing_typed_is_what_is_kept(study, patient, coordinator):
    for pulse in ("61", "62"):
        coordinator.post(page("draft-new", patient), {"pulse": pulse, "csrfmiddlewaretoken": "x"})
    [draft] = kept(study.coordinator_a)
    assert draft.typed == {"pulse": ["62"]}


def test_fields_that_differ_from_the_saved_form_are_listed_and_marked(study, signs, coordinator):
    typed = in_page(coordinator.get(page("edit", signs.patient, signs.pk)), pulse="77", weight="")
    coordinator.post(page("draft", signs.patient, signs.pk), typed)
    edit = page("edit", signs.patient, signs.pk)
    offered = coordinator.get(edit)
    assert [(d.label, d.mine, d.theirs) for d in offered.context["draft"][1]] == [
        ("Pulse, per minute", "77", "68"),
        ("Weight, kg", "–", "61.5"),
    ]
    restored = coordinator.get(edit + "?restore=1").content.decode()
    assert restored.count("field-differs") == 2
    assert "Saved: 68" in restored
    assert "Saved: 61.5" in restored


def test_a_draft_that_says_what_is_saved_is_not_offered(study, signs, coordinator):
    edit = page("edit", signs.patient, signs.pk)
    coordinator.post(page("draft", signs.patient, signs.pk), in_page(coordinator.get(edit)))
    assert "You typed here" not in coordinator.get(edit).content.decode()
    assert "is back" not in coordinator.get(edit + "?restore=1").content.decode()
    assert kept(study.coordinator_a) == []


def test_what_was_typed_into_a_form_that_is_removed_now_can_be_entered_anew(study, signs, coordinator):
    patient, edit = signs.patient, page("edit", signs.patient, signs.pk)
    typed = in_page(coordinator.get(edit), pulse="77")
    coordinator.post(page("draft", patient, signs.pk), typed)
    gone = signs.pk
    remove(signs)
    assert signed_in(study.investigator_a).get(edit).status_code == 404
    shown = coordinator.get(edit)
    assert (shown.status_code, shown.context["form"]["pulse"].value()) == (200, "77")
    assert "Somebody else removed this form" in shown.content.decode()
    sent = in_page(shown, instead_of=str(gone))
    refused = coordinator.post(page("new", patient), sent | {"pulse": "many"})
    assert f'name="instead_of" value="{gone}"' in refused.content.decode()
    for nonsense in ("x", "9" * 30):
        assert coordinator.post(page("new", patient), {"instead_of": nonsense}).status_code == 200
    assert len(kept(study.coordinator_a)) == 1
    assert coordinator.post(page("new", patient), sent).status_code == 302
    assert kept(study.coordinator_a) == []
    assert coordinator.get(edit).status_code == 404


def test_what_was_typed_into_a_removed_form_can_be_discarded(study, signs, coordinator):
    patient, place = signs.patient, page("draft", signs.patient, signs.pk)
    coordinator.post(place, {"pulse": "77"})
    remove(signs)
    assert coordinator.post(place, {"pulse": "78"}).status_code == 404
    assert kept(study.coordinator_a)[0].typed == {"pulse": ["77"]}
    discarded = coordinator.post(place, {"discard": "1"})
    assert discarded["Location"] == reverse("casebook:patient", args=[patient.number])
    assert kept(study.coordinator_a) == []


def test_a_draft_goes_when_its_form_is_saved(study, signs, coordinator):
    edit = page("edit", signs.patient, signs.pk)
    typed = in_page(coordinator.get(edit), pulse="77")
    coordinator.post(page("draft", signs.patient, signs.pk), typed)
    assert coordinator.post(edit, typed).status_code == 200
    assert len(kept(study.coordinator_a)) == 1, "looking over the changes saves nothing"
    coordinator.post(edit, typed | because("misread"))
    assert kept(study.coordinator_a) == []
    new = posted_new(VitalSigns, signs.patient, date="2012-02-03")
    coordinator.post(page("draft-new", signs.patient), new)
    coordinator.post(page("new", signs.patient), new)
    assert kept(study.coordinator_a) == []


def test_a_form_saved_by_somebody_else_meanwhile_leads_from_the_draft_to_the_choice(
    study, signs, coordinator
):
    edit = page("edit", signs.patient, signs.pk)
    typed = in_page(coordinator.get(edit), pulse="77")
    coordinator.post(page("draft", signs.patient, signs.pk), typed)
    change(signs, by=study.investigator_a, pulse=70)
    assert "Somebody saved the form since" in coordinator.get(edit).content.decode()
    restored = coordinator.get(edit + "?restore=1")
    conflict = coordinator.post(edit, in_page(restored))
    assert conflict.status_code == 409
    assert [(row.name, row.mine, row.theirs) for row in conflict.context["conflict"]] == [
        ("pulse", "77", "70")
    ]


def test_a_draft_can_be_discarded(study, signs, coordinator):
    place = page("draft", signs.patient, signs.pk)
    coordinator.post(place, {"pulse": "77", "version": "1"})
    answer = coordinator.post(place, {"discard": "1"})
    assert answer["Location"] == page("edit", signs.patient, signs.pk)
    assert kept(study.coordinator_a) == []


def test_nobody_else_sees_a_draft_on_a_page_or_in_the_database(study, patient, coordinator):
    coordinator.post(page("draft-new", patient), {"pulse": "77"})
    for other in (study.investigator_a, study.monitor_a, study.data_manager, study.administrator):
        assert kept(other) == []
        with acting(other):
            assert as_application("UPDATE casebook_draft SET typed = '{}' RETURNING id") == []
            assert as_application("DELETE FROM casebook_draft RETURNING id") == []
    assert "You typed here" not in signed_in(study.investigator_a).get(page("new", patient)).content.decode()
    assert len(kept(study.coordinator_a)) == 1


def test_two_people_keep_drafts_of_the_same_page(study, patient, coordinator):
    coordinator.post(page("draft-new", patient), {"pulse": "61"})
    signed_in(study.investigator_a).post(page("draft-new", patient), {"pulse": "62"})
    assert [kept(who)[0].typed["pulse"] for who in (study.coordinator_a, study.investigator_a)] == [
        ["61"],
        ["62"],
    ]


@pytest.mark.parametrize(
    "typed",
    [
        {"version": "9" * 30},
        {"version": "later"},
        {"no-such-field": "x"},
        {"date": "\x00"},
        {"lines-TOTAL_FORMS": "many"},
        {"pulse": "値" * 1000},
    ],
)
def test_whatever_is_typed_is_kept_or_refused_and_the_page_still_opens(study, patient, coordinator, typed):
    assert coordinator.post(page("draft-new", patient), typed).status_code in (204, 400, 413)
    assert coordinator.get(page("new", patient)).status_code == 200
    assert coordinator.get(page("new", patient) + "?restore=1").status_code == 200


def test_more_than_a_form_can_hold_is_not_kept(study, patient, coordinator):
    answer = coordinator.post(page("draft-new", patient), {"pulse": "x" * (LONGEST + 1)})
    assert answer.status_code == 413
    assert kept(study.coordinator_a) == []


def test_drafts_are_listed_for_their_writer(study, signs, coordinator):
    other = make_patient(study)
    coordinator.post(page("draft", signs.patient, signs.pk), {"pulse": "77", "version": "1"})
    coordinator.post(page("draft-new", other), {"pulse": "77"})
    with acting(study.coordinator_a):
        listed = [(t.draft.patient, t.title, t.address) for t in drafts_of(study.coordinator_a)]
        of_patient = drafts_of(study.coordinator_a, other)
    assert listed == [
        (other, spec("vital-signs").title, page("new", other)),
        (signs.patient, spec("vital-signs").title, page("edit", signs.patient, signs.pk)),
    ]
    assert [typed.draft.patient for typed in of_patient] == [other]
    shown = coordinator.get(reverse("casebook:patient", args=[other.number])).content.decode()
    assert "Typed, not saved (1)" in shown


def test_drafts_are_forgotten_after_thirty_days(committed):
    patient = make_patient(committed)
    with acting(committed.coordinator_a):
        for slug, days in (("visit", 29), ("vital-signs", 31)):
            then = timezone.now() - timedelta(days=days)
            Draft.objects.create(
                person=committed.coordinator_a, patient=patient, crf=slug, typed={}, updated=then
            )
    assert forget_old_drafts() == 1
    assert as_owner("SELECT crf FROM casebook_draft") == [("visit",)]


def test_a_draft_leaves_no_trail(study, patient, coordinator):
    coordinator.post(page("draft-new", patient), {"pulse": "77"})
    with acting(study.auditor):
        assert as_application("SELECT * FROM trial_auditentry WHERE \"table\" = 'casebook_draft'") == []
