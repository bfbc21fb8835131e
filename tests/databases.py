"""Databases for tests that a single rolled-back transaction cannot hold."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.db import DatabaseError, connections, transaction

# Migrated and never worked in: rolled-back tests use up numbers of the database they ran in, not of this one.
PRISTINE = "rebaseline_test_pristine"


@contextmanager
def own_database(name: str, *, template: str = PRISTINE) -> Iterator[None]:
    """A copy of the migrated database with real commits; both roles connect to it meanwhile.

    Another template than the untouched `PRISTINE` one is named by `template`.
    """
    copy_database(name, template=template)
    try:
        with pointed_at(name):
            yield
    finally:
        drop_database(name)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Both roles connect to this database meanwhile."""
    owner, default = connections["owner"], connections["default"]
    original = owner.settings_dict["NAME"]
    owner.close()
    default.close()
    owner.settings_dict["NAME"] = default.settings_dict["NAME"] = name
    try:
        yield
    finally:
        owner.close()
        default.close()
        owner.settings_dict["NAME"] = default.settings_dict["NAME"] = original


def copy_database(name: str, *, template: str = PRISTINE) -> None:
    """Make a copy; nobody may be connected to the template, so this process leaves it."""
    for connection in connections.all():
        connection.close()
    with _maintenance() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_database(name: str) -> None:
    with _maintenance() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _maintenance() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the owner outside every transaction and outside the databases in question."""
    with connections["owner"]._nodb_cursor() as cursor:
        yield cursor


def as_owner(sql: str, *parameters: object) -> list[tuple]:
    """Run a statement as the owner of the tables: what an administrator of the server could do."""
    return _run("owner", sql, parameters)


def as_application(sql: str, *parameters: object) -> list[tuple]:
    """Run a statement in the application's role, inside the present transaction."""
    return _run("default", sql, parameters)


def _run(alias: str, sql: str, parameters: tuple) -> list[tuple]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def refused(sql: str, *parameters: object) -> str:
    """The SQLSTATE with which PostgreSQL refuses the statement to the application; "" if it does not."""
    try:
        with transaction.atomic():
            as_application(sql, *parameters)
    except DatabaseError as error:
        return error.__cause__.pgcode
    return ""
