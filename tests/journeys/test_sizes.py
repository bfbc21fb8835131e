"""The demonstration trial on a small screen and a tablet held upright; Japanese and long names on both."""

import pytest
from playwright.sync_api import Page, expect

from casebook.models import Patient
from tests.journeys.browser import SIDEWAYS, axe, demo_sign_in, wait_until_whole
from tests.journeys.conftest import Site
from trial.audit import acting, system_person
from trial.models import Person
from trial.models import Site as Centre

LONG = (
    "独立行政法人国立病院機構みなとがわ中央医療センター消化器内科・肝臓内科研究部 "
    "Minatogawa Central Medical Center"
)
HANAKO = "医薬品臨床試験管理室 肝臓病 花子"


@pytest.fixture(scope="module")
def site(demo_site: Site) -> Site:
    with acting(system_person(), reason="a name as long as names are"):
        Centre.objects.filter(code="01").update(name=LONG)
        Person.objects.filter(email="coordinator.01@demo.invalid").update(full_name=HANAKO)
    return demo_site


@pytest.fixture
def addresses(site: Site) -> list[str]:
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        number = Patient.objects.filter(site__code="01").earliest("number").number
    return [
        "/monitoring/patients/",
        "/monitoring/work/",
        "/monitoring/dashboard/",
        "/monitoring/queries/",
        "/monitoring/deviations/",
        f"/casebook/{number}/",
        f"/casebook/{number}/screening/new/",
        f"/casebook/{number}/adverse-event/new/",
        f"/assessments/{number}/imaging/new/",
        f"/assessments/{number}/eligibility/",
        f"/assessments/{number}/laboratory/",
        f"/assessments/{number}/dosing/",
        f"/assessments/{number}/schedule/",
        f"/monitoring/patients/{number}/timeline/",
    ]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (768, 1024)])
def test_no_page_is_wider_than_the_window(page: Page, addresses: list[str], width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    demo_sign_in(page, "coordinator.01")
    wider = []
    for address in addresses:
        page.goto(address)
        wait_until_whole(page)
        if page.evaluate(SIDEWAYS) > 0:
            wider.append(address)
    assert wider == []
    page.goto(addresses[5])
    axe(page)


def test_japanese_and_long_names_are_shown_whole(page: Page, addresses: list[str]):
    demo_sign_in(page, "coordinator.01", to="/monitoring/patients/")
    expect(page.get_by_role("button", name=HANAKO)).to_be_visible()
    expect(page.locator("tbody").get_by_text(LONG).first).to_be_visible()
    page.goto(addresses[5])
    expect(page.get_by_role("main").get_by_title(LONG)).to_be_visible()
