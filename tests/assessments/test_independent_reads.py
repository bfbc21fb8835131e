"""A second reader blind to the first, the adjudicator a third person, and how far they agree."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Adjudication, IndependentRead
from casebook.models import Query
from monitoring.agreement import reader_agreement
from tests.assessments.imaging_cases import Entered, enter_course
from tests.assessments.test_imaging_pages import edit
from tests.factories import change, enter, make_patient, make_person, signed_in
from tests.spec.tumour_cases import on
from trial.audit import acting
from trial.domain.protocol import ProtocolError, parse_protocol
from trial.models import Role

pytestmark = pytest.mark.django_db
SCANS = "-7 T1=60\n42 T1=60\n84 T1=40\n126 T1=70"


@pytest.fixture
def followed(patient) -> Entered:
    """First reads by the coordinator: 42 SD, 84 PR, 126 PD."""
    return enter_course(patient, SCANS, first="T1")


def read(study, patient, day: int, overall: str, by=None) -> IndependentRead:
    return enter(IndependentRead, patient, by=by or study.investigator_a, date=on(day), overall=overall)


def test_nobody_is_both_readers_of_a_scan(study, patient, followed):
    with pytest.raises(ValidationError, match="another reader's"):
        read(study, patient, 42, "SD", by=study.coordinator_a)
    second = read(study, patient, 42, "SD")
    with pytest.raises(ValidationError, match="another reader's"):
        change(second, overall="PR")
    patient_b = Entered(patient)
    patient_b.by = study.investigator_a
    read(study, patient, 168, "SD")
    with pytest.raises(ValidationError, match="its first read is another's"):
        patient_b.enter("168 T1=60", "")


def test_first_reads_stay_closed_to_the_second_reader_until_theirs_is_in(study, patient, followed):
    reader = signed_in(study.investigator_a)
    assert reader.get(edit(followed, "84")).status_code == 200
    read(study, patient, 42, "SD")
    closed = reader.get(edit(followed, "84"))
    assert closed.status_code == 403
    assert reader.post(edit(followed, "84") + "preview/", {}).status_code == 403
    with CaptureQueriesContext(connection) as queries:
        assert reader.get(edit(followed, "42")).status_code == 200
    assert len(queries) <= 12
    images = reverse("assessments:key-images", args=[patient.number, followed.reads["84"].pk])
    assert reader.get(images).status_code == 403
    assert signed_in(study.coordinator_a).get(edit(followed, "84")).status_code == 200
    read(study, patient, 84, "SD")
    assert reader.get(edit(followed, "84")).status_code == 200


def test_the_page_of_the_independent_read_shows_nothing_of_the_first(study, patient, followed):
    page = signed_in(study.investigator_a).get(f"/casebook/{patient.number}/independent-read/new/")
    text = page.content.decode().split("<main")[1]
    assert "60 mm" not in text
    assert "2012-02-12" not in text


def test_where_the_readers_differ_a_third_person_decides(study, patient, followed):
    read(study, patient, 84, "SD")
    read(study, patient, 42, "SD")
    with acting(study.coordinator_a):
        query = Query.objects.get(rule_id="imaging.readers_differ")
    assert query.text == "The independent reader says SD, the first read comes to PR: adjudicate."
    for person in (study.coordinator_a, study.investigator_a):
        with pytest.raises(ValidationError, match="third person"):
            enter(Adjudication, patient, by=person, date=on(84), overall="PR")
    third = make_person("adjudicator", study.trial, (Role.INVESTIGATOR, study.site_a))
    enter(Adjudication, patient, by=third, date=on(84), overall="PR")
    with acting(study.coordinator_a):
        query.refresh_from_db()
        assert query.state == "closed"


def test_what_has_no_counterpart_is_asked_about(study, patient, followed):
    read(study, patient, 50, "SD")
    enter(Adjudication, patient, date=on(60), overall="PR")
    with acting(study.coordinator_a):
        rules = set(Query.objects.exclude(state="closed").values_list("rule_id", flat=True))
    assert {"imaging.no_first_read", "imaging.nothing_to_adjudicate"} <= rules


def test_agreement_is_shown_per_centre_to_those_who_do_not_read(study, patient, followed):
    for day, overall in ((42, "SD"), (84, "SD"), (126, "PD"), (168, "SD")):
        read(study, patient, day, overall)
    third = make_person("adjudicator", study.trial, (Role.INVESTIGATOR, study.site_a))
    enter(Adjudication, patient, by=third, date=on(84), overall="PR")
    enter(IndependentRead, make_patient(study), by=study.investigator_a, date=on(42))
    with acting(study.monitor_a):
        found = reader_agreement(study.monitor_a)
    assert [(pair.first, pair.second, pair.adjudicated) for pair in found.scans] == [
        ("SD", "SD", ""),
        ("PR", "SD", "PR"),
        ("PD", "PD", ""),
    ]
    assert [(pair.period, pair.first, pair.second) for pair in found.best] == [(1, "PR", "SD")]
    own, every = found.centres
    assert (own.site, every.site) == (study.site_a, None)
    assert (own.scans.pairs, own.scans.agreeing) == (3, 2)
    assert own.scans.kappa == pytest.approx(0.5)
    page = reverse("monitoring:agreement")
    for person in (study.monitor_a, study.statistician, study.data_manager, study.auditor):
        client = signed_in(person)
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(page)
        assert answer.status_code == 200
        assert "0.50" in answer.content.decode()
        assert len(queries) <= 12
    assert signed_in(study.coordinator_a).get(page).status_code == 403


def test_without_a_second_reader_the_page_says_so(study, followed):
    text = signed_in(study.monitor_a).get(reverse("monitoring:agreement")).content.decode()
    assert "No scan has been read by two readers yet." in text


def test_a_second_progression_counts_in_the_second_readers_own_periods(study, patient):
    entered = enter_course(
        patient, "-7 T1=60\n42 T1=80\n98 T1=80\n140 T1=100", first="T1", second="T1", chosen_on="42"
    )
    for day, overall in ((42, "PD"), (98, "SD"), (140, "PD")):
        read(study, patient, day, overall)
    with acting(study.monitor_a):
        found = reader_agreement(study.monitor_a)
    assert [(pair.period, pair.first, pair.second) for pair in found.best] == [
        (1, "PD", "PD"),
        (2, "SD", "SD"),
    ]
    assert entered.course().bor2 == "SD"


def test_a_protocol_that_wants_another_readers_responses_is_refused(study):
    text = study.version.definition
    assert parse_protocol(text).response.reader == "site"
    assert parse_protocol(text.replace('reader = "site"', "")).response.reader == "site"
    with pytest.raises(ProtocolError, match="reader"):
        parse_protocol(text.replace('reader = "site"', 'reader = "independent"'))


def test_a_read_without_lesions_chosen_agrees_with_nothing(study, patient):
    Entered(patient).enter("42 T1=60")
    read(study, patient, 42, "SD")
    with acting(study.monitor_a):
        assert reader_agreement(study.monitor_a).centres == []
