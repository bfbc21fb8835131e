"""What a protocol file may say, the analysis can do: its names are free and its settings count."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import URLPattern

from analysis.engine import steps
from analysis.models import OutputKind
from analysis.urls import urlpatterns
from tests.analysis.cohort import facts, protocol
from tests.analysis.conftest import contents_of
from trial.domain.analysis_plan import RESERVED_NAMES, Milestone
from trial.domain.errors import InvalidValue


def names_of_pages() -> set[str]:
    """What stands at the place of an output's name in the addresses of a run: "tables" of tables.xlsx."""
    routes = [str(entry.pattern) for entry in urlpatterns if isinstance(entry, URLPattern)]
    parts = [route.removeprefix("runs/<id:pk>/").split("/")[0] for route in routes if "<id:pk>/" in route]
    return {part.partition(".")[0] for part in parts if part and not part.startswith("<")} - {"source"}


def test_no_endpoint_can_have_the_name_of_another_output_or_page():
    own = {step.name for step in steps(facts(), {}) if step.kind != OutputKind.FIGURE}
    could_be_ids = {name for name in own | names_of_pages() if name.isalnum()}
    assert could_be_ids == set(RESERVED_NAMES)


@pytest.mark.parametrize("name", ["ADSL", "TABLES", "RESTART"])
def test_such_an_endpoint_is_refused(name):
    with pytest.raises(InvalidValue, match="is the name of another output or page"):
        replace(protocol().endpoint("TTP1"), id=name)


LEVELS = {"responses": ("rr", "t1"), "estimates": ("os", "median"), "logistic": ("dose_increase", "uni_or")}


@pytest.mark.parametrize("name", LEVELS)
def test_the_confidence_level_of_the_protocol_is_that_of_every_interval(name):
    row, column = LEVELS[name]
    limits = {}
    for level in (90, 95, 99):
        statistics = replace(protocol().statistics, confidence_percent=Decimal(level))
        content = contents_of(facts(plan=replace(protocol(), statistics=statistics)))[name]
        assert f"{level} % CI" in str(content)
        cells = {found["id"]: found["cells"] for found in content["rows"]}
        interval = re.search(r"\(([\d.]+)-([\d.]+)\)", cells[row][column]["text"])
        assert interval is not None
        limits[level] = tuple(map(Decimal, interval.groups()))
    (low99, high99), (low95, high95), (low90, high90) = (limits[level] for level in (99, 95, 90))
    assert low99 <= low95 <= low90 < high90 <= high95 <= high99
    assert len(set(limits.values())) == 3


def test_confirmation_is_said_where_it_is_asked_for():
    said = "CR and PR count where a scan at least 28 days later agrees."
    assert said not in contents_of(facts())["responses"]["footnotes"]
    response = replace(protocol().response, confirmation_required=True)
    content = contents_of(facts(plan=replace(protocol(), response=response)))["responses"]
    assert said in content["footnotes"]


def test_milestones_stand_in_the_order_of_a_course():
    assert list(Milestone)[:3] == ["consent", "enrolment", "first_dose"]
    assert list(Milestone)[-1] == "death"
