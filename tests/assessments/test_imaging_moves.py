"""A confirmation that dates a progression back: said plainly before it is saved, and everything follows."""

from datetime import date

import pytest
from django.test import Client

from analysis.domain.endpoints import derive_tte
from analysis.facts import study_facts
from analysis.settings import RunSettings
from assessments.imaging_moves import ProgressionMoves, course_now
from assessments.models import DoseInterval, ImagingRead, LabPanel
from casebook.extraction import extract
from casebook.models import Query
from patients.models import ProgressionDecision
from tests.assessments.conftest import enrol
from tests.assessments.imaging_cases import Entered, enter_course
from tests.assessments.test_imaging_pages import as_shown, edit, line_of, new, rebaseline, seen
from tests.factories import enter, signed_in
from tests.spec.tumour_cases import on
from trial.audit import acting
from trial.models import AuditEntry
from trial.selectors import protocol_in_force

pytestmark = pytest.mark.django_db
SCANS = """
    -7 T1=60 N1:present
    42 T1=70 N1:present +X1=12
    84 T1=73 N1=12 X1=13
"""


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def progressed(study, patient) -> Entered:
    """Dosed from 2012-01-20, first PD on day 84 (2012-03-25), a new baseline there, treatment going on."""
    enrol(study, patient)
    enter(DoseInterval, patient, start=date(2012, 1, 20))
    enter(LabPanel, patient, date=date(2012, 2, 3))
    entered = enter_course(patient, SCANS, first="T1 / N1", second="T1 N1 / X1", chosen_on="84")
    enter(ProgressionDecision, patient, date=date(2012, 3, 27), continued=True, not_continued_reason="")
    return entered


def confirming(client: Client, patient) -> dict[str, str]:
    """The read of day 126, on which X1 turns out typical."""
    page = client.get(new(patient))
    typed = as_shown(page) | {"date": str(on(126)), "modality": "CT SCAN"}
    typed |= seen(page, T1="80", N1="12", X1="15")
    x1 = line_of(page, "X1").prefix
    assert [flag.name for flag in line_of(page, "X1").flags] == [
        "typical",
        "unequivocal",
        "malignancy_proven",
    ]
    return typed | {f"{x1}-typical": "on"}


def ttp(study, patient) -> dict[str, int]:
    """The times to progression that a run computes."""
    with acting(study.statistician):
        protocol = protocol_in_force(patient.site_id, date(2012, 12, 1))
        assert protocol is not None
        settings = RunSettings.from_protocol(protocol, {})
        facts = study_facts(extract([patient]), protocol, cut_off=date(2012, 12, 1), settings=settings)
        history = facts.subjects[0].history
        times = {endpoint.paramcd: derive_tte(history, endpoint) for endpoint in facts.endpoints}
        return {name: times[name].days for name in ("TTP1", "TTP2")}


def test_a_confirmation_says_what_it_moves_and_asks_why_before_it_is_saved(
    study, patient, coordinator, progressed
):
    sent = confirming(coordinator, patient)
    asked = coordinator.post(new(patient), sent)
    assert asked.status_code == 200
    assert asked.context["moves"] == [
        "The first progression moves from 2012-03-25 to 2012-02-12.",
        "New lesion X1, equivocal on 2012-02-12, is confirmed by the scan of 2012-05-06.",
        "Treatment 1 ends and Treatment 2 begins on 2012-02-12 instead of 2012-03-25.",
        "42 days with drug in the dosing log change their period.",
        "The decision at first progression of 2012-03-27 then comes 44 days after it.",
        "The new baseline was chosen on the scan of 2012-03-25; it has to be chosen again on the scan of"
        " 2012-02-12.",
        "Time from the first dose to the first progression: 65 → 23 days.",
    ]
    text = asked.content.decode()
    assert "What this save moves" in text
    assert 'name="move_reason"' in text
    with acting(study.coordinator_a):
        assert not ImagingRead.objects.filter(date=on(126)).exists()
        assert course_now(patient).pd1_date == on(84)
    again = coordinator.post(new(patient), sent | {"move_reason": "  "})
    assert again.context["moves"]


def test_once_confirmed_everything_is_computed_anew_and_the_reason_is_on_the_trail(
    study, patient, coordinator, progressed
):
    with acting(study.coordinator_a):
        before = course_now(patient)
    assert (before.pd1_date, before.treatment_2_start) == (on(84), on(84))
    assert ttp(study, patient)["TTP1"] == (on(84) - date(2012, 1, 20)).days
    sent = confirming(coordinator, patient) | {"move_reason": "MRI shows washout of X1"}
    response = coordinator.post(new(patient), sent)
    assert response.url == rebaseline(progressed, "42")
    with acting(study.coordinator_a):
        after = course_now(patient)
        assert (after.pd1_date, after.treatment_2_start) == (on(42), on(42))
        assert after.periods[0].end == on(42)
        assert Query.objects.filter(rule_id="tumour.selected_on_other_scan").exists()
        read = ImagingRead.objects.get(date=on(126))
        entry = AuditEntry.objects.get(table="assessments_imagingread", row_id=read.pk)
        assert entry.reason == "MRI shows washout of X1"
    page = coordinator.get(response.url)
    chosen = {line.add_prefix("role"): "NON-TARGET" for line in page.context["lines"]}
    chosen |= {line.add_prefix("role"): "TARGET" for line in page.context["lines"] if line.label == "T1"}
    version = page.context["form"]["version"].value()
    answer = coordinator.post(response.url, chosen | {"version": version, "reason": "dated back"})
    assert answer.status_code == 302
    course = progressed.course()
    assert course.period2.baseline_date == on(42)
    assert course.pd2 is None
    assert ttp(study, patient)["TTP1"] == (on(42) - date(2012, 1, 20)).days


def test_a_correction_that_takes_a_progression_away_says_so(study, patient, coordinator, progressed):
    page = coordinator.get(edit(progressed, "84"))
    sent = as_shown(page) | seen(page, T1="61") | {"reason": "misread"}
    asked = coordinator.post(edit(progressed, "84"), sent)
    assert asked.context["moves"] == [
        "The first progression of 2012-03-25 is none any more.",
        "Treatment 2, which began on 2012-03-25, does not begin.",
        "The decision at first progression of 2012-03-27 then rests on no progression.",
        "The new baseline was chosen on the scan of 2012-03-25; it has to be chosen again once there is one.",
        "Time from the first dose to the first progression: 65 → – days.",
    ]
    sent |= {"move_reason": "the report was of another patient"}
    assert coordinator.post(edit(progressed, "84"), sent).status_code == 302
    with acting(study.coordinator_a):
        entry = AuditEntry.objects.filter(table="assessments_lesionreading", operation="U").latest("id")
        assert entry.reason == "misread the report was of another patient"


def test_a_scan_that_shows_a_progression_by_itself_moves_nothing(study, patient, coordinator):
    enter_course(patient, "-7 T1=60\n42 T1=60", first="T1")
    page = coordinator.get(new(patient))
    sent = as_shown(page) | {"date": str(on(84)), "modality": "CT SCAN"} | seen(page, T1="80")
    assert coordinator.post(new(patient), sent).status_code == 302


def test_a_first_progression_on_an_earlier_scan_and_a_second_one_are_said_too(patient):
    entered = enter_course(patient, "-7 T1=60\n42 T1=60 +X1=12", first="T1")
    with pytest.raises(ProgressionMoves, match="dated 2012-02-12, on an earlier scan than this one"):
        entered.enter("84 T1=60 +X1=14/typical", move_reason="")
    entered.enter("84 T1=60 +X1=14/typical")
    entered.rebaseline("42", "T1 X1")
    entered.enter("126 T1=60 X1=14 +X2=15")
    with pytest.raises(ProgressionMoves, match="second progression is dated 2012-05-06, on an earlier scan"):
        entered.enter("168 T1=60 X1=14 +X2=15/typical", move_reason="")
    entered.enter("168 T1=60 X1=14 +X2=15/typical")
    with acting(entered.by):
        assert course_now(patient).tumour.pd2.date == on(126)
