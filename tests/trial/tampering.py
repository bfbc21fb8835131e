"""A trail with two seals, and the hand of somebody who owns the tables."""

from django.db import transaction

from patients.models import Visit
from tests.databases import as_owner
from tests.factories import Study, change, enter, make_patient
from trial.services import seal_trail


def entered_changed_and_sealed(study: Study) -> Visit:
    visit = enter(Visit, make_patient(study))
    seal_trail()
    change(visit, kind="UNSCHEDULED")
    seal_trail()
    return visit


def tamper(table: str, sql: str) -> None:
    """What the owner of the tables can do and the application cannot: write past the triggers."""
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(sql)
    as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found_after_tampering(table: str, sql: str) -> list[str]:
    """What the check finds; the tampering itself is rolled back."""
    with transaction.atomic(using="owner"):
        tamper(table, sql)
        found = [row[0] for row in as_owner("SELECT trial_verify_trail()")]
        transaction.set_rollback(True, using="owner")
    return found
