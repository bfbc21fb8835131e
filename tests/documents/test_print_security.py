"""The database itself keeps prints from everybody but the person who asked for them and the worker."""

import pytest

from documents.models import PrintJob
from patients.models import Consent
from tests.databases import as_application, refused
from tests.documents.prints import ask, make
from tests.factories import enter
from trial.audit import acting, row_history, system_person
from trial.models import Membership, Person

DENIED = "42501"
TABLES = ("documents_printjob", "documents_printedcasebook")


@pytest.fixture
def job(study, patient) -> PrintJob:
    enter(Consent, patient)
    job = ask(study, study.coordinator_a, patient)
    make(job)
    return job


def counts(person: Person) -> list[int]:
    with acting(person):
        return [as_application(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


def test_the_owner_and_the_worker_see_a_print_and_its_file(study, job):
    assert counts(study.coordinator_a) == [1, 1]
    assert counts(system_person()) == [1, 1]


@pytest.mark.parametrize(
    "role",
    [
        "coordinator_b",
        "investigator_a",
        "monitor_a",
        "data_manager",
        "statistician",
        "administrator",
        "auditor",
    ],
)
def test_nobody_else_does(study, job, role):
    assert counts(getattr(study, role)) == [0, 0]


def test_who_left_the_site_sees_neither(study, job):
    with acting(system_person(), "left the site"):
        Membership.objects.filter(person=study.coordinator_a).delete()
    assert counts(study.coordinator_a) == [0, 0]


def test_nobody_asks_in_anothers_name(study, patient, job):
    insert = """
        INSERT INTO documents_printjob (requested_by_id, site_id, kind, language, as_of, requested_at, state,
            progress, step, attempt, error, sha256)
        VALUES (%s, %s, 'FILLED', 'en', now(), now(), 'QUEUED', 0, '', 0, '', '')
    """
    with acting(study.monitor_a):
        assert refused(insert, study.coordinator_a.pk, study.site_a.pk) == DENIED
        assert refused(insert, study.monitor_a.pk, study.site_b.pk) == DENIED
        assert refused(insert, study.monitor_a.pk, study.site_a.pk) == ""


def test_only_the_worker_stores_files(study, patient, job):
    insert = """
        INSERT INTO documents_printedcasebook (job_id, patient_id, name, content, sha256)
        VALUES (%s, %s, 'x', 'x', 'x')
    """
    other = ask(study, study.coordinator_a, patient)
    with acting(study.coordinator_a):
        assert refused(insert, other.pk, patient.pk) == DENIED
    with acting(system_person()):
        assert refused(insert, other.pk, patient.pk) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents_printedcasebook SET content = 'x'",
        "DELETE FROM documents_printjob",
        "UPDATE documents_download SET sha256 = 'x'",
        "DELETE FROM documents_download",
    ],
)
def test_what_was_printed_and_taken_out_is_never_edited(study, job, statement):
    for person in (study.coordinator_a, system_person()):
        with acting(person, "a reason"):
            assert refused(statement) == DENIED


def test_a_finished_print_is_never_changed(study, job):
    for person in (study.coordinator_a, system_person()):
        with acting(person, "a reason"):
            assert PrintJob.objects.filter(pk=job.pk).update(sha256="x") == 0


def test_a_person_removes_no_file(study, job):
    with acting(study.coordinator_a, "a reason"):
        as_application("DELETE FROM documents_printedcasebook")
    assert counts(study.coordinator_a) == [1, 1]


def test_the_trail_has_states_and_hashes_but_no_content(study, job):
    with acting(study.auditor):
        [stored] = row_history("documents_printedcasebook", _first("documents_printedcasebook"))
        states = row_history("documents_printjob", job.pk)
    assert stored.image["sha256"]
    assert "content" not in stored.image
    assert stored.patient_id == job.patient_id
    assert [entry.image["state"] for entry in states] == ["QUEUED", "RUNNING", "FINISHED"]
    assert not {"progress", "step", "heartbeat"} & set(states[0].image)


def _first(table: str) -> int:
    with acting(system_person()):
        return as_application(f"SELECT min(id) FROM {table}")[0][0]


def test_a_finished_print_needs_its_hash(study, patient):
    job = ask(study, study.coordinator_a, patient)
    with acting(system_person(), "a reason"):
        assert refused("UPDATE documents_printjob SET state = 'FINISHED' WHERE id = %s", job.pk) == "23514"
