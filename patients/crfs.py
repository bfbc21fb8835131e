"""The patient's forms in the casebook: one entry each."""

from casebook.registry import CrfSpec, register
from patients import forms, models


def register_all() -> None:
    register(
        CrfSpec(
            slug="visit",
            title="Visit",
            group="Visits",
            model=models.Visit,
            form=forms.VisitForm,
            date_field="date",
            repeats=True,
        )
    )
