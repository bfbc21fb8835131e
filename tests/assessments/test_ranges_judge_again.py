"""A corrected reference range settles, at once, every patient whose values it touches."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from assessments.laboratory import PatientLaboratory
from assessments.models import LabPanel, ReferenceRange
from assessments.services import add_range, close_range, remove_range
from casebook.models import Query
from patients.models import Consent
from tests.assessments.conftest import enrol, make_range
from tests.databases import own_database
from tests.factories import change, enter, make_patient, make_study, signed_in
from trial.audit import acting, row_history

NO_RANGE = "lab.no_reference_range"


def live(study, patient, *rules: str) -> dict[str, str]:
    with acting(study.data_manager):
        found = Query.objects.filter(patient=patient, rule_id__in=rules).exclude(state="closed")
        return {query.rule_id: query.text for query in found}


def swap(study, by, analyte: str, **values) -> ReferenceRange:
    """A range that was wrong is taken out, the right one entered."""
    with acting(by):
        wrong = ReferenceRange.objects.get(analyte=analyte, site=study.site_a)
        remove_range(wrong.pk, by=by, reason="misread the laboratory's sheet")
        right = {
            "site": study.site_a,
            "analyte": analyte,
            "unit": wrong.unit,
            "valid_from": wrong.valid_from,
            "uln": wrong.uln,
        }
        return add_range(ReferenceRange(**right | values), by=by)


@pytest.fixture
def ranges(study) -> None:
    for analyte, unit, uln in (
        ("hemoglobin", "g/dL", "20"),
        ("platelets", "/mm3", "400000"),
        ("neutrophils", "/mm3", "7000"),
        ("total_bilirubin", "mg/dL", "1.5"),
    ):
        make_range(study, analyte=analyte, unit=unit, lln=Decimal("0.1"), uln=Decimal(uln))


@pytest.mark.parametrize("keeper", ["coordinator_a", "data_manager"])
def test_eligibility_is_judged_again_when_a_range_is_corrected(study, ranges, enrolled, keeper):
    by = study.people[keeper]
    rule = "eligibility.I12"
    with acting(by):
        wrong = ReferenceRange.objects.get(analyte="ast")
    with acting(by):
        remove_range(wrong.pk, by=by, reason="misread the laboratory's sheet")
    missing = live(study, enrolled, rule)
    assert "not yet evaluable" in missing[rule]
    swap(study, by, "alt", uln=Decimal(40))
    with acting(by):
        values = {"site": study.site_a, "analyte": "ast", "unit": "U/L", "valid_from": date(2011, 1, 1)}
        low = add_range(ReferenceRange(**values, uln=Decimal(5)), by=by)
        query = Query.objects.get(rule_id=rule)
    assert query.state == "open"
    assert query.text != missing[rule]
    assert "not met" in query.text
    with acting(by):
        remove_range(low.pk, by=by, reason="misread again")
        add_range(ReferenceRange(**values, uln=Decimal(40)), by=by)
        query.refresh_from_db()
        assert query.state == "closed"
        entries = row_history("casebook_query", query.pk)
    assert {entry.actor for entry in entries} == {by}
    assert [entry.operation for entry in entries] == ["I", "U", "U", "U"]
    assert entries[0].reason == "misread the laboratory's sheet"
    assert "A reference range was added: Aspartate aminotransferase ≤5 U/L" in entries[1].reason
    assert "A reference range was removed" in entries[2].reason
    assert "misread again" in entries[2].reason
    assert "cause gone" in entries[3].reason


def test_questions_about_a_missing_range_open_and_close_themselves(study, ranges, patient):
    panel = enter(LabPanel, patient, alt=Decimal(90))
    assert live(study, patient, NO_RANGE) == {
        NO_RANGE: "The site has no reference range on 2012-01-20 for: Alanine aminotransferase."
    }
    by = study.data_manager
    values = {"site": study.site_a, "unit": "U/L", "uln": Decimal(40), "valid_from": date(2011, 1, 1)}
    with acting(by):
        found = add_range(ReferenceRange(**values, analyte="alt"), by=by)
        assert live(study, patient, NO_RANGE) == {}
        assert PatientLaboratory(patient).judge(panel)["alt"].grades[0].grade == 1
        close_range(found.pk, valid_to=date(2012, 1, 19), by=by, reason="new analyser")
        assert list(live(study, patient, NO_RANGE)) == [NO_RANGE]
        [opened] = Query.objects.filter(rule_id=NO_RANGE, state="open")
        [entry] = row_history("casebook_query", opened.pk)
        assert (entry.actor, entry.reason) == (by, "new analyser")
        remove_range(found.pk, by=by, reason="mistake")
        add_range(ReferenceRange(**values | {"valid_from": date(2012, 1, 20)}, analyte="alt"), by=by)
    assert live(study, patient, NO_RANGE) == {}


def test_a_day_the_range_does_not_hold_on_is_left_alone(study, ranges, patient):
    enter(LabPanel, patient, alt=Decimal(90))
    with acting(study.data_manager):
        before = Query.objects.get(rule_id=NO_RANGE).version
    for start, end in ((date(2012, 1, 21), None), (date(2011, 1, 1), date(2012, 1, 19))):
        with acting(study.data_manager):
            values = {"site": study.site_a, "analyte": "alt", "unit": "U/L", "uln": Decimal(40)}
            add_range(ReferenceRange(**values, valid_from=start, valid_to=end), by=study.data_manager)
            query = Query.objects.get(rule_id=NO_RANGE)
        assert (query.state, query.version) == ("open", before)


def test_patients_of_other_sites_keep_their_questions(study, ranges):
    there = make_patient(study, site=study.site_b)
    enter(LabPanel, there)
    before = live(study, there, NO_RANGE)
    enter(LabPanel, make_patient(study), hemoglobin=Decimal("9.9"))
    swap(study, study.data_manager, "hemoglobin", uln=Decimal(19))
    assert live(study, there, NO_RANGE) == before != {}


def test_any_number_of_patients_is_settled_by_as_many_statements(study, ranges):
    by = study.data_manager
    values = {"site": study.site_a, "unit": "U/L", "uln": Decimal(40), "valid_from": date(2011, 1, 1)}
    sent = []
    for many in (1, 1, 3):  # with the first one the person's roles are read
        patients = [make_patient(study) for _ in range(many)]
        for patient in patients:
            enter(LabPanel, patient, alt=Decimal(90))
        with acting(by), CaptureQueriesContext(connection) as statements:
            found = add_range(ReferenceRange(**values, analyte="alt"), by=by)
        sent.append(len(statements))
        assert all(live(study, patient, NO_RANGE) == {} for patient in patients)
        with acting(by):
            remove_range(found.pk, by=by, reason="again")
    assert sent[1] == sent[2]


def test_a_corrected_sex_asks_about_the_ranges_of_that_sex(study, ranges, patient):
    consent = enter(Consent, patient)
    make_range(study, sex="M")
    enter(LabPanel, patient, alt=Decimal(30))
    assert live(study, patient, NO_RANGE) == {}
    change(consent, sex="F")
    assert list(live(study, patient, NO_RANGE)) == [NO_RANGE]
    change(consent, sex="M")
    assert live(study, patient, NO_RANGE) == {}


def test_the_page_settles_them_too(study, ranges, patient):
    enter(LabPanel, patient, alt=Decimal(30))
    typed = {
        "site": study.site_a.pk,
        "analyte": "alt",
        "sex": "",
        "unit": "U/L",
        "lln": "5",
        "uln": "40",
        "valid_from": "2011-01-01",
        "valid_to": "",
    }
    client = signed_in(study.data_manager)
    assert client.post("/assessments/ranges/", typed).status_code == 302
    assert live(study, patient, NO_RANGE) == {}


def wait_until_somebody_waits(seconds: float = 5) -> None:
    """Until another transaction waits for an advisory lock; nobody does where no lock is asked for."""
    with connection.cursor() as cursor:
        for _ in range(int(seconds / 0.05)):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)


def test_a_panel_saved_while_a_range_is_added_is_not_missed(django_db_setup, django_db_blocker):
    """The range waits for the save that does not know it yet, and then settles what it asked about."""
    with django_db_blocker.unblock(), own_database("test_ranges_at_once"):
        study = make_study()
        patient = make_patient(study)
        is_saved = Event()

        def save() -> None:
            try:
                with acting(study.coordinator_a):
                    enter(LabPanel, patient, hemoglobin=None, platelets=None, alt=Decimal(30))
                    is_saved.set()
                    wait_until_somebody_waits()
            finally:
                connections["default"].close()

        def add() -> None:
            try:
                is_saved.wait(timeout=30)
                with acting(study.data_manager):
                    values = {"site": study.site_a, "analyte": "alt", "unit": "U/L", "uln": Decimal(40)}
                    add_range(ReferenceRange(**values, valid_from=date(2011, 1, 1)), by=study.data_manager)
            finally:
                connections["default"].close()

        with ThreadPoolExecutor(2) as pool:
            for work in [pool.submit(save), pool.submit(add)]:
                work.result(timeout=60)
        with acting(study.data_manager):
            assert Query.objects.get(rule_id=NO_RANGE).state == "closed"


def test_an_enrolled_patient_stays_settled_after_an_unrelated_range(study, ranges, enrolled):
    other = enrol(study, make_patient(study))
    swap(study, study.coordinator_a, "creatinine", uln=Decimal("1.2"))
    for patient in (enrolled, other):
        assert live(study, patient, "eligibility.I14", NO_RANGE) == {}
