"""Who acts, and why: told to the database for the length of one transaction."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypedDict

from django.db import connection, transaction

from trial.models import AuditEntry, Person

EVERY_FIELD = "*"


class FieldReason(TypedDict):
    """Why one field changed, as the trail keeps it."""

    code: str
    text: str


def set_actor(person: Person) -> None:
    """Everything this transaction writes is recorded under this person; their sites are what it can see."""
    _set("rebaseline.actor", str(person.pk))


def set_reason(reason: str, fields: Mapping[str, FieldReason] | None = None) -> None:
    """The reason recorded with every change that follows in this transaction.

    `fields` gives each column its own (EVERY_FIELD: those that have none); only what changes is recorded.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('rebaseline.reason', %s, true), set_config('rebaseline.reasons', %s, true)",
            [reason, json.dumps(fields) if fields else ""],
        )


@contextmanager
def acting(person: Person, reason: str = "") -> Iterator[None]:
    """A transaction in which `person` acts; for tasks, commands and tests (a request has its middleware)."""
    names = ("rebaseline.actor", "rebaseline.reason", "rebaseline.reasons")
    with transaction.atomic():
        before = {name: _get(name) for name in names}
        set_actor(person)
        set_reason(reason)
        yield
        for name, value in before.items():
            _set(name, value)


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
