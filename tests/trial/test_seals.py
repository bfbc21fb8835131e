"""Seals close the trail behind what was written; the check reads them all."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from casebook.models import Patient
from patients.models import Visit
from tests.databases import as_owner
from tests.factories import change, enter, make_patient
from tests.trial.tampering import entered_changed_and_sealed, found_after_tampering, tamper
from trial.audit import acting
from trial.models import AuditEntry, AuditSeal, Person
from trial.selectors import receipt_of
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


WORDS_BEFORE_REASONS = """
    SELECT string_agg(
        jsonb_build_array(id, extract(epoch FROM at)::text, transaction, actor_id, reason, "table", row_id,
                          patient_id, site_id, operation, before, image)::text,
        E'\\n' ORDER BY id) = trial_seal_text('', min(id), max(id))
    FROM trial_auditentry WHERE id < (SELECT min(id) FROM trial_auditentry WHERE reasons IS NOT NULL)
"""


def test_what_was_sealed_before_there_were_reasons_of_fields_holds(visit):
    assert as_owner(WORDS_BEFORE_REASONS) == [(True,)]


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


def take_away_after(last_entry: int) -> None:
    """The newest entries and seals go, and the tables go back to what they were: all an owner could do."""
    with transaction.atomic(using="owner"):
        tamper("trial_auditseal", f"DELETE FROM trial_auditseal WHERE last_entry > {last_entry}")
        tamper("trial_auditentry", f"DELETE FROM trial_auditentry WHERE id > {last_entry}")
        tamper("patients_visit", "UPDATE patients_visit SET kind = 'SCHEDULED', version = 1")


def test_a_receipt_shows_that_the_newest_entries_were_taken_away_with_their_seal(committed, tmp_path, capsys):
    visit = enter(Visit, make_patient(committed))
    seal_trail()
    early, late = tmp_path / "early.txt", tmp_path / "late.txt"
    early.write_text(receipt_of(AuditSeal.objects.latest("id")).to_text())
    last_entry = AuditSeal.objects.latest("id").last_entry
    change(visit, kind="UNSCHEDULED")
    seal_trail()
    late.write_text(receipt_of(AuditSeal.objects.latest("id")).to_text())
    call_command("verify_audit", receipt=[early, late])
    assert capsys.readouterr().out.count("It holds all that was sealed") == 2

    take_away_after(last_entry)
    call_command("verify_audit", receipt=[early])  # inside the database nothing is amiss
    with pytest.raises(CommandError, match=r"seal 2 of the receipt, .*, is not in the trail"):
        call_command("verify_audit", receipt=[late])

    with transaction.atomic(using="owner"):
        as_owner("SELECT setval(pg_get_serial_sequence('trial_auditseal', 'id'), 1)")
    with acting(committed.coordinator_a):
        visit = Visit.objects.select_related("patient").get()
    change(visit, kind="UNSCHEDULED")
    seal_trail()
    with pytest.raises(CommandError, match="seal 2 has another hash than its receipt"):
        call_command("verify_audit", receipt=[late])


@pytest.mark.parametrize(
    ("text", "said"), [("", "no receipt"), (None, "No such file"), ("cut", "“sha256: …” is missing")]
)
def test_what_is_no_receipt_is_said_with_its_name(visit, tmp_path, text, said):
    file = tmp_path / "receipt.txt"
    if text is not None:
        whole = receipt_of(AuditSeal.objects.latest("id")).to_text()
        file.write_text(whole[:-30] if text == "cut" else text)
    with pytest.raises(CommandError, match=f"{file}: .*{said}"):
        call_command("verify_audit", "--receipt", str(file))


def test_each_new_seal_goes_to_the_log_and_no_value_with_it(committed, caplog):
    enter(Visit, make_patient(committed, number="SYN-901"))
    with caplog.at_level("INFO", logger="trial.seals"):
        assert seal_trail() == 1
        assert seal_trail() == 0
    seal = AuditSeal.objects.get()
    assert caplog.messages == [f"seal 1 over entries 1 to {seal.last_entry}: {seal.sha256}"]


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
