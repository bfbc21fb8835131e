"""A form checked as a whole, in words and at its fields, before it is saved."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db.models import UniqueConstraint

from assessments.models import VitalSigns
from casebook.registry import clinical_models
from casebook.validation import validate
from patients.models import Enrolment
from tests.factories import change, enter, make_patient, posted_new, signed_in, unsaved
from trial.audit import acting

TAKEN = "Vital signs of this day are already entered."
SAID = "The diastolic pressure must be below the systolic one."


def test_a_form_contradicting_itself_is_refused_in_words(patient):
    with pytest.raises(ValidationError) as refused:
        enter(VitalSigns, patient, systolic=80, diastolic=80)
    assert refused.value.message_dict == {"__all__": [SAID]}
    assert enter(VitalSigns, patient, systolic=None, diastolic=80).pk


def test_everything_that_is_wrong_is_said_at_once(study, patient):
    enter(VitalSigns, patient)
    with pytest.raises(ValidationError) as refused:
        enter(VitalSigns, patient, pulse=7, systolic=80, diastolic=90)
    assert refused.value.message_dict == {
        "pulse": ["Ensure this value is greater than or equal to 20."],
        "__all__": [SAID, TAKEN],
    }


def test_a_day_that_is_no_day_is_not_looked_for(patient):
    enter(VitalSigns, patient)
    with pytest.raises(ValidationError) as refused:
        enter(VitalSigns, patient, date="some day")
    assert list(refused.value.message_dict) == ["date"]


def test_what_is_empty_is_never_the_same(patient):
    with pytest.raises(ValidationError) as refused:
        enter(VitalSigns, patient, date=None)
    assert list(refused.value.message_dict) == ["date"]


def test_a_form_is_not_its_own_double(study, patient):
    signs = enter(VitalSigns, patient)
    other = enter(VitalSigns, patient, date=date(2012, 1, 21))
    assert change(signs, pulse=70).version == 2
    with pytest.raises(ValidationError) as refused:
        change(other, date=date(2012, 1, 20))
    assert refused.value.message_dict == {"__all__": [TAKEN]}


def test_a_number_given_out_before_is_refused_at_its_field(study, patient):
    first = unsaved(Enrolment, patient)
    with acting(study.coordinator_a):
        first.save()
        other = unsaved(Enrolment, make_patient(study), registration_number=first.registration_number)
        with pytest.raises(ValidationError) as refused:
            validate(other)
        validate(first)
    assert list(refused.value.message_dict) == ["registration_number"]


def test_the_page_says_at_once_what_it_can_see(study, patient):
    with acting(study.coordinator_a):
        typed = posted_new(VitalSigns, patient, pulse="7", systolic="80", diastolic="90")
    page = signed_in(study.coordinator_a).post(f"/casebook/{patient.number}/vital-signs/new/", typed)
    form = page.context["form"]
    assert list(form.errors) == ["pulse", "__all__"]
    assert form.non_field_errors() == [SAID]


def test_every_unique_constraint_of_the_forms_is_one_this_check_can_ask(db):
    """Fields that are never empty, and no condition: asked by one plain statement."""
    for model in clinical_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert constraint.fields, constraint
                assert constraint.condition is None, constraint
                assert not any(model._meta.get_field(name).null for name in constraint.fields), constraint
