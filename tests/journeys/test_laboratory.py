"""Laboratory values: a panel in the unit of the site, a file corrected and imported, the trend."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assessments.models import DoseInterval, LabPanel
from casebook.models import Patient
from tests.assessments.conftest import enrol, make_range
from tests.factories import Study, enter, make_patient
from tests.journeys.browser import look, screenshot, sign_in
from trial.audit import acting

WRONG = """Patient;Date;Analyte;Value;Unit
SYN-931;2012-03-01;PLT;92,5;10^3/uL
SYN-931;01.03.2012;ALT;55;U/L
SYN-913;2012-03-01;AST;61;U/L
SYN-931;2012-03-01;Hb;118;g/L
"""
RIGHT = WRONG.replace("92,5", "92.5").replace("01.03.2012", "2012-03-01").replace("SYN-913", "SYN-931")


@pytest.fixture(scope="module")
def treated(study: Study) -> Patient:
    """A patient on treatment, at a site that reports platelets in thousands and hemoglobin in g/L."""
    patient = make_patient(study, number="SYN-931")
    make_range(study, analyte="platelets", unit="10^3/uL", lln=Decimal(150), uln=Decimal(350))
    make_range(study, analyte="hemoglobin", unit="g/L", lln=Decimal(137), uln=Decimal(168))
    enrol(study, patient)
    enter(DoseInterval, patient)
    return patient


def choose_file(page: Page, folder: Path, text: str) -> None:
    path = folder / "march.csv"
    path.write_text(text)
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Show what it would do").click()


def test_a_panel_in_the_units_of_the_site(page: Page, study: Study, treated: Patient):
    sign_in(page, "coordinator_a", to=f"/casebook/{treated.number}/laboratory/new/")
    page.get_by_label("Date of the sample").fill("2012-02-15")
    platelets = page.locator("#id_platelets")
    expect(page.get_by_label("Unit of platelets")).to_have_value("10^3/uL")
    platelets.fill("48")
    platelets.press("Tab")
    expect(page.locator("#id_platelets_helptext")).to_contain_text("Range 150–350 10³/µL")
    expect(page.locator("#id_platelets_helptext")).to_contain_text("LL, critically low")
    expect(page.locator("#id_platelets_helptext")).to_contain_text("CTCAE grade 3")
    page.get_by_label("Unit of platelets").select_option("/mm3")
    expect(page.locator("#id_platelets_helptext")).to_contain_text("Range 150000–350000 /mm³")
    page.get_by_label("Unit of platelets").select_option("10^3/uL")
    look(page)
    platelets.fill("98")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Laboratory values saved.")).to_be_visible()


def test_a_file_with_errors_is_corrected_imported_and_looked_at(
    page: Page, study: Study, treated: Patient, tmp_path: Path
):
    with acting(study.coordinator_a):
        saved = LabPanel.objects.filter(patient=treated).count()
    sign_in(page, "coordinator_a", to="/assessments/laboratory/import/")
    look(page)
    choose_file(page, tmp_path, WRONG)
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text("3 problems: nothing is saved")
    for row in (
        "2 D “92,5”: write numbers",
        "3 B “01.03.2012” is not read",
        "4 A There is no patient “SYN-913”",
    ):
        expect(problems.get_by_role("row", name=row)).to_be_visible()
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    look(page)
    picture(page, "import-problems")

    choose_file(page, tmp_path, RIGHT)
    expect(page.get_by_role("heading", name="New", exact=True)).to_be_visible()
    with acting(study.coordinator_a):
        assert LabPanel.objects.filter(patient=treated).count() == saved
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status").filter(has_text="Imported: 1 new panel")).to_be_visible()

    choose_file(page, tmp_path, RIGHT.replace("92.5", "29.5"))
    expect(page.get_by_text("3 values are saved already.")).to_be_visible()
    page.get_by_label("Replace Platelets, line 2").check()
    page.get_by_label("Reason for all that are ticked").fill("digits swapped in the first file")
    look(page)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status").filter(has_text="1 panel changed")).to_be_visible()

    with acting(study.coordinator_a):
        panel = LabPanel.objects.get(patient=treated, date=date(2012, 3, 1))
    page.goto(f"/casebook/{treated.number}/laboratory/{panel.pk}/history/")
    expect(page.get_by_role("article").first).to_contain_text("march.csv")
    look(page)
    page.goto(f"/assessments/{treated.number}/laboratory/")
    look(page)
    page.get_by_role("link", name="Platelets").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Platelets")
    expect(page.locator("[data-figure] svg")).to_be_visible()
    expect(page.get_by_role("row", name="2012-03-01")).to_contain_text("29500")
    expect(page.get_by_role("row", name="2012-03-01")).to_contain_text("3 Platelet count decreased")
    look(page)
    picture(page, "trend")


def picture(page: Page, name: str) -> None:
    screenshot(page, f"laboratory-{name}", full_page=True)
    if os.environ.get("LAB_SHOTS"):
        page.screenshot(path=f"/tmp/lab_{name}.png", full_page=True)
