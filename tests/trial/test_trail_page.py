"""The audit trail as a whole: who may see what of it, found again by person, table, patient and day."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import VitalSigns
from patients.models import Visit
from tests.factories import Study, change, enter, make_patient, signed_in
from tests.trial.tampering import tamper
from trial.audit import acting
from trial.domain.receipts import read_receipt
from trial.models import AuditSeal, Person
from trial.selectors import last_seal
from trial.services import seal_trail, switch_sign_in


@pytest.fixture
def visit(study: Study) -> Visit:
    """A visit entered and changed, vital signs of a patient of the other site, and a sign-in switched off."""
    saved = enter(Visit, make_patient(study, number="SYN-901"))
    change(saved, kind="UNSCHEDULED", reason="written down wrong")
    enter(VitalSigns, make_patient(study, number="SYN-902", site=study.site_b), pulse=71)
    with acting(study.administrator):
        switch_sign_in(study.coordinator_b, on=False, by=study.administrator, reason="left the hospital")
    return saved


def found(who: Person | Client, **filters: object) -> list[tuple[str, str, str, str]]:
    """Who, what, patient and why of each line."""
    client = signed_in(who) if isinstance(who, Person) else who
    lines = client.get(reverse("trial:trail"), filters).context["lines"]
    return [
        (line.who, f"{line.what} {line.entry.operation}", line.patient, line.entry.reason) for line in lines
    ]


def test_an_entry_says_who_what_which_patient_and_why(study: Study, visit: Visit):
    assert found(study.auditor, patient="SYN-901") == [
        ("Coordinator A", "visit U", "SYN-901", "written down wrong"),
        ("Coordinator A", "visit I", "SYN-901", ""),
        ("Coordinator A", "patient I", "SYN-901", ""),
    ]
    page = signed_in(study.auditor).get(reverse("trial:trail"), {"patient": "SYN-901"}).content.decode()
    assert "SCHEDULED → UNSCHEDULED" in page
    assert f'href="{reverse("casebook:patient", args=["SYN-901"])}"' in page


FILTERS = """
    filter                                 | lines
    patient=syn-902                        | vital signs I, patient I
    patient=SYN                            |
    table=patients_visit                   | visit U, visit I
    person=coordinator_a                   | visit U, visit I, patient I
    person=coordinator_b table=no_such     | vital signs I, patient I
    table=trial_person person=administrator| person U
"""


@pytest.mark.parametrize(("typed", "lines"), [line.split("|") for line in FILTERS.strip().splitlines()[1:]])
def test_the_trail_is_narrowed_by_person_table_and_patient(
    study: Study, visit: Visit, typed: str, lines: str
):
    filters = dict(pair.split("=") for pair in typed.split())
    if "person" in filters:
        filters["person"] = study.people[filters["person"]].pk
    assert ", ".join(what for _, what, _, _ in found(study.auditor, **filters)) == lines.strip()


def test_the_trail_is_narrowed_by_days_both_included(study: Study, visit: Visit):
    today = timezone.localdate()
    client, everything = signed_in(study.auditor), len(found(study.auditor, table="patients_visit"))
    for since, until, many in (
        (today, today, everything),
        (today - timedelta(days=9), today - timedelta(days=1), 0),
        (today + timedelta(days=1), today + timedelta(days=9), 0),
    ):
        assert len(found(client, table="patients_visit", since=since, until=until)) == many


@pytest.mark.parametrize("typed", ["yesterday", "0001-01-01", "9999-12-31", "2012-02-30"])
def test_a_day_that_is_none_is_said_at_its_field(study: Study, visit: Visit, typed: str):
    page = signed_in(study.auditor).get(reverse("trial:trail"), {"since": typed, "until": typed})
    assert set(page.context["filter"].errors) == {"since", "until"}


def test_an_administrator_sees_people_and_sites_and_nothing_of_any_patient(study: Study, visit: Visit):
    client, tables, number = signed_in(study.administrator), set(), 1
    while True:
        page = client.get(reverse("trial:trail"), {"page": number}).context["page"]
        tables |= {entry.table for entry in page.object_list}
        assert all(entry.patient_id is None for entry in page.object_list)
        if not page.has_next():
            break
        number += 1
    assert {"trial_person", "trial_membership", "trial_site", "trial_siteapproval"} <= tables
    assert not tables & {"casebook_patient", "patients_visit", "assessments_vitalsigns"}
    assert found(client, patient="SYN-901") == []


def test_no_password_is_in_the_trail(study: Study):
    page = signed_in(study.administrator).get(reverse("trial:trail"), {"table": "trial_person"})
    assert page.context["lines"]
    assert "argon2" not in page.content.decode()


def test_no_page_takes_more_than_twelve_queries_however_many_entries(study: Study, visit: Visit):
    for number in range(30):
        change(visit, date=date(2012, 2, 1) + timedelta(days=number))
    client = signed_in(study.auditor)
    filters = {
        "patient": "SYN-901",
        "table": "patients_visit",
        "person": study.coordinator_a.pk,
        "since": timezone.localdate(),
        "until": timezone.localdate(),
    }
    for typed in ({}, {"page": "2"}, filters):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("trial:trail"), typed).status_code == 200
        assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= 12
    second = client.get(reverse("trial:trail"), {"page": 2, "since": timezone.localdate()})
    assert f"since={timezone.localdate()}&amp;page=1" in second.content.decode()


def test_entries_older_than_the_people_are_the_owners(study: Study):
    """The first entry of all is the system's own, made by the migration before anybody was there."""
    client = signed_in(study.administrator)
    last = client.get(reverse("trial:trail")).context["page"].paginator.num_pages
    assert (
        client.get(reverse("trial:trail"), {"page": last}).context["lines"][-1].who == "the database's owner"
    )


def test_without_a_seal_there_is_no_receipt_and_the_page_says_so(study: Study):
    assert not AuditSeal.objects.exists()
    client = signed_in(study.auditor)
    assert "Nothing is sealed yet" in client.get(reverse("trial:trail")).content.decode()
    assert client.get(reverse("trial:trail-receipt")).status_code == 404


def test_the_last_seal_is_shown_and_its_receipt_can_be_taken_away(study: Study, visit: Visit):
    seal_trail()
    seal, client = last_seal(), signed_in(study.auditor)
    assert seal is not None
    assert seal.sha256 in client.get(reverse("trial:trail")).content.decode()
    taken = client.get(reverse("trial:trail-receipt"))
    assert taken["Content-Disposition"] == f'attachment; filename="seal-{seal.pk}.txt"'
    receipt = read_receipt(taken.content.decode())
    assert (receipt.seal, receipt.sha256, receipt.trial) == (seal.pk, seal.sha256, study.trial.code)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_page_says_whether_the_trail_is_whole(
    study: Study, visit: Visit, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
):
    client = signed_in(study.auditor)
    whole = client.get(reverse("trial:trail-check"), headers=headers).content.decode()
    assert "every seal holds" in whole
    assert ("<html" in whole) == (not headers)
    monkeypatch.setattr("trial.views_trail.verify_trail", lambda: ["seal 3 is broken"])
    broken = client.get(reverse("trial:trail-check"), headers=headers).content.decode()
    assert "The trail is not whole." in broken
    assert "seal 3 is broken" in broken


def test_tampering_shows_on_the_page(committed: Study):
    enter(Visit, make_patient(committed))
    seal_trail()
    tamper("trial_auditentry", "UPDATE trial_auditentry SET reason = 'better' WHERE id = 3")
    shown = signed_in(committed.auditor).get(reverse("trial:trail-check")).content.decode()
    assert "is broken" in shown
