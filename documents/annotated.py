"""The blank forms annotated from their models: each field's name, what it takes, where it goes in SDTM."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import BooleanField, DecimalField, Field, ForeignKey
from django.utils.translation import gettext as _
from django.utils.translation import override

from casebook.models import PartialDateField
from casebook.registry import CrfSpec, specs
from documents.domain.pages import Cell, Column, Document, Part, Section, Table, Tone
from documents.domain.sdtm import Annotation, parse_annotation
from documents.structure import entered, lines_with
from documents.values import is_number, label, unit
from trial.models import Trial
from trial.version import code_version

STANDARD = "SDTMIG 3.4, SDTM controlled terminology 2025-03-28"
SDTM = Path(__file__).parent / "sdtm.toml"


@cache
def annotations() -> dict[str, dict[str, Annotation]]:
    """By model ("patients.Consent") and field; SdtmError names what is no target."""
    declared = tomllib.loads(SDTM.read_text())
    return {
        model: {name: parse_annotation(text) for name, text in fields.items()}
        for model, fields in declared.items()
    }


def annotated_forms(trial: Trial, *, language: str, at: datetime) -> Document:
    """Every form of the registry with its lines, a part each."""
    with override(language):
        said = [
            (_("Trial"), f"{trial.title} ({trial.code})"),
            (_("Standard"), STANDARD),
            (_("Software"), f"Rebaseline {code_version()}"),
        ]
        columns = [Column(_("Item"), 5), Column(_("Value"), 7)]
        return Document(
            language=language,
            title=_("Annotated case report forms"),
            subtitle=_("Every field with its name, type, values and SDTM target, as the software holds them"),
            banner="",
            head=f"{trial.code} · {_('Annotated case report forms')}",
            foot=f"Rebaseline {code_version()}",
            page_of=_("Page {page} of {pages}"),
            contents=_("Forms"),
            at=at,
            facts=Table("", columns, [[Cell(name), Cell(text)] for name, text in said]),
            sections=list(_sections()),
        )


def _sections() -> Iterator[Section]:
    for group, found in groupby(specs(), key=lambda spec: spec.group):
        yield Section(_(group), [_part(spec) for spec in found])


def _part(spec: CrfSpec) -> Part:
    tables = [_table(entered(spec.model), expected=spec.expected)]
    tables += [
        _table(lines.fields, f"{lines.title} ({lines.model._meta.label})") for lines in lines_with(spec.slug)
    ]
    once = _("Entered as often as needed.") if spec.repeats else _("Entered once.")
    return Part(
        str(spec.title), tables, [Cell(f"{spec.model._meta.label} · {spec.slug} · {once}", Tone.CODE)]
    )


def _table(fields: list[Field], title: str = "", *, expected: tuple[str, ...] = ()) -> Table:
    columns = [
        Column(_("Field"), 6),
        Column(_("Name"), 6),
        Column(_("Type"), 4),
        Column(_("Values"), 7),
        Column(_("Required"), 3),
        Column("SDTM", 8),
    ]
    return Table(title, columns, [_row(field, field.name in expected) for field in fields])


def _row(field: Field, is_expected: bool) -> list[Cell]:
    annotation = annotations().get(field.model._meta.label, {}).get(field.name)
    target = Cell(str(annotation), Tone.CODE) if annotation else Cell(_("not annotated"), Tone.MISSING)
    stated = f"{label(field)} [{unit(field)}]" if unit(field) else label(field)
    return [
        Cell(stated),
        Cell(field.name, Tone.CODE),
        Cell(_type(field), Tone.CODE),
        Cell("\n".join(_values(field)), Tone.CODE),
        Cell(_required(field, is_expected), Tone.CODE),
        target,
    ]


def _required(field: Field, is_expected: bool) -> str:
    if not (field.null or field.blank):
        return _("required")
    return _("expected") if is_expected else _("optional")


def _type(field: Field) -> str:
    if isinstance(field, ForeignKey):
        return _("refers to %(other)s") % {"other": field.related_model._meta.verbose_name}
    if isinstance(field, BooleanField):
        return _("yes or no")
    if isinstance(field, PartialDateField):
        return _("date, parts may be unknown")
    if field.choices:
        return _("one of a list")
    if isinstance(field, DecimalField):
        numbers = {"digits": field.max_digits, "places": field.decimal_places}
        return _("number, %(digits)s digits, %(places)s of them decimals") % numbers
    if is_number(field):
        return _("whole number")
    return _("date") if field.get_internal_type() == "DateField" else _("text")


def _values(field: Field) -> Iterator[str]:
    """What the field takes: codes with their words, limits, the longest text, the form of it."""
    if field.choices:
        yield from (f"{value} = {words}" for value, words in field.flatchoices if value not in (None, ""))
        return
    low = [v.limit_value for v in field.validators if isinstance(v, MinValueValidator)]
    high = [v.limit_value for v in field.validators if isinstance(v, MaxValueValidator)]
    if is_number(field) and (low or high):
        yield _range(max(low, default=None), min(high, default=None))
    if isinstance(field, PartialDateField):
        yield "YYYY-MM-DD, YYYY-MM, YYYY, UNK"
    elif field.get_internal_type() == "DateField":
        yield "YYYY-MM-DD"
    elif field.max_length is not None:
        yield _("at most %(number)s characters") % {"number": field.max_length}
    yield from (str(v.message) for v in field.validators if isinstance(v, RegexValidator))


def _range(low: object, high: object) -> str:
    if high is None:
        return f"≥ {low}"
    return f"{low} – {high}" if low is not None else f"≤ {high}"
