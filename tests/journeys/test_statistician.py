"""A statistician's run on the demonstration trial: from its start to tables, patients, fields and files."""

import re
from urllib.parse import urlsplit
from zipfile import is_zipfile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browser import demo_sign_in, look, screenshot
from tests.journeys.conftest import Site, working

TABLES = {
    "Table 1. Baseline characteristics": "179 (1.6-87300)",
    "Table 2. Treatment status": "60.7 (13.3-100)",
    "Table 3. Drug-related, treatment-emergent adverse events": "Palmar-plantar erythrodysesthesia",
    "Times to event": "102 (42-138)",
}


@pytest.fixture(scope="module")
def site(demo_site: Site):
    with working(demo_site.database, demo_site.log.with_name("worker.log")):
        yield demo_site


@pytest.fixture
def statistician(page: Page) -> Page:
    demo_sign_in(page, "statistician")
    return page


def open_run(page: Page, output: str = "") -> None:
    """The run that the first journey of this module started, or one of its outputs."""
    page.goto("/analysis/runs/")
    page.get_by_role("link", name=re.compile(r"^Run \d+$")).first.click()
    if output:
        page.goto(f"{urlsplit(page.url).path}{output}")


def downloaded(page: Page, link: Locator) -> bytes:
    with page.expect_download() as download:
        link.click()
    return download.value.path().read_bytes()


def test_a_run_from_its_start_to_its_result(statistician: Page):
    page = statistician
    page.get_by_role("link", name="Analyses").click()
    look(page)
    page.get_by_role("link", name="New run").click()
    expect(page.get_by_label("Clinical cut-off")).to_have_value("2014-06-01")
    look(page)
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("finished", timeout=120_000)
    expect(page).to_have_url(re.compile(r"/analysis/runs/\d+/$"))
    for box in ("Enrolled n = 30", "Treated, safety set n = 29", "(Treatment 2) n = 20"):
        expect(page.get_by_role("link", name=box)).to_be_visible()
    look(page)
    screenshot(page, "run", full_page=True)


@pytest.mark.parametrize("title", TABLES)
def test_every_table_shows_what_the_cohort_gives(statistician: Page, title: str):
    page = statistician
    open_run(page)
    page.get_by_role("link", name=title, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("table.results")).to_contain_text(TABLES[title])
    look(page)
    if title.startswith("Table 1"):
        screenshot(page, "table-1")


def test_from_a_number_to_patients_field_and_history(statistician: Page):
    page = statistician
    open_run(page, "table_1/")
    page.get_by_role("link", name=re.compile("^14, Vascular invasion, All")).click()
    expect(page.get_by_role("heading", name="14 patients behind this")).to_be_visible()
    behind = page.get_by_role("region", name="14 patients behind this")
    expect(behind.get_by_role("article")).to_have_count(14)
    others = page.get_by_role("region", name="The other 15 of these 29")
    expect(others.get_by_role("article")).to_have_count(15)
    look(page)
    screenshot(page, "behind-a-number")
    first = page.get_by_role("article").first
    expect(first.get_by_text("Vascular invasion")).to_be_visible()
    first.get_by_role("link", name=re.compile("^Baseline disease")).click()
    expect(page.locator("#div_id_vascular_invasion")).to_contain_text("Yes")
    look(page)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("article").last).to_contain_text("Vascular invasion")
    look(page)


def test_from_a_step_of_a_curve_to_its_patients(statistician: Page):
    page = statistician
    open_run(page, "ttp1/")
    look(page)
    expect(page.locator("[data-figure] svg .leads").nth(15), "a mark for each day").to_be_visible()
    screenshot(page, "curve")
    page.locator("[data-figure] svg .leads").nth(2).click()
    expect(page).to_have_url(re.compile(r"/ttp1/point/"))
    expect(page.get_by_role("article").first.get_by_role("link").first).to_have_text(re.compile(r"^SYN-\d+$"))
    expect(page.get_by_text("Imaging read").first).to_be_visible()
    look(page)


def test_tables_and_figures_are_taken_away_as_files(statistician: Page, tmp_path):
    page = statistician
    open_run(page, "ttp1/")
    files = {
        name: downloaded(page, page.get_by_role("link", name=re.compile(f"^{name} ?")).first)
        for name in ("CSV", "XLSX", "SVG", "PDF")
    }
    assert "SYNTHETIC" in files["CSV"].decode()
    assert "<svg" in files["SVG"].decode()[:500]
    assert files["PDF"].startswith(b"%PDF-")
    open_run(page)
    book = tmp_path / "tables.xlsx"
    book.write_bytes(downloaded(page, page.get_by_role("link", name="All tables (XLSX)")))
    assert is_zipfile(book)


def test_every_published_figure_stands_beside_its_own(statistician: Page):
    page = statistician
    open_run(page)
    page.get_by_role("link", name="Beside the published figures").click()
    expect(page.locator("table.comparison tbody tr")).to_have_count(158)
    look(page)
    page.get_by_label("Verdict").select_option("misprint in the paper")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("table.comparison tbody tr")).to_have_count(3)
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Source").select_option("Table 2")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("cell", name="printed over 30").first).to_be_visible()
    screenshot(page, "comparison")
