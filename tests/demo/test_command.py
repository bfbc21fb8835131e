"""The command: loads into an empty database only, once, and says so in a sentence."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from casebook.models import Patient, Query
from demo.load import is_loaded, load
from demo.people import PASSWORD
from demo.plan import Plan, frozen
from patients.models import Consent, EligibilityDecision, Enrolment
from tests.factories import make_study
from trial.audit import acting, system_person
from trial.models import Person, Role, Trial


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_a_second_load_changes_nothing(demo_database):
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        before = Query.objects.count()
    assert run() == "The SYNTHETIC demonstration trial is already here; nothing was changed.\n"
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        assert (Trial.objects.count(), Patient.objects.count(), Query.objects.count()) == (1, 30, before)


@pytest.mark.django_db
def test_another_trial_is_left_alone():
    make_study()
    with pytest.raises(CommandError, match="Another trial is here"):
        run()


@pytest.fixture
def first_days(plan) -> Plan:
    """The plan of one patient up to enrolment."""
    enrolled = next(s.on for s in plan.steps if (s.patient, s.form) == ("SYN-001", "enrolment"))
    steps = tuple(s for s in plan.steps if s.patient == "SYN-001" and s.on <= enrolled)
    return Plan(sites=plan.sites, steps=steps, questions=())


@pytest.mark.django_db
def test_a_load_that_was_interrupted_says_how_to_start_again(first_days):
    load(first_days)
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        assert Enrolment.objects.count() == 1
        assert EligibilityDecision.objects.count() == 1
    with pytest.raises(CommandError, match="only in part"):
        run()


@pytest.mark.django_db
def test_a_refused_step_is_named_and_leaves_nothing_of_its_day(first_days):
    consent, *others = first_days.steps
    wrong = replace(consent, values=frozen({**consent.values, "sex": "X"}))
    with pytest.raises(ValidationError) as refused:
        load(replace(first_days, steps=(wrong, *others)))
    assert refused.value.__notes__ == [f"SYN-001, {consent.on}: consent consent"]
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        assert not Patient.objects.exists()
        assert not Consent.objects.exists()


def test_a_sign_in_for_each_role():
    lines = [line.split() for line in run("--sign-ins").splitlines()]
    assert len(lines) == len(Role) == 8
    assert {line[-1] for line in lines} == {PASSWORD}
    assert all(line[-2].endswith("@demo.invalid") for line in lines)


@pytest.mark.django_db
def test_an_empty_database_has_no_demonstration_trial():
    with acting(system_person()):
        assert not is_loaded()
