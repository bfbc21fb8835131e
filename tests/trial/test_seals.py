"""Seals close the trail behind what was written; the check reads them all."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from casebook.models import Patient
from patients.models import Visit
from tests.factories import change, enter, make_patient
from tests.trial.tampering import entered_changed_and_sealed, found_after_tampering, tamper
from trial.audit import acting
from trial.models import AuditEntry, AuditSeal, Person
from trial.services import seal_trail, verify_trail


@pytest.fixture
def visit(committed) -> Visit:
    return entered_changed_and_sealed(committed)


class Failure(Exception):
    """Ends a transaction that has already written."""


def write_and_fail(patient: Patient, by: Person) -> None:
    with acting(by):
        Visit.objects.create(patient=patient, date="2012-02-20")
        raise Failure


def test_an_honest_trail_is_whole(visit, capsys):
    assert verify_trail() == []
    call_command("verify_audit")
    assert "2 seals hold" in capsys.readouterr().out


def test_sealing_again_without_news_makes_no_seal(visit):
    assert seal_trail() == 0
    assert AuditSeal.objects.count() == 2


def test_entries_not_yet_sealed_do_not_break_the_chain(visit):
    change(visit, kind="SCHEDULED")
    assert verify_trail() == []


def test_a_transaction_that_failed_leaves_a_gap_that_is_no_tampering(committed, visit):
    with pytest.raises(Failure):
        write_and_fail(visit.patient, committed.coordinator_a)
    change(visit, kind="SCHEDULED")
    seal_trail()
    assert verify_trail() == []


def test_the_command_fails_and_says_what_differs(committed):
    enter(Visit, make_patient(committed))
    with transaction.atomic(using="owner"):
        tamper("patients_visit", "UPDATE patients_visit SET date = '2012-01-21'")
    with pytest.raises(CommandError, match="1 rows of patients_visit differ from their trail"):
        call_command("verify_audit")


def test_an_entry_slipped_into_a_gap_is_found(committed):
    patient = make_patient(committed)
    with pytest.raises(Failure):
        write_and_fail(patient, committed.coordinator_a)
    enter(Visit, patient)
    seal_trail()
    with acting(committed.auditor):
        entries = set(AuditEntry.objects.values_list("id", flat=True))
    gap = next(n for n in range(max(entries), 0, -1) if n not in entries)
    found = found_after_tampering(
        "trial_auditentry",
        f"INSERT INTO trial_auditentry SELECT (jsonb_populate_record(e, '{{\"id\": {gap}}}')).*"
        f" FROM trial_auditentry e WHERE id = {max(entries)}",
    )
    assert found != []
