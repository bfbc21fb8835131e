"""A stored value in words, as the printed form says it."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, DateField, Field, ForeignKey, Model
from django.utils.translation import gettext as _

from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from casebook.models import ClinicalRow, PartialDateField, Patient
from casebook.models.fields import units_of
from documents.domain.pages import Cell, Tone

UNITS = {
    *("%", "°C", "cm", "kg", "g", "mg", "mg/day", "mm", "mmHg", "ms", "per minute", "days", "tablets"),
    *("g/dL", "g/L", "mg/dL", "mg/L", "µmol/L", "mmol/L", "µg/L", "ng/mL", "mAU/mL", "U/L", "IU/L", "IU/mL"),
    *("/mm³", "10^9/L", "10^12/L"),
}
"""What may stand behind the last comma of a number's label and be its unit."""
BOX, LINE = "□", "________"
NO_UNIT = "–"


def label(field: Field) -> str:
    """The field's name as the form shows it, without its unit."""
    return _apart(field)[0]


def unit(field: Field) -> str:
    """The unit in which a number is entered, from the label that states it; empty where there is none."""
    return _apart(field)[1]


def _apart(field: Field) -> tuple[str, str]:
    name = str(field.verbose_name)
    found = re.fullmatch(r"(?P<name>.+)[,、，]\s*(?P<unit>[^,、，]+)", name)
    if found is None or found["unit"] not in UNITS or not is_number(field):
        return name, ""
    return found["name"], found["unit"]


def is_number(field: Field) -> bool:
    return not field.choices and field.get_internal_type() in (
        "DecimalField",
        "IntegerField",
        "PositiveIntegerField",
        "PositiveSmallIntegerField",
        "SmallIntegerField",
    )


def blank(field: Field) -> Cell:
    """Where the value would be written: a box for each choice, a line for anything else."""
    if isinstance(field, BooleanField):
        return Cell(f"{BOX} {_('Yes')}   {BOX} {_('No')}")
    units = units_of(field.model).get(field.name)
    if units is not None:
        written = [words for _value, words in units.flatchoices if words != NO_UNIT]
        several = len(written) > 1
        return Cell(" ".join([LINE, *(f"{BOX} {words}" if several else str(words) for words in written)]))
    if field.choices:
        return Cell(
            "   ".join(f"{BOX} {words}" for value, words in field.flatchoices if value not in (None, ""))
        )
    if isinstance(field, DateField | PartialDateField):
        return Cell("____-__-__")
    return Cell(f"{LINE} {unit(field)}".strip())


class Words:
    """The values of one patient's rows in words; a row that another refers to is named as it names itself."""

    def __init__(self, snapshot: Snapshot, patient: Patient) -> None:
        self._snapshot, self._patient = snapshot, patient
        self._named: dict[tuple[type[Model], Any], str] = {}

    def cell(self, row: Model, field: Field) -> Cell:
        value = getattr(row, field.attname)
        if value is None or value == "":
            return Cell(_("not entered"), Tone.MISSING)
        if isinstance(field, ForeignKey):
            return Cell(self._name(field, value))
        return Cell(f"{self._said(field, value)} {self._unit(row, field)}".strip())

    def _unit(self, row: Model, field: Field) -> str:
        """As entered with the value where it could be chosen, else as the label states it."""
        units = units_of(type(row)).get(field.name)
        if units is None:
            return unit(field)
        written = getattr(row, units.attname)
        return str(dict(units.flatchoices).get(written, written)).removeprefix(NO_UNIT)

    def _said(self, field: Field, value: Any) -> str:
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, PartialDate):
            return _("unknown (UNK)") if value.text == "UNK" else value.text
        if isinstance(value, Decimal):
            return f"{value:f}"
        return value.isoformat() if isinstance(value, date) else str(value)

    def _name(self, key: ForeignKey, value: Any) -> str:
        """What a key leads to, in words: a row of this patient as it then was, else what the key says."""
        model = key.related_model
        if (model, value) not in self._named:
            self._named[model, value] = self._found(key, value)
        return self._named[model, value]

    def _found(self, key: ForeignKey, value: Any) -> str:
        model: Any = key.related_model
        if issubclass(model, ClinicalRow):
            rows = self._snapshot.rows(self._patient, model)
            return next((str(row) for row in rows if row.pk == value), str(value))
        if not key.target_field.primary_key:
            return str(value)
        return str(model._default_manager.filter(pk=value).first() or value)
