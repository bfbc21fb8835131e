import pytest

from casebook.models import Patient
from tests.factories import Study, make_patient, make_study


@pytest.fixture
def study(db) -> Study:
    return make_study()


@pytest.fixture
def patient(study) -> Patient:
    return make_patient(study)
