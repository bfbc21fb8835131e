"""Where a patient stands, by the forms that were entered."""

import pytest

from monitoring.selectors import patients_with_status
from tests.factories import Study, remove
from tests.monitoring.courses import a_patient
from trial.audit import acting

STATIONS = """
    forms entered                                                    | status
                                                                     | screening
    consent                                                          | screening
    consent, judged not eligible                                     | screen failure
    enrolled                                                         | enrolled, no dose yet
    enrolled, interrupted                                            | enrolled, no dose yet
    enrolled, dose                                                   | Treatment 1
    enrolled, dose, progressed                                       | Treatment 1
    enrolled, dose, progressed, continued                            | Treatment 2
    enrolled, dose, progressed, not continued                        | off treatment
    enrolled, dose, off                                              | off treatment
    enrolled, dose, progressed, continued, off                       | off treatment
    enrolled, dose, progressed, continued, off, alive                | off treatment
    enrolled, dose, off, alive, lost                                 | lost to follow-up
    enrolled, dose, off, lost, found again                           | off treatment
    enrolled, dose, off, lost, died                                  | dead
    enrolled, dose, died                                             | dead
"""


@pytest.mark.parametrize(
    ("forms", "status"), [[c.strip() for c in line.split("|")] for line in STATIONS.strip().splitlines()[1:]]
)
def test_the_status_follows_from_the_forms(study: Study, forms: str, status: str) -> None:
    patient = a_patient(study, forms)
    with acting(study.coordinator_a):
        assert patients_with_status(study.coordinator_a).get(pk=patient.pk).status == status


def test_a_removed_form_takes_its_status_with_it(study: Study) -> None:
    from patients.models import Death

    patient = a_patient(study, "consent, died")
    with acting(study.coordinator_a):
        death = Death.objects.select_related("patient").get()
    remove(death)
    with acting(study.coordinator_a):
        assert patients_with_status(study.coordinator_a).get(pk=patient.pk).status == "screening"


def test_the_list_carries_enrolment_and_waiting_queries(study: Study) -> None:
    patient = a_patient(study, "enrolled")
    with acting(study.coordinator_a):
        listed = patients_with_status(study.coordinator_a).get(pk=patient.pk)
    assert str(listed.enrolled_on) == "2012-01-16"
