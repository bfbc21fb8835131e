"""The patient's page stays where it is while its figure is on the way."""

import pytest
from playwright.sync_api import Page, Route

from casebook.models import Patient
from tests.journeys.browser import demo_sign_in, wait_until_whole
from trial.audit import acting
from trial.models import Person


@pytest.fixture(scope="module")
def site(demo_site):
    return demo_site


@pytest.fixture
def numbers(site) -> list[str]:
    """All patients of one site, in whom the figures differ most."""
    with acting(Person.objects.get(email="coordinator.01@demo.invalid")):
        return sorted(Patient.objects.values_list("number", flat=True))


def top_of_the_forms(page: Page) -> float:
    box = page.locator(".columns").bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("width", [1280, 768])
def test_the_forms_do_not_move_when_the_timeline_comes(page: Page, numbers: list[str], width: int):
    page.set_viewport_size({"width": width, "height": 900})
    demo_sign_in(page, "coordinator.01")
    late: list[Route] = []
    page.route("**/timeline/", lambda route: late.append(route))
    moved = {}
    for number in numbers:
        page.goto(f"/casebook/{number}/")
        page.locator(".patient-header .state").wait_for()
        before = top_of_the_forms(page)
        assert page.locator("[data-figure]").count() == 0
        late.pop().continue_()
        wait_until_whole(page)
        if (by := top_of_the_forms(page) - before) != 0:
            moved[number] = by
    assert moved == {}


def test_no_label_of_the_figure_leaves_it(page: Page, numbers: list[str]):
    """Texts may begin left of the frame, where the axis has its own; at the right nothing stands out."""
    demo_sign_in(page, "coordinator.01")
    beyond = {}
    for number in numbers:
        page.goto(f"/casebook/{number}/")
        wait_until_whole(page)
        over = page.evaluate(
            """() => {
              const frames = [...document.querySelectorAll(".figure svg path.background")];
              const edge = Math.max(...frames.map((frame) => frame.getBoundingClientRect().right));
              const labels = [...document.querySelectorAll(".figure svg g.mark-text.role-mark text")];
              const leaving = labels.filter((label) => label.getBoundingClientRect().right > edge + 1);
              return leaving.map((label) => label.textContent);
            }"""
        )
        if over:
            beyond[number] = over
    assert beyond == {}
