"""What a save would change: fields of a saved row that now say something else, old value and new."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, ForeignKey, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from casebook.models.fields import UnitField, units_of

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change in words. `name` is the field as its errors name it, or a whole line ("lines-2")."""

    name: str
    label: str
    before: str
    after: str


def entered_fields(model: type[Model] | Model, left_out: Collection[str] = ()) -> "list[Field[Any, Any]]":
    """The columns of a row that a person fills in; a unit goes with its number. Not whose row it is."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and not isinstance(field, UnitField)
        and field.name not in left_out
    ]


def changed_fields(before: Model, row: Model) -> "list[Field[Any, Any]]":
    """The fields filled in that say something else than before; nothing and an empty text are the same."""
    units = units_of(type(row))
    return [field for field in entered_fields(row) if _is_changed(before, row, field, units.get(field.name))]


def _is_changed(before: Model, row: Model, field: "Field[Any, Any]", unit: UnitField | None) -> bool:
    was, now = (_plain(getattr(image, field.attname)) for image in (before, row))
    if unit is None or (was is None and now is None):
        return bool(was != now)
    return bool(was != now) or bool(getattr(before, unit.attname) != getattr(row, unit.attname))


def columns_of_change(field: "Field[Any, Any]") -> list[str]:
    """The columns whose change is a change of this field: its own and its unit's."""
    unit = units_of(field.model).get(field.name)
    return [str(field.column), *([str(unit.column)] if unit else [])]


def changes_between(before: Model, row: Model, prefix: str = "", where: str = "") -> list[FieldChange]:
    """Each changed field with both values; `where` names the line it stands in."""
    return [
        FieldChange(
            f"{prefix}{field.name}",
            capfirst(f"{where}{field.verbose_name}"),
            said_of(before, field),
            said_of(row, field),
        )
        for field in changed_fields(before, row)
    ]


def line_in_words(row: Model, left_out: Collection[str] = ()) -> str:
    """What a line says, for one that is added or taken out as a whole."""
    said = [said_of(row, field) for field in entered_fields(row, left_out)]
    return ", ".join(text for text in said if text != NOTHING) or NOTHING


def said_of(row: Model, field: "Field[Any, Any]") -> str:
    """The field's value as the row has it; a row it refers to by what that row is called."""
    if isinstance(field, ForeignKey):
        return in_words(field, getattr(row, field.name))
    unit = units_of(type(row)).get(field.name)
    values = {str(f.column): getattr(row, f.attname) for f in (field, unit) if f is not None}
    return said_in(values, field, unit)


def said_in(image: Mapping[str, Any], field: "Field[Any, Any]", unit: UnitField | None) -> str:
    """The field's value as an image of the row has it, with the unit it was read in."""
    text = in_words(field, image.get(str(field.column)))
    if unit is None or text == NOTHING:
        return text
    written = image.get(str(unit.column), unit.default)
    return f"{text} {dict(unit.flatchoices).get(written, written)}".removesuffix(" –")


def in_words(field: "Field[Any, Any]", value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(dict(field.flatchoices).get(value, value))


def _plain(value: Any) -> Any:
    return None if value == "" else value
