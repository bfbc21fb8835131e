"""A casebook asked for on the screen, printed by a real worker, downloaded, and read."""

import pytest
from playwright.sync_api import Page, expect

from assessments.models import VitalSigns
from documents.models import Download
from patients.models import Consent
from tests.documents.prints import pdf, text_of
from tests.factories import change, enter, make_patient
from tests.journeys.browser import axe, sign_in
from tests.journeys.conftest import Site, working
from trial.audit import acting


@pytest.fixture(scope="module")
def worker(site: Site, tmp_path_factory):
    with working(site.database, tmp_path_factory.mktemp("worker") / "worker.log"):
        yield


@pytest.fixture
def number(study) -> str:
    """A patient whose pulse was corrected."""
    patient = make_patient(study)
    enter(Consent, patient)
    change(enter(VitalSigns, patient), pulse=72, reason="read again from the chart")
    return patient.number


def test_a_coordinator_prints_a_casebook_and_finds_a_value_in_it(
    page: Page, study, worker, number: str, tmp_path
):
    sign_in(page, "coordinator_a", to=f"/casebook/{number}/")
    page.get_by_role("link", name="Print casebook").click()
    expect(page.get_by_role("heading", name=f"Print the casebook of {number}")).to_be_visible()
    axe(page)
    page.get_by_label("what was entered, with audit trail and queries").check()
    page.get_by_label("日本語").check()
    page.get_by_role("button", name="Print", exact=True).click()
    download = page.get_by_role("link", name="Download the PDF")
    expect(download).to_be_visible(timeout=60_000)
    axe(page)
    with page.expect_download() as started:
        download.click()
    started.value.save_as(tmp_path / "casebook.pdf")
    reader = pdf((tmp_path / "casebook.pdf").read_bytes())
    text = text_of(reader)
    assert "72 per minute" in text
    assert "read again from the chart" in text
    assert reader.trailer["/Root"]["/Lang"] == "ja"
    with acting(study.auditor):
        assert [one.by for one in Download.objects.all()] == [study.coordinator_a]


def test_annotated_forms_are_read_and_downloaded(page: Page, study, tmp_path):
    sign_in(page, "monitor_a", to="/monitoring/patients/")
    page.locator(".person-button").click()
    page.get_by_role("link", name="Annotated forms").click()
    page.get_by_role("link", name="Vital signs and ECOG").click()
    expect(page.get_by_text("VS.VSORRES where VSTESTCD = SYSBP")).to_be_visible()
    axe(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="PDF, English").click()
    started.value.save_as(tmp_path / "forms.pdf")
    assert "VS.VSORRES where VSTESTCD = SYSBP" in text_of(pdf((tmp_path / "forms.pdf").read_bytes()))
