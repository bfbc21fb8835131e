"""What only the database could see, in the words of the form.

A patient number may be taken at a site this person cannot see; the same form may be entered twice at the
same moment. Validation cannot know of either, the unique constraint does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, connection, models, transaction

from casebook.models.backstop import UniqueOnceWritten

UNIQUE_VIOLATION, EXCLUSION_VIOLATION = "23505", "23P01"


@contextmanager
def refusals_in_words(row: models.Model) -> Iterator[None]:
    """Save `row` inside: a unique or exclusion constraint that refuses it raises ValidationError."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause: Any = error.__cause__
        if getattr(cause, "pgcode", None) not in (UNIQUE_VIOLATION, EXCLUSION_VIOLATION):
            raise
        raise _in_words(row, cause.diag.constraint_name or "") from error


def alike(rows: Sequence[models.Model]) -> Iterator[tuple[int, ValidationError]]:
    """After `rows` of one table are written: which of them, by index, are what only one row may be.

    PostgreSQL is asked now what it would else say at the commit, when nobody can be told any more.
    """
    constraints = [c for c in rows[0]._meta.constraints if isinstance(c, UniqueOnceWritten)] if rows else []
    if not constraints:
        return
    names = ", ".join(f'"{constraint.name}"' for constraint in constraints)
    try:
        with refusals_in_words(rows[0]), connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE; SET CONSTRAINTS {names} DEFERRED")
    except ValidationError as refusal:
        yield from _found(rows, constraints) or [(0, refusal)]


def _found(
    rows: Sequence[models.Model], constraints: Sequence[UniqueOnceWritten]
) -> list[tuple[int, ValidationError]]:
    found = []
    for index, row in enumerate(rows):
        for constraint in constraints:
            try:
                constraint.validate_written(row)
            except ValidationError as error:
                found.append((index, ValidationError({NON_FIELD_ERRORS: error.messages})))
    return found


def _in_words(row: models.Model, constraint_name: str) -> ValidationError:
    for constraint in row._meta.constraints:
        if constraint.name == constraint_name:
            return ValidationError(constraint.get_violation_error_message())
    for field in row._meta.concrete_fields:
        if field.unique and constraint_name.startswith(f"{row._meta.db_table}_{field.column}_"):
            return ValidationError({field.name: row.unique_error_message(type(row), (field.name,))})
    return ValidationError("The same is entered already.")
