"""The database says again what the fields say: neither lets through what the other refuses.

Every table of the casebook is looked at, and the reference ranges: a field that comes to one of them is too.
"""

from collections.abc import Iterator
from copy import copy
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    StepValueValidator,
)
from django.db import models, transaction
from django.test.utils import isolate_apps

from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    ImagingRead,
    IndependentRead,
    Lesion,
    LesionReading,
    LesionRole,
    ReferenceRange,
    VitalSigns,
)
from casebook.domain.partial_dates import PartialDate, PartialDateError
from casebook.models import PartialDateField
from casebook.models.backstop import PARTIAL_DATE, backed_up
from casebook.registry import clinical_models
from patients.models import Screening
from patients.models.screening import EVENTS
from tests.assessments.conftest import make_range
from tests.databases import as_application, refused
from tests.factories import VALID, unsaved
from trial.audit import acting, set_actor

CHECK_VIOLATION, TOO_MANY_DIGITS = "23514", "22003"
TABLES = [*clinical_models(), ReferenceRange]
FILLED: dict[type, dict[str, Any]] = {
    Screening: dict.fromkeys(EVENTS, True) | {f"{event}_date": "2011" for event in EVENTS},
    ImagingRead: {"date": date(2012, 1, 10), "modality": "CONTRAST ENHANCED CT SCAN"},
    Lesion: {"label": "T01", "organ": "LIVER"},
    LesionReading: {"state": "MEASURED", "diameter": Decimal("42.0")},
    LesionRole: {"period": 1, "role": "TARGET"},
    AdverseEventGrade: {"date": "2012-03-01", "grade": 2},
}
PARENTS = {"adverse_event": AdverseEvent, "read": ImagingRead, "lesion": Lesion}


@pytest.fixture
def row_of(study, patient) -> Iterator[Any]:
    """A valid row, saved past every check across forms: the database alone judges what is put into it."""

    def saved(model: type) -> Any:
        if model is ReferenceRange:
            return make_range(study)
        if model is IndependentRead:
            set_actor(study.reader)  # whom alone the database lets write it
        if model in VALID:
            row = unsaved(model, patient, **FILLED.get(model, {}))
        else:
            parents = [f.name for f in model._meta.concrete_fields if f.name in PARENTS]
            row = model(patient=patient, **FILLED[model], **{name: saved(PARENTS[name]) for name in parents})
        row.save()
        row.refresh_from_db()
        return row

    with acting(study.coordinator_a, reason="a test"):
        yield saved


def fields_of(model: type[models.Model]) -> list[Any]:
    columns = model._meta.concrete_fields
    return [f for f in columns if f.editable and not f.is_relation and not f.primary_key]


def limits_of(field: Any) -> tuple[Any, Any]:
    """The lowest and the highest value that the field's own validators allow, None without limit."""
    stated = field.deconstruct()[3].get("validators", [])
    low = [v.limit_value for v in stated if isinstance(v, MinValueValidator)]
    high = [v.limit_value for v in stated if isinstance(v, MaxValueValidator)]
    return max(low, default=None), min(high, default=None)


def longest(field: Any) -> int | None:
    stated = field.deconstruct()[3].get("validators", [])
    longest = [v.limit_value for v in stated if isinstance(v, MaxLengthValidator)]
    return min(longest, default=field.max_length)


def tried(field: Any) -> Iterator[Any]:
    """Values at and just beyond what the field allows."""
    low, high = limits_of(field)
    step = Decimal(1).scaleb(-field.decimal_places) if isinstance(field, models.DecimalField) else 1
    yield from () if low is None else (low - step, low)
    yield from () if high is None else (high, high + step)
    if field.choices:
        yield from dict(field.flatchoices)
        yield from ("", "?") if isinstance(field, models.CharField) else (9,)
    elif isinstance(field, PartialDateField):
        yield from ("", "UNK", "2012", "1812", "2012-02", "2012-13", "2012-02-29", "2011-02-29", "20120229")
    elif isinstance(field, models.CharField):
        yield from ("", " ", "A-1", "a\n")
    yield from [None] if field.null else []


def python_refuses(row: Any, field: Any, value: Any) -> bool:
    changed = copy(row)
    setattr(changed, field.name, value)
    try:
        changed.full_clean(exclude={"patient"})
    except ValidationError:
        return True
    return bool(field.get_prep_value(getattr(changed, field.name)) != value)


def database_refuses(row: Any, field: Any, value: Any) -> bool:
    sql = f'UPDATE {row._meta.db_table} SET "{field.column}" = %s WHERE id = {row.pk}'
    with transaction.atomic():
        code = refused(sql, value)
        transaction.set_rollback(True)  # the next value meets the row as it was
    allowed = {"", CHECK_VIOLATION}
    if isinstance(field, models.DecimalField) and value is not None and value.is_finite():
        whole = field.max_digits - field.decimal_places
        allowed |= {TOO_MANY_DIGITS} if abs(value) >= 10**whole else set()
    assert code in allowed, (field, value, code)
    return bool(code)


@pytest.mark.parametrize("model", TABLES)
def test_what_a_field_refuses_the_database_refuses_too_and_nothing_else(row_of, model):
    row = row_of(model)
    differing = {
        (field.name, value): f"Python {'refuses' if said else 'lets through'}, the database does not agree"
        for field in fields_of(model)
        for value in tried(field)
        if (said := python_refuses(row, field, value)) != database_refuses(row, field, value)
    }
    assert differing == {}


@pytest.mark.parametrize("model", TABLES)
def test_each_number_has_two_limits_and_each_choice_its_values(row_of, model):
    """Every field that has any: also one that comes later, or it has no check."""
    row = row_of(model)
    for field in fields_of(model):
        is_number = isinstance(field, models.DecimalField | models.PositiveSmallIntegerField)
        if is_number and not field.choices:
            low, high = limits_of(field)
            step = Decimal(1).scaleb(-field.decimal_places) if isinstance(field, models.DecimalField) else 1
            assert high is not None, field
            assert database_refuses(row, field, (0 if low is None else low) - step), field
            assert database_refuses(row, field, high + step), field
        if isinstance(field, models.DecimalField):
            assert database_refuses(row, field, Decimal("NaN")), field
        if field.choices:
            wrong = "?" if isinstance(field, models.CharField) else 9
            assert database_refuses(row, field, wrong), field


@pytest.mark.parametrize("model", TABLES)
def test_a_text_has_an_end(row_of, model):
    row = row_of(model)
    for field in fields_of(model):
        if isinstance(field, models.TextField):
            assert (most := longest(field)) is not None, field
            assert not database_refuses(row, field, "x" * most), field
            assert database_refuses(row, field, "x" * (most + 1)), field


@pytest.mark.parametrize(
    ("model", "assignments"),
    [
        (DoseInterval, '"end" = start - 1'),
        (ReferenceRange, "valid_to = valid_from - 1"),
        (ReferenceRange, "lln = uln"),
        (ReferenceRange, "lln = NULL, uln = NULL"),
        (ReferenceRange, "unit = 'mg/dL'"),
        (ReferenceRange, "analyte = 'creatinine'"),
        (LesionReading, "diameter = NULL"),
        (LesionReading, "state = 'ABSENT'"),
        (VitalSigns, "systolic = 90, diastolic = 90"),
    ],
)
def test_what_contradicts_itself_is_refused(row_of, model, assignments):
    row = row_of(model)
    assert refused(f"UPDATE {row._meta.db_table} SET {assignments} WHERE id = {row.pk}") == CHECK_VIOLATION


def is_partial_date(text: str) -> bool:
    try:
        return PartialDate(text).text == text != ""
    except PartialDateError:
        return False


def test_postgresql_knows_the_calendar_of_partial_dates(db):
    """Every month and day of leap years and others, and what is nearly a date."""
    years = ("0000", "0001", "0004", "0100", "0400", "1900", "1996", "2000", "2011", "2012", "9999")
    months = [f"{month:02}" for month in range(14)]
    days = [f"{day:02}" for day in range(33)]
    texts = [
        *years,
        *("-".join(parts) for parts in product(years, months)),
        *("-".join(parts) for parts in product(years, months, days)),
        *(
            "UNK",
            "unk",
            "",
            " ",
            "2012\n",
            " 2012",
            "12",
            "20120",
            "2012-1",
            "2012-1-1",
            "2012-01-1",
            "2012-01-",
        ),
        *("2012-01-01 ", "2012-01-01x", "UNKN", "UNK-01", "2012-UNK", "2012/01/01", "٢٠١٢"),
    ]
    found = as_application("SELECT t FROM unnest(%s::text[]) t WHERE t ~ %s", texts, PARTIAL_DATE)
    assert {text for (text,) in found} == set(filter(is_partial_date, texts))


@isolate_apps()
def test_a_limit_no_check_is_known_for_is_refused_when_the_model_is_read():
    class Pulse(models.Model):
        rate = models.PositiveSmallIntegerField(validators=[StepValueValidator(2)])

        class Meta:
            app_label = "assessments"

        def __str__(self) -> str:
            return str(self.rate)

    with pytest.raises(TypeError, match="No check of the database is known for"):
        backed_up(Pulse)
