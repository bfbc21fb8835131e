import pytest

from tests.assessments import conftest as assessments
from tests.factories import Study, make_patient

study = assessments.study


@pytest.fixture
def patient(study: Study):
    return make_patient(study, number="T-7001")
