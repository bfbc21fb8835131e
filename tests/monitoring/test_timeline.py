"""The timeline of a patient: its items from the forms, its page and its fragment."""

from datetime import date

import pytest
from django.urls import reverse

from assessments.course import PatientCourse, patient_course
from casebook.extraction import extract
from casebook.models import Patient
from monitoring.domain.timeline import Lane
from monitoring.timeline import end_of_timeline, timeline_items, undated_events
from patients.models import MissedVisit, ProgressionDecision, SurvivalFollowUp, Visit
from tests.factories import Study, enter, signed_in
from tests.monitoring.courses import a_patient, dose, event, progressed, take
from trial.audit import acting

DATA_END = date(2014, 6, 1)


def course_of(study: Study, patient: Patient) -> PatientCourse:
    with acting(study.coordinator_a):
        return patient_course(extract([patient]), patient, study.version.protocol, data_end=DATA_END)


def shown(study: Study, patient: Patient, lane: Lane) -> list[str]:
    with acting(study.coordinator_a):
        items = timeline_items(course_of(study, patient))
    return [f"{item.start} {item.text}" for item in items if item.lane is lane]


@pytest.fixture
def dosed(study: Study) -> Patient:
    patient = a_patient(study, "enrolled")
    dose(patient, end="2012-03-10")
    dose(patient, "2012-03-20", mg=400, frequency="QD", dose_reason="OTHER", dose_reason_text="tolerance")
    return patient


def test_a_patient_who_went_the_whole_way(study: Study, dosed: Patient) -> None:
    entered = progressed(dosed)
    enter(ProgressionDecision, dosed, date=date(2012, 4, 18))
    entered.enter("148 T1=90 T2=90")
    take(study, dosed, "off, died")
    assert shown(study, dosed, Lane.MILESTONE) == [
        "2012-01-05 baseline",
        "2012-01-10 consent",
        "2012-01-16 enrolled",
        "2012-01-20 first dose",
        "2012-04-16 PD1 = new baseline",
        "2012-05-28 PD2",
        "2012-08-01 off",
        "2013-01-20 death",
    ]
    assert shown(study, dosed, Lane.SCAN) == [
        "2012-01-05 BL",
        "2012-03-05 SD",
        "2012-04-16 PD",
        "2012-05-28 PD",
    ]
    assert shown(study, dosed, Lane.DOSE) == ["2012-01-20 800", "2012-03-20 400"]


def test_a_patient_still_alive_ends_with_the_last_contact(study: Study, dosed: Patient) -> None:
    enter(SurvivalFollowUp, dosed)
    enter(SurvivalFollowUp, dosed, contact_date=date(2012, 10, 1), status="LOST TO FOLLOW-UP")
    assert shown(study, dosed, Lane.MILESTONE)[-1] == "2012-10-01 lost to follow-up"


def test_what_was_missed_and_visits_not_planned_are_shown(study: Study, dosed: Patient) -> None:
    missed = enter(MissedVisit, dosed, planned_date=date(2012, 2, 3))
    words = {"missed_reason": "OTHER", "missed_reason_text": "CT out of order"}
    enter(MissedVisit, dosed, kind="IMAGING", planned_date=date(2012, 3, 2), **words)
    enter(Visit, dosed, date=date(2012, 2, 17))
    enter(Visit, dosed, date=date(2012, 2, 20), kind="UNSCHEDULED")
    with acting(study.coordinator_a):
        items = [i for i in timeline_items(course_of(study, dosed)) if i.lane is Lane.VISIT]
        first = missed.reason_in_words
    assert [(i.text, i.detail) for i in items] == [
        ("clinic visit missed", f"Missed on 2012-02-03: clinic visit. {first}"),
        ("unscheduled", "Unscheduled visit, 2012-02-20"),
        ("scan missed", "Missed on 2012-03-02: scan. CT out of order"),
    ]
    assert items[0].url == reverse("casebook:edit", args=[dosed.number, "missed-visit", missed.pk])
    page = signed_in(study.coordinator_a).get(reverse("monitoring:timeline", args=[dosed.number]))
    assert "CT out of order" in page.content.decode()


def test_each_item_says_what_it_is_and_leads_to_its_form(study: Study, dosed: Patient) -> None:
    saved = event(dosed, ("2012-03-01", 2), ("2012-03-10", 3))
    with acting(study.coordinator_a):
        items = timeline_items(course_of(study, dosed))
    adverse = next(item for item in items if item.lane is Lane.ADVERSE_EVENT)
    assert (adverse.text, adverse.level, str(adverse.end)) == ("Diarrhea 3", 3, "2012-03-20")
    assert adverse.detail == ("Diarrhea, worst grade 3, 2012-03-01 to 2012-03-20; study drug: probable")
    assert adverse.url == reverse("casebook:edit", args=[dosed.number, "adverse-event", saved.pk])
    first = next(item for item in items if item.lane is Lane.DOSE)
    assert first.detail == "400 mg twice a day, 2012-01-20 to 2012-03-10: first dose of the trial"


ONSETS = """
    onset      | end        | begins     | said
    2012-03-01 | 2012-03-20 | 2012-03-01 | 2012-03-01 to 2012-03-20
    2012-03    | 2012-03-20 | 2012-03-01 | 2012-03 to 2012-03-20
    UNK        | 2012-03-20 | 2012-03-20 | UNK to 2012-03-20
    UNK        |            | not drawn  | UNK going on
"""


@pytest.mark.parametrize(
    ("onset", "end", "begins", "said"),
    [[c.strip() for c in line.split("|")] for line in ONSETS.strip().splitlines()[1:]],
)
def test_an_event_begins_on_the_first_day_it_can_have_begun(
    study: Study, dosed: Patient, onset: str, end: str, begins: str, said: str
) -> None:
    over = {"end": end} if end else {"ongoing": True, "end": None, "outcome": "NOT RECOVERED/NOT RESOLVED"}
    event(dosed, (onset, 2), onset=onset, **over)
    drawn = shown(study, dosed, Lane.ADVERSE_EVENT)
    undated = undated_events(course_of(study, dosed))
    assert drawn == ([] if begins == "not drawn" else [f"{begins} Diarrhea 2"])
    assert [said in words for words in undated] == ([True] if begins == "not drawn" else [])
    page = signed_in(study.coordinator_a).get(reverse("monitoring:timeline", args=[dosed.number]))
    assert said in page.content.decode()


def test_the_figure_ends_with_the_last_day_on_which_anything_is_known(study: Study, dosed: Patient) -> None:
    course = course_of(study, dosed)
    assert end_of_timeline(course, timeline_items(course)) == date(2012, 3, 20)
    assert end_of_timeline(course, []) == DATA_END


def test_the_page_holds_figure_and_table_and_the_patient_page_fetches_them_alone(
    study: Study, dosed: Patient
) -> None:
    client = signed_in(study.coordinator_a)
    address = reverse("monitoring:timeline", args=[dosed.number])
    page = client.get(address)
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert page.context["spec"] == fragment.context["spec"]
    assert "<html" in page.content.decode()
    for answer in (page, fragment):
        body = answer.content.decode()
        assert 'data-spec="timeline-spec"' in body
        assert "First dose, 2012-01-20" in body
    assert "<html" not in fragment.content.decode()


def test_a_patient_without_forms_has_an_empty_timeline(study: Study, patient: Patient) -> None:
    page = signed_in(study.coordinator_a).get(reverse("monitoring:timeline", args=[patient.number]))
    assert "Nothing has a date yet" in page.content.decode()
    assert "spec" not in page.context


def test_the_badge_is_the_status_alone(study: Study, dosed: Patient) -> None:
    page = signed_in(study.monitor_a).get(reverse("monitoring:patient-status", args=[dosed.number]))
    assert "Treatment 1" in page.content.decode()
    assert "<html" not in page.content.decode()
