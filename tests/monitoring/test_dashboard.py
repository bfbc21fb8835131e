"""The trial at a glance: what each person may see of it, counted."""

from django.urls import reverse

from casebook.models import Query
from casebook.services import raise_query
from monitoring.domain.status import PatientStatus
from monitoring.selectors import Dashboard, dashboard
from tests.factories import Study, make_patient, make_person, signed_in
from tests.monitoring.courses import a_patient
from trial.audit import acting
from trial.models import Person, Role


def seen_by(person: Person) -> Dashboard:
    with acting(person):
        return dashboard(person)


def filled(study: Study) -> None:
    """Site A: one in screening, two enrolled, one of them dosed, with a query; site B: one in screening."""
    patient = a_patient(study, "")
    a_patient(study, "enrolled")
    a_patient(study, "enrolled, dose")
    make_patient(study, site=study.site_b)
    with acting(study.monitor_a):
        raise_query(patient=patient, crf="", crf_id=None, field="", text="Sure?", by=study.monitor_a)


def counts(board: Dashboard) -> dict[str, dict[str, int]]:
    return {line.site.code: {name: n for name, n in line.cells if n} for line in board.centres}


def test_every_centre_is_counted_by_status(study: Study) -> None:
    filled(study)
    board = seen_by(study.data_manager)
    assert counts(board) == {
        "01": {"screening": 1, "enrolled, no dose yet": 1, "Treatment 1": 1},
        "02": {"screening": 1},
    }
    assert {name: n for name, n in board.totals if n} == {
        "screening": 2,
        "enrolled, no dose yet": 1,
        "Treatment 1": 1,
    }
    assert (board.patients, board.enrolled, board.target) == (4, 2, 40)
    with acting(study.data_manager):
        waiting = Query.objects.count()  # the monitor's, and what edit checks ask
    assert [(line.total, line.queries) for line in board.centres] == [(3, waiting), (1, 0)]
    assert board.queries == waiting > 1
    assert [(str(m.month), m.enrolled, m.total) for m in board.accrual] == [("2012-01-01", 2, 2)]


def test_each_person_sees_their_own_sites(study: Study) -> None:
    filled(study)
    two_sites = make_person(
        "monitor_of_both", study.trial, (Role.MONITOR, study.site_a), (Role.MONITOR, study.site_b)
    )
    sites = {
        name: [line.site.code for line in seen_by(person).centres]
        for name, person in (study.people | {"two": two_sites}).items()
        if name not in ("administrator", "reader")
    }
    assert sites == {
        "coordinator_a": ["01"],
        "coordinator_b": ["02"],
        "investigator_a": ["01"],
        "monitor_a": ["01"],
        "data_manager": ["01", "02"],
        "statistician": ["01", "02"],
        "auditor": ["01", "02"],
        "two": ["01", "02"],
    }
    assert seen_by(study.coordinator_b).enrolled == 0


def test_each_number_leads_to_the_patients_it_counts(study: Study) -> None:
    filled(study)
    client = signed_in(study.data_manager)
    page = client.get(reverse("monitoring:dashboard"))
    listed = reverse("monitoring:patients")
    for line in page.context["board"].centres:
        for status, n in line.cells:
            found = client.get(listed, {"site": line.site.pk, "status": status}).context["page"]
            assert found.paginator.count == n, (line.site, status)
            if n:
                assert f'href="{listed}?site={line.site.pk}&amp;status=' in page.content.decode()


def test_the_page_says_how_many_and_as_of_when(study: Study) -> None:
    filled(study)
    body = signed_in(study.monitor_a).get(reverse("monitoring:dashboard")).content.decode()
    assert "3 patients at 1 centres" in body
    assert "Data as of now" in body
    assert "2 / 40" in body
    assert all(status.value in body for status in PatientStatus)


def test_the_deviations_of_each_centre_are_counted_and_lead_to_their_list(study: Study) -> None:
    filled(study)
    client, listed = signed_in(study.data_manager), reverse("monitoring:deviations")
    page = client.get(reverse("monitoring:dashboard")).content.decode()
    counts = client.get(listed, headers={"HX-Request": "true"}).content.decode()
    total = 0
    for site in (study.site_a, study.site_b):
        many = len(client.get(listed, {"site": site.pk}).context["lines"])
        assert f'href="{listed}?site={site.pk}"><span id="deviations-{site.pk}">' in page
        assert f'<span id="deviations-{site.pk}" hx-swap-oob="true">{many}</span>' in counts
        total += many
    assert total > 0
    assert f'<span id="deviations-all" hx-swap-oob="true">{total}</span>' in counts
    own = signed_in(study.coordinator_b).get(listed, headers={"HX-Request": "true"}).content.decode()
    assert f"deviations-{study.site_a.pk}" not in own


def test_an_empty_trial_has_a_dashboard_too(study: Study) -> None:
    page = signed_in(study.data_manager).get(reverse("monitoring:dashboard"))
    assert "Nobody is enrolled yet." in page.content.decode()
