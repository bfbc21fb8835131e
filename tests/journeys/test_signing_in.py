"""Signing in and out, in the browser."""

import re

from playwright.sync_api import Page, expect

from tests.factories import make_patient
from tests.journeys.browser import axe, sign_in, sign_out


def test_sign_in_and_out_by_keyboard(page: Page, study):
    make_patient(study, number="SYN-901")
    page.goto("/casebook/SYN-901/")
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/casebook/SYN-901/$"))
    axe(page)
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type("coordinator_a@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery staple")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-901")
    page.get_by_role("button", name="Coordinator A").press("Enter")
    expect(page.get_by_text("Coordinator, Minatogawa General Hospital")).to_be_visible()
    axe(page)
    sign_out(page)
    page.goto("/casebook/SYN-901/")
    expect(page).to_have_url(re.compile("/account/login/"))


def test_a_wrong_password_is_said_and_then_locks(page: Page):
    page.goto("/account/login/")
    for attempt in range(5):
        page.get_by_label("Email").fill("monitor_a@example.org")
        page.get_by_label("Password").fill(f"guess {attempt}")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        if attempt == 0:
            expect(page.get_by_role("alert")).to_contain_text("not correct")
            expect(page.get_by_role("alert")).to_be_focused()
            axe(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("locked for 30 minutes")
    axe(page)


def test_the_account_pages(page: Page):
    sign_in(page, "coordinator_b", to="/account/password/change/")
    axe(page)
    page.goto("/account/2fa/")
    axe(page)
    page.get_by_role("link", name="Activate").click()
    axe(page)
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Authenticator secret")).to_have_value(re.compile("^[A-Z2-7]{16,}$"))
    expect(page.locator("img.qr")).to_be_visible()
    axe(page)


def test_the_skip_link_leads_to_the_content(page: Page):
    sign_in(page, "coordinator_a", to="/account/2fa/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
