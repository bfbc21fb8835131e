"""Whoever opened a form from a list comes back to the list with its saving, and never to a page not ours."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import VitalSigns
from tests.factories import because, enter, posted_new, signed_in

WORK = "/work/?site=1#visits"


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


def address(page: str, patient, *rest, slug: str = "vital-signs") -> str:
    return reverse(f"casebook:{page}", args=[patient.number, slug, *rest])


def test_a_new_form_leads_back_by_way_of_refusals(patient, coordinator):
    shown = coordinator.get(address("new", patient), {"return_to": WORK}).content.decode()
    assert shown.count(f'name="return_to" value="{WORK}"') == 1
    assert f'href="{WORK}">Back without saving' in shown
    typed = posted_new(VitalSigns, patient) | {"return_to": WORK}
    refused = coordinator.post(address("new", patient), typed | {"pulse": "many"}).content.decode()
    assert f'name="return_to" value="{WORK}"' in refused
    assert coordinator.post(address("new", patient), typed)["Location"] == WORK


def test_a_change_leads_back_by_way_of_its_reasons(patient, coordinator):
    signs = enter(VitalSigns, patient)
    edit = address("edit", patient, signs.pk)
    typed = posted_new(VitalSigns, patient, pulse="77") | {"version": "1", "return_to": WORK}
    looked_over = coordinator.post(edit, typed).content.decode()
    assert f'name="return_to" value="{WORK}"' in looked_over
    assert coordinator.post(edit, typed | because("misread"))["Location"] == WORK
    same = posted_new(VitalSigns, patient, pulse="77") | {"version": "2", "return_to": WORK}
    assert coordinator.post(edit, same)["Location"] == WORK
    conflict = coordinator.post(edit, typed | {"pulse": "78"})
    assert conflict.status_code == 409
    assert f'name="return_to" value="{WORK}"' in conflict.content.decode()


def test_the_forms_entered_on_the_way_lead_back_too(patient, coordinator):
    typed = posted_new(VitalSigns, patient) | {"return_to": WORK}
    to = "return_to=%2Fwork%2F%3Fsite%3D1%23visits"
    another = coordinator.post(address("new", patient), typed | {"another": "1"})
    assert another["Location"] == f"{address('new', patient)}?{to}"
    following = coordinator.post(address("new", patient), typed | {"date": "2012-02-01", "next": "1"})
    assert following["Location"] == f"{address('new', patient, slug='laboratory')}?date=2012-02-01&{to}"


def test_a_form_with_its_own_screen_keeps_the_way(patient, coordinator):
    new = coordinator.get(address("new", patient, slug="imaging"), {"return_to": WORK, "date": "2012-02-01"})
    page = coordinator.get(new["Location"])
    assert page.context["form"]["date"].value() == "2012-02-01"
    assert f'name="return_to" value="{WORK}"' in page.content.decode()
    assert "?" not in coordinator.get(address("new", patient, slug="imaging"))["Location"]


def test_a_draft_restored_or_discarded_keeps_the_way(patient, coordinator):
    coordinator.post(address("draft-new", patient), {"pulse": "77", "return_to": WORK})
    offered = coordinator.get(address("new", patient), {"return_to": "/work/"}).content.decode()
    assert 'href="?restore=1&amp;return_to=%2Fwork%2F"' in offered
    restored = coordinator.get(address("new", patient), {"restore": "1", "return_to": "/work/"})
    assert 'name="return_to" value="/work/"' in restored.content.decode()
    discarded = coordinator.post(address("draft-new", patient), {"discard": "1", "return_to": "/work/"})
    assert discarded["Location"] == f"{address('new', patient)}?return_to=%2Fwork%2F"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/work/",
        "//example.org/work/",
        "///example.org",
        "/\\example.org",
        "work/",
        "javascript:alert(1)",
        "\x00/work/",
        "",
    ],
)
def test_no_save_leads_elsewhere(patient, coordinator, elsewhere):
    assert (
        "return_to" not in coordinator.get(address("new", patient), {"return_to": elsewhere}).content.decode()
    )
    typed = posted_new(VitalSigns, patient) | {"return_to": elsewhere}
    home = reverse("casebook:patient", args=[patient.number])
    assert coordinator.post(address("new", patient), typed)["Location"] == f"{home}#form-vital-signs"


def test_no_line_break_gets_into_the_answer(patient, coordinator):
    typed = posted_new(VitalSigns, patient) | {"return_to": "/work/\r\nX-Evil: 1"}
    saved = coordinator.post(address("new", patient), typed)
    assert saved.status_code == 302
    assert "X-Evil" not in saved
    assert "\n" not in saved["Location"]
