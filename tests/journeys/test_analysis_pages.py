"""A run on the screen: its progress, its figure drawn under the strict policy, and the way to the forms."""

import re

import pytest
from playwright.sync_api import Page, expect

from analysis.models import AnalysisRun, RunState
from assessments.models import VitalSigns
from patients.models import Consent
from tests.analysis.runs import finished_run, make_run
from tests.factories import enter, make_patient
from tests.journeys.browser import axe, sign_in
from trial.audit import acting


@pytest.fixture(scope="module")
def run(study) -> AnalysisRun:
    forms = [enter(model, patient) for patient in [make_patient(study)] for model in (Consent, VitalSigns)]
    refs = [f"consent/{forms[0].pk}", f"vital-signs/{forms[1].pk}"]
    return finished_run(study, {forms[0].patient.number: refs})


@pytest.fixture
def statistician(page: Page) -> Page:
    sign_in(page, "statistician", to="/analysis/runs/")
    return page


def test_a_step_of_the_curve_leads_to_patient_form_and_history(statistician: Page, run: AnalysisRun):
    page = statistician
    page.get_by_role("link", name=f"Run {run.pk}").click()
    page.get_by_role("link", name="Overall survival", exact=True).click()
    page.locator("[data-drawn=done] svg").wait_for()
    axe(page)
    page.locator(".leads").first.hover()
    expect(page.locator("#main .vg-tooltip")).to_contain_text("Day 20")
    page.locator(".leads").first.click()
    expect(page).to_have_url(re.compile("/os/point/day-20/$"))
    axe(page)
    page.get_by_role("link", name="History Vital signs").click()
    expect(page.get_by_role("heading", name=re.compile("^History"))).to_be_visible()


def test_a_step_of_the_curve_is_reached_by_the_keyboard(statistician: Page, run: AnalysisRun):
    page = statistician
    page.goto(f"/analysis/runs/{run.pk}/os/")
    page.locator(".leads").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/os/point/day-100/$"))


def test_a_number_leads_to_the_form(statistician: Page, run: AnalysisRun):
    page = statistician
    page.goto(f"/analysis/runs/{run.pk}/table_1/")
    page.get_by_role("link", name="1 (100.0), Sex, male, All patients").click()
    page.get_by_role("link", name=re.compile("^Vital signs")).click()
    expect(page).to_have_url(re.compile(r"/vital-signs/\d+/$"))


def test_the_page_follows_a_run_until_it_is_over(statistician: Page, study):
    page = statistician
    run = make_run(study, state=RunState.RUNNING, progress=30, step="Table 2")
    page.goto(f"/analysis/runs/{run.pk}/")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "30")
    axe(page)

    def becomes(**values: object) -> None:
        with acting(study.statistician, "test"):
            AnalysisRun.objects.filter(pk=run.pk).update(**values)

    becomes(progress=80, step="Table 3")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "80")
    expect(page.get_by_text("Computing: Table 3")).to_be_visible()
    becomes(state=RunState.FAILED, error="The worker met a fault.")
    expect(page.get_by_role("heading", name="This run failed")).to_be_visible()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    axe(page)
