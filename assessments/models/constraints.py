"""Spans of days that must not overlap, kept apart by the database itself."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Value


class Days(Func):
    """The days from one column through another, both included; an empty end is open."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self, start: str, end: str, **extra: Any) -> None:
        super().__init__(start, end, Value("[]"), **extra)


class Numbers(Func):
    """The whole numbers from one column through another, both included; an empty end is open."""

    function = "int4range"
    output_field = IntegerRangeField()

    def __init__(self, start: str, end: str, **extra: Any) -> None:
        super().__init__(start, end, Value("[]"), **extra)


class NoOverlap(ExclusionConstraint):
    """No two rows alike in `same` share a day from `start` through `end`; the message shows at `start`.

    With `numbers`, two columns, rows may share days if they share no number from one through the other.
    """

    def __init__(
        self,
        *,
        name: str,
        same: tuple[str, ...],
        start: str,
        end: str,
        violation_error_message: Any,
        numbers: tuple[str, str] | tuple[()] = (),
    ) -> None:
        self.same, self.start, self.end, self.numbers = same, start, end, numbers
        super().__init__(
            name=name,
            expressions=[
                *((column, RangeOperators.EQUAL) for column in same),
                (Days(start, end), RangeOperators.OVERLAPS),
                *([(Numbers(*numbers), RangeOperators.OVERLAPS)] if numbers else []),
            ],
            violation_error_message=violation_error_message,
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        del kwargs["expressions"]
        stated = {"same": self.same, "start": self.start, "end": self.end}
        return path, args, kwargs | stated | ({"numbers": self.numbers} if self.numbers else {})

    def validate(self, model: type[models.Model], instance: models.Model, *args: Any, **kwargs: Any) -> None:
        try:
            super().validate(model, instance, *args, **kwargs)
        except ValidationError as error:
            raise ValidationError({self.start: error.messages}) from error


def refuse_end_before_start(start: Any, end: Any, *, field: str) -> None:
    """Refuse at `field` an end before its start: PostgreSQL knows no range of such days."""
    if start is not None and end is not None and end < start:
        raise ValidationError({field: f"This is before the start, {start}."})
