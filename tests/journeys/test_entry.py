"""Entering: by keyboard alone, with remarks answered at once, and with nothing typed ever lost."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from assessments.models import VitalSigns
from casebook.models import Draft, Query
from patients.models import BaselineDisease
from tests.factories import Study, enter, make_patient
from tests.journeys.browser import look, screenshot, sign_in, sign_out
from tests.journeys.conftest import serving
from trial.audit import acting

KEPT_HERE = "() => Object.entries(localStorage).filter(([name]) => name.startsWith('rebaseline-draft:'))"


@pytest.fixture(scope="module")
def signs(study: Study) -> VitalSigns:
    make_patient(study, number="SYN-922")
    return enter(VitalSigns, make_patient(study, number="SYN-921"))


@pytest.fixture
def edit(page: Page, signs) -> Page:
    sign_in(page, "coordinator_a", to=f"/casebook/SYN-921/vital-signs/{signs.pk}/")
    return page


def state(page: Page):
    return page.locator("[data-draft-state]")


def test_a_visit_by_keyboard_alone(page: Page, signs):
    sign_in(page, "coordinator_a", to="/casebook/SYN-922/vital-signs/new/")
    press, typed = page.keyboard.press, page.keyboard.type
    expect(page.get_by_label("Date measured")).to_be_focused()
    for value in ("20120203", "128", "76", "68", "36.4", "61.5"):
        typed(value)
        press("Tab")
    typed("1")
    expect(page.get_by_label("ECOG performance status")).to_have_value("1")
    look(page)
    press("Control+/")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    look(page)
    press("Escape")
    press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Laboratory values")
    expect(page.get_by_label("Date of the sample")).to_have_value("2012-02-03")
    expect(page.get_by_label("Date of the sample")).to_be_focused()
    press("Alt+PageUp")
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-921")
    press("Alt+PageDown")
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-922")
    look(page)


def test_keys_jump_to_what_is_wrong_and_can_be_switched_off(edit: Page):
    page = edit
    page.get_by_label("Pulse").fill("many")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Alt+.")
    expect(page.get_by_label("Pulse")).to_be_focused()
    page.get_by_label("Pulse").fill("68")
    page.goto("/trial/preferences/")
    look(page)
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto("/casebook/SYN-921/")
    page.keyboard.press("Alt+PageDown")
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-921")
    expect(page.locator("#shortcuts")).to_have_count(0)
    page.goto("/trial/preferences/")
    page.get_by_label("Keyboard shortcuts").check()
    page.get_by_role("button", name="Save").click()


def test_two_fields_each_with_its_reason(edit: Page, study):
    page = edit
    page.get_by_label("Systolic").fill("141")
    page.get_by_label("Weight").fill("60.5")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="2 changes: why?")).to_be_visible()
    look(page)
    page.get_by_label("Reason: Systolic").select_option("transcription error")
    page.get_by_label("Reason: Weight").select_option("other")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in words what the other reason was.")
    look(page)
    page.get_by_label("In words: Weight").fill("weighed again without shoes")
    screenshot(page, "changes-and-reasons")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Vital signs and ECOG changed.")).to_be_visible()
    page.get_by_role("link", name=re.compile("Vital signs and ECOG 2012-01-20")).click()
    page.get_by_role("link", name="History").click()
    newest = page.get_by_role("article").first
    expect(newest.get_by_role("row", name="Systolic")).to_contain_text("transcription error")
    expect(newest.get_by_role("row", name="Weight")).to_contain_text("weighed again without shoes")
    look(page)


def test_a_remark_is_answered_before_the_form_is_saved(page: Page, study, signs):
    disease = enter(BaselineDisease, signs.patient)
    sign_in(page, "coordinator_a", to=f"/casebook/SYN-921/baseline-disease/{disease.pk}/")
    page.get_by_role("group", name="BCLC stage").get_by_label("C", exact=False).first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="1 remark of the checks")).to_be_visible()
    look(page)
    page.get_by_label("Reason: BCLC stage").select_option("source corrected")
    page.get_by_label("The value is right, because").fill("Staged anew after the tumour board.")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("Baseline disease changed.")).to_be_visible()
    with acting(study.coordinator_a):
        query = Query.objects.get(crf="baseline-disease")
    assert (query.state, query.answer) == ("answered", "Staged anew after the tumour board.")


def test_typing_comes_back_after_the_session_was_killed(edit: Page, study):
    page = edit
    page.get_by_label("Pulse").fill("77")
    expect(state(page)).to_have_text("Typing kept.")
    Session.objects.all().delete()
    page.get_by_label("Pulse").fill("78")
    expect(state(page)).to_contain_text("You are signed out.")
    [[_, locked]] = page.evaluate(KEPT_HERE)
    assert "pulse" not in locked
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("Email").fill("coordinator_a@example.org")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("is back, and not saved yet")).to_be_visible()
    expect(page.get_by_label("Pulse")).to_have_value("78")
    expect(page.locator("#div_id_pulse")).to_contain_text("Saved: 68")
    assert page.evaluate(KEPT_HERE) == []
    look(page)
    page.goto("/casebook/SYN-921/")
    page.get_by_role("region", name="Typed, not saved").get_by_role("link", name="Vital signs").click()
    look(page)
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Pulse")).to_have_value("68")
    with acting(study.coordinator_a):
        assert not Draft.objects.exists()


def test_whoever_signs_in_next_at_this_computer_finds_nothing(edit: Page):
    page = edit
    page.get_by_label("Pulse").fill("79")
    expect(state(page)).to_have_text("Typing kept.")
    address = page.url
    page.on("dialog", lambda dialog: dialog.accept())
    sign_out(page)
    assert page.evaluate(KEPT_HERE) == []
    sign_in(page, "investigator_a", to=address)
    expect(page.get_by_label("Pulse")).to_have_value("68")
    expect(page.get_by_text("You typed here on")).to_have_count(0)
    sign_out(page)
    sign_in(page, "coordinator_a", to=address)
    expect(page.get_by_text("You typed here on")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Pulse")).to_have_value("68")
    expect(page.get_by_text("You typed here on")).to_have_count(0)


def test_a_server_that_does_not_take_a_draft_hinders_nobody(edit: Page, study, signs):
    page = edit
    page.route("**/draft/", lambda route: route.abort())
    page.get_by_label("Pulse").fill("83")
    expect(state(page)).to_contain_text("The server cannot be reached: not saved.")
    # Laid over the first: no try in between reaches the server.
    page.route("**/draft/", lambda route: route.fulfill(status=413))
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(state(page)).to_have_text("Typing cannot be kept here. Save soon.")
    assert len(page.evaluate(KEPT_HERE)) == 1
    page.get_by_label("Pulse").fill("84")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="1 change: why?")).to_be_visible()
    page.goto("about:blank")


@pytest.fixture
def window(chromium: Browser, study) -> Iterator[Page]:
    """A window of its own: the server it looks at comes and goes."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_typing_survives_a_server_that_goes_away(window: Page, study, signs, tmp_path):
    page, database = window, "test_test_entry"
    with serving(database, tmp_path / "first.log") as first:
        page.goto(first.url)
        page.get_by_label("Email").fill("coordinator_a@example.org")
        page.get_by_label("Password").fill("correct horse battery staple")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.goto(f"{first.url}/casebook/SYN-921/vital-signs/{signs.pk}/")
        page.get_by_label("Pulse").fill("81")
        expect(state(page)).to_have_text("Typing kept.")
    page.get_by_label("Pulse").fill("82")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(state(page)).to_contain_text("The server cannot be reached: not saved.")
    expect(page.get_by_label("Pulse")).to_have_value("82")
    [[_, locked]] = page.evaluate(KEPT_HERE)
    assert "pulse" not in locked
    look(page)
    with serving(database, tmp_path / "second.log", at=first.url):
        expect(state(page)).to_have_text("Typing kept.")
        assert page.evaluate(KEPT_HERE) == []
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_label("Reason: Pulse").select_option("transcription error")
        page.get_by_role("button", name="Save the changes").click()
        expect(page.get_by_text("Vital signs and ECOG changed.")).to_be_visible()
    with acting(study.coordinator_a):
        assert VitalSigns.objects.get(pk=signs.pk).pulse == 82
        assert not Draft.objects.exists()
