"""What only the database could see, in the words of the form.

A patient number may be taken at a site this person cannot see; the same form may be entered twice at the
same moment. Validation cannot know of either, the unique constraint does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

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


def _in_words(row: models.Model, constraint_name: str) -> ValidationError:
    for constraint in row._meta.constraints:
        if constraint.name == constraint_name:
            return ValidationError(constraint.get_violation_error_message())
    for field in row._meta.concrete_fields:
        if field.unique and constraint_name.startswith(f"{row._meta.db_table}_{field.column}_"):
            return ValidationError({field.name: row.unique_error_message(type(row), (field.name,))})
    return ValidationError("The same is entered already.")
