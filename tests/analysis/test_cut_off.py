"""The data cut: what happened after the cut-off day has not happened."""

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cut_off import cut
from analysis.facts import history_of, ref
from assessments.course import patient_course
from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    ImagingRead,
    Lesion,
    LesionReading,
    LesionRole,
)
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from casebook.models import Patient
from patients.models import Consent, Death, Enrolment, SurvivalFollowUp, Visit
from tests.analysis.cohort import cohort_snapshot, day, facts, form, protocol
from trial.models import Site

CUT_OFF = date(2012, 6, 30)
DAYS = st.dates(date(2011, 6, 1), date(2014, 12, 31))


def snapshot_of(*rows) -> Snapshot:
    patient = Patient(pk=1, number="SYN-X", site=Site(pk=1, code="01"))
    for row in rows:
        row.patient = patient
    return Snapshot([patient], rows)


def after_cut(*rows, cut_off: date = CUT_OFF) -> dict[type, list]:
    snapshot = cut(snapshot_of(*rows), cut_off)
    return {type(row): snapshot.rows(snapshot.patients[0], type(row)) for row in rows}


def test_a_form_of_the_cut_off_day_stays_and_one_of_the_day_after_goes():
    kept = form(Visit, date=CUT_OFF)
    gone = form(Visit, date=CUT_OFF + timedelta(1))
    assert after_cut(kept, gone)[Visit] == [kept]


def test_the_lines_of_a_later_read_go_with_it():
    lesion = form(Lesion, label="T01")
    reads = [form(ImagingRead, date=CUT_OFF), form(ImagingRead, date=CUT_OFF + timedelta(1))]
    readings = [form(LesionReading, read_id=read.pk, lesion_id=lesion.pk) for read in reads]
    roles = [form(LesionRole, read_id=read.pk, lesion_id=lesion.pk, period=1) for read in reads]
    left = after_cut(lesion, *reads, *readings, *roles)
    assert left == {
        Lesion: [lesion],
        ImagingRead: reads[:1],
        LesionReading: readings[:1],
        LesionRole: roles[:1],
    }


def test_later_grades_of_an_event_go_and_the_event_goes_on():
    event = form(AdverseEvent, onset=PartialDate("2012-06"), end=PartialDate("2012-07"), ongoing=False)
    grades = [
        form(AdverseEventGrade, adverse_event_id=event.pk, date=PartialDate(text), grade=2)
        for text in ("2012-06-10", "2012-07-01")
    ]
    left = after_cut(event, *grades)
    assert left[AdverseEventGrade] == grades[:1]
    [running] = left[AdverseEvent]
    assert (running.end, running.ongoing) == (None, True)
    assert (event.end, event.ongoing) == (PartialDate("2012-07"), False), "the row of the run is untouched"


def test_an_event_that_began_later_goes_with_its_grades():
    event = form(AdverseEvent, onset=PartialDate("2012-07"))
    grade = form(AdverseEventGrade, adverse_event_id=event.pk, date=PartialDate("UNK"), grade=1)
    assert after_cut(event, grade) == {AdverseEvent: [], AdverseEventGrade: []}


@pytest.mark.parametrize(("end", "seen"), [(CUT_OFF, CUT_OFF), (CUT_OFF + timedelta(1), None), (None, None)])
def test_a_dose_that_ended_later_was_still_being_given(end, seen):
    dose = form(DoseInterval, start=CUT_OFF - timedelta(9), end=end, mg=Decimal(400), frequency="BID")
    [left] = after_cut(dose)[DoseInterval]
    assert left.end == seen


@pytest.mark.parametrize(
    ("forms", "censored"),
    [
        ([form(SurvivalFollowUp, contact_date=date(2012, 6, 1))], date(2012, 6, 1)),
        ([form(SurvivalFollowUp, contact_date=date(2012, 7, 1))], CUT_OFF),
        ([form(Death, date=day(date(2012, 7, 1)))], CUT_OFF),
        ([form(Death, date=PartialDate("2012-07"))], CUT_OFF),
        ([form(Death, date=PartialDate("2012-06"))], date(2012, 5, 1)),
        ([form(Visit, date=date(2012, 7, 1))], CUT_OFF),
        ([], date(2012, 5, 1)),
    ],
    ids=[
        "before",
        "later",
        "died later",
        "died some day later",
        "died some day before",
        "visit later",
        "visit",
    ],
)
def test_a_patient_seen_later_was_alive_at_the_cut_off(forms, censored):
    consent = form(Consent, consent_date=date(2012, 4, 20), sex="M", birth_date=PartialDate("1940"))
    whole = snapshot_of(consent, form(Visit, date=date(2012, 5, 1)), *forms)
    patient = whole.patients[0]
    before = patient_course(cut(whole, CUT_OFF), patient, protocol(), data_end=CUT_OFF)
    after = patient_course(whole, patient, protocol(), data_end=date.max)
    history = history_of(before, afterwards=after)
    assert history.last_contact_date == censored
    assert history.death_date is None
    if censored == CUT_OFF and isinstance(forms[0], SurvivalFollowUp | Death):
        assert history.references["last_contact_date"] == ref(forms[0])


def test_without_follow_up_the_last_form_that_shows_the_patient_alive_counts():
    dose = form(DoseInterval, start=date(2012, 5, 2), end=date(2012, 6, 3), mg=Decimal(400), frequency="BID")
    visit = form(Visit, date=date(2012, 5, 1))
    enrolment = form(Enrolment, date=date(2012, 4, 30))
    snapshot = snapshot_of(enrolment, visit, dose)
    course = patient_course(snapshot, snapshot.patients[0], protocol(), data_end=CUT_OFF)
    history = history_of(course)
    assert history.last_contact_date == date(2012, 6, 3)
    assert history.references["last_contact_date"] == f"dosing/{dose.pk}"
    assert history.first_safety_assessment is None, "the visit was before the first dose"


@settings(max_examples=12, deadline=None)
@given(DAYS)
def test_no_fact_of_a_run_is_later_than_its_cut_off(cut_off):
    study = facts(cut_off)
    for subject in study.subjects:
        days = [
            value
            for field in fields(subject.history)
            if isinstance(value := getattr(subject.history, field.name), date)
        ]
        days += [scan.date for scan in subject.history.scans]
        assert all(found <= cut_off for found in days), subject.number
    assert all(r.start_date <= r.date <= cut_off for records in study.records.values() for r in records)


@settings(max_examples=8, deadline=None)
@given(DAYS, DAYS)
def test_a_later_cut_off_only_adds_patients_and_events(one, other):
    earlier, later = (facts(cut_off) for cut_off in sorted((one, other)))
    for name in ("enrolled", "safety", "treatment_2"):
        assert _numbers(earlier.analysis_set(name)) <= _numbers(later.analysis_set(name))
    for paramcd, records in earlier.records.items():
        ended = {r.patient_number: r.date for r in later.records[paramcd] if r.event}
        for record in records:
            assert not record.event or ended[record.patient_number] == record.date


def _numbers(subjects) -> set[str]:
    return {subject.number for subject in subjects}


def test_the_cut_off_of_the_protocol_keeps_the_whole_cohort():
    whole = cohort_snapshot()
    assert {type(r) for p in whole.patients for r in cut(whole, date(2020, 1, 1)).rows(p, Consent)} == {
        Consent
    }
    assert len(facts().safety) == 29
