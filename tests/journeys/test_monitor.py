"""A monitor's visit to the demonstration trial: figures, a query from question to close, and closed doors."""

import re

import pytest
from playwright.sync_api import Page, expect

from casebook.models import Patient
from demo.people import MONITORED
from tests.journeys.browser import axe, demo_sign_in, look, sign_out
from trial.audit import acting
from trial.models import Person

QUESTION = "Please compare the pulse with the source."


@pytest.fixture(scope="module")
def site(demo_site):
    return demo_site


def a_patient_of(sites: tuple[str, ...]) -> str:
    with acting(Person.objects.get(email="auditor@demo.invalid")):
        return Patient.objects.filter(site__code__in=sites).earliest("number").number


def work_on_the_query(page: Page) -> None:
    entry = page.get_by_role("listitem").filter(has_text=QUESTION)
    entry.get_by_role("link", name="Work on it").click()
    expect(page.get_by_text(QUESTION)).to_be_visible()
    look(page)


def test_the_dashboard_leads_to_the_patients_behind_its_numbers(page: Page):
    demo_sign_in(page, "monitor.1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trial dashboard")
    look(page)
    centre = page.get_by_role("row", name=re.compile("^01 "))
    seen = centre.get_by_role("link").nth(1)
    many = int(seen.inner_text())
    seen.click()
    expect(page.locator("tbody tr")).to_have_count(many)
    look(page)
    page.get_by_role("link", name="Dashboard").click()
    page.get_by_role("link", name="Deviations", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Protocol deviations")
    look(page)
    page.get_by_role("link", name="Dashboard").click()
    deviations = page.get_by_role("row", name=re.compile("^04 ")).get_by_role("link").last
    expect(deviations).to_have_text(re.compile(r"^\d+$"))
    many = int(deviations.inner_text())
    deviations.click()
    expect(page.locator("tbody tr")).to_have_count(many)


def test_a_query_is_raised_on_a_form_answered_and_closed(page: Page):
    number = a_patient_of(("01",))
    demo_sign_in(page, "monitor.1", to=f"/casebook/{number}/")
    page.get_by_role("link", name=re.compile("Vital signs and ECOG 20")).first.click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    look(page)
    page.get_by_role("link", name="Raise a query").click()
    look(page)
    page.get_by_role("button", name="Raise the query").click()
    expect(page.get_by_role("alert")).to_contain_text("This field is required.")
    page.get_by_label(re.compile("^On")).select_option("pulse, per minute")
    page.get_by_label(re.compile("^Question")).fill(QUESTION)
    page.get_by_role("button", name="Raise the query").click()
    expect(page.get_by_role("status")).to_have_text("Query raised.")
    look(page)
    page.get_by_role("link", name="Queries").click()
    expect(page.get_by_role("row", name=QUESTION)).to_contain_text("open")
    look(page)
    sign_out(page)

    demo_sign_in(page, "coordinator.01", to=f"/casebook/{number}/")
    page.get_by_role("link", name=re.compile("Vital signs and ECOG 20.* 1 query")).click()
    expect(page.locator("#div_id_pulse")).to_contain_text(QUESTION)
    look(page)
    work_on_the_query(page)
    page.get_by_label(re.compile("^Answer")).fill("Compared: the source says the same.")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("status")).to_have_text("Query answered.")
    sign_out(page)

    demo_sign_in(page, "monitor.1", to=f"/casebook/{number}/")
    expect(page.get_by_text("Compared: the source says the same.")).to_be_visible()
    work_on_the_query(page)
    page.get_by_label(re.compile("^Closing note")).fill("Agreed.")
    page.get_by_role("button", name="Close the query").click()
    expect(page.get_by_role("status")).to_have_text("Query closed.")
    expect(page.get_by_text(QUESTION)).to_have_count(0)


def test_a_patient_of_a_site_not_monitored_is_not_there(page: Page):
    stranger = a_patient_of(MONITORED[1])
    demo_sign_in(page, "monitor.1")
    answer = page.goto(f"/casebook/{stranger}/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("main")).not_to_contain_text(stranger)
    axe(page)
    assert page.goto("/analysis/runs/").status == 403
    axe(page)
