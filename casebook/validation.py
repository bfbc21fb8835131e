"""A row checked as a whole before it is saved, in words."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection
from django.db.models import UniqueConstraint

from casebook.models import ClinicalRow

Errors = dict[str, list[Any]]


def validate(row: ClinicalRow, *, known: Collection[str] = ("patient",)) -> None:
    """Raise ValidationError with everything that is wrong with the row's fields and with them together.

    What `full_clean` does, with fewer statements, as it is done with every save. `known` are foreign keys to
    rows that are at hand: whether these exist is not asked again.
    """
    errors: Errors = {}
    _collect(errors, lambda: row.clean_fields(exclude=set(known)))
    _collect(errors, row.clean)
    wrong = set(errors) - {NON_FIELD_ERRORS}
    _collect(errors, lambda: row.validate_unique(exclude=wrong))
    for constraint in row._meta.constraints:
        _collect(errors, partial(_hold_to, constraint, row, wrong))
    if errors:
        raise ValidationError(errors)


def _collect(errors: Errors, step: Callable[[], None]) -> None:
    try:
        step()
    except ValidationError as error:
        error.update_error_dict(errors)


def _hold_to(constraint: Any, row: ClinicalRow, wrong: set[str]) -> None:
    """Ask the constraint, unless a field it speaks of is wrong already."""
    if type(constraint) is not UniqueConstraint or not constraint.fields or constraint.condition:
        constraint.validate(type(row), row, exclude=wrong)
    elif not wrong.intersection(constraint.fields) and _is_taken(row, constraint.fields):
        raise ValidationError(constraint.get_violation_error_message())


def _is_taken(row: ClinicalRow, names: Collection[str]) -> bool:
    """Whether another row has the same in these fields; what is empty is never the same."""
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    values = [field.get_db_prep_value(getattr(row, field.attname), connection) for field in fields]
    if None in values:
        return False
    same = " AND ".join(f'"{field.column}" = %s' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT 1 FROM "{row._meta.db_table}" WHERE {same} AND id IS DISTINCT FROM %s LIMIT 1',
            [*values, row.pk],
        )
        return cursor.fetchone() is not None
