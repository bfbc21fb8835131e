"""Reading a scan: the response as one types, a reader who sees it otherwise, and the new baseline."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from assessments.models import ImagingRead
from casebook.models import Query
from tests.assessments.imaging_cases import Entered, enter_course
from tests.factories import Study, make_patient
from tests.journeys.browser import look, screenshot, sign_in
from trial.audit import acting

SCANS = """
    -7 T1=60 T2=40 N1:present
    42 T1=50 T2=34 N1:present
"""


@pytest.fixture(scope="module")
def followed(study: Study) -> Entered:
    """A baseline of 100 mm and a first scan with stable disease."""
    return enter_course(make_patient(study, number="SYN-921"), SCANS, first="T1 T2 / N1")


def diameter(page: Page, label: str) -> Locator:
    return page.get_by_label(re.compile(rf"^{label} .*diameter"))


def start_read(page: Page, day: str) -> None:
    page.goto("/assessments/SYN-921/imaging/new/")
    page.get_by_label("Date of the scan").fill(day)
    page.get_by_label("Modality").select_option("contrast enhanced CT scan")


def test_a_follow_up_read_is_computed_as_one_types_and_a_differing_reader_is_asked(
    page: Page, study: Study, followed: Entered
):
    sign_in(page, "coordinator_a")
    start_read(page, "2012-03-25")
    expect(page.get_by_role("row", name=re.compile("^T1"))).to_contain_text("60")
    diameter(page, "T1").fill("40")
    diameter(page, "T1").press("Enter")
    expect(diameter(page, "T2")).to_be_focused()
    page.keyboard.type("30")
    page.get_by_label(re.compile("^N1 seen")).select_option("PRESENT")
    sums = page.get_by_role("row", name=re.compile("^Sum of targets"))
    expect(sums).to_contain_text("70 mm")
    expect(page.locator("#computed")).to_contain_text("overall response PR")
    expect(page.locator("#computed")).to_contain_text("-30 %")
    look(page)
    diameter(page, "T2").fill("30.1")
    expect(page.locator("#computed")).to_contain_text("overall response SD")
    expect(sums).to_contain_text("70.1 mm")
    page.get_by_label("Overall response").select_option("PR")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The reader differs from what is computed")
    look(page)
    page.get_by_label("Comment").fill("The rim of T2 may be perfusion only.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("overall response SD")
    with acting(study.coordinator_a):
        query = Query.objects.get(rule_id="imaging.reader_differs")
    expect(page.get_by_text(query.text)).to_be_visible()
    look(page)


def test_the_first_progression_leads_to_the_new_baseline(page: Page, followed: Entered):
    sign_in(page, "coordinator_a")
    start_read(page, "2012-05-06")
    diameter(page, "T1").fill("62")
    diameter(page, "T2").fill("38")
    page.get_by_label(re.compile("^N1 seen")).select_option("PRESENT")
    page.get_by_label(re.compile("^New lesion.* diameter")).fill("14")
    page.get_by_label(re.compile("^New lesion.* typical pattern")).check()
    expect(page.locator("#computed")).to_contain_text("overall response PD, the first progression")
    look(page)
    screenshot(page, "imaging-read", full_page=True)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("Now choose the lesions of the new baseline")
    look(page)
    page.get_by_role("button", name="Save the new baseline").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for lesion, role in (("T1", "target"), ("T2", "non-target"), ("N1", "non-target"), ("NEW01", "target")):
        line = page.get_by_role("row", name=re.compile(f"^{lesion}"))
        line.get_by_role("radio", name=role, exact=True).check()
    look(page)
    page.get_by_role("button", name="Save the new baseline").click()
    expect(page.get_by_role("status")).to_contain_text("Treatment 2 is read against it")
    course = followed.course()
    assert course.period2 is not None
    assert course.period2.baseline_sum == 760

    start_read(page, "2012-06-17")
    diameter(page, "T1").fill("70")
    diameter(page, "NEW01").fill("21.2")
    for lesion in ("T2", "N1"):
        page.get_by_label(re.compile(f"^{lesion} seen")).select_option("PRESENT")
    expect(page.locator("#computed")).to_contain_text("Treatment 2: overall response PD")
    expect(page.locator("#computed")).to_contain_text("+20 %")
    look(page)


def test_lesions_are_added_and_the_buttons_stay_in_sight(page: Page, study: Study, followed: Entered):
    make_patient(study, number="SYN-922")
    sign_in(page, "coordinator_a", to="/assessments/SYN-922/imaging/new/")
    save = page.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_in_viewport()
    page.get_by_label("Date of the scan").fill("2012-01-16")
    page.get_by_label("Modality").select_option("contrast enhanced CT scan")
    lesions = page.locator("fieldset.lesion")
    there = lesions.count()
    for n in range(2):
        page.get_by_role("button", name="Add a lesion").click()
        expect(lesions).to_have_count(there + n + 1)
        added = lesions.last
        expect(added.locator("select").first).to_be_focused()
        added.get_by_label("Where in the organ").fill(f"S{n + 5}")
        added.get_by_role("textbox", name=re.compile("diameter")).fill(f"{31 + n}")
        expect(added.get_by_label(re.compile(" seen"))).to_have_value("MEASURED")
        added.get_by_label(re.compile("chosen as", re.I)).select_option("TARGET")
    expect(save).to_be_in_viewport()
    expect(page.locator("#computed")).to_contain_text("63")
    look(page)
    save.click()
    expect(page.get_by_role("status")).to_contain_text("Imaging read saved")
    with acting(study.coordinator_a):
        [read] = ImagingRead.objects.filter(patient__number="SYN-922")
        assert sorted(read.readings.values_list("lesion__place", "diameter")) == [("S5", 31), ("S6", 32)]


def test_two_readers_at_one_scan_see_both_versions(page: Page, followed: Entered):
    sign_in(page, "coordinator_a", to=f"/assessments/SYN-921/imaging/{followed.reads['42'].pk}/")
    other = page.context.new_page()
    other.goto(page.url)
    for tab, size in ((other, "51"), (page, "52")):
        diameter(tab, "T1").fill(size)
        tab.get_by_label("Reason for the change").fill("measured again")
        tab.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved this form")
    both = page.get_by_role("row", name=re.compile("^T1: "))
    expect(both).to_contain_text(re.compile("52.*51"))
    expect(diameter(page, "T1")).to_have_value("52")
    look(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Imaging read saved")
    page.goto(f"/casebook/SYN-921/imaging/{followed.reads['42'].pk}/history/")
    changes = page.get_by_role("article").filter(has_text="changed reading of T1")
    expect(changes.nth(0)).to_contain_text(re.compile("51.0.*52.0"))
    expect(changes.nth(1)).to_contain_text(re.compile("50.0.*51.0"))
    look(page)
