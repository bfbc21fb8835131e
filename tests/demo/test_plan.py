"""The completed cohort is the cohort: responses, doses, events and baseline come out of what was invented."""

import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from assessments.domain import dosing
from assessments.domain.adverse_events import (
    AdverseEventFacts,
    GradeChange,
    derive_term_occurrences,
    derive_treatment_emergent,
)
from assessments.domain.dosing import DoseChange, TreatmentPeriod
from demo.calendar import make_calendar
from demo.cohort import TABLES, _rows
from demo.laboratory import baseline_of
from demo.lesions import make_disease
from demo.plan import Change, Entry
from demo.scans import SLIPS, derive_course, make_scans
from patients.domain.bclc import BclcFacts, derive_bclc
from patients.domain.calendar import completed_years
from patients.domain.child_pugh import Ascites, ChildPughClass, ChildPughFacts, compute_child_pugh
from tests.demo.conftest import COHORT, TREATED
from tests.factories import PROTOCOL_FILE
from trial.domain.analysis_plan import Causality
from trial.domain.dosing import Frequency
from trial.domain.protocol import parse_protocol

RELATED = parse_protocol(PROTOCOL_FILE.read_text()).adverse_events.related
STATED = {row["subject"]: row for row in _rows(TABLES / "subjects.csv")}


def by_number(subject):
    return subject.number


def test_the_same_seed_gives_the_same_bytes_whatever_the_process(plan):
    program = "import sys; from demo.complete import complete; sys.stdout.write(complete().as_text())"
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout == plan.as_text()
    assert len(other.stdout) > 100_000


def test_every_table_of_the_cohort_says_synthetic(tmp_path):
    for name in ("subjects", "dosing", "adverse_events"):
        text = (TABLES / f"{name}.csv").read_text()
        assert all(",SYNTHETIC," in line for line in text.splitlines()[1:])
    (tmp_path / "t.csv").write_text("subject,origin\nX,REAL\n")
    with pytest.raises(ValueError, match="not marked SYNTHETIC"):
        list(_rows(tmp_path / "t.csv"))
    assert "SYNTHETIC" in (TABLES / "README.md").read_text().splitlines()[0]


def test_thirty_patients_at_eight_sites(plan):
    assert len(plan.sites) == 30
    assert set(plan.sites.values()) == {f"{n:02}" for n in range(1, 9)}


def test_no_step_comes_before_what_it_rests_on(plan):
    days = [step.on for step in plan.steps]
    assert days == sorted(days)
    entered = set()
    for step in plan.steps:
        place = (step.patient, step.form, step.key)
        assert (place in entered) == isinstance(step, Change)
        entered.add(place)
        for field, key in step.links.items():
            assert (step.patient, field.replace("_", "-"), key) in entered


@pytest.mark.parametrize("subject", TREATED, ids=by_number)
def test_the_scans_give_responses_and_progressions(subject):
    scans = make_scans(subject, make_calendar(subject), make_disease(subject.number, baseline_of(subject)))
    course = derive_course(scans, subject.start)
    assert course.findings == ()
    assert [(point.date - subject.start).days for point in course.period1.time_points] == list(
        subject.t1_scans
    )
    assert course.bor1 == subject.bor1
    assert (course.pd1.date if course.pd1 else None) == subject.pd1
    assert (course.bor2 or "") == subject.bor2
    assert (course.pd2.date if course.pd2 else None) == subject.pd2
    if course.period2 is not None:
        days = [(point.date - subject.pd1).days for point in course.period2.time_points]
        assert days == list(subject.t2_scans)


@pytest.mark.parametrize("subject", TREATED, ids=by_number)
def test_scans_lie_in_their_windows(subject):
    scans = make_scans(subject, make_calendar(subject), make_disease(subject.number, baseline_of(subject)))
    days = [subject.start, *(scan.date for scan in scans[1:])]
    assert timedelta(days=7) <= subject.start - scans[0].date <= timedelta(days=21)
    assert all(28 <= (later - earlier).days <= 56 for earlier, later in pairwise(days))


def test_progressions_come_about_in_every_way():
    ways = set()
    for subject in TREATED:
        scans = make_scans(
            subject, make_calendar(subject), make_disease(subject.number, baseline_of(subject))
        )
        course = derive_course(scans, subject.start)
        for point in (course.pd1, course.pd2):
            if point is not None:
                ways.add(
                    (point.target_response.value, point.non_target_response.value, point.new_lesion.value)
                )
    assert any(target == "PD" for target, _, _ in ways)
    assert any(non_target == "PD" and target != "PD" for target, non_target, _ in ways)
    assert any(new == "yes" and target != "PD" for target, _, new in ways)


def test_the_reader_differs_in_about_one_patient_of_five():
    differing = set()
    for subject in TREATED:
        scans = make_scans(
            subject, make_calendar(subject), make_disease(subject.number, baseline_of(subject))
        )
        points = {point.date: point for point in derive_course(scans, subject.start).time_points}
        for scan in scans[1:]:
            point = points[scan.date]
            computed = (
                point.target_response,
                point.non_target_response,
                point.new_lesion,
                point.overall,
            )
            if tuple(scan.reader.values()) != tuple(value.value for value in computed):
                differing.add(subject.number)
    assert differing == {number for number, _, _ in SLIPS}
    assert 5 <= len(differing) <= 7


def dose_log(casebooks, subject):
    return [
        dosing.DoseInterval(
            start=form.values["start"],
            end=form.values["end"],
            mg=form.values["mg"],
            frequency=Frequency(form.values["frequency"]),
        )
        for form in casebooks.of(subject, "dosing")
    ]


@pytest.mark.parametrize("subject", TREATED, ids=by_number)
def test_the_dosing_log_gives_rdi_and_changes(casebooks, subject):
    row, log = STATED[subject.number], dose_log(casebooks, subject)
    end = subject.pd1 or subject.treatment_end
    periods = [(1, TreatmentPeriod(number=1, start=subject.start, end=end))]
    if subject.pd2:
        periods.append((2, TreatmentPeriod(number=2, start=subject.pd1, end=subject.pd2)))
    for number, period in periods:
        exposure = dosing.derive_exposure(log, period)
        assert round(exposure.rdi_percent, 4) == Fraction(row[f"rdi_t{number}_pct"])
        for change, column in (
            (DoseChange.INCREASED, "dose_increase"),
            (DoseChange.REDUCED, "dose_reduction"),
            (DoseChange.INTERRUPTED, "interruption"),
        ):
            assert exposure.has(change) == (row[f"{column}_t{number}"] == "1")
        if number == 2:
            assert exposure.starting_dose_mg == Decimal(row["t2_start_dose_mg_day"])


def test_a_dose_changed_for_an_event_names_one_that_had_begun(casebooks):
    named = 0
    for subject in TREATED:
        events = {form.key: form.values for form in casebooks.of(subject, "adverse-event")}
        for form in casebooks.of(subject, "dosing"):
            assert ("adverse_event" in form.links) == (form.values["dose_reason"] == "ADVERSE EVENT")
            if form.links:
                event = events[form.links["adverse_event"]]
                assert event["onset"].earliest <= form.values["start"]
                assert event["action_taken"] in ("DOSE REDUCED", "DRUG INTERRUPTED", "DRUG WITHDRAWN")
                named += 1
    assert named > 15


def event_facts(form):
    lines = sorted(form.lines, key=lambda line: line["date"].earliest)
    onset, end = form.values["onset"], form.values["end"]
    assert lines[0]["date"] == onset
    return AdverseEventFacts(
        term=form.values["term_id"].partition(" ")[2],
        ctcae_version="4.03",
        onset_earliest=onset.earliest,
        onset_latest=onset.latest,
        onset_grade=lines[0]["grade"],
        grade_changes=tuple(GradeChange(line["date"].day, line["grade"]) for line in lines[1:]),
        end_earliest=end.earliest if end else None,
        end_latest=end.latest if end else None,
        causality=Causality(form.values["causality"]),
    )


@pytest.mark.parametrize("subject", TREATED, ids=by_number)
def test_the_related_events_are_those_of_the_cohort(casebooks, subject):
    facts = [event_facts(form) for form in casebooks.of(subject, "adverse-event")]
    last_dose = max(interval.end for interval in dose_log(casebooks, subject))
    related = [
        event
        for event in facts
        if event.causality in RELATED
        and derive_treatment_emergent(event, first_dose=subject.start, last_dose=last_dose).emergent
    ]
    start_of_2 = subject.pd1 if subject.continued else None
    found = derive_term_occurrences(related, first_dose=subject.start, treatment_2_start=start_of_2)
    assert sorted((o.term, o.period, o.worst_grade) for o in found) == sorted(
        (e.term, e.period, e.worst_grade) for e in subject.events
    )


def test_some_events_are_unrelated_partial_or_serious(casebooks):
    events = [form for subject in TREATED for form in casebooks.of(subject, "adverse-event")]
    assert 10 <= sum(e.values["causality"] in ("UNRELATED", "UNLIKELY") for e in events) <= 20
    assert 5 <= sum(e.values["onset"].day is None for e in events) <= 25
    assert any(len(e.lines) > 2 for e in events)
    assert 3 <= sum(e.values["serious"] for e in events) <= 20


def test_the_fatal_event_is_the_death(casebooks):
    (fatal,) = [
        (subject.number, form)
        for subject in TREATED
        for form in casebooks.of(subject, "adverse-event")
        if form.values["outcome"] == "FATAL"
    ]
    number, form = fatal
    subject = next(s for s in COHORT if s.number == number)
    assert (number, form.values["term_id"]) == ("SYN-009", "4.03 Death NOS")
    assert form.values["onset"].day == form.values["end"].day == subject.death
    assert form.values["serious"]
    assert form.values["death"]


@pytest.mark.parametrize("subject", COHORT, ids=by_number)
def test_the_baseline_is_that_of_the_cohort(casebooks, subject):
    wanted = baseline_of(subject)
    consent = casebooks.one(subject, "consent")
    disease = casebooks.one(subject, "baseline-disease")
    birth = consent["birth_date"].day
    assert completed_years(birth, consent["consent_date"]) == wanted.age
    assert completed_years(birth, subject.enrolment) == wanted.age
    liver = compute_child_pugh(
        ChildPughFacts(
            bilirubin=disease["bilirubin"],
            albumin=disease["albumin"],
            inr=disease["inr"],
            ascites=Ascites(disease["ascites"]),
            encephalopathy_grade=disease["encephalopathy_grade"],
        )
    )
    assert liver.score == wanted.child_pugh_score
    assert liver.child_pugh_class is ChildPughClass.A
    stage = derive_bclc(
        BclcFacts(
            nodules=disease["nodules"],
            largest_nodule_mm=disease["largest_nodule_mm"],
            vascular_invasion=disease["vascular_invasion"],
            extrahepatic_spread=disease["extrahepatic_spread"],
            ecog=disease["ecog"],
            child_pugh_class=liver.child_pugh_class,
        )
    ).stage
    assert stage == disease["bclc_stage"] == wanted.bclc
    for name in ("etiology", "ecog", "vascular_invasion", "extrahepatic_spread", "afp", "dcp", "pretreated"):
        assert disease[name] == getattr(wanted, name)


@pytest.mark.parametrize("subject", COHORT, ids=by_number)
def test_the_way_into_the_trial_is_in_order(casebooks, subject):
    consent = casebooks.one(subject, "consent")["consent_date"]
    decision = casebooks.one(subject, "eligibility-decision")["date"]
    scan = min(form.values["date"] for form in casebooks.of(subject, "imaging"))
    screening = casebooks.one(subject, "screening")["date"]
    assert 3 <= (subject.enrolment - consent).days <= 14
    assert consent <= scan <= screening <= decision <= subject.enrolment
    if subject.start:
        assert 0 <= (subject.start - subject.enrolment).days <= 14


@pytest.mark.parametrize("subject", TREATED, ids=by_number)
def test_survival_ends_as_the_cohort_says(casebooks, subject):
    deaths = casebooks.of(subject, "death")
    contacts = sorted(form.values["contact_date"] for form in casebooks.of(subject, "survival-follow-up"))
    row = STATED[subject.number]
    last = deaths[0].values["date"].day if deaths else contacts[-1]
    assert bool(deaths) == (row["os_event"] == "1")
    assert (last - subject.enrolment).days == int(row["os_days"])
    assert all(day <= last for day in contacts)


def test_one_patient_was_lost_and_the_others_alive_were_seen_at_the_cut_off(casebooks):
    last = {}
    for subject in TREATED:
        if not casebooks.of(subject, "death"):
            form = max(casebooks.of(subject, "survival-follow-up"), key=lambda f: f.values["contact_date"])
            last.setdefault(form.values["status"], []).append(
                (subject.number, str(form.values["contact_date"]))
            )
    assert last["LOST TO FOLLOW-UP"] == [("SYN-001", "2012-03-14")]
    assert {day for _, day in last["ALIVE"]} == {"2014-06-01"}
    assert len(last["ALIVE"]) == 5


def test_nothing_happens_after_death_or_last_contact(plan):
    ends = {s.number: s.last_contact for s in TREATED}
    late = [
        step
        for step in plan.steps
        if isinstance(step, Entry) and step.patient in ends and step.on > ends[step.patient]
    ]
    assert late == []
