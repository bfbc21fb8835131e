"""The lists over many patients, and what each of them costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.domain.status import PatientStatus
from monitoring.selectors import patients_with_status
from tests import factories
from trial.audit import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> factories.Study:
    return factories.make_study()


PAGES = [
    "monitoring:work",
    "monitoring:patients",
    "monitoring:dashboard",
    "monitoring:deviations",
    "monitoring:queries",
]


@pytest.mark.parametrize("name", PAGES)
def test_a_list_costs_the_same_for_any_number_of_patients(study: factories.Study, name: str) -> None:
    client = factories.signed_in(study.coordinator_a)
    factories.make_patient(study)
    client.get(reverse(name))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(reverse(name)).status_code == 200
    for _ in range(12):
        factories.make_patient(study)
    with CaptureQueriesContext(connection) as many:
        assert client.get(reverse(name)).status_code == 200
    assert len(many) == len(few) <= 12


def test_a_patient_without_forms_is_in_screening(study: factories.Study) -> None:
    patient = factories.make_patient(study)
    with acting(study.coordinator_a):
        assert patients_with_status(study.coordinator_a).get(pk=patient.pk).status == PatientStatus.SCREENING
