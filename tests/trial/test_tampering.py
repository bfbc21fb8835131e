"""Whoever writes past the triggers, the seals and the comparison with the tables show it."""

from collections.abc import Iterator

import pytest

from tests.databases import own_database
from tests.factories import make_study
from tests.trial.tampering import entered_changed_and_sealed, found_after_tampering
from trial.services import verify_trail


@pytest.fixture(scope="module")
def sealed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """One database with seals for all that is rolled back."""
    with django_db_blocker.unblock(), own_database("test_sealed"):
        entered_changed_and_sealed(make_study())
        yield


ENTRY_OF_VISIT = "(SELECT min(id) FROM trial_auditentry WHERE \"table\" = 'patients_visit')"


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        (
            "trial_auditentry",
            "UPDATE trial_auditentry SET image = jsonb_set(image, '{date}', '\"2012-01-21\"')"
            f" WHERE id = {ENTRY_OF_VISIT}",
        ),
        (
            "trial_auditentry",
            f"UPDATE trial_auditentry SET at = at - interval '1 day' WHERE id = {ENTRY_OF_VISIT}",
        ),
        ("trial_auditentry", f"UPDATE trial_auditentry SET actor_id = 1 WHERE id = {ENTRY_OF_VISIT}"),
        (
            "trial_auditentry",
            "UPDATE trial_auditentry SET reason = 'better' WHERE reason = 'transcription error'",
        ),
        ("trial_auditentry", "UPDATE trial_auditentry SET reasons = NULL WHERE reasons IS NOT NULL"),
        (
            "trial_auditentry",
            'UPDATE trial_auditentry SET reasons = \'{"kind": {"code": "QUERY ANSWERED", "text": ""}}\''
            " WHERE reasons IS NOT NULL",
        ),
        ("trial_auditentry", "UPDATE trial_auditentry SET before = '{}' WHERE before IS NOT NULL"),
        ("trial_auditentry", f"UPDATE trial_auditentry SET site_id = NULL WHERE id = {ENTRY_OF_VISIT}"),
        ("trial_auditentry", f"DELETE FROM trial_auditentry WHERE id = {ENTRY_OF_VISIT}"),
        (
            "trial_auditentry",
            "DELETE FROM trial_auditentry WHERE id = (SELECT max(id) FROM trial_auditentry)",
        ),
        ("trial_auditentry", "UPDATE trial_auditentry SET id = -id WHERE id = 1"),
        ("trial_auditseal", "UPDATE trial_auditseal SET sha256 = repeat('0', 64) WHERE id = 2"),
        ("trial_auditseal", "DELETE FROM trial_auditseal WHERE id = 1"),
        ("patients_visit", "UPDATE patients_visit SET date = '2012-01-21'"),
        ("patients_visit", "DELETE FROM patients_visit"),
        (
            "patients_visit",
            "INSERT INTO patients_visit (patient_id, version, date, kind)"
            " SELECT patient_id, 1, date + 1, kind FROM patients_visit",
        ),
        ("trial_membership", "UPDATE trial_membership SET role = 'auditor' WHERE role = 'monitor'"),
    ],
)
def test_tampering_by_the_owner_of_the_tables_is_found(sealed, table, sql):
    assert found_after_tampering(table, sql) != []
    assert verify_trail() == []
