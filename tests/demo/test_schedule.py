"""What is due of the demonstration patients on days of their trial: for all at once, and for each alone."""

from datetime import date

import pytest

from assessments.course import patient_course
from assessments.due import planned_at
from assessments.schedule import schedule_facts
from casebook.extraction import extract
from patients.domain.schedule import OPEN, PlannedStatus, derive_visit_plan
from trial.audit import acting
from trial.models import Person, Site
from trial.selectors import protocols_in_force

pytestmark = pytest.mark.usefixtures("demo_database")
DAYS = ("2011-09-01", "2012-02-15", "2012-07-01", "2012-11-20", "2013-04-01", "2013-10-10", "2014-06-01")


@pytest.mark.parametrize("day", DAYS)
def test_what_is_due_of_all_is_what_is_due_of_each(day: str) -> None:
    today = date.fromisoformat(day)
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        sites = list(Site.objects.values_list("pk", flat=True))
        at_once = [(due.number, due.planned) for due in planned_at(sites, today=today, ahead_days=84)]
        snapshot, protocols, alone = extract(), protocols_in_force(today), []
        for patient in snapshot.patients:
            protocol = protocols[patient.site_id]
            course = patient_course(snapshot, patient, protocol, data_end=today)
            plan = derive_visit_plan(schedule_facts(course), protocol.schedule, today=today, ahead_days=84)
            waiting = (*OPEN, PlannedStatus.NOT_YET)
            alone += [(patient.number, item) for item in plan.planned if item.status in waiting]
    assert sorted(at_once, key=str) == sorted(alone, key=str)
