"""Spans of days that must not overlap, kept apart by the database itself."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Value


class Days(Func):
    """The days from one column through another, both included; an empty end is open."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self, start: str, end: str, **extra: Any) -> None:
        super().__init__(start, end, Value("[]"), **extra)


class NoOverlap(ExclusionConstraint):
    """No two rows alike in `same` share a day from `start` through `end`; the message shows at `start`."""

    def __init__(
        self, *, name: str, same: tuple[str, ...], start: str, end: str, violation_error_message: str
    ) -> None:
        self.same, self.start, self.end = same, start, end
        super().__init__(
            name=name,
            expressions=[
                *((column, RangeOperators.EQUAL) for column in same),
                (Days(start, end), RangeOperators.OVERLAPS),
            ],
            violation_error_message=violation_error_message,
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        del kwargs["expressions"]
        return path, args, kwargs | {"same": self.same, "start": self.start, "end": self.end}

    def validate(self, model: type[models.Model], instance: models.Model, *args: Any, **kwargs: Any) -> None:
        try:
            super().validate(model, instance, *args, **kwargs)
        except ValidationError as error:
            raise ValidationError({self.start: error.messages}) from error


def refuse_end_before_start(start: Any, end: Any, *, field: str) -> None:
    """Refuse at `field` an end before its start: PostgreSQL knows no range of such days."""
    if start is not None and end is not None and end < start:
        raise ValidationError({field: f"This is before the start, {start}."})
