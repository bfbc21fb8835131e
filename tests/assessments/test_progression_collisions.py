"""A progression that a read moves onto other dates: each collision ends in a question or in what to do."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from assessments.imaging_moves import ProgressionMoves, course_now
from assessments.models import DoseInterval, ImagingRead, LesionReading
from assessments.services_imaging import remove_imaging_read, save_imaging_read
from casebook.models import Query
from patients.models import ProgressionDecision
from tests.assessments.conftest import enrol
from tests.assessments.imaging_cases import Entered, enter_course
from tests.factories import enter, signed_in
from tests.spec.tumour_cases import on
from trial.audit import acting
from trial.models import AuditEntry

pytestmark = pytest.mark.django_db


def treated(study, patient, scans: str, **choice: str) -> Entered:
    enrol(study, patient)
    enter(DoseInterval, patient, start=date(2012, 1, 20))
    return enter_course(patient, scans, first="T1", **choice)


def decided(patient, day: int) -> ProgressionDecision:
    return enter(ProgressionDecision, patient, date=on(day), continued=True, not_continued_reason="")


def corrected(entered: Entered, name: str, **diameters: str) -> list[str]:
    """Correct diameters of a read: what moves is said first, then it is saved with the reason."""
    with acting(entered.by):
        read = ImagingRead.objects.select_related("patient").get(pk=entered.reads[name].pk)
        readings = list(LesionReading.objects.filter(read=read).select_related("lesion"))
        for reading in readings:
            reading.diameter = diameters.get(reading.lesion.label, reading.diameter)
    values = {"patient": entered.patient, "read": read, "readings": readings, "version": read.version}
    with pytest.raises(ProgressionMoves) as asked, acting(entered.by):
        save_imaging_read(**values, by=entered.by, reason="transcription error")
    with acting(entered.by):
        save_imaging_read(**values, by=entered.by, reason="transcription error", move_reason="as corrected")
    return asked.value.messages


def asked(study, rule: str) -> list[tuple[str, str]]:
    with acting(study.data_manager):
        found = Query.objects.filter(rule_id=rule).exclude(state="closed")
        return [(query.crf, query.text.partition(". ")[0]) for query in found]


def test_a_first_progression_moves_behind_the_decision(study, patient):
    entered = treated(study, patient, "-7 T1=60\n42 T1=80\n98 T1=85")
    decided(patient, 44)
    said = corrected(entered, "42", T1="65")
    assert "The first progression moves from 2012-02-12 to 2012-04-08." in said
    assert "The decision at first progression of 2012-02-14 then comes 54 days before it." in said
    assert asked(study, "CHR-11") == [
        ("progression-decision", "Decision to continue 2012-02-14 lies before first progression 2012-04-08")
    ]


def test_a_first_progression_is_none_any_more(study, patient):
    entered = treated(study, patient, "-7 T1=60\n42 T1=80")
    decided(patient, 44)
    said = corrected(entered, "42", T1="65")
    assert said[0] == "The first progression of 2012-02-12 is none any more."
    assert asked(study, "CHR-30")


def test_a_second_progression_is_dated_back_before_the_decision(study, patient):
    entered = treated(study, patient, "-7 T1=60\n42 T1=80", second="T1", chosen_on="42")
    entered.enter("98 T1=80 +X1=12")
    decided(patient, 120)
    entered.enter("140 T1=80 +X1=13/typical")
    with acting(entered.by):
        assert course_now(patient).pd2_date == on(98)
    assert asked(study, "CHR-13") == [
        ("progression-decision", "Second progression 2012-04-08 lies before decision to continue 2012-04-30")
    ]


def test_a_progression_on_the_day_of_the_first_dose_is_refused_with_what_to_do(study, patient):
    entered = treated(study, patient, "-7 T1=60\n19 T1=60 +X1=12")
    with pytest.raises(ValidationError) as refused:
        entered.enter("61 T1=60 +X1=13/typical")
    (message,) = refused.value.message_dict["date"]
    assert message.startswith("First progression 2012-01-20 does not lie after first dose 2012-01-20.")
    assert "is its baseline and not new: correct the scan of that" in message


# Removing a read


@pytest.fixture
def progressed(study, patient) -> Entered:
    entered = treated(study, patient, "-7 T1=60\n42 T1=80\n98 T1=85")
    decided(patient, 44)
    return entered


def test_removing_a_read_says_what_moves_and_asks_why(study, patient, progressed):
    client = signed_in(study.coordinator_a)
    address = f"/casebook/{patient.number}/imaging/{progressed.reads['42'].pk}/remove/"
    assert "What the removal changes" not in client.get(address).content.decode()
    version = client.get(address).context["form"].initial["version"]
    sent = {"version": str(version), "reason": "scan of another patient"}
    told = client.post(address, sent)
    assert told.status_code == 200
    body = told.content.decode()
    for sentence in (
        "What the removal changes",
        "The first progression moves from 2012-02-12 to 2012-04-08.",
        "The decision at first progression of 2012-02-14 then comes 54 days before it.",
        'name="move_reason"',
        "scan of another patient",
    ):
        assert sentence in body
    with acting(progressed.by):
        assert ImagingRead.objects.count() == 3
    assert client.post(address, sent | {"move_reason": " "}).status_code == 200
    gone = client.post(address, sent | {"move_reason": "PD was never there"})
    assert gone.status_code == 302
    with acting(study.data_manager):
        assert ImagingRead.objects.count() == 2
        entry = AuditEntry.objects.get(table="assessments_imagingread", operation="D")
        assert entry.reason == "scan of another patient PD was never there"
    assert asked(study, "CHR-11")


def test_removing_a_read_that_moves_nothing_asks_only_why(study, patient, progressed):
    with acting(progressed.by):
        read = ImagingRead.objects.select_related("patient").get(pk=progressed.reads["98"].pk)
        remove_imaging_read(read, version=read.version, by=progressed.by, reason="entered twice")
        assert ImagingRead.objects.count() == 2
