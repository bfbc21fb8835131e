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


@pytest.fixture(scope="module")
def two(study: Study) -> None:
    """Two patients side by side on treatment since 22 days, and nothing entered since."""
    for number in ("SYN-951", "SYN-952"):
        patient = enrol(study, make_patient(study, number=number))
        enter(DoseInterval, patient, start=TODAY - timedelta(days=22))


def focused(page: Page) -> str:
    """What the control in focus says, or the name of its field."""
    return page.evaluate("() => document.activeElement.name || document.activeElement.textContent.trim()")


def tab_to(page: Page, words: str) -> None:
    for _ in range(120):
        if re.match(words, focused(page)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {words}")


def test_from_one_form_due_to_the_next_without_a_mouse(page: Page, two):
    press, typed = page.keyboard.press, page.keyboard.type
    sign_in(page, "coordinator_a")
    tab_to(page, "Enter: SYN-951, Clinic visit")
    press("Enter")
    expect(page.get_by_label("Date of the visit")).to_be_focused()
    press("Control+a")
    typed(TODAY.isoformat())
    press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("Visit saved.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("My work")
    expect(page.locator("#visits")).to_be_focused()

    tab_to(page, "SYN-951")
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")
    press("Alt+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Laboratory values")
    expect(page.get_by_label("Date of the sample")).to_be_focused()
    press("Control+a")
    typed(TODAY.isoformat())
    tab_to(page, "platelets$")
    typed("180")
    press("Tab")
    assert not focused(page).endswith("_unit")
    press("Shift+Tab")
    assert focused(page) == "platelets"
    press("Alt+ArrowDown")
    assert focused(page) == "platelets_unit"
    press("Shift+Tab")
    assert focused(page) == "platelets"
    press("Alt+ArrowDown")
    press("Tab")
    assert not focused(page).startswith("platelets")
    look(page)
    press("Control+s")
    expect(page.get_by_role("heading", name=re.compile("remark"))).to_be_visible()
    press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("Laboratory values saved.")
    press("Alt+Enter")
    expect(page.get_by_text("Nothing is due of this patient now.")).to_be_visible()
    look(page)
    press("Alt+PageDown")
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-952")
    press("Alt+Enter")
    expect(page.get_by_label("Date of the visit")).to_be_focused()
