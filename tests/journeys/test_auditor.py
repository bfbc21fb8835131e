"""An auditor's way through the trail: from the seals to one change, and the receipt taken home."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from patients.models import Visit
from tests.factories import Study, change, enter, make_patient
from tests.journeys.browser import look, sign_in
from trial.services import seal_trail


@pytest.fixture(scope="module")
def changed(study: Study) -> None:
    change(enter(Visit, make_patient(study, number="SYN-931")), kind="UNSCHEDULED", reason="misread")
    seal_trail()


def test_a_change_is_found_and_the_receipt_of_its_seal_proves_it_later(page: Page, changed, tmp_path, capsys):
    sign_in(page, "auditor")
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_text("every seal holds")).to_be_visible()
    look(page)
    page.get_by_label("What").select_option("visit")
    page.get_by_label("Patient number").fill("syn-931")
    page.get_by_label("From", exact=True).fill("20120101")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="2 entries")).to_be_visible()
    line = page.get_by_role("row", name=re.compile("misread"))
    line.get_by_text("changed").click()
    expect(line.get_by_text("SCHEDULED → UNSCHEDULED")).to_be_visible()
    look(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Receipt of the last seal").click()
    download.value.save_as(tmp_path / "seal.txt")
    call_command("verify_audit", receipt=[tmp_path / "seal.txt"])
    assert "It holds all that was sealed" in capsys.readouterr().out


def test_an_administrator_reads_what_was_done_to_people_on_a_small_screen(page: Page, changed):
    page.set_viewport_size({"width": 768, "height": 1024})
    sign_in(page, "administrator", to="/trial/trail/")
    page.get_by_label("What").select_option("person")
    page.get_by_role("button", name="Show").click()
    page.locator("summary").first.click()
    look(page)
