"""What the database says again of a column, after its validators said it in words at the field."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q


class Backstop(models.CheckConstraint):
    """A check that only the database makes: validators and `clean` have spoken before, at the field.

    Checking it in Python as well would cost a query for every constraint of every save.
    """

    def validate(self, *args: Any, **kwargs: Any) -> None:
        return

    def deconstruct(self) -> Any:
        _, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs


def once(form: str, title: str) -> models.UniqueConstraint:
    """One row of this form per patient."""
    return models.UniqueConstraint(
        fields=["patient"],
        name=f"one_{form}_per_patient",
        violation_error_message=f"{title} was already entered for this patient. Open it to change it.",
    )


def within(form: str, **limits: tuple[Any, Any]) -> list[Backstop]:
    """Each field lies between its two limits, both included."""
    return [
        Backstop(condition=Q(**{f"{field}__gte": low, f"{field}__lte": high}), name=f"{form}_{field}_limits")
        for field, (low, high) in limits.items()
    ]


def one_of(form: str, **values: Iterable[Any]) -> list[Backstop]:
    """Each field holds one of its choices."""
    return [
        Backstop(condition=Q(**{f"{field}__in": list(allowed)}), name=f"{form}_{field}_choice")
        for field, allowed in values.items()
    ]


def only_with(form: str, field: str, detail: str, *, empty: Q) -> Backstop:
    """The detail is empty unless the field is answered yes."""
    answered_yes = Q(**{field: True, f"{field}__isnull": False})
    return Backstop(condition=answered_yes | empty, name=f"{form}_{detail}_belongs")
