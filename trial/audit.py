"""Who acts, and why: told to the database for the length of one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from trial.models import AuditEntry, Person


def set_actor(person: Person) -> None:
    """Everything this transaction writes is recorded under this person; their sites are what it can see."""
    _set("rebaseline.actor", str(person.pk))


def set_reason(reason: str) -> None:
    """The reason recorded with every change that follows in this transaction."""
    _set("rebaseline.reason", reason)


@contextmanager
def acting(person: Person, reason: str = "") -> Iterator[None]:
    """A transaction in which `person` acts; for tasks, commands and tests (a request has its middleware)."""
    with transaction.atomic():
        before = _get("rebaseline.actor"), _get("rebaseline.reason")
        set_actor(person)
        set_reason(reason)
        yield
        _set("rebaseline.actor", before[0])
        _set("rebaseline.reason", before[1])


def system_person() -> Person:
    """The actor that stands for the software itself."""
    return Person.objects.get(is_system=True)


def acting_id() -> int | None:
    """The key of the person this transaction acts for."""
    acting_now = _get("rebaseline.actor")
    return int(acting_now) if acting_now else None


def row_history(table: str, row_id: int) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(table=table, row_id=row_id).select_related("actor").order_by("id"))


def _set(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _get(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        return str(cursor.fetchone()[0])
