"""What the pages' small scripts do for whoever types forty forms a day."""

import pytest
from playwright.sync_api import Page, expect

from assessments.models import VitalSigns
from tests.factories import Study, enter, make_patient
from tests.journeys.browser import axe, screenshot, sign_in


@pytest.fixture(scope="module")
def signs(study: Study) -> VitalSigns:
    return enter(VitalSigns, make_patient(study, number="SYN-911"), pulse=None)


@pytest.fixture
def new_form(page: Page, signs) -> Page:
    sign_in(page, "coordinator_a", to="/casebook/SYN-911/vital-signs/new/")
    return page


def test_a_new_form_is_ready_for_typing_and_saved_with_the_keyboard(new_form: Page):
    page = new_form
    expect(page.get_by_label("Date measured")).to_be_focused()
    page.keyboard.type("20120203")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Date measured")).to_have_value("2012-02-03")
    page.get_by_label("Pulse").fill("68")
    axe(page)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Vital signs and ECOG saved.")
    expect(page.get_by_role("link", name="incomplete Vital signs and ECOG 2012-02-03")).to_be_visible()
    axe(page)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("2012/1/5", "2012-01-05"),
        ("２０１２年１月５日", "2012-01-05"),
        ("2012115", "2012115"),
        ("5.1.2012", "5.1.2012"),
    ],
)
def test_only_a_date_that_can_be_read_in_one_way_is_written_anew(new_form: Page, typed, becomes):
    new_form.get_by_label("Date measured").fill(typed)
    new_form.keyboard.press("Tab")
    expect(new_form.get_by_label("Date measured")).to_have_value(becomes)


def test_a_refused_form_says_what_is_wrong_and_keeps_what_was_typed(new_form: Page):
    page = new_form
    page.get_by_label("Date measured").fill("2012-02-30")
    page.get_by_label("Pulse").fill("many")
    page.get_by_role("button", name="Save", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_label("Pulse")).to_have_value("many")
    expect(page.get_by_label("Pulse")).to_have_attribute("aria-invalid", "true")
    axe(page)
    summary.get_by_role("link", name="Pulse").click()
    expect(page.get_by_label("Pulse")).to_be_focused()


def test_typed_values_are_not_lost_by_leaving(new_form: Page):
    page, asked = new_form, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Pulse").fill("68")
    page.get_by_role("link", name="Back without saving").click()
    expect(page.get_by_label("Pulse")).to_have_value("68")
    assert asked == ["beforeunload"]


def test_leaving_an_untouched_form_asks_nothing(new_form: Page):
    page, asked = new_form, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Back without saving").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-911")
    assert asked == []


def test_an_optional_choice_is_taken_back(page: Page, signs):
    sign_in(page, "coordinator_a", to="/casebook/SYN-911/screening/new/")
    question = page.get_by_role("group", name="Clinically significant ascites")
    expect(question.get_by_role("button", name="clear")).to_be_hidden()
    question.get_by_label("Yes").check()
    question.get_by_role("button", name="clear").click()
    expect(question.get_by_label("Yes")).not_to_be_checked()
    axe(page)


def test_a_line_is_added_and_sent(page: Page, signs):
    sign_in(page, "coordinator_a", to="/casebook/SYN-911/adverse-event/new/")
    lines = page.locator("#lines-lines tr")
    before = lines.count()
    page.get_by_role("button", name="Add a line").click()
    expect(lines).to_have_count(before + 1)
    expect(lines.last.get_by_label("From")).to_be_focused()
    lines.last.get_by_label("From").fill("2012-02")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(lines.nth(before).get_by_label("From")).to_have_value("2012-02")
    axe(page)


def test_two_people_at_one_form(page: Page, signs):
    sign_in(page, "coordinator_a", to=f"/casebook/SYN-911/vital-signs/{signs.pk}/")
    other = page.context.new_page()
    other.goto(page.url)
    for tab, pulse in ((other, "71"), (page, "80")):
        tab.get_by_label("Pulse").fill(pulse)
        tab.get_by_role("button", name="Save", exact=True).click()
        tab.get_by_label("Reason: Pulse").wait_for()
    for tab in (other, page):
        tab.get_by_label("Reason: Pulse").select_option("transcription error")
        tab.get_by_role("button", name="Save the changes").click()
        tab.get_by_role("alert").or_(tab.get_by_text("changed.")).first.wait_for()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved this form")
    row = page.get_by_role("row", name="Pulse")
    expect(row).to_contain_text("71")
    axe(page)
    page.get_by_role("button", name="Go on with these").click()
    expect(page.get_by_text("Choose one in every row.")).to_be_visible()
    row.get_by_label("80").check()
    screenshot(page, "two-people-at-one-form")
    page.get_by_role("button", name="Go on with these").click()
    expect(page.get_by_role("row", name="Pulse")).to_contain_text("71")
    page.get_by_label("Reason: Pulse").select_option("transcription error")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("status").filter(has_text="changed")).to_be_visible()
