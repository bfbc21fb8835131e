"""The page of one analyte over time: figure and table say the same, in a few queries."""

from datetime import date
from decimal import Decimal

from assessments.models import DoseInterval, LabPanel
from tests.assessments.conftest import make_range
from tests.factories import enter, signed_in


def url(patient, analyte: str = "alt") -> str:
    return f"/assessments/{patient.number}/laboratory/trend/{analyte}/"


def test_values_of_every_unit_are_drawn_in_one(study, enrolled, django_assert_max_num_queries):
    make_range(study, analyte="platelets", unit="10^3/uL", lln=150, uln=350)
    enter(DoseInterval, enrolled)
    for day, value, unit in ((1, "90000", "/mm3"), (15, "70", "10^9/L"), (29, "4.0", "10^4/uL")):
        enter(LabPanel, enrolled, date=date(2012, 2, day), platelets=Decimal(value), platelets_unit=unit)
    client = signed_in(study.monitor_a)
    client.get(url(enrolled, "platelets"))
    with django_assert_max_num_queries(12):
        page = client.get(url(enrolled, "platelets"))
    figure = page.context["figure"]
    marks = figure["vconcat"][0]["layer"][-1]["data"]["values"]
    assert [mark["value"] for mark in marks] == [150000, 90000, 70000, 40000]
    assert [row.judged.flag for row in page.context["trend"].rows] == ["", "L", "L", "LL"]
    text = page.content.decode()
    assert 'data-spec="trend-spec"' in text
    assert "4.0 10⁴/µL" in text
    assert "150000–350000" in text
    assert list(page.context["trend"].baselines) == ["first dose"]
    [dose] = page.context["trend"].doses
    assert (dose.mg_per_day, dose.end) == (800, date(2012, 2, 29))
    assert "2012-01-20 – going on: 800 mg/day" in text


def test_an_analyte_without_a_value_and_one_there_is_not(study, patient):
    client = signed_in(study.coordinator_a)
    assert "No value of this analyte is entered." in client.get(url(patient)).content.decode()
    assert client.get(url(patient, "ldh")).status_code == 404
    assert signed_in(study.coordinator_b).get(url(patient)).status_code == 404


def test_the_list_of_values_leads_to_the_trend(study, patient):
    enter(LabPanel, patient, alt=Decimal(41))
    client = signed_in(study.coordinator_a)
    page = client.get(f"/assessments/{patient.number}/laboratory/").content.decode()
    assert url(patient) in page
    without_range = client.get(url(patient)).content.decode()
    assert "cannot be graded" in without_range
