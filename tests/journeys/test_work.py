"""A coordinator's morning: what is overdue is entered, what was missed is said, what comes is downloaded."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from assessments.models import DoseInterval
from casebook.models import Patient
from tests.assessments.conftest import enrol
from tests.factories import Study, enter, make_patient
from tests.journeys.browser import look, screenshot, sign_in

TODAY = timezone.localdate()


@pytest.fixture(scope="module")
def overdue(study: Study) -> Patient:
    """On treatment since 22 days, and nothing entered since."""
    patient = enrol(study, make_patient(study, number="SYN-941"))
    enter(DoseInterval, patient, start=TODAY - timedelta(days=22))
    return patient


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{name}"))


def test_my_work_and_the_schedule_on_a_tablet(page: Page, overdue: Patient):
    page.set_viewport_size({"width": 768, "height": 1024})
    sign_in(page, "coordinator_a")
    expect(section(page, "Visits")).to_contain_text("overdue, 1 day")
    look(page)
    section(page, "Visits").get_by_role("link", name="SYN-941").first.click()
    expect(section(page, "To do now")).to_contain_text("overdue, 1 day")
    look(page)


def test_from_my_work_to_the_form_and_the_calendar(page: Page, overdue: Patient):
    sign_in(page, "coordinator_a")
    expect(page.get_by_role("heading", level=1)).to_contain_text("My work")
    visits = section(page, "Visits")
    expect(visits).to_contain_text("overdue, 1 day")
    look(page)
    screenshot(page, "my-work")

    visits.get_by_role("link", name=re.compile("^Enter")).click()
    expect(page.get_by_label("Date of the visit")).to_have_value((TODAY - timedelta(days=8)).isoformat())
    expect(page.get_by_label("scheduled", exact=True)).to_be_checked()
    page.get_by_label("Date of the visit").fill(TODAY.isoformat())
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Visit saved.")
    page.get_by_role("link", name="My work").click()
    expect(visits).to_have_count(0)

    section(page, "Laboratory").get_by_role("link", name=re.compile(r"^Missed\?")).click()
    expect(page.get_by_label("Date it was planned for")).to_have_value(
        (TODAY - timedelta(days=8)).isoformat()
    )
    page.get_by_label("Reason", exact=False).first.select_option("ADVERSE EVENT")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Missed visit saved.")
    page.get_by_role("link", name="My work").click()
    expect(section(page, "Laboratory")).to_contain_text("in window")

    page.get_by_role("main").get_by_role("link", name="SYN-941").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")
    expect(section(page, "So far")).to_contain_text("late, 1 day")
    expect(section(page, "So far")).to_contain_text("adverse event")
    look(page)
    screenshot(page, "schedule")
    with page.expect_download() as download:
        page.get_by_role("link", name="Calendar file").click()
    events = Calendar.from_ical(Path(download.value.path()).read_bytes()).walk("VEVENT")
    assert {str(event["summary"]).split()[0] for event in events} == {"SYN-941"}
    days = [event.decoded("dtstart") for event in events]
    assert TODAY + timedelta(days=14) in days, "the next visit is counted from the late one"
