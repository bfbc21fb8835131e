from collections.abc import Iterator

import pytest

from casebook.models import Patient
from tests.databases import own_database
from tests.factories import Study, make_patient, make_study


@pytest.fixture
def study(db) -> Study:
    return make_study()


@pytest.fixture
def patient(study) -> Patient:
    return make_patient(study)


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[Study]:
    """The trial in a database of its own, where transactions really commit."""
    with django_db_blocker.unblock(), own_database("test_committed"):
        yield make_study()
