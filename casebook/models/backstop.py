"""What the database says again, after validators and `clean` said it in words at the field."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import Deferrable, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from casebook.models.fields import PartialDateField

M = TypeVar("M", bound=type[models.Model])

_YEAR = "(?!0000)[0-9]{4}"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY = (
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8])"
)
PARTIAL_DATE = rf"^(?:UNK|{_YEAR}(?:-(?:0[1-9]|1[0-2]|{_DAY}))?|{_LEAP_YEAR}-02-29)\Z"
"""What a PartialDate can be, as PostgreSQL and Python both read it: a year, a month, or a day there is."""


class Backstop(models.CheckConstraint):
    """A check that only the database makes: validators and `clean` have spoken before, at the field.

    Checking it in Python as well would cost a query for every constraint of every save.
    """

    def validate(self, *args: Any, **kwargs: Any) -> None:
        return

    def deconstruct(self) -> Any:
        _, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs


class UniqueOnceWritten(models.UniqueConstraint):
    """Unique among the lines of a save once all are written: meanwhile two may change places.

    Asked before a line is written it would find the other one where that no longer will be; so it answers
    only to `casebook.refusals.alike`, afterwards.
    """

    def __init__(self, *, fields: list[str], name: str, violation_error_message: str, **kwargs: Any) -> None:
        super().__init__(
            fields=fields,
            name=name,
            violation_error_message=violation_error_message,
            **kwargs | {"deferrable": Deferrable.DEFERRED},
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        return

    def validate_written(self, row: models.Model) -> None:
        super().validate(type(row), row)

    def deconstruct(self) -> Any:
        _, args, kwargs = super().deconstruct()
        return "django.db.models.UniqueConstraint", args, kwargs


def once(form: str, title: str) -> models.UniqueConstraint:
    """One row of this form per patient."""
    return models.UniqueConstraint(
        fields=["patient"],
        name=f"one_{form}_per_patient",
        violation_error_message=f"{title} was already entered for this patient. Open it to change it.",
    )


def only_with(form: str, field: str, detail: str, *, empty: Q) -> Backstop:
    """The detail is empty unless the field is answered yes."""
    answered_yes = Q(**{field: True, f"{field}__isnull": False})
    return Backstop(condition=answered_yes | empty, name=f"{form}_{detail}_belongs")


def backed_up(model: M) -> M:
    """Give the model's table a check for everything its fields say of their values.

    Choices, validators, a required text, the shape of a partial date: each is stated once, at the field. A
    validator that no check is known for is refused when the model is read.
    """
    table = re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()
    said = [
        Backstop(condition=condition, name=f"{table}_{field.name}_{aspect}")
        for field in model._meta.concrete_fields
        if not field.is_relation
        for aspect, condition in _said_of(field)
    ]
    model._meta.constraints = [*model._meta.constraints, *said]
    model._meta.original_attrs["constraints"] = model._meta.constraints  # where makemigrations looks
    return model


def _said_of(field: "models.Field[Any, Any]") -> Iterator[tuple[str, Any]]:
    is_text = isinstance(field, models.CharField | models.TextField)
    if field.choices:
        empty = [""] if is_text and field.blank else []
        values = dict.fromkeys([*empty, *(value for value, _ in field.flatchoices)])
        yield "choice", Q(**{f"{field.name}__in": list(values)})
    elif isinstance(field, PartialDateField):
        yield "is_date", Q(**{f"{field.name}__regex": PARTIAL_DATE})
    elif is_text and not field.blank:
        yield "given", ~Q(**{field.name: ""})
    if isinstance(field, models.TextField) and field.max_length is not None:
        yield "length", _no_longer_than(field.name, field.max_length)
    limits = Q()
    for validator in field.deconstruct()[3].get("validators", []):
        match validator:
            case MinValueValidator(limit_value=low):
                limits &= Q(**{f"{field.name}__gte": low})
            case MaxValueValidator(limit_value=high):
                limits &= Q(**{f"{field.name}__lte": high})
            case MaxLengthValidator(limit_value=most):
                yield "length", _no_longer_than(field.name, most)
            case RegexValidator(regex=form, flags=0, inverse_match=False):
                yield "form", Q(**{f"{field.name}__regex": re.compile(form).pattern})
            case _:
                raise TypeError(f"No check of the database is known for {validator!r} of {field}.")
    if limits:
        yield "limits", limits


def _no_longer_than(name: str, most: int) -> Any:
    return LessThanOrEqual(Length(name), most)
