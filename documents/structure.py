"""What a form consists of, read off its registration: its own columns, and the lines that belong to it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import BinaryField, Field, ForeignKey, Model

from casebook.models import ClinicalRow, UnitField
from casebook.registry import CrfSpec, lines_of, specs


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of a table of their own. `parent` is the key that leads to the form.

    Without a parent they belong to the patient (a lesion keeps its label over all scans); `referred_by` then
    are the lines and keys that lead to them, and they are printed with the first form that refers to them.
    """

    model: type[ClinicalRow]
    title: str
    parent: str = ""
    referred_by: tuple[tuple["Lines", str], ...] = ()

    @property
    def fields(self) -> list[Field]:
        return entered(self.model, left_out={self.parent})

    @property
    def printed(self) -> list[Field]:
        return printed(self.model, left_out={self.parent})


def entered(model: type[Model], left_out: Collection[str] = ()) -> list[Field]:
    """The columns a person fills in, in the order of the form; a file is named by its other columns."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and field.name not in left_out
        and not isinstance(field, BinaryField)
    ]


def printed(model: type[Model], left_out: Collection[str] = ()) -> list[Field]:
    """The columns that stand on paper by themselves: a unit stands beside the number read in it."""
    return [field for field in entered(model, left_out) if not isinstance(field, UnitField)]


@cache
def lines_with(slug: str) -> tuple[Lines, ...]:
    """The lines of a form: first those with a key to it, then those of the patient that they refer to."""
    spec = next(s for s in specs() if s.slug == slug)
    models = lines_of(spec)
    own = tuple(
        Lines(model, _title(spec, model), parent) for model in models if (parent := _key(model, spec.model))
    )
    of_patient = tuple(
        Lines(model, _title(spec, model), referred_by=_referring(own, model))
        for model in models
        if not _key(model, spec.model)
    )
    return own + of_patient


def _title(spec: CrfSpec, model: type[Model]) -> Any:
    if spec.rows is not None and model is spec.rows.model:
        return spec.rows.title
    return model._meta.verbose_name


def _key(model: type[Model], to: type[Model]) -> str:
    """The name of the key that leads from one table to another; empty if there is none."""
    keys = (f for f in model._meta.concrete_fields if isinstance(f, ForeignKey) and f.editable)
    return next((key.name for key in keys if key.related_model is to), "")


def _referring(own: tuple[Lines, ...], model: type[Model]) -> tuple[tuple[Lines, str], ...]:
    return tuple((lines, key) for lines in own if (key := _key(lines.model, model)))
