"""The patient list: narrowed, sorted, page by page."""

import pytest
from django.test import Client
from django.urls import reverse

from casebook.models import Patient
from casebook.services import raise_query
from tests.factories import Study, make_patient, signed_in
from tests.monitoring.courses import a_patient
from trial.audit import acting

ADDRESS = reverse("monitoring:patients")


@pytest.fixture
def manager(study: Study) -> Client:
    return signed_in(study.data_manager)


def numbers(client: Client, **asked: str) -> list[str]:
    return [patient.number for patient in client.get(ADDRESS, asked).context["page"]]


@pytest.fixture
def cast(study: Study) -> dict[str, Patient]:
    """An early and a late number at site A, one at site B, one enrolled."""
    return {
        "z": make_patient(study, number="Z-1"),
        "a": make_patient(study, number="A-1"),
        "b": make_patient(study, number="B-1", site=study.site_b),
    }


def test_it_is_narrowed_by_number_centre_and_status(study: Study, cast, manager: Client) -> None:
    enrolled = a_patient(study, "enrolled").number
    assert numbers(manager) == ["A-1", "B-1", enrolled, "Z-1"]
    assert numbers(manager, q="-1") == ["A-1", "B-1", "Z-1"]
    assert numbers(manager, q="z-") == ["Z-1"]
    assert numbers(manager, site=str(study.site_b.pk)) == ["B-1"]
    assert numbers(manager, status="enrolled, no dose yet") == [enrolled]
    assert numbers(manager, status="screening", site=str(study.site_a.pk), q="A") == ["A-1"]
    assert numbers(manager, q="nobody") == []
    assert "No patient matches" in manager.get(ADDRESS, {"q": "nobody"}).content.decode()


def test_it_is_sorted_by_every_column(study: Study, cast, manager: Client) -> None:
    enrolled = a_patient(study, "enrolled").number
    assert numbers(manager, sort="number") == ["A-1", "B-1", enrolled, "Z-1"]
    assert numbers(manager, sort="site") == ["A-1", enrolled, "Z-1", "B-1"]
    assert numbers(manager, sort="status")[0] == enrolled
    assert numbers(manager, sort="enrolled")[0] == enrolled


NONSENSE = [
    {"q": "\0"},
    {"q": "%"},
    {"q": "x" * 500},
    {"site": "x"},
    {"site": "9" * 40},
    {"status": "asleep"},
    {"sort": "password"},
    {"page": "-3"},
    {"page": "x"},
]


@pytest.mark.parametrize("asked", NONSENSE)
def test_nonsense_in_the_address_narrows_nothing_and_breaks_nothing(cast, manager: Client, asked) -> None:
    found = numbers(manager, **asked)
    assert found in (["A-1", "B-1", "Z-1"], [])
    assert (found == []) == (asked == {"q": "%"})


def test_fifty_to_a_page_and_what_narrows_stays(study: Study, manager: Client) -> None:
    for n in range(51):
        make_patient(study, number=f"P-{n:03}")
    first = manager.get(ADDRESS, {"q": "P"})
    assert len(first.context["page"]) == 50
    assert 'href="?q=P&amp;page=2"' in first.content.decode()
    assert numbers(manager, q="P", page="2") == ["P-050"]


def test_each_person_sees_the_patients_of_their_sites(study: Study, cast) -> None:
    assert numbers(signed_in(study.coordinator_a)) == ["A-1", "Z-1"]
    assert numbers(signed_in(study.coordinator_b)) == ["B-1"]
    assert numbers(signed_in(study.monitor_a), site=str(study.site_b.pk)) == ["A-1", "Z-1"]


def test_who_enters_data_can_register_a_patient(study: Study) -> None:
    button = reverse("casebook:patient-new")
    assert button in signed_in(study.coordinator_a).get(ADDRESS).content.decode()
    assert button not in signed_in(study.monitor_a).get(ADDRESS).content.decode()


def test_waiting_queries_are_counted(study: Study, cast, manager: Client) -> None:
    with acting(study.data_manager):
        for text in ("One?", "Two?"):
            raise_query(patient=cast["z"], crf="", crf_id=None, field="", text=text, by=study.data_manager)
    counts = {p.number: p.waiting_queries for p in manager.get(ADDRESS).context["page"]}
    assert counts == {"A-1": None, "B-1": None, "Z-1": 2}
