"""A print: asked for, made once by whichever worker, handed out to its owner, discarded in time."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from assessments.models import VitalSigns
from documents import services, tasks
from documents.archive import file_of
from documents.models import CasebookKind, Download, PrintedCasebook, PrintJob
from documents.services import record_download, restart_print
from patients.models import Consent
from tests.databases import own_database
from tests.documents.prints import ask, make, pdf, read, text_of
from tests.factories import change, enter, make_patient, make_study
from trial import jobs
from trial.audit import acting, row_history, system_person
from trial.models import JobState, Membership


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def download(job: PrintJob) -> tuple[str, bytes]:
    with acting(job.requested_by):
        name, file = file_of(job)
        with file:
            return name, file.read()


def content_of(job: PrintJob) -> bytes:
    return download(job)[1]


def set_job(job: PrintJob, **values: object) -> None:
    with acting(system_person(), "test"):
        PrintJob.objects.filter(pk=job.pk).update(**values)


def casebooks(job: PrintJob) -> list[PrintedCasebook]:
    with acting(system_person()):
        return list(PrintedCasebook.objects.filter(job=job))


def test_a_casebook_is_printed_and_its_hash_is_that_of_the_file(study, patient, signs):
    job = ask(study, study.coordinator_a, patient)
    assert (job.state, job.sha256) == (JobState.QUEUED, "")
    assert make(job)
    assert (read(job).state, job.progress, job.attempt) == (JobState.FINISHED, 100, 1)
    name, content = download(job)
    assert "128 mmHg" in text_of(pdf(content))
    assert hashlib.sha256(content).hexdigest() == job.sha256
    assert name == "SYNTHETIC_sbp_01_T-7001_filled.pdf"


def test_a_print_its_file_and_a_download_are_named(study, patient):
    job = ask(study, study.coordinator_a, patient)
    make(job)
    with acting(study.coordinator_a):
        taken = record_download(read(job), by=study.coordinator_a)
    assert str(job) == f"print {job.pk}"
    assert str(taken) == f"print {job.pk}, downloaded by Coordinator A"
    assert [str(one) for one in casebooks(job)] == ["SYNTHETIC_sbp_01_T-7001_filled.pdf"]


def test_it_is_printed_as_the_data_were_when_it_was_asked_for(study, patient, signs):
    job = ask(study, study.coordinator_a, patient)
    change(signs, pulse=99)
    assert make(job)
    assert "99 per minute" not in text_of(pdf(content_of(read(job))))


def test_the_same_data_give_the_same_file(study, patient, signs):
    first = ask(study, study.coordinator_a, patient, kind=CasebookKind.AUDIT)
    second = ask(study, study.coordinator_a, patient, kind=CasebookKind.AUDIT)
    set_job(second, as_of=first.as_of)
    assert make(first)
    assert make(second)
    assert read(first).sha256 == read(second).sha256


def test_a_site_is_printed_whole_with_the_patients_it_had_then(study, patient, signs):
    other = make_patient(study, number="T-7002")
    make_patient(study, number="T-8001", site=study.site_b)
    job = ask(study, study.monitor_a, kind=CasebookKind.AUDIT)
    make_patient(study, number="T-7003")
    assert make(job)
    with zipfile.ZipFile(io.BytesIO(content_of(read(job)))) as archive:
        names = archive.namelist()
        assert names == [f"SYNTHETIC_sbp_01_{number}_audit.pdf" for number in (patient.number, other.number)]
        assert archive.testzip() is None
        assert "128 mmHg" in text_of(pdf(archive.read(names[0])))
    assert download(job)[0] == "SYNTHETIC_sbp_01_audit.zip"
    assert hashlib.sha256(content_of(job)).hexdigest() == job.sha256


def test_a_site_without_patients_says_so(study):
    with pytest.raises(ValidationError, match="no patients yet"):
        ask(study, study.coordinator_a)


def test_progress_names_the_patient(study, patient, monkeypatch):
    make_patient(study, number="T-7002")
    seen = []
    report = jobs.report

    def watched(job, actor, progress, step):
        report(job, actor, progress, step)
        seen.append((progress, step))

    monkeypatch.setattr(jobs, "report", watched)
    assert make(ask(study, study.coordinator_a))
    assert seen == [(0, "T-7001"), (50, "T-7002")]


# Rights


@pytest.mark.parametrize("role", ["coordinator_b", "administrator"])
def test_who_does_not_see_the_patient_prints_nothing(study, patient, role):
    with pytest.raises(PermissionDenied):
        ask(study, getattr(study, role), patient)


def test_the_worker_acts_for_who_asked(study, patient, signs):
    job = ask(study, study.coordinator_a, patient)
    with acting(system_person(), "left the site"):
        Membership.objects.filter(person=study.coordinator_a).delete()
    assert not make(job)
    assert read(job).state == JobState.FAILED
    assert job.error == "You may no longer see what was to be printed."
    assert casebooks(job) == []


def test_rights_are_asked_again_for_every_patient_of_a_site(study, patient, monkeypatch):
    make_patient(study, number="T-7002")
    job = ask(study, study.coordinator_a)
    set_in_type = services.pdf_of

    def leave(document):
        with acting(system_person(), "left the site"):
            Membership.objects.filter(person=study.coordinator_a).delete()
        return set_in_type(document)

    monkeypatch.setattr(services, "pdf_of", leave)
    assert not make(job)
    assert read(job).state == JobState.FAILED
    assert [one.patient_id for one in casebooks(job)] == [patient.pk]


def test_every_download_is_on_the_trail(study, patient, signs):
    job = ask(study, study.coordinator_a, patient)
    make(job)
    with acting(study.coordinator_a):
        record_download(read(job), by=study.coordinator_a)
    with acting(study.auditor):
        [entry] = row_history("documents_download", Download.objects.get().pk)
    assert (entry.actor, entry.site_id) == (study.coordinator_a, study.site_a.pk)
    assert entry.image["sha256"] == job.sha256


def test_nobody_takes_out_what_they_may_no_longer_see(study, patient, signs):
    job = ask(study, study.coordinator_a, patient)
    make(job)
    with acting(system_person(), "left the site"):
        Membership.objects.filter(person=study.coordinator_a).delete()
    with acting(study.coordinator_a), pytest.raises(PermissionDenied):
        record_download(read(job), by=type(study.coordinator_a).objects.get(pk=study.coordinator_a.pk))


# Failing, and workers that are lost


def test_a_failed_print_says_why_without_a_value_and_can_be_started_again(study, patient, signs, monkeypatch):
    def fail(document):
        raise ZeroDivisionError("the pulse of T-7001 is 68")

    whole = services.pdf_of
    monkeypatch.setattr(services, "pdf_of", fail)
    job = ask(study, study.coordinator_a, patient)
    assert not make(job)
    assert read(job).state == JobState.FAILED
    assert "while it printed “T-7001” (ZeroDivisionError)" in job.error
    assert "68" not in job.error
    monkeypatch.setattr(services, "pdf_of", whole)
    with acting(study.coordinator_a):
        restart_print(job, by=study.coordinator_a)
    assert make(job)
    assert (read(job).state, job.attempt) == (JobState.FINISHED, 2)
    with acting(study.auditor):
        states = [e.image["state"] for e in row_history("documents_printjob", job.pk)]
    assert states == ["QUEUED", "RUNNING", "FAILED", "QUEUED", "RUNNING", "FINISHED"]


def test_only_a_failed_print_is_started_again(study, patient):
    job = ask(study, study.coordinator_a, patient)
    with acting(study.coordinator_a), pytest.raises(jobs.JobNotReady):
        restart_print(job, by=study.coordinator_a)


def test_a_finished_print_is_made_no_second_time(study, patient):
    job = ask(study, study.coordinator_a, patient)
    assert make(job)
    assert not make(job)
    assert not make(job, taken_up=True)
    assert len(casebooks(job)) == 1


def test_who_takes_a_print_up_goes_on_where_the_other_stopped(study, patient, monkeypatch):
    make_patient(study, number="T-7002")
    job = ask(study, study.coordinator_a)
    set_in_type, made = services.pdf_of, []

    def stop_at_the_second(document):
        made.append(document.title)
        if len(made) == 2:
            raise KeyboardInterrupt
        return set_in_type(document)

    monkeypatch.setattr(services, "pdf_of", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        make(job)
    first = casebooks(job)
    assert [one.patient_id for one in first] == [patient.pk]
    set_job(job, heartbeat=timezone.now() - jobs.ABANDONED_AFTER - timedelta(seconds=1))
    tasks.take_up_abandoned_prints()
    assert (read(job).state, job.attempt) == (JobState.FINISHED, 2)
    assert made[2:] == ["Casebook of patient T-7002"]
    assert casebooks(job)[0].pk == first[0].pk


def test_a_worker_that_was_overtaken_stores_nothing(study, patient, monkeypatch):
    job = ask(study, study.coordinator_a, patient)
    set_in_type = services.pdf_of

    def overtaken(document):
        set_job(job, attempt=7)
        return set_in_type(document)

    monkeypatch.setattr(services, "pdf_of", overtaken)
    assert not make(job)
    assert (read(job).state, job.attempt, casebooks(job)) == (JobState.RUNNING, 7, [])


def test_a_print_whose_workers_are_lost_again_and_again_fails_in_words(study, patient):
    job = ask(study, study.coordinator_a, patient)
    long_ago = timezone.now() - jobs.ABANDONED_AFTER - timedelta(seconds=1)
    set_job(job, state=JobState.RUNNING, attempt=jobs.MOST_ATTEMPTS, heartbeat=long_ago)
    tasks.take_up_abandoned_prints()
    assert read(job).state == JobState.FAILED
    assert job.error.startswith("The worker was lost before the print was finished, 5 times.")


def test_the_task_carries_an_id_and_nothing_else(study, patient):
    job = ask(study, study.coordinator_a, patient)
    tasks.make(job.pk)
    assert read(job).state == JobState.FINISHED


HANGING_WORKER = """
import sys, time
import django
django.setup()
from documents import services
from trial.audit import system_person

def hang(document):
    print("printing", flush=True)
    time.sleep(600)

services.pdf_of = hang
services.make_print(int(sys.argv[1]), actor=system_person())
"""


def test_a_print_whose_worker_is_killed_is_finished_by_another_once(
    django_db_setup, django_db_blocker, monkeypatch
):
    with django_db_blocker.unblock(), own_database("rebaseline_prints"):
        study = make_study()
        patient = make_patient(study, number="T-7001")
        enter(Consent, patient)
        job = ask(study, study.coordinator_a, patient)
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        worker = subprocess.Popen(
            [sys.executable, "-c", HANGING_WORKER, str(job.pk)],
            env=os.environ | {"DATABASE_URL": address.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings"},
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        with worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "printing\n"
            worker.kill()
        tasks.take_up_abandoned_prints()
        assert read(job).state == JobState.RUNNING, "it may still be alive"
        monkeypatch.setattr(jobs, "ABANDONED_AFTER", timedelta(0))
        for _ in range(2):
            tasks.take_up_abandoned_prints()
        assert (read(job).state, job.attempt, len(casebooks(job))) == (JobState.FINISHED, 2, 1)


# Time is over


def test_files_are_discarded_when_their_time_is_over_and_the_print_stays(study, patient, monkeypatch):
    old, fresh = (ask(study, study.coordinator_a, patient) for _ in range(2))
    make(fresh)
    monkeypatch.setattr(services, "KEPT_FOR", timedelta(seconds=-1))
    make(old)
    monkeypatch.undo()
    tasks.discard_expired_prints()
    assert [len(casebooks(job)) for job in (old, fresh)] == [0, 1]
    assert read(old).state == JobState.FINISHED


def test_what_a_failed_print_left_is_discarded_too(study, patient):
    made = {}
    for name, age in (("old", services.KEPT_FOR), ("recent", timedelta(0))):
        job = made[name] = ask(study, study.coordinator_a, patient)
        with acting(system_person()):
            PrintedCasebook.objects.create(job=job, patient=patient, name="x.pdf", content=b"x", sha256="0")
        set_job(job, state=JobState.FAILED, requested_at=timezone.now() - age - timedelta(minutes=1))
    tasks.discard_expired_prints()
    assert {name: len(casebooks(job)) for name, job in made.items()} == {"old": 0, "recent": 1}
