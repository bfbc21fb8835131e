"""The schedule of a patient as a page and as a calendar; what is due at whole sites equals it."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from assessments.course import patient_course
from assessments.due import open_at, planned_at
from assessments.models import DoseInterval, LabPanel
from assessments.schedule import schedule_facts
from casebook.extraction import extract
from casebook.models import Patient
from patients.domain.schedule import OPEN, PlannedStatus, derive_visit_plan
from patients.models import Death, Discontinuation, MissedVisit, Visit
from tests.assessments.conftest import enrol
from tests.factories import Study, enter, make_patient, signed_in
from tests.monitoring.courses import a_patient, progressed
from trial.audit import acting
from trial.selectors import protocols_in_force

TODAY = timezone.localdate()


def page(study: Study, patient: Patient, who: str = "coordinator_a"):
    return signed_in(getattr(study, who)).get(reverse("assessments:schedule", args=[patient.number]))


def on_treatment(study: Study, patient: Patient, *, since: int) -> Patient:
    """Enrolled as ever, but the first dose was so many days ago."""
    enrol(study, patient)
    enter(DoseInterval, patient, start=TODAY - timedelta(days=since))
    return patient


def shown(found) -> list[str]:
    return [f"{line.kind} {line.planned.number} {line.mark}" for line in found]


def test_without_a_first_dose_it_says_what_is_missing(study, enrolled):
    response = page(study, enrolled)
    assert response.context["now"] == []
    assert "counted from the first dose" in response.content.decode()


def test_it_shows_what_waits_what_comes_and_what_was(study, patient):
    on_treatment(study, patient, since=36)
    visit = enter(Visit, patient, date=TODAY - timedelta(days=22))
    enter(Visit, patient, date=TODAY - timedelta(days=20), kind="UNSCHEDULED")
    missed = enter(MissedVisit, patient, kind="LABORATORY", planned_date=TODAY - timedelta(days=22))
    response = page(study, patient)
    assert shown(response.context["now"]) == [
        "Clinic visit 2 overdue",
        "Laboratory 2 overdue",
        "Scan 1 in-window",
    ]
    assert shown(response.context["past"]) == ["Laboratory 1 missed", "Clinic visit 1 done"]
    body = response.content.decode()
    assert "overdue, 1 day<" in body
    day = (TODAY - timedelta(days=8)).isoformat()
    number = patient.number
    back = f"&amp;return_to=%2Fassessments%2F{number}%2Fschedule%2F%23now"
    for link in (
        f"/casebook/{number}/visit/new/?date={day}&amp;kind=SCHEDULED{back}",
        f"/casebook/{number}/missed-visit/new/?kind=CLINIC&amp;planned_date={day}{back}",
        f"/casebook/{number}/laboratory/new/?date={day}{back}",
        f"/assessments/{number}/imaging/new/?date={TODAY.isoformat()}{back}",
        f"/casebook/{number}/visit/{visit.pk}/",
        f"/casebook/{number}/missed-visit/{missed.pk}/",
        f"/assessments/{number}/schedule.ics",
    ):
        assert f'href="{link}"' in body
    assert "kind=IMAGING" not in body, "a scan whose day is still to come was not missed"


def test_a_closed_dosing_log_is_an_interruption_until_the_end_of_treatment_is_entered(study, patient):
    enrol(study, patient)
    first = TODAY - timedelta(days=36)
    enter(DoseInterval, patient, start=first, end=first + timedelta(days=9))
    due = ["Clinic visit 1 overdue", "Laboratory 1 overdue", "Scan 1 in-window"]
    assert shown(page(study, patient).context["now"]) == due
    with acting(study.coordinator_a):
        assert len(open_at([study.site_a.pk], today=TODAY)) == 3
    enter(Discontinuation, patient, date=first + timedelta(days=12))
    assert shown(page(study, patient).context["now"]) == []
    with acting(study.coordinator_a):
        assert open_at([study.site_a.pk], today=TODAY) == []


def test_treatment_ends_with_its_form_else_with_death_never_with_the_log(study):
    enrolled = enrol(study, make_patient(study))
    enter(DoseInterval, enrolled, end=date(2012, 3, 1))
    died = a_patient(study, "enrolled, closed, died")
    some_day = a_patient(study, "enrolled, closed")
    enter(Death, some_day, date="2012")
    off = a_patient(study, "enrolled, closed, died, off")
    with acting(study.data_manager):
        ends = [course_of(patient).treatment_end for patient in (enrolled, died, some_day, off)]
    assert ends == [None, date(2013, 1, 20), date(2012, 3, 1), date(2012, 8, 1)]


def course_of(patient: Patient):
    protocol = protocols_in_force(TODAY)[patient.site_id]
    return patient_course(extract([patient]), patient, protocol, data_end=TODAY)


def next_due(study: Study, patient: Patient, who: str = "coordinator_a", **asked: str):
    address = reverse("assessments:next-due", args=[patient.number])
    return signed_in(getattr(study, who)).get(address, asked, follow=True)


def test_the_form_due_next_is_one_step_away(study, patient):
    on_treatment(study, patient, since=36)
    schedule = reverse("assessments:schedule", args=[patient.number])
    at = next_due(study, patient).request["PATH_INFO"]
    enter(Visit, patient, date=TODAY - timedelta(days=22))
    enter(Visit, patient, date=TODAY)
    then = next_due(study, patient, return_to=schedule)
    assert (at, then.request["PATH_INFO"]) == (
        f"/casebook/{patient.number}/visit/new/",
        f"/casebook/{patient.number}/laboratory/new/",
    )
    assert then.context["return_to"] == schedule
    for day in (TODAY - timedelta(days=22), TODAY):
        enter(LabPanel, patient, date=day)
    assert next_due(study, patient).request["PATH_INFO"] == f"/assessments/{patient.number}/imaging/new/"
    read_only = next_due(study, patient, "monitor_a")
    assert read_only.request["PATH_INFO"] == schedule
    assert "Nothing is due of this patient now." not in read_only.content.decode()


def test_where_nothing_is_due_it_says_so(study, patient):
    for who in ("coordinator_a", "monitor_a"):
        response = next_due(study, patient, who)
        assert response.request["PATH_INFO"] == reverse("assessments:schedule", args=[patient.number])
        assert "Nothing is due of this patient now." in response.content.decode()


def test_links_open_the_forms_filled_in(study, patient):
    on_treatment(study, patient, since=30)
    client = signed_in(study.coordinator_a)
    for line in page(study, patient).context["now"]:
        for address in filter(None, (line.enter_url, line.missed_url)):
            form = client.get(address).context["form"]
            day = form["planned_date"] if "planned_date" in form.fields else form["date"]
            assert str(day.value()) == str(min(line.planned.due, TODAY))


def test_who_may_not_enter_sees_no_links_to_enter(study, patient):
    on_treatment(study, patient, since=30)
    body = page(study, patient, "monitor_a").content.decode()
    assert "overdue" in body
    assert "/new/" not in body


def test_scans_lead_to_their_reads_and_the_baseline_is_none(study, patient):
    enrol(study, patient)
    enter(DoseInterval, patient)
    entered = progressed(patient)
    response = page(study, patient)
    scans = [line for line in response.context["past"] if line.kind == "Scan"]
    assert [line.planned.done_on for line in scans] == [date(2012, 4, 16), date(2012, 3, 5)]
    assert entered.reads is not None
    assert all(line.form_url.startswith(f"/assessments/{patient.number}/imaging/") for line in scans)


def events_of(response) -> list:
    assert response["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_the_calendar_of_a_patient_reads_back(study, patient):
    on_treatment(study, patient, since=36)
    client = signed_in(study.coordinator_a)
    response = client.get(reverse("assessments:calendar", args=[patient.number]))
    events = events_of(response)
    planned = [line.planned for name in ("now", "ahead") for line in page(study, patient).context[name]]
    assert sorted(e.decoded("dtstart") for e in events) == sorted(item.due for item in planned)
    assert {str(e["summary"]).split()[0] for e in events} == {patient.number}
    first = next(e for e in events if str(e["uid"]).endswith("-clinic-1@rebaseline"))
    assert str(first["uid"]) == f"sbp-{patient.number.lower()}-clinic-1@rebaseline"
    assert str(first["summary"]) == f"{patient.number} Clinic visit 1"
    assert len({str(e["uid"]) for e in events}) == len(events)


def test_a_visit_that_moves_keeps_its_uid(study, patient):
    on_treatment(study, patient, since=10)
    client = signed_in(study.coordinator_a)
    address = reverse("assessments:calendar", args=[patient.number])

    def second():
        events = events_of(client.get(address))
        return next(e for e in events if str(e["uid"]).endswith("-clinic-2@rebaseline"))

    before = second()
    enter(Visit, patient, date=TODAY - timedelta(days=2))
    assert second()["uid"] == before["uid"]
    assert second().decoded("dtstart") == before.decoded("dtstart") - timedelta(days=6)


def test_the_calendar_of_a_site_has_its_patients_and_no_others(study):
    own = on_treatment(study, make_patient(study), since=30)
    make_patient(study, site=study.site_b)
    client = signed_in(study.coordinator_a)
    mine = events_of(client.get(reverse("assessments:site-calendar", args=[study.site_a.pk])))
    alone = events_of(client.get(reverse("assessments:calendar", args=[own.number])))

    def told(events) -> set[tuple[str, date]]:
        return {(str(event["uid"]), event.decoded("dtstart")) for event in events}

    assert told(mine) == told(alone) != set()


def slow_way(today: date) -> list[tuple[str, object]]:
    """What is due, patient by patient, as the page of each derives it."""
    found = []
    protocols = protocols_in_force(today)
    snapshot = extract()
    for patient in snapshot.patients:
        protocol = protocols[patient.site_id]
        course = patient_course(snapshot, patient, protocol, data_end=today)
        plan = derive_visit_plan(schedule_facts(course), protocol.schedule, today=today, ahead_days=84)
        found += [
            (patient.number, item) for item in plan.planned if item.status in (*OPEN, PlannedStatus.NOT_YET)
        ]
    return sorted(found, key=str)


def fast_way(today: date, sites: list[int]) -> list[tuple[str, object]]:
    return sorted(
        ((due.number, due.planned) for due in planned_at(sites, today=today, ahead_days=84)), key=str
    )


COURSES = (
    "consent",
    "enrolled",
    "enrolled, dose",
    "enrolled, dose, progressed",
    "enrolled, dose, progressed, continued",
    "enrolled, dose, progressed, not continued",
    "enrolled, dose, off",
    "enrolled, dose, lost",
    "enrolled, dose, lost, found again",
    "enrolled, dose, died",
    "enrolled, closed",
    "enrolled, closed, progressed, continued",
    "enrolled, closed, died",
    "enrolled, closed, off",
)
DAYS = ("2012-01-15", "2012-01-20", "2012-02-10", "2012-04-16", "2012-05-20", "2012-10-01", "2013-02-01")


def test_what_is_due_at_a_site_is_what_each_patients_page_shows(study):
    for stations in COURSES:
        patient = a_patient(study, stations)
        if "dose" in stations or "closed" in stations:
            enter(Visit, patient, date=date(2012, 2, 4))
            enter(LabPanel, patient, date=date(2012, 1, 24))
            enter(LabPanel, patient, date=date(2012, 2, 4))
            enter(MissedVisit, patient, kind="LABORATORY", planned_date=date(2012, 2, 18))
            enter(MissedVisit, patient, planned_date=date(2012, 2, 18))
    enter(Death, a_patient(study, "enrolled, dose"), date="2012-06")
    with acting(study.data_manager):
        for when in map(date.fromisoformat, DAYS):
            assert fast_way(when, [study.site_a.pk, study.site_b.pk]) == slow_way(when), when
            waiting = [due.planned for due in open_at([study.site_a.pk], today=when)]
            assert waiting == sorted(waiting, key=lambda item: (OPEN.index(item.status), item.latest))
