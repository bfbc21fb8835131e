"""What the project's actions are held against, measured in the same run on the same machine."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.db import connection, connections, models

FIELDS = 40


def _columns() -> dict[str, models.Field]:
    kinds = (
        lambda n: models.DecimalField(f"value {n}", max_digits=8, decimal_places=2, null=True, blank=True),
        lambda n: models.DateField(f"date {n}", null=True, blank=True),
        lambda n: models.CharField(f"text {n}", max_length=50, blank=True),
        lambda n: models.PositiveSmallIntegerField(f"count {n}", null=True, blank=True),
    )
    return {f"field_{n:02}": kinds[n % len(kinds)](n) for n in range(FIELDS)}


def _plain_model() -> type[models.Model]:
    meta = type("Meta", (), {"app_label": "benchmarks", "db_table": "benchmarks_plain"})
    return type("Plain", (models.Model,), {"__module__": __name__, "Meta": meta, **_columns()})


Plain = _plain_model()
PlainForm: Any = forms.modelform_factory(Plain, fields=[f"field_{n:02}" for n in range(FIELDS)])


def make_table() -> None:
    """A table without trigger, trail or row-level security."""
    with connections["owner"].schema_editor() as editor:
        editor.create_model(Plain)


def plain_values() -> dict[str, str]:
    values = (str(Decimal("12.34")), "2012-01-20", "some words", "7")
    return {f"field_{n:02}": values[n % len(values)] for n in range(FIELDS)}


def plain_save() -> None:
    """A Django ModelForm of forty fields read from what a browser sent, validated and saved."""
    form = PlainForm(plain_values())
    assert form.is_valid(), form.errors
    form.save()


def plain_form() -> None:
    """The same form drawn by Django's own renderer."""
    PlainForm(initial=plain_values()).as_div()


def round_trip() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


REFERENCES: dict[str, Callable[[], None]] = {
    "one SELECT 1": round_trip,
    "plain form of 40 fields, drawn": plain_form,
    "plain form of 40 fields, saved": plain_save,
}
