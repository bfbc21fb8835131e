"""What a journey does in the browser besides clicking: sign in, check for accessibility, take a picture."""

import os
from pathlib import Path
from urllib.parse import urlencode

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from demo import people
from tests.factories import PASSWORD

IMAGES = Path(__file__).parents[2] / "docs" / "images"
# WCAG 2.2 A and AA, and what axe holds good practice.
SETTLED = """() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, [data-figure]:not([data-drawn=done])")
  && [...document.querySelectorAll("[hx-trigger=load]")].every((part) => part.childElementCount
    && !part.querySelector(`:scope > [href="${part.getAttribute("hx-get")}"]`))"""
STICKY = """position => {
  for (const bar of document.querySelectorAll(".save-bar, .patient-header")) bar.style.position = position;
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def sign_in(page: Page, who: str, *, password: str = PASSWORD, to: str = "/") -> None:
    """Sign in by the form: `who` is an e-mail address, or the name of a person of tests.factories."""
    page.goto(f"/account/login/?{urlencode({'next': to})}")
    page.get_by_label("Email").fill(who if "@" in who else f"{who}@example.org")
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.locator(".person-button").wait_for()


def demo_sign_in(page: Page, who: str, *, to: str = "/") -> None:
    """Sign in to the demonstration trial: "coordinator.01", "statistician"."""
    sign_in(page, f"{who}@demo.invalid", password=people.PASSWORD, to=to)


def sign_out(page: Page) -> None:
    way_out = page.get_by_role("button", name="Sign out")
    if not way_out.is_visible():
        page.locator(".person-button").click()
    way_out.click()
    page.get_by_role("heading", name="Sign in").wait_for()


def wait_until_whole(page: Page) -> None:
    """Until the parts that come later are there and every figure is drawn: from then on nothing moves."""
    page.wait_for_function(SETTLED)


def look(page: Page) -> None:
    """The page as a person finds it: whole, not wider than the window, open to everybody."""
    axe(page)
    assert page.evaluate(SIDEWAYS) <= 0, f"{page.url} is wider than the window"


def axe(page: Page) -> None:
    """The page, once it is whole, breaks no rule of accessibility.

    Bars that stay in sight lie where they end for this: what one covers at the moment can be scrolled free.
    """
    wait_until_whole(page)
    page.evaluate(STICKY, "static")
    results = Axe().run(page, options=RULES)
    page.evaluate(STICKY, "")
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def screenshot(page: Page, name: str, *, full_page: bool = False) -> None:
    """The picture the documentation shows; made anew only when REBASELINE_SCREENSHOTS=1."""
    if os.environ.get("REBASELINE_SCREENSHOTS") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png", full_page=full_page)
