"""Every form says how it is filled in, and offers from the last one nothing that was measured."""

import pytest
from django.db import models

from assessments.models import VitalSigns
from casebook.registry import CrfSpec, specs
from tests.factories import enter, signed_in

MEASURED = (models.IntegerField, models.DecimalField, models.FloatField, models.DateField)


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.slug)
def test_every_form_has_its_guide_and_every_help_its_field(spec: CrfSpec):
    assert spec.guide.form, "how is this form filled in?"
    assert set(spec.guide.fields) <= {field.name for field in spec.model.fields_entered()}


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.slug)
def test_what_is_taken_over_says_how_something_is_measured_never_what_was(spec: CrfSpec):
    for name in spec.carried:
        field = spec.model._meta.get_field(name)
        assert spec.repeats
        assert field.choices or not isinstance(field, MEASURED), f"{name} is a measurement"


def test_the_guide_stands_beside_the_form_for_whoever_opens_it(study, patient):
    signs = enter(VitalSigns, patient)
    for person in (study.coordinator_a, study.monitor_a):
        page = signed_in(person).get(f"/casebook/{patient.number}/vital-signs/{signs.pk}/").content.decode()
        assert "How to fill in this form" in page
        assert "seated after five minutes of rest" in page
        assert "If measured more than once, the last reading." in page
