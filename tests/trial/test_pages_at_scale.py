"""No page asks the database more often for five thousand patients than for fifty."""

import logging
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connections, models, transaction

from assessments.models import VitalSigns
from casebook.models import Patient
from patients import models as patients
from tests.databases import own_database
from tests.factories import Study, enter, make_patient, make_study
from tests.trial.every_url import ROLES, expectations
from tests.trial.visitors import Visitors, make_place
from trial.audit import acting
from trial.models import Site

FEW, MANY = 50, 5_000
APART = 10_000
"""How far the identifiers of one copy of a patient lie from those of the next."""
FORMS = (
    patients.Consent,
    patients.Screening,
    patients.BaselineDisease,
    patients.Visit,
    patients.MissedVisit,
    VitalSigns,
    patients.SurvivalFollowUp,
)


def of_patients() -> list[type[models.Model]]:
    """The tables that hold something of a patient, the patients themselves first."""
    found: list[type[models.Model]] = [Patient]
    rooms = [apps.get_app_config(name) for name in ("casebook", "patients", "assessments")]
    others = [model for room in rooms for model in room.get_models() if model is not Patient]
    while more := [m for m in others if any(f.related_model in found for f in m._meta.concrete_fields)]:
        found += more
        others = [model for model in others if model not in more]
    return found


def copied_value(field: models.Field, tables: list[type[models.Model]]) -> str:
    """The SQL of a column in the k-th copy of a row."""
    column = f'"{field.column}"'
    if field.primary_key or field.related_model in tables or field.name == "crf_id":
        return f"{column} + k * {APART}"
    if field.name in ("number", "registration_number"):
        return f"{column} || '-' || k"
    return column


def copy_patients(number: int) -> None:
    """Bring every site to this number of patients: copies, with all that was entered, of those it has.

    The copies are made as a restored backup would be, past triggers and services: they stand for data that
    were there before.
    """
    tables = of_patients()
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT max(id) / {APART} FROM casebook_patient")
        [[last]] = cursor.fetchall()
        for model in tables:
            fields = model._meta.concrete_fields
            columns = ", ".join(f'"{field.column}"' for field in fields)
            values = ", ".join(copied_value(field, tables) for field in fields)
            table = model._meta.db_table
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            cursor.execute(
                f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}"'
                f" CROSS JOIN generate_series({last + 1}, {number - 1}) k WHERE id < {APART}"
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
            cursor.execute(f'ANALYZE "{table}"')


def whole_patient(study: Study, site: Site) -> None:
    patient = make_patient(study, site=site)
    for model in FORMS:
        enter(model, patient)


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[Study]:
    logging.disable()  # a line per refusal says nothing here
    with django_db_blocker.unblock(), own_database("test_at_scale"):
        yield make_study()
    logging.disable(logging.NOTSET)


def test_pages_ask_no_more_often_for_five_thousand_patients_than_for_fifty(committed: Study):
    place = make_place(committed, committed.site_a)
    whole_patient(committed, committed.site_a)
    visitors = Visitors(committed)

    def queries() -> dict[str, int]:
        asked = {}
        for expected in expectations():
            for role in ROLES:
                if expected.method == "GET" and expected.own_site[role] == "200":
                    answer = visitors.ask(role, "GET", place.path(expected.address))
                    asked[f"{expected.address} as {role}"] = answer.queries
        return asked

    copy_patients(FEW // 2)
    queries()  # what is read once and kept is kept from here on
    few = queries()
    copy_patients(MANY // 2)
    many = queries()
    with acting(committed.monitor_a):
        assert Patient.objects.count() == MANY
    assert len(few) > 100
    assert {page: (number, many[page]) for page, number in few.items() if many[page] > number} == {}
