"""Laboratory values and vital signs agree with the adverse events, in both directions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assessments.domain.ctcae import LAB_RULES
from assessments.domain.laboratory import ANALYTES, LabResult, grade_panel
from demo.calendar import choose_sites
from demo.laboratory import baseline_of
from demo.plan import Chance
from demo.ranges import Ranges
from tests.demo.conftest import COHORT, TREATED

RANGES = Ranges()
SITES = choose_sites(subject.number for subject in COHORT)
HYPERTENSION = ((160, 100, 3), (140, 90, 2), (120, 80, 1))


def results(subject, panel):
    limits = {
        field: RANGES.limits(SITES[subject.number], field, panel["date"], baseline_of(subject).sex)
        for field in ANALYTES
    }
    return [
        LabResult(
            analyte=field,
            value=panel[field],
            unit=ANALYTES[field].unit,
            lln=limits[field][0],
            uln=limits[field][1],
        )
        for field in ANALYTES
        if panel.get(field) is not None
    ]


def panels_of(casebooks, subject):
    return sorted(
        (form.values for form in casebooks.of(subject, "laboratory")), key=lambda panel: panel["date"]
    )


def grade_of_event(event, day):
    """0 before onset and from the day of recovery on."""
    onset, end = event.values["onset"], event.values["end"]
    if day < onset.earliest or (end is not None and day >= end.earliest):
        return 0
    lines = sorted(event.lines, key=lambda line: line["date"].earliest)
    return [line["grade"] for line in lines if line["date"].earliest <= day][-1]


def events_of(casebooks, subject, term):
    return [e for e in casebooks.of(subject, "adverse-event") if e.values["term_id"] == f"4.03 {term}"]


@pytest.mark.parametrize("subject", TREATED, ids=lambda subject: subject.number)
def test_every_value_has_the_grade_of_its_event_or_no_worse_than_before_treatment(casebooks, subject):
    panels = panels_of(casebooks, subject)
    before = {}
    for panel in panels:
        if panel["date"] <= subject.start:
            before |= {result.analyte: result for result in results(subject, panel)}
    assert len(panels) >= 2
    for panel in panels:
        if panel["date"] <= subject.start:
            continue
        for grade in grade_panel(results(subject, panel), baseline=before.values()):
            events = events_of(casebooks, subject, grade.term)
            of_event = max((grade_of_event(event, panel["date"]) for event in events), default=0)
            assert grade.grade == max(of_event, grade.baseline_grade), (panel["date"], grade)
            assert grade.is_worse == (of_event > grade.baseline_grade)


@pytest.mark.parametrize("subject", TREATED, ids=lambda subject: subject.number)
def test_every_laboratory_event_has_a_value_of_its_grade_on_the_day_of_onset(casebooks, subject):
    panels = {panel["date"]: panel for panel in panels_of(casebooks, subject)}
    for event in subject.events:
        if event.term in LAB_RULES:
            graded = grade_panel(results(subject, panels[event.onset]))
            assert event.worst_grade in [g.grade for g in graded if g.term == event.term]


def test_there_are_laboratory_events():
    terms = {event.term for subject in TREATED for event in subject.events if event.term in LAB_RULES}
    assert {"Anemia", "Hypoalbuminemia", "Platelet count decreased", "Blood bilirubin increased"} <= terms


@pytest.mark.parametrize("subject", TREATED, ids=lambda subject: subject.number)
def test_blood_pressure_agrees_with_hypertension(casebooks, subject):
    events = events_of(casebooks, subject, "Hypertension")
    signs = [form.values for form in casebooks.of(subject, "vital-signs")]
    usual = max(grade_of_pressure(s) for s in signs if s["date"] <= subject.start)
    for measured in signs:
        grade = max((grade_of_event(event, measured["date"]) for event in events), default=0)
        if grade:
            assert grade_of_pressure(measured) == grade
        else:
            assert grade_of_pressure(measured) <= max(usual, 1)


def grade_of_pressure(signs):
    cuts = (
        g
        for systolic, diastolic, g in HYPERTENSION
        if signs["systolic"] >= systolic or signs["diastolic"] >= diastolic
    )
    return next(cuts, 0)


@pytest.mark.parametrize("subject", TREATED, ids=lambda subject: subject.number)
def test_weight_agrees_with_weight_loss(casebooks, subject):
    events = events_of(casebooks, subject, "Weight loss")
    signs = {form.values["date"]: form.values["weight"] for form in casebooks.of(subject, "vital-signs")}
    before = signs[subject.start]
    for day, weight in signs.items():
        lost = 100 * (before - weight) / before
        grade = 3 if lost >= 20 else 2 if lost >= 10 else 1 if lost >= 5 else 0
        if day >= subject.start + timedelta(days=2):
            assert grade == max((grade_of_event(event, day) for event in events), default=0)


def test_ranges_of_other_units_come_in_the_units_of_the_forms():
    day = TREATED[0].start
    assert RANGES.limits("06", "albumin", day, "M")[0] < Decimal(10)
    assert RANGES.limits("03", "platelets", day, "F")[0] > Decimal(100000)
    assert any(row.unit == "g/L" for row in RANGES.rows)


def test_chance_of_one_matter_does_not_shift_with_another():
    assert Chance("a", "b").randint(0, 10**9) == Chance("a", "b").randint(0, 10**9)
    assert Chance("a", "b").randint(0, 10**9) != Chance("a", "c").randint(0, 10**9)
