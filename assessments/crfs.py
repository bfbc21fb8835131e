"""The assessments in the casebook: one entry each."""

from assessments import forms, models
from casebook.registry import CrfSpec, register


def register_all() -> None:
    register(
        CrfSpec(
            slug="vital-signs",
            title="Vital signs and ECOG",
            group="Visits",
            model=models.VitalSigns,
            form=forms.VitalSignsForm,
            date_field="date",
            repeats=True,
            expected=("systolic", "diastolic", "pulse", "temperature", "weight", "ecog"),
        )
    )
