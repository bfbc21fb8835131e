"""My work: what waits for the people of a site, where each line leads, and when it goes."""

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import AdverseEvent, DoseInterval, VitalSigns
from casebook.models import Patient
from casebook.services import answer_query, raise_query
from patients.models import Consent, EligibilityDecision, MissedVisit, Screening, Visit
from tests.assessments.conftest import enrol
from tests.factories import Study, change, enter, make_patient, remove, signed_in
from tests.monitoring.courses import a_patient, event
from trial.audit import acting, system_person
from trial.models import Person, Role
from trial.services import grant_role

ADDRESS = reverse("monitoring:work")
TODAY = timezone.localdate()


def sections(person: Person, **chosen: object) -> dict[str, object]:
    response = signed_in(person).get(ADDRESS, chosen)
    assert response.status_code == 200
    return {section.slug: section for section in response.context["sections"]}


def waiting(person: Person, slug: str) -> list[str]:
    found = sections(person)[slug]
    assert found.total == len(found.lines)
    if slug in ("visits", "laboratory", "scans"):
        return [f"{line.number} {line.mark} {line.planned.days_off}" for line in found.lines]
    return [f"{line.number} {line.what} {line.day} {line.words}".strip() for line in found.lines]


def back_to(slug: str) -> str:
    return urlencode({"return_to": f"{ADDRESS}#{slug}"})


def treated(study: Study, days: int, **values: object) -> Patient:
    """On treatment, the first dose so many days ago."""
    patient = enrol(study, make_patient(study, **values))
    enter(DoseInterval, patient, start=TODAY - timedelta(days=days))
    return patient


@pytest.fixture
def me(study: Study) -> Person:
    return study.coordinator_a


def test_coordinators_and_investigators_come_here_first(study):
    for name in ("coordinator_a", "investigator_a"):
        assert signed_in(getattr(study, name)).get("/")["Location"] == ADDRESS
    for name in ("monitor_a", "data_manager", "statistician", "auditor"):
        assert signed_in(getattr(study, name)).get("/")["Location"] == reverse("monitoring:dashboard")


def test_nothing_waits(study, me):
    response = signed_in(me).get(ADDRESS)
    assert "Nothing is due today" in response.content.decode()
    for slug, section in sections(me).items():
        assert section.total == 0
        alone = signed_in(me).get(ADDRESS, {"section": slug}).content.decode()
        assert str(section.nothing) in alone


def test_visits_in_window_due_and_overdue_the_most_pressing_first(study, me):
    numbers = {days: treated(study, days).number for days in (6, 8, 15, 22, 25)}
    expected = [
        f"{numbers[25]} overdue 4",
        f"{numbers[22]} overdue 1",
        f"{numbers[15]} due 0",
        f"{numbers[8]} in-window 0",
    ]
    assert waiting(me, "visits") == expected
    assert waiting(me, "laboratory") == expected
    assert waiting(me, "scans") == []
    states = [(mark, count) for mark, _, count in sections(me)["visits"].states]
    assert states == [("overdue", 2), ("due", 1), ("in-window", 1)]


def test_a_line_goes_when_the_visit_is_entered_or_was_missed(study, me):
    patient = treated(study, 22)
    assert waiting(me, "visits") == [f"{patient.number} overdue 1"]
    enter(Visit, patient, date=TODAY)
    assert waiting(me, "visits") == []
    assert waiting(me, "laboratory") == [f"{patient.number} overdue 1"]
    missed = enter(MissedVisit, patient, kind="LABORATORY", planned_date=TODAY - timedelta(days=8))
    assert waiting(me, "laboratory") == [f"{patient.number} in-window 0"]
    remove(missed)
    assert waiting(me, "laboratory") == [f"{patient.number} overdue 1"]


def test_a_scan_is_counted_from_the_previous_one(study, me):
    patient = treated(study, 57)
    assert waiting(me, "scans") == [f"{patient.number} overdue 1"]


def test_each_line_leads_to_the_form_filled_in(study, me):
    treated(study, 22)
    client = signed_in(me)
    for line in sections(me)["visits"].lines:
        form = client.get(line.enter_url).context["form"]
        assert (form["date"].value(), form["kind"].value()) == (line.planned.due.isoformat(), "SCHEDULED")
        missed = client.get(line.missed_url).context["form"]
        assert missed["planned_date"].value() == line.planned.due.isoformat()
        assert missed["kind"].value() == "CLINIC"


def test_queries_wait_until_they_are_answered(study, me):
    patient = make_patient(study)
    form = enter(VitalSigns, patient)
    with acting(study.monitor_a):
        query = raise_query(
            patient=patient,
            crf="vital-signs",
            crf_id=form.pk,
            field="pulse",
            text="Sure?",
            by=study.monitor_a,
        )
    assert waiting(me, "queries") == [f"{patient.number} Vital signs and ECOG  Sure?"]
    (line,) = sections(me)["queries"].lines
    assert line.url == reverse("monitoring:query", args=[query.pk])
    with acting(me):
        answer_query(query, answer="yes", by=me)
    assert waiting(me, "queries") == []


def test_a_query_on_the_patient_names_no_form(study, me):
    patient = make_patient(study)
    with acting(study.monitor_a):
        raise_query(patient=patient, crf="", crf_id=None, field="", text="Where?", by=study.monitor_a)
    assert waiting(me, "queries") == [f"{patient.number}   Where?"]


def test_forms_with_something_missing_wait(study, me):
    patient = make_patient(study)
    signs = enter(VitalSigns, patient, pulse=None)
    assert waiting(me, "incomplete") == [f"{patient.number} Vital signs and ECOG 2012-01-20"]
    (line,) = sections(me)["incomplete"].lines
    assert line.url == reverse("casebook:edit", args=[patient.number, "vital-signs", signs.pk])
    change(signs, pulse=68)
    assert waiting(me, "incomplete") == []


def test_adverse_events_without_an_outcome_wait_once(study, me):
    patient = make_patient(study)
    enter(Consent, patient)
    found = event(patient, ("2012-03-01", 2), outcome="", causality="", ongoing=True, end=None)
    assert waiting(me, "adverse-events") == [f"{patient.number} Adverse event 2012-03-01 Diarrhea"]
    assert waiting(me, "incomplete") == []
    found = AdverseEvent.objects.get(pk=found.pk)
    with acting(me, reason="test"):
        AdverseEvent.objects.filter(pk=found.pk).update(outcome="NOT RECOVERED/NOT RESOLVED")
    assert waiting(me, "adverse-events") == []
    assert waiting(me, "incomplete") == [f"{patient.number} Adverse event 2012-03-01"]


def test_decisions_wait_for_investigators_alone(study, me):
    patient = make_patient(study)
    enter(Consent, patient)
    enter(Screening, patient)
    assert waiting(study.investigator_a, "decisions") == [f"{patient.number} Eligibility items 2012-01-12"]
    assert "decisions" not in sections(me)
    (line,) = sections(study.investigator_a)["decisions"].lines
    assert line.url == reverse("assessments:eligibility", args=[patient.number])
    enter(EligibilityDecision, patient, by=study.investigator_a, eligible=False)
    assert waiting(study.investigator_a, "decisions") == []


def test_only_the_own_sites_and_one_of_them_if_chosen(study, me):
    here, there = make_patient(study), make_patient(study, site=study.site_b)
    for patient in (here, there):
        enter(VitalSigns, patient, pulse=None)
    assert [line.number for line in sections(me)["incomplete"].lines] == [here.number]
    with acting(system_person()):
        grant_role(me, Role.COORDINATOR, study.trial, site=study.site_b)
    me.__dict__.pop("roles", None)
    assert sections(me)["incomplete"].total == 2
    only = sections(me, site=study.site_b.pk)["incomplete"].lines
    assert [line.number for line in only] == [there.number]
    body = signed_in(me).get(ADDRESS, {"site": study.site_b.pk}).content.decode()
    assert reverse("assessments:site-calendar", args=[study.site_b.pk]) in body
    for nonsense in ("x", "999999", "9" * 40, "-1", "\0"):
        assert sections(me, site=nonsense, section=nonsense, page=nonsense)["incomplete"].total == 2


def test_many_lines_are_counted_and_shown_page_by_page(study, me, monkeypatch):
    monkeypatch.setattr("monitoring.work.SHOWN", 2)
    monkeypatch.setattr("monitoring.work.PER_PAGE", 3)
    monkeypatch.setattr("monitoring.views_work.PER_PAGE", 3)
    patient = make_patient(study)
    for day in range(20, 25):
        enter(VitalSigns, patient, date=date(2012, 1, day), pulse=None)
    found = sections(me)["incomplete"]
    assert (found.total, len(found.lines)) == (5, 2)
    client = signed_in(me)
    assert "Show all 5" in client.get(ADDRESS).content.decode()
    days = []
    for page in (1, 2):
        response = client.get(ADDRESS, {"section": "incomplete", "page": page})
        (section,) = response.context["sections"]
        days += [line.day for line in section.lines]
        assert ('rel="next"' in response.content.decode()) == (page == 1)
        assert ('rel="prev"' in response.content.decode()) == (page == 2)
    assert days == [f"2012-01-{day}" for day in range(20, 25)]


def test_the_page_costs_no_more_with_more_patients(study):
    client = signed_in(study.investigator_a)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]])

    a_patient(study, "enrolled, dose, progressed, continued")
    client.get(ADDRESS)
    few = cost()
    for days in (15, 22, 60):
        enter(VitalSigns, treated(study, days), pulse=None)
    a_patient(study, "enrolled, dose, progressed, continued")
    assert cost() == few <= 12


def test_what_i_typed_and_did_not_save_waits_for_me_alone(study, me):
    patient = make_patient(study)
    signs = enter(VitalSigns, patient)
    edit = reverse("casebook:edit", args=[patient.number, "vital-signs", signs.pk])
    new = reverse("casebook:new", args=[patient.number, "consent"])
    client = signed_in(me)
    for page, typed in ((edit, {"pulse": "77"}), (new, {"sex": "F"})):
        assert client.post(f"{page}draft/", typed).status_code == 204
    first, second = sections(me)["drafts"].lines
    assert (first.what, first.words, first.url) == ("Consent and demographics", "new form", new)
    assert (second.what, second.words, second.url) == ("Vital signs and ECOG", "", edit)
    assert second.day.startswith(f"{TODAY}")
    body = client.get(ADDRESS).content.decode()
    assert f'href="{edit}?{back_to("drafts")}"' in body
    assert "You typed here on" in client.get(second.url).content.decode()
    assert sections(study.investigator_a)["drafts"].total == 0
    assert [line.url for line in sections(me, section="drafts")["drafts"].lines] == [new, edit]
    client.post(f"{edit}draft/", {"discard": "1"})
    assert [line.url for line in sections(me)["drafts"].lines] == [new]


def test_drafts_at_the_centre_chosen(study, me):
    with acting(system_person()):
        grant_role(me, Role.COORDINATOR, study.trial, site=study.site_b)
    me.__dict__.pop("roles", None)
    for patient in (make_patient(study), there := make_patient(study, site=study.site_b)):
        new = reverse("casebook:draft-new", args=[patient.number, "consent"])
        signed_in(me).post(new, {"sex": "F"})
    assert sections(me)["drafts"].total == 2
    assert [line.number for line in sections(me, site=study.site_b.pk)["drafts"].lines] == [there.number]


def test_an_answer_and_a_decision_lead_back(study, me):
    patient = make_patient(study)
    with acting(study.monitor_a):
        query = raise_query(patient=patient, crf="", crf_id=None, field="", text="Where?", by=study.monitor_a)
    client, back = signed_in(me), f"{ADDRESS}#queries"
    page = reverse("monitoring:query", args=[query.pk])
    assert f'href="{page}?{back_to("queries")}"' in client.get(ADDRESS).content.decode()
    assert f'name="return_to" value="{back}"' in client.get(page, {"return_to": back}).content.decode()
    assert client.post(page, {"action": "answer", "text": "Here.", "return_to": back})["Location"] == back
    enter(Consent, patient)
    enter(Screening, patient)
    eligibility = reverse("assessments:eligibility", args=[patient.number])
    shown = signed_in(study.investigator_a).get(eligibility, {"return_to": ADDRESS}).content.decode()
    assert f"eligibility-decision/new/?{urlencode({'return_to': ADDRESS})}" in shown
