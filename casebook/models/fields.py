"""Columns that Django has none for: dates with unknown parts, numbers as they were read, their units."""

from functools import cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from casebook.domain.partial_dates import PartialDate, PartialDateError

if TYPE_CHECKING:
    TextColumn = models.CharField[Any, Any]
    NumberColumn = models.DecimalField[Any, Any]
else:
    TextColumn = models.CharField
    NumberColumn = models.DecimalField


class PartialDateText(forms.CharField):
    """A partial date as it is typed; it has changed where it says something else than what is saved."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(*map(_as_kept, (initial, data)))


def _as_kept(value: Any) -> str:
    """The text the column would hold; what is no date stays as it was typed."""
    try:
        entry = value if isinstance(value, PartialDate) else PartialDate(value or "")
    except PartialDateError:
        return str(value)
    return entry.text


class PartialDateField(TextColumn):
    """A PartialDate as ISO 8601 text: 2019, 2019-03, 2019-03-14, or UNK (unknown). Empty is "not entered"."""

    description = "ISO 8601 date with unknown parts"

    if TYPE_CHECKING:
        _pyi_private_set_type: PartialDate | str  # type: ignore[assignment]
        _pyi_private_get_type: PartialDate  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> PartialDate | None:
        return PartialDate(value) if value else None

    def to_python(self, value: Any) -> PartialDate | None:
        if value is None or isinstance(value, PartialDate):
            return value
        if value == "":
            return None
        try:
            return PartialDate(str(value))
        except PartialDateError as error:
            raise ValidationError(str(error), code="invalid") from error

    def run_validators(self, value: PartialDate | None) -> None:
        super().run_validators(value.text if value else "")

    def get_prep_value(self, value: Any) -> str | None:
        value = self.to_python(value)
        return value.text if value else ("" if not self.null else None)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{
                "form_class": PartialDateText,
                "widget": forms.TextInput(
                    attrs={"placeholder": "YYYY-MM-DD, YYYY-MM, YYYY or UNK", "size": 12}
                ),
                "help_text": self.help_text or "A date, or as much of it as is known; UNK if nothing is.",
                **kwargs,
            }
        )


class MeasuredField(NumberColumn):
    """A number as it was read off the source: 5.20 stays 5.20, and is not rounded to the column's places."""

    description = "number as read"

    def db_type(self, connection: Any) -> str:
        return "numeric"


class UnitField(TextColumn):
    """The unit in which the number of another column, `of`, was read; pages show the two as one."""

    description = "unit of another column"

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def formfield(self, **kwargs: Any) -> Any:
        """A pick-list, drawn beside the number; one that is not sent leaves the unit as it is."""
        field: Any = super().formfield(**kwargs | {"widget": forms.Select, "required": False})
        field.unit_of = self.of
        return field


@cache
def units_of(model: type[models.Model]) -> dict[str, UnitField]:
    """The unit column of each column that has one, by the name of the latter."""
    return {field.of: field for field in model._meta.concrete_fields if isinstance(field, UnitField)}
