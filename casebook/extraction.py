"""Patients' data as they are now, or as they were at any past instant, through one interface.

Two sources give the same rows: the live tables, and the trail ("the latest image of each row at or before
then"). Either way the rows come back as model instances, grouped by patient, in the order of their ids.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.utils import timezone

from casebook.models import ClinicalRow, Patient
from casebook.registry import clinical_models

Row = TypeVar("Row", bound=models.Model)
Form = TypeVar("Form", bound=ClinicalRow)
Convert = Callable[[Any], Any]

PAST = """
    SELECT "table", row_id, image FROM (
        SELECT DISTINCT ON ("table", row_id) "table", row_id, image FROM trial_auditentry
        WHERE "table" = ANY(%(tables)s) AND patient_id = ANY(%(patients)s) AND at <= %(as_of)s
        ORDER BY "table", row_id, id DESC
    ) latest WHERE image IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class _Reading:
    """The columns and attributes of a table's fields, and how JSON becomes the value of some.

    `live` asks for the rows of some patients as they are, their values in that order.
    """

    live: str
    columns: tuple[str, ...]
    names: tuple[str, ...]
    converted: tuple[tuple[int, Convert], ...]


class Snapshot:
    """The rows of some patients at one instant."""

    def __init__(self, patients: list[Patient], rows: Iterable[ClinicalRow]) -> None:
        self.patients = patients
        self._rows: dict[tuple[type[ClinicalRow], int], list[Any]] = defaultdict(list)
        by_id = {p.pk: p for p in patients}
        for row in rows:
            row._state.fields_cache["patient"] = by_id[row.patient_id]
            self._rows[type(row), row.patient_id].append(row)

    def rows(self, patient: Patient, model: type[Form]) -> list[Form]:
        return self._rows[model, patient.pk]

    def with_row(self, row: ClinicalRow) -> "Snapshot":
        """The snapshot as it will be once `row` is saved."""
        others = [
            r for rows in self._rows.values() for r in rows if not (type(r) is type(row) and r.pk == row.pk)
        ]
        return Snapshot(self.patients, [*others, row])

    def row(self, patient: Patient, model: type[Form]) -> Form | None:
        """The one row of a form that is entered once; None when it is not entered."""
        return next(iter(self._rows[model, patient.pk]), None)


def begin_as_of() -> datetime:
    """The present instant, fixed only once no writer can still add an entry before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(72001), clock_timestamp()")
        now: datetime = cursor.fetchone()[1]
    return now


def beginning_of_transaction() -> datetime:
    """The instant just before anything this transaction writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        then: datetime = cursor.fetchone()[0]
    return then


def extract(
    patients: Sequence[Patient] | None = None,
    *,
    as_of: datetime | None = None,
    tables: Sequence[type[ClinicalRow]] | None = None,
) -> Snapshot:
    """The snapshot of these patients (or all the actor may see) now, or as of an instant (aware datetime)."""
    chosen = list(clinical_models() if tables is None else tables)
    if as_of is not None and timezone.is_naive(as_of):
        raise ValueError("as_of needs a time zone")
    if patients is None:
        patients = _patients_at(as_of) if as_of else list(Patient.objects.select_related("site"))
    ids = [p.pk for p in patients]
    models_by_table = {m._meta.db_table: m for m in chosen}
    if as_of is None:
        sql = " UNION ALL ".join(_reading_of(model).live for model in chosen)
    else:
        sql = PAST
    parameters: dict[str, Any] = {"patients": ids, "tables": list(models_by_table), "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(sql + " ORDER BY 1, 2", parameters)
        read = _live_instance if as_of is None else instance_of
        rows = [read(models_by_table[table], image) for table, _, image in cursor.fetchall()]
    return Snapshot(list(patients), rows)


def _patients_at(as_of: datetime) -> list[Patient]:
    parameters: dict[str, Any] = {"tables": [Patient._meta.db_table], "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(PAST.replace(" AND patient_id = ANY(%(patients)s)", "") + " ORDER BY 1, 2", parameters)
        return [instance_of(Patient, image) for _, _, image in cursor.fetchall()]


def _live_instance(model: type[Row], values: str) -> Row:
    return _made(model, _DECODER.decode(values))


def instance_of(model: type[Row], image: str | dict[str, Any]) -> Row:
    """A model instance from a row image; a column the image does not know yet takes its default."""
    known = _DECODER.decode(image) if isinstance(image, str) else image
    instance = _made(model, [known.get(column, _ABSENT) for column in _reading_of(model).columns])
    for field in model._meta.concrete_fields:
        if instance.__dict__[field.attname] is _ABSENT:
            setattr(instance, field.attname, field.get_default())
    return instance


def _made(model: type[Row], values: list[Any]) -> Row:
    """What `model(*values)` makes of a row there is, in a third of the time: a snapshot has thousands."""
    reading = _reading_of(model)
    for place, convert in reading.converted:
        value = values[place]
        if value is not None and value is not _ABSENT:
            values[place] = convert(value)
    instance = model.__new__(model)
    instance.__dict__.update(zip(reading.names, values, strict=True))
    instance._state = ModelState()
    instance._state.adding = False
    return instance


_ABSENT = object()
_DECODER = json.JSONDecoder(parse_float=Decimal)


@cache
def _reading_of(model: type[models.Model]) -> _Reading:
    fields = model._meta.concrete_fields
    converters = [(place, _converter(field)) for place, field in enumerate(fields)]
    columns = ", ".join(f't."{field.column}"' for field in fields)
    return _Reading(
        live=f"""
            SELECT '{model._meta.db_table}' AS name, t.id, jsonb_build_array({columns})::text AS image
            FROM "{model._meta.db_table}" t WHERE t.patient_id = ANY(%(patients)s)
        """,
        columns=tuple(str(field.column) for field in fields),
        names=tuple(field.attname for field in fields),
        converted=tuple((place, convert) for place, convert in converters if convert is not None),
    )


def _converter(field: models.Field) -> Convert | None:
    """None: JSON has the value itself. Days and numbers need no check: columns hold nothing else."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    plain = (models.JSONField, models.IntegerField, models.BooleanField, models.TextField)
    is_text = isinstance(target, models.CharField) and type(target).to_python is models.CharField.to_python
    if isinstance(target, plain) or is_text:
        return None
    if type(target) is models.DecimalField:
        return _decimal
    return date.fromisoformat if type(target) is models.DateField else target.to_python


def _decimal(number: int | Decimal) -> Decimal:
    return number if type(number) is Decimal else Decimal(number)
