"""Departures from the protocol, listed from the forms as they are."""

from datetime import date

import pytest
from django.urls import reverse

from monitoring.selectors import DeviationLine, deviations
from patients.models import Discontinuation, Visit
from tests.factories import Study, enter, make_patient, signed_in
from tests.monitoring.courses import a_patient, dose, progressed
from trial.audit import acting
from trial.models import Person, Site


def listed(person: Person, site: Site | None = None) -> list[DeviationLine]:
    with acting(person):
        return deviations(person, site)


def rules(person: Person) -> list[str]:
    return [f"{line.deviation.date} {line.deviation.rule_id}" for line in listed(person)]


def test_a_patient_within_the_protocol_has_none(study: Study) -> None:
    patient = a_patient(study, "enrolled")
    dose(patient, end="2012-02-01")
    enter(Discontinuation, patient, date=date(2012, 2, 2))
    assert rules(study.monitor_a) == []


def test_the_newest_stands_first(study: Study) -> None:
    patient = a_patient(study, "enrolled")
    dose(patient, "2012-01-31", mg=300, end="2012-05-20")
    progressed(patient)
    enter(Visit, patient, date=date(2012, 2, 3))
    enter(Discontinuation, patient, date=date(2012, 6, 1))
    found = [line.split() for line in rules(study.monitor_a)]
    days = [day for day, _ in found]
    assert days == sorted(days, reverse=True)
    assert {rule for _, rule in found} >= {"DEV-01", "DEV-05", "DEV-09", "DEV-10"}


LEADS_TO = """
    DEV-01 casebook:patient
    DEV-05 assessments:dosing
    DEV-10 assessments:dosing
"""


@pytest.mark.parametrize(("rule", "page"), [line.split() for line in LEADS_TO.strip().splitlines()])
def test_each_leads_to_where_it_is_entered(study: Study, rule: str, page: str) -> None:
    patient = a_patient(study, "enrolled")
    dose(patient, "2012-01-31", mg=300)
    progressed(patient)
    found = next(line for line in listed(study.monitor_a) if line.deviation.rule_id == rule)
    assert found.url == reverse(page, args=[patient.number])
    body = signed_in(study.monitor_a).get(reverse("monitoring:deviations")).content.decode()
    assert f'href="{found.url}"' in body


def test_they_are_filtered_by_centre_and_seen_only_at_ones_own(study: Study) -> None:
    a_patient(study, "enrolled")
    make_patient(study, site=study.site_b)
    assert [line.deviation.rule_id for line in listed(study.data_manager)] == ["DEV-04"]
    assert listed(study.data_manager, study.site_b) == []
    assert listed(study.coordinator_b) == []
    client = signed_in(study.data_manager)
    address = reverse("monitoring:deviations")
    assert len(client.get(address, {"site": study.site_a.pk}).context["lines"]) == 1
    assert client.get(address, {"site": study.site_b.pk}).context["lines"] == []
    for nonsense in ("x", "999999", "9" * 30, "-1", "\0"):
        assert len(client.get(address, {"site": nonsense}).context["lines"]) == 1


def test_what_is_only_scheduled_counts(study: Study) -> None:
    patient = a_patient(study, "enrolled, dose")
    enter(Discontinuation, patient, date=date(2012, 2, 20))
    overdue = [line for line in rules(study.monitor_a) if line.endswith("DEV-09")]
    enter(Visit, patient, date=date(2012, 2, 3), kind="UNSCHEDULED")
    assert overdue != []
    assert [line for line in rules(study.monitor_a) if line.endswith("DEV-09")] == overdue
    enter(Visit, patient, date=date(2012, 2, 4), kind="SCHEDULED")
    assert [line for line in rules(study.monitor_a) if line.endswith("DEV-09")] != overdue
