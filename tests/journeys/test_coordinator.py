"""A coordinator's day on the demonstration trial: a value corrected, a new patient entered."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browser import demo_sign_in, look, screenshot, sign_out, wait_until_whole

ELIGIBLE_MAN = {
    "Hepatocellular carcinoma typical on imaging": "Yes",
    "No benefit expected from resection or local ablation": "Yes",
    "Able to follow the protocol treatment": "Yes",
}
DISEASE = {
    "Etiology": "hepatitis C",
    "ECOG performance status": "0 – fully active",
    "Ascites": "none",
    "Vascular invasion": "No",
    "Extrahepatic spread": "No",
    "Treated before for hepatocellular carcinoma": "No",
}
DISEASE_TYPED = {
    "Hepatic encephalopathy, grade": "0",
    "Total bilirubin, mg/dL": "0.9",
    "Albumin, g/dL": "3.9",
    "Prothrombin time, INR": "1.05",
    "Number of liver nodules": "5",
    "Largest nodule, mm": "42",
    "AFP, ng/mL": "33.5",
    "DCP (PIVKA-II), mAU/mL": "80",
}
BLOOD = {
    "Hemoglobin": "13.1",
    "White blood cells": "5200",
    "Neutrophils": "3100",
    "Platelets": "128000",
    "Total bilirubin": "0.9",
    "Albumin": "3.9",
    "AST": "48",
    "ALT": "39",
    "Creatinine": "0.8",
    "Prothrombin time, INR": "1.05",
}


@pytest.fixture(scope="module")
def site(demo_site):
    return demo_site


def field(page: Page, label: str) -> Locator:
    """The control of this label; labels of fields that must be filled in end with a mark."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}\*?$"))


def type_in(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        field(page, label).fill(value)


def choose(page: Page, answers: dict[str, str]) -> None:
    for question, answer in answers.items():
        group = page.get_by_role("group", name=re.compile(rf"^{re.escape(question)}\*?$"))
        if group.count():
            group.get_by_label(answer, exact=True).check()
        else:
            field(page, question).select_option(answer)


def save(page: Page, said: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()


def give_reasons(page: Page, reasons: dict[str, tuple[str, str]]) -> None:
    """On the page that shows the changes: the reason and the words for each field."""
    for label, (listed, words) in reasons.items():
        page.get_by_label(f"Reason: {label}").select_option(listed)
        page.get_by_label(f"In words: {label}").fill(words)


def confirm(page: Page, said: str) -> None:
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()


def add(page: Page, form: str) -> None:
    """From the patient's page to a new form of this kind."""
    wait_until_whole(page)
    page.get_by_role("row", name=form).get_by_role("link", name=re.compile(r"^(Add|Enter)")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(form)


def test_from_the_list_to_a_patient_and_a_corrected_value_with_its_history(page: Page):
    demo_sign_in(page, "coordinator.01")
    expect(page.get_by_role("heading", level=1)).to_contain_text("My work")
    look(page)
    page.get_by_role("link", name="Patients", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients")
    expect(page.get_by_text("7 patients")).to_be_visible()
    look(page)
    page.get_by_role("link", name="SYN-011").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-011")
    look(page)
    assert page.locator("[data-figure] svg .leads").count() > 30, "the timeline is drawn with its marks"
    for group in ("Screening", "Visits", "Treatment", "Imaging", "Follow-up"):
        expect(page.get_by_role("heading", level=2, name=group, exact=True)).to_be_visible()
    screenshot(page, "patient-page", full_page=True)

    page.get_by_role("link", name=re.compile("Vital signs and ECOG 20")).first.click()
    address = page.url
    look(page)
    old, systolic = (
        field(page, name).input_value() for name in ("Pulse, per minute", "Systolic blood pressure, mmHg")
    )
    field(page, "Systolic blood pressure, mmHg").fill("1280")
    field(page, "Pulse, per minute").fill("99")
    page.get_by_role("button", name="Save", exact=True).click()
    wrong = field(page, "Systolic blood pressure, mmHg")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_value("1280")
    expect(page.locator("#div_id_systolic")).to_contain_text("less than or equal to 300")
    expect(field(page, "Pulse, per minute")).to_have_value("99")
    look(page)

    wrong.fill(systolic)
    page.get_by_role("button", name="Save", exact=True).click()
    changes = page.get_by_role("row")
    expect(changes.filter(has_text="Pulse, per minute")).to_contain_text("99")
    look(page)
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Say why this is changed.")
    look(page)
    give_reasons(page, {"Pulse, per minute": ("transcription error", "read again from the source")})
    confirm(page, "Vital signs and ECOG changed.")

    page.goto(address)
    page.get_by_role("link", name="History").click()
    newest = page.get_by_role("article").first
    expect(newest).to_contain_text("Coordinator 01 changed")
    expect(newest.get_by_role("row", name="Pulse, per minute")).to_have_text(
        re.compile(rf"Pulse, per minute\s*{old}\s*99\s*transcription error: read again from the source")
    )
    look(page)


def consent_by_keyboard(page: Page) -> None:
    """The whole form without touching the mouse."""
    expect(field(page, "Date of written consent")).to_be_focused()
    press = page.keyboard.press
    page.keyboard.type("20120305")
    press("Tab")
    expect(field(page, "Date of written consent")).to_have_value("2012-03-05")
    page.keyboard.type("1948-02")
    press("Tab")
    press("Space")
    expect(page.get_by_label("male", exact=True)).to_be_checked()
    press("Tab")
    page.keyboard.type("1.0")
    press("Control+s")
    expect(page.get_by_role("status").filter(has_text="Consent and demographics saved.")).to_be_visible()


def test_a_new_patient_from_consent_to_the_first_dose(page: Page):
    demo_sign_in(page, "coordinator.01")
    page.get_by_role("link", name="Register a patient").click()
    look(page)
    field(page, "Patient number").fill("syn-101")
    page.get_by_role("button", name="Save and open the casebook").click()
    expect(page.get_by_role("alert")).to_contain_text("capital letters")
    field(page, "Patient number").fill("SYN-101")
    page.get_by_role("button", name="Save and open the casebook").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("SYN-101")
    look(page)
    add(page, "Consent and demographics")
    look(page)
    consent_by_keyboard(page)

    page.get_by_role("link", name="Eligibility", exact=True).click()
    verdict = page.get_by_role("heading", name="Judged on today's data")
    expect(verdict).to_contain_text("not yet evaluable")
    expect(page.get_by_role("row", name="I01")).to_contain_text("64")
    expect(page.get_by_role("row", name="I11")).to_contain_text("not yet known")
    expect(page.get_by_role("link", name="Decide")).to_have_count(0)
    look(page)

    screening_to_blood(page)
    page.get_by_role("link", name="Eligibility", exact=True).click()
    unknown = page.get_by_role("row").filter(has_text="not yet known")
    expect(unknown).to_have_count(1)
    expect(unknown).to_contain_text(
        "I15"
    )  # consent before enrolment: its day is not known before the decision
    look(page)
    refused_without_decision(page)
    sign_out(page)

    demo_sign_in(page, "investigator.01", to="/assessments/SYN-101/eligibility/")
    page.get_by_role("link", name="Decide").click()
    field(page, "Date of the decision").fill("2012-03-12")
    choose(page, {"The patient is eligible": "Yes"})
    look(page)
    save(page, "Eligibility decision saved.")
    page.get_by_role("link", name="Eligibility", exact=True).click()
    expect(verdict).to_have_text(re.compile(r":\s*eligible\s*$"))
    expect(unknown).to_have_count(0)
    look(page)
    sign_out(page)

    demo_sign_in(page, "coordinator.01", to="/casebook/SYN-101/")
    enrol(page)
    save(page, "Enrolment saved.")
    add(page, "Dosing log")
    type_in(page, {"First day": "2012-03-15", "Mg at a time": "400"})
    choose(page, {"How often": "twice a day", "Why this dose": "first dose of the trial"})
    look(page)
    save(page, "Dosing log saved.")
    page.get_by_role("link", name="Dosing log", exact=True).click()
    expect(page.get_by_role("row", name="400 mg, twice a day")).to_contain_text("800")
    look(page)


def screening_to_blood(page: Page) -> None:
    """Eligibility items, baseline disease and a blood sample that let a man in."""
    page.get_by_role("link", name="SYN-101").first.click()
    add(page, "Eligibility items")
    field(page, "Date of the assessment").fill("2012-03-06")
    for question in page.get_by_role("group").all():
        no = question.get_by_label("No", exact=True)
        if no.count() and "regnant" not in question.inner_text():
            no.check()
    choose(page, ELIGIBLE_MAN | {"Measured on": "contrast-enhanced CT"})
    type_in(page, {"Largest enhancing lesion, mm": "42", "Arrhythmia, CTCAE grade": "0"})
    look(page)
    save(page, "Eligibility items saved.")
    add(page, "Baseline disease")
    field(page, "Date of the assessment").fill("2012-03-06")
    choose(page, DISEASE | {"BCLC stage": "B"})
    type_in(page, DISEASE_TYPED)
    look(page)
    save(page, "Baseline disease saved.")
    add(page, "Laboratory values")
    field(page, "Date of the sample").fill("2012-03-06")
    type_in(page, BLOOD)
    look(page)
    save(page, "Laboratory values saved.")


def enrol(page: Page) -> None:
    add(page, "Enrolment")
    type_in(page, {"Date of enrolment": "2012-03-12", "Registration number": "SBP-101"})
    look(page)


def refused_without_decision(page: Page) -> None:
    """Nobody is enrolled before the investigator has decided."""
    page.get_by_role("link", name="SYN-101").first.click()
    enrol(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The investigator has not decided")
    expect(field(page, "Registration number")).to_have_value("SBP-101")
    look(page)
