"""A query's way: raised by a monitor, answered by the site, closed by the monitor."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import VitalSigns
from casebook.models import Patient, Query
from tests.factories import Study, enter, signed_in
from trial.audit import acting, row_history


@pytest.fixture
def signs(study: Study, patient: Patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def query_of(study: Study) -> Query:
    with acting(study.monitor_a):
        return Query.objects.get()


def raise_on(client: Client, signs: VitalSigns, **typed: str):
    address = reverse("monitoring:query-raise-form", args=[signs.patient.number, "vital-signs", signs.pk])
    return client.post(address, {"field": "pulse", "text": "Please check the pulse."} | typed)


def work_on(client: Client, query: Query, action: str, text: str):
    return client.post(reverse("monitoring:query", args=[query.pk]), {"action": action, "text": text})


def test_a_query_is_raised_answered_and_closed(study: Study, signs: VitalSigns) -> None:
    monitor, coordinator = signed_in(study.monitor_a), signed_in(study.coordinator_a)
    patient_page = reverse("casebook:patient", args=[signs.patient.number])
    assert raise_on(monitor, signs)["Location"] == patient_page
    query = query_of(study)
    assert (query.crf, query.crf_id, query.field, query.state) == ("vital-signs", signs.pk, "pulse", "open")
    assert work_on(coordinator, query, "answer", "Read again: 68.")["Location"] == patient_page
    query = query_of(study)
    assert (query.state, query.answer) == ("answered", "Read again: 68.")
    assert work_on(monitor, query, "close", "Seen in the chart.")["Location"] == patient_page
    query = query_of(study)
    assert (query.state, query.closing_note) == ("closed", "Seen in the chart.")
    with acting(study.monitor_a):
        history = row_history("casebook_query", query.pk)
    assert [(e.actor, e.reason) for e in history] == [
        (study.monitor_a, ""),
        (study.coordinator_a, "Query answered"),
        (study.monitor_a, "Query closed"),
    ]


def test_a_query_can_concern_the_patient_as_a_whole(study: Study, patient: Patient) -> None:
    monitor = signed_in(study.monitor_a)
    address = reverse("monitoring:query-raise", args=[patient.number])
    assert "field" not in monitor.get(address).context["form"].fields
    assert monitor.post(address, {"text": "Where is the consent?"}).status_code == 302
    query = query_of(study)
    assert (query.crf, query.crf_id, query.field) == ("", None, "")


WHO = """
    person         | answers | closes
    coordinator_a  | 302     | 403
    investigator_a | 302     | 403
    monitor_a      | 403     | 302
    data_manager   | 403     | 302
    statistician   | 403     | 403
    auditor        | 403     | 403
    administrator  | 403     | 403
    coordinator_b  | 404     | 404
"""


@pytest.mark.parametrize(
    ("name", "answers", "closes"),
    [[c.strip() for c in line.split("|")] for line in WHO.strip().splitlines()[1:]],
)
def test_who_answers_and_who_closes(
    study: Study, signs: VitalSigns, name: str, answers: str, closes: str
) -> None:
    raise_on(signed_in(study.monitor_a), signs)
    query, client = query_of(study), signed_in(getattr(study, name))
    assert str(work_on(client, query, "answer", "Yes.").status_code) == answers
    assert str(work_on(client, query, "close", "Thanks.").status_code) == closes


def test_the_page_offers_what_the_person_may_do(study: Study, signs: VitalSigns) -> None:
    raise_on(signed_in(study.monitor_a), signs)
    query = query_of(study)
    address = reverse("monitoring:query", args=[query.pk])

    def offered(name: str) -> list[str]:
        body = signed_in(getattr(study, name)).get(address).content.decode()
        return [action for action in ("answer", "close") if f'value="{action}"' in body]

    assert (offered("coordinator_a"), offered("monitor_a"), offered("auditor")) == (["answer"], ["close"], [])
    work_on(signed_in(study.coordinator_a), query, "answer", "Yes.")
    assert (offered("coordinator_a"), offered("monitor_a")) == ([], ["close"])
    work_on(signed_in(study.monitor_a), query, "close", "Thanks.")
    assert (offered("coordinator_a"), offered("monitor_a")) == ([], [])


def test_nothing_is_answered_or_closed_twice_and_nothing_typed_is_lost(
    study: Study, signs: VitalSigns
) -> None:
    monitor, coordinator = signed_in(study.monitor_a), signed_in(study.coordinator_a)
    raise_on(monitor, signs)
    query = query_of(study)
    work_on(coordinator, query, "answer", "Yes.")
    again = work_on(coordinator, query, "answer", "Second thoughts.")
    assert again.status_code == 200
    assert "This query is answered." in again.content.decode()
    assert "Second thoughts." in again.content.decode()
    work_on(monitor, query, "close", "Thanks.")
    assert "This query is closed." in work_on(monitor, query, "close", "Again.").content.decode()
    assert query_of(study).closing_note == "Thanks."


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * 2001])
def test_what_is_no_text_is_refused_at_its_field(study: Study, signs: VitalSigns, text: str) -> None:
    monitor = signed_in(study.monitor_a)
    assert "text" in raise_on(monitor, signs, text=text).context["form"].errors
    raise_on(monitor, signs)
    answered = work_on(signed_in(study.coordinator_a), query_of(study), "answer", text)
    assert "text" in answered.context["form"].errors
    assert query_of(study).state == "open"


def test_a_question_needs_a_form_and_a_field_that_exist(study: Study, signs: VitalSigns) -> None:
    monitor, number = signed_in(study.monitor_a), signs.patient.number
    assert "field" in raise_on(monitor, signs, field="shoe_size").context["form"].errors
    for slug, pk in (("no-such-form", signs.pk), ("vital-signs", signs.pk + 1000), ("vital-signs", 10**30)):
        address = f"/monitoring/patients/{number}/{slug}/{pk}/query/"
        assert monitor.get(address).status_code == 404
        assert monitor.post(address, {"text": "?"}).status_code == 404
    assert monitor.get(f"/monitoring/queries/{10**30}/").status_code == 404


def test_the_list_holds_what_waits_at_ones_own_sites(study: Study, signs: VitalSigns) -> None:
    address = reverse("monitoring:queries")
    raise_on(signed_in(study.monitor_a), signs)

    def listed(name: str) -> int:
        return signed_in(getattr(study, name)).get(address).context["page"].paginator.count

    assert {name: listed(name) for name in ("coordinator_a", "data_manager", "coordinator_b")} == {
        "coordinator_a": 1,
        "data_manager": 1,
        "coordinator_b": 0,
    }
    assert "Please check the pulse." in signed_in(study.auditor).get(address).content.decode()
    work_on(signed_in(study.monitor_a), query_of(study), "close", "Thanks.")
    assert listed("coordinator_a") == 0
