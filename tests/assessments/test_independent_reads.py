"""A second reader blind to the first, the adjudicator a third person, and how far they agree."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Adjudication, ImagingRead, IndependentRead
from casebook.models import Query
from monitoring.agreement import reader_agreement
from patients.models import Consent
from tests.assessments.imaging_cases import Entered, enter_course
from tests.factories import enter, make_patient, make_person, posted, signed_in
from tests.spec.tumour_cases import on
from tests.trial.test_every_url import addresses
from trial.access import Permission, may, sites_where
from trial.audit import acting, system_person
from trial.domain.protocol import ProtocolError, parse_protocol
from trial.models import Membership, Person, Role
from trial.services import assign_role, grant_role

pytestmark = pytest.mark.django_db
SCANS = "-7 T1=60\n42 T1=60\n84 T1=40\n126 T1=70"


@pytest.fixture
def followed(patient) -> Entered:
    """First reads by the coordinator: 42 SD, 84 PR, 126 PD."""
    return enter_course(patient, SCANS, first="T1")


def read(study, patient, day: int, overall: str, by=None) -> IndependentRead:
    return enter(IndependentRead, patient, by=by or study.reader, date=on(day), overall=overall)


def test_only_independent_readers_read_independently(study, patient, followed):
    for person in (study.coordinator_a, study.investigator_a, study.data_manager):
        with pytest.raises(PermissionDenied):
            read(study, patient, 42, "SD", by=person)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(study.coordinator_a):
        IndependentRead.objects.create(patient=patient, date=on(42), overall="SD")
    with pytest.raises(ProgrammingError, match="row-level security"), acting(study.reader):
        ImagingRead.objects.create(patient=patient, date=on(50), modality="CT SCAN")


def test_nobody_is_both_readers_of_a_scan(study, patient, followed):
    """Not even somebody whose role has changed since."""
    role = change_role(study, study.coordinator_a, Role.READER, None)
    with pytest.raises(ValidationError, match="another reader's"):
        read(study, patient, 42, "SD", by=Person.objects.get(pk=study.coordinator_a.pk))
    with acting(system_person(), "test"):
        role.delete()
    read(study, patient, 84, "PR")
    role = change_role(study, study.reader, Role.COORDINATOR, study.site_a)
    second = Entered(patient)
    second.by = Person.objects.get(pk=study.reader.pk)
    with pytest.raises(ValidationError, match="its first read is another's"):
        second.enter("84 T1=60", "")


def change_role(study, person: Person, role: Role, site) -> Membership:
    with acting(system_person(), "test"):
        person.memberships.all().delete()
        return grant_role(person, role, study.trial, site=site)


def test_a_reader_sees_which_scans_there_are_and_reads_them_one_by_one(study, patient, followed):
    reader = signed_in(study.reader)
    assert reader.get("/")["Location"] == reverse("assessments:reading")
    with CaptureQueriesContext(connection) as queries:
        page = reader.get(reverse("assessments:reading"))
    assert len(queries) <= 12
    assert [str(scan["date"]) for scan in page.context["page"]] == [str(on(day)) for day in (-7, 42, 84, 126)]
    new = f"/casebook/{patient.number}/independent-read/new/"
    assert f'href="{new}?date={on(42)}"' in page.content.decode()
    form = reader.get(f"{new}?date={on(42)}").context["form"]
    draft = posted(form, date=on(42), overall="CR")
    assert reader.post(f"{new}draft/", draft).status_code == 204
    assert reader.get(new).context["draft"][0].typed["overall"] == ["CR"]
    saved = reader.post(new, draft)
    assert saved["Location"] == "/", "not the question, which says what the first read comes to"
    assert [str(s["date"]) for s in reader.get("/", follow=True).context["page"]] == [
        str(on(day)) for day in (-7, 84, 126)
    ]
    everything = reader.get(reverse("assessments:reading") + "?all")
    with acting(study.reader):
        own = IndependentRead.objects.get()
    assert f"/casebook/{patient.number}/independent-read/{own.pk}/" in everything.content.decode()
    assert signed_in(study.coordinator_a).get(reverse("assessments:reading")).status_code == 403


def test_whoever_sees_the_casebook_goes_back_to_it(study, patient, followed):
    """A form saved by those who see the patient leads to the patient."""
    client = signed_in(study.coordinator_a)
    sent = {"date": "2012-01-20", "kind": "SCHEDULED"}
    saved = client.post(f"/casebook/{patient.number}/visit/new/", sent)
    assert saved["Location"].startswith(f"/casebook/{patient.number}/#")


OPEN_TO_THE_BLIND = {
    "casebook/{number}/{slug}/new/",
    "casebook/{number}/{slug}/{pk}/",
    "casebook/{number}/{slug}/{pk}/history/",
    "casebook/{number}/{slug}/{pk}/remove/",
    "assessments/reading/",
    "documents/forms/",
    "documents/forms/{language}.pdf",
    "trial/preferences/",
    "healthz",
}


def test_no_page_tells_a_blind_reader_what_the_first_read_says(study, patient):
    """Every address, of a patient whose every figure is told apart by its digits."""
    enter(Consent, patient)
    followed = enter_course(patient, "-7 T1=61.7\n42 T1=61.7\n84 T1=38.3\n126 T1=93.9", first="T1")
    mine = read(study, patient, 42, "CR")
    with acting(study.data_manager):
        assert Query.objects.filter(rule_id="imaging.readers_differ").exists(), "it quotes the first read"
    reader = signed_in(study.reader)
    for slug, pk in (("independent-read", mine.pk), ("imaging", followed.reads["126"].pk)):
        for address in addresses():
            values = {"number": patient.number, "slug": slug, "pk": pk, "analyte": "alt", "language": "en"}
            others = {"name": "os", "row": "sex", "column": "all", "point": "day-20", "file_format": "csv"}
            keys = {"key": "no-such-key", "uidb36": "1"}
            answer = reader.get("/" + address.format(**values, **others, **keys))
            if address.startswith("account/") or answer.status_code >= 400:
                continue
            assert address in OPEN_TO_THE_BLIND | {""}, f"{address}: {answer.status_code}"
            if "pdf" not in address and answer.status_code == 200:
                text = answer.content.decode()
                for told in ("61.7", "38.3", "93.9", "first read comes to", "First progression", "PD1"):
                    assert told not in text, address


def test_a_blind_reader_has_no_other_right_whatever_roles_are_held(study, patient):
    with acting(system_person()):
        grant_role(study.reader, Role.DATA_MANAGER, study.trial)
    person = Person.objects.get(pk=study.reader.pk)
    assert [right for right in Permission if may(person, right)] == [Permission.READ_INDEPENDENTLY]
    assert list(sites_where(person, Permission.VIEW_CASEBOOK)) == []
    for held, asked in ((Role.READER, Role.DATA_MANAGER), (Role.DATA_MANAGER, Role.READER)):
        colleague = make_person(f"has_{held}".replace(" ", "_"), study.trial, (held, None))
        with acting(study.administrator), pytest.raises(ValidationError, match="blind to the casebook"):
            assign_role(colleague, asked, study.trial, by=study.administrator)
    alone = make_person("nobody_yet", study.trial)
    with acting(study.administrator):
        assert assign_role(alone, Role.READER, study.trial, by=study.administrator).pk


def test_where_the_readers_differ_a_third_person_decides(study, patient, followed):
    read(study, patient, 84, "SD")
    read(study, patient, 42, "SD")
    with acting(study.coordinator_a):
        query = Query.objects.get(rule_id="imaging.readers_differ")
    assert query.text == "The independent reader says SD, the first read comes to PR: adjudicate."
    with pytest.raises(ValidationError, match="third person"):
        enter(Adjudication, patient, by=study.coordinator_a, date=on(84), overall="PR")
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
    enter(IndependentRead, make_patient(study), date=on(42))
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
