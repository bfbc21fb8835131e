"""Patients and events that do not fit a table's rows are said at its foot, never dropped without a word."""

import copy
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from analysis.adam.responses import adrs
from analysis.adam.subjects import adsl
from analysis.adam.times import adtte
from analysis.domain.endpoints import NotDerived
from analysis.facts import StudyFacts
from analysis.figures.survival import survival_figure
from analysis.flow import patient_flow
from analysis.tables.adverse_events import adverse_event_table
from analysis.tables.baseline import baseline_table
from analysis.tables.estimates import estimates_table
from analysis.tables.exposure import exposure_table
from assessments.models import DoseInterval, ImagingRead, LesionReading, LesionRole
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from casebook.models import ClinicalRow
from patients.models import (
    BaselineDisease,
    Death,
    Discontinuation,
    Enrolment,
    ProgressionDecision,
    SurvivalFollowUp,
)
from tests.analysis.cohort import cohort_snapshot, facts, form, protocol
from tests.analysis.test_tables import added, changed, event
from trial.domain.analysis_plan import Endpoint as ProtocolEndpoint
from trial.domain.analysis_plan import Milestone

PATIENT = "SYN-002"
"""First dose 2011-07-20, first progression 2011-08-31, last dose 2011-09-29, death 2012-07-17."""


def of_patient(model: type[ClinicalRow], **values) -> StudyFacts:
    """The cohort in which the rows of this model say something else for one patient."""

    def change(row):
        if row.patient.number == PATIENT:
            for name, value in values.items():
                setattr(row, name, value)
        return row

    return facts(snapshot=changed(model, change))


def one(study: StudyFacts):
    return next(subject for subject in study.subjects if subject.number == PATIENT)


# A death whose day is not known


@pytest.mark.parametrize("entered", ["2012-07", "2012"])
def test_survival_is_not_computed_through_a_death_of_unknown_day(entered):
    study = of_patient(Death, date=PartialDate(entered))
    assert PATIENT not in {record.patient_number for record in study.records["OS"]}
    assert [n for n in study.not_derived["OS"] if n.patient_number == PATIENT] == [
        NotDerived(patient_number=PATIENT, paramcd="OS", reason=f"the day of death is not known ({entered})")
    ]
    assert len(study.records["TTP1"]) == 29, "progression does not rest on the day of death"
    said = f"OS, {PATIENT} left out: the day of death is not known ({entered})."
    assert said in estimates_table(study).footnotes


def test_who_died_some_day_after_the_cut_off_was_alive_on_it():
    def change(row):
        if row.patient.number == PATIENT:
            row.date = PartialDate("2012-07")
        return row

    study = facts(cut_off=date(2012, 6, 30), snapshot=changed(Death, change))
    [record] = [r for r in study.records["OS"] if r.patient_number == PATIENT]
    assert (record.event, record.date) == (False, date(2012, 6, 30))


def test_who_was_seen_after_the_cut_off_had_not_died_before_it():
    study = facts(
        cut_off=date(2012, 6, 30),
        snapshot=changed(Death, lambda row: _with(row, date=PartialDate(row.date.text[:4]))),
    )
    [died] = [n for n in study.not_derived["OS"] if n.patient_number == PATIENT]
    assert died.reason == "the day of death is not known (2012)"
    followed = form(SurvivalFollowUp, contact_date=date(2012, 7, 1), status="ALIVE")
    snapshot = added(followed, to=PATIENT)
    rows = [copy.copy(row) for rows in snapshot._rows.values() for row in rows]
    for row in rows:
        if isinstance(row, Death):
            row.date = PartialDate(row.date.text[:4])
    study = facts(cut_off=date(2012, 6, 30), snapshot=Snapshot(snapshot.patients, rows))
    [record] = [r for r in study.records["OS"] if r.patient_number == PATIENT]
    assert (record.event, record.date) == (False, date(2012, 6, 30))


PFS = ProtocolEndpoint(
    id="PFS",
    label="Progression-free survival",
    start=Milestone.FIRST_DOSE,
    events=(Milestone.FIRST_PROGRESSION, Milestone.DEATH),
    censors=(Milestone.LAST_TUMOUR_ASSESSMENT, Milestone.FIRST_DOSE),
    analysis_set="safety",
)


def with_pfs(*, progressed: bool, entered: str) -> StudyFacts:
    """The cohort with progression-free survival, one death partly dated; that patient progressed, or not."""

    def change(row):
        if row.patient.number == PATIENT and isinstance(row, Death):
            row.date = PartialDate(entered)
        return row

    snapshot = changed(Death, change)
    gone = (
        () if progressed else (ImagingRead, LesionReading, LesionRole, ProgressionDecision, Discontinuation)
    )
    kept = [
        row
        for rows in snapshot._rows.values()
        for row in rows
        if row.patient.number != PATIENT or not isinstance(row, gone)
    ]
    plan = replace(protocol(), endpoints=(*protocol().endpoints, PFS))
    return facts(snapshot=Snapshot(snapshot.patients, kept), plan=plan)


def test_an_endpoint_that_ends_with_progression_or_death_says_by_patient_whom_it_leaves_out():
    study = with_pfs(progressed=False, entered="2012-07")
    assert len(study.records["PFS"]) == 28
    said = f"PFS, {PATIENT} left out: the day of death is not known (2012-07)."
    figure = survival_figure(study, next(e for e in study.endpoints if e.paramcd == "PFS"))
    for notes in (estimates_table(study).footnotes, figure.footnotes, adtte(study).footnotes):
        assert said in notes
    for other in ("TTP1", "OS"):
        notes = survival_figure(study, next(e for e in study.endpoints if e.paramcd == other)).footnotes
        assert said not in notes


@pytest.mark.parametrize(("entered", "derived"), [("2012", True), ("2011-09", True), ("2011-08", False)])
def test_who_progressed_before_any_day_the_death_can_have_been_has_progressed(entered, derived):
    """First progression was on 2011-08-31: before any day of September or of the next year."""
    study = with_pfs(progressed=True, entered=entered)
    found = [r for r in study.records["PFS"] if r.patient_number == PATIENT]
    assert [(r.event, r.date) for r in found] == ([(True, date(2011, 8, 31))] if derived else [])


def test_a_death_of_unknown_day_is_a_death_in_adsl():
    data = adsl(of_patient(Death, date=PartialDate("2012-07")))
    names = [column.name for column in data.columns]
    [record] = [dict(zip(names, row, strict=True)) for row in data.rows if PATIENT in row]
    assert (record["DTHFL"], record["DTHDT"]) == ("Y", None)
    assert (record["EOSSTT"], record["DCSREAS"]) == ("DISCONTINUED", "DEATH")


# Responses


def test_a_patient_with_non_targets_only_has_responses_in_adrs():
    snapshot = changed(LesionRole, lambda row: _with(row, role="NON-TARGET"))
    rows = [copy.copy(row) for rows in snapshot._rows.values() for row in rows]
    for row in rows:
        if isinstance(row, LesionReading):
            row.state, row.diameter = "PRESENT", None
    data = adrs(facts(snapshot=Snapshot(snapshot.patients, rows)))
    assert "NON-CR/NON-PD" in {value for row in data.rows if PATIENT in row for value in row}


# Table 1


def test_classes_that_table_1_has_no_place_for_are_counted_at_its_foot():
    study = of_patient(BaselineDisease, bclc_stage="D", ecog=2, bilirubin=Decimal("3.5"))
    notes = baseline_table(study).footnotes
    assert "BCLC stage, A/B/C: D in 1, who is left out of the row." in notes
    assert "ECOG performance status, 0/1: 2 in 1, who is left out of the row." in notes
    assert "Child-Pugh score, 5/6: 7 in 1, who is left out of the row." in notes


def test_a_characteristic_all_patients_share_is_not_tested():
    study = facts(snapshot=changed(BaselineDisease, lambda row: _with(row, vascular_invasion=False)))
    [row] = [row for row in baseline_table(study).rows if row.id == "vascular_invasion"]
    assert row.cells["p"].text == "–"


def test_patients_who_may_still_continue_are_told_from_those_who_did_not():
    early = baseline_table(facts(cut_off=date(2012, 12, 31))).footnotes
    assert "Not continued: 2 of them were still in Treatment 1, or their decision is not recorded." in early
    assert not [note for note in baseline_table(facts()).footnotes if note.startswith("Not continued")]


def _with(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    return row


# Table 2


def test_patients_without_a_period_of_treatment_are_counted_at_the_foot_of_table_2():
    only_day = date(2011, 7, 20)
    gone = (DoseInterval, Discontinuation, ProgressionDecision, ImagingRead, LesionReading, LesionRole)
    whole = cohort_snapshot()
    patient = next(p for p in whole.patients if p.number == PATIENT)
    snapshot = added(
        form(DoseInterval, start=only_day, end=only_day, mg=Decimal(400), frequency="BID"),
        form(Discontinuation, date=only_day, off_protocol_reason="ADVERSE EVENT", detail="x"),
        to=PATIENT,
    )
    kept = [
        row
        for (_, owner), rows in snapshot._rows.items()
        for row in rows
        if owner != patient.pk or not isinstance(row, gone) or row.pk not in _keys(whole, patient, gone)
    ]
    notes = exposure_table(facts(snapshot=Snapshot(whole.patients, kept))).footnotes
    assert f"Treatment 1: no days or doses known of {PATIENT}, left out." in notes


def _keys(snapshot, patient, models) -> set[int]:
    return {row.pk for model in models for row in snapshot.rows(patient, model)}


# Table 3


@pytest.mark.parametrize(
    ("onset", "said"),
    [
        ("2011-07", "Events that may have begun before the first dose, not counted: 1."),
        ("2011-10", "Events that may have begun after the 30 days, counted: 1."),
        ("2011-08", "Events whose dates leave the period open, counted only where their grade rose: 1."),
        ("2011-09", None),
    ],
)
def test_an_onset_that_cannot_be_decided_is_counted_at_the_foot_of_table_3(onset, said):
    notes = adverse_event_table(facts(snapshot=added(*event(onset, (onset, 2)), to=PATIENT))).footnotes
    found = [re.sub(r" \(SYN-002 adverse-event/\d+\)\.$", ".", n) for n in notes if n.startswith("Events")]
    assert found == ([said] if said else [])


@pytest.mark.parametrize(
    ("grades", "counted"),
    [
        ((("2011-08-10", 1), ("2011-08", 3)), (3, None)),
        ((("2011-08-10", 1), ("UNK", 3)), (3, None)),
        ((("2011-08-10", 1), ("2011", 2), ("2011-08", 3)), (3, None)),
    ],
)
def test_a_grade_of_unknown_day_counts_from_its_earliest_day_and_is_said(grades, counted):
    study = facts(snapshot=added(*event("2011-08-10", *grades), to=PATIENT))
    subject = one(study)
    [found] = [e for e in subject.course.adverse_events if e.facts.term == "Mucositis oral"]
    assert found.facts.onset_grade == 1 or found.facts.grade_changes[0].on == date(2011, 8, 10)
    assert tuple(subject.course.worst_grade_in(found, period) for period in (1, 2)) == counted
    [said] = [n for n in adverse_event_table(study).footnotes if n.startswith("Events with a grade")]
    words = (
        "Events with a grade that may have been reached in another period, counted from its earliest day: 1"
    )
    assert said == f"{words} ({PATIENT} adverse-event/{found.row.pk})."


# The flow, and ADSL


def test_a_patient_treated_without_enrolment_is_named_under_the_flow():
    def change(row):
        return None if row.patient.number == PATIENT else row

    said = f"Treated without an enrolment form, in no box and no table: {PATIENT}."
    assert said in patient_flow(facts(snapshot=changed(Enrolment, change))).footnotes
    assert not [note for note in patient_flow(facts()).footnotes if "without an enrolment" in note]


@pytest.mark.parametrize(("cut_off", "patients"), [(date(1900, 1, 1), 0), (date(2011, 7, 15), 2), (None, 30)])
def test_adsl_holds_the_patients_known_at_the_cut_off(cut_off, patients):
    assert len(adsl(facts(cut_off=cut_off)).rows) == patients
