"""The pages around a print: asking, watching, downloading, and what they say when something is not so."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents import services, tasks
from documents.models import Download, PrintJob
from patients.models import Consent
from tests.documents.prints import ask, make, pdf, text_of
from tests.factories import enter, make_patient, signed_in
from trial.audit import acting, system_person
from trial.models import JobState, Membership


@pytest.fixture
def client(study, patient):
    enter(Consent, patient)
    return signed_in(study.coordinator_a)


@pytest.fixture
def handed(monkeypatch) -> list[int]:
    """The numbers the pages hand to a worker."""
    numbers: list[int] = []
    monkeypatch.setattr(tasks.make, "delay", numbers.append)
    return numbers


def the_job(study) -> PrintJob:
    with acting(study.coordinator_a):
        return PrintJob.objects.select_related("site", "patient").get()


def test_a_casebook_is_asked_for_and_handed_to_a_worker(
    study, patient, client, handed, django_capture_on_commit_callbacks
):
    page = client.get("/documents/patients/T-7001/")
    assert "Print the casebook of T-7001" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/documents/patients/T-7001/", {"kind": "AUDIT", "language": "ja"})
    job = the_job(study)
    assert answer.headers["Location"] == f"/documents/prints/{job.pk}/"
    assert (job.patient, job.site, job.kind, job.language) == (patient, study.site_a, "AUDIT", "ja")
    assert handed == [job.pk]


def test_a_site_is_asked_for(study, client, handed):
    page = client.get(f"/documents/sites/{study.site_a.pk}/")
    assert "Print every casebook of 01 Minatogawa" in page.content.decode()
    client.post(f"/documents/sites/{study.site_a.pk}/", {"kind": "FILLED", "language": "en"})
    assert (the_job(study).patient, the_job(study).site) == (None, study.site_a)


def test_a_site_without_patients_says_so_on_the_page(study, handed):
    answer = signed_in(study.coordinator_b).post(
        f"/documents/sites/{study.site_b.pk}/", {"kind": "FILLED", "language": "en"}
    )
    assert "This site has no patients yet: there is nothing to print." in answer.content.decode()


def test_a_site_of_others_is_not_found(study, client):
    assert client.get(f"/documents/sites/{study.site_b.pk}/").status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"kind": "ALL", "language": "en"}, {"kind": "FILLED", "language": "tlh"}]
)
def test_what_cannot_be_chosen_is_refused_at_its_field(client, handed, sent):
    answer = client.post("/documents/patients/T-7001/", sent)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) <= {"kind", "language"}
    assert answer.context["form"].errors


def test_the_page_follows_a_print_until_it_is_over(study, patient, client):
    job = ask(study, study.coordinator_a, patient)
    page = client.get(f"/documents/prints/{job.pk}/").content.decode()
    assert "Waiting for a worker." in page
    assert "Download the PDF" not in page
    with acting(system_person(), "test"):
        PrintJob.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING, progress=40, step="T-7001", attempt=2
        )
    fragment = client.get(f"/documents/prints/{job.pk}/progress/").content.decode()
    assert "Printing: T-7001" in fragment
    assert "attempt 2" in fragment
    with acting(system_person(), "test"):
        PrintJob.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="The worker met a fault.")
    assert client.get(f"/documents/prints/{job.pk}/progress/").headers["HX-Refresh"] == "true"


def test_a_failed_print_says_why_and_is_started_again(study, patient, client, handed):
    job = ask(study, study.coordinator_a, patient)
    with acting(system_person(), "test"):
        PrintJob.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="The worker met a fault.")
    page = client.get(f"/documents/prints/{job.pk}/").content.decode()
    assert "The worker met a fault." in page
    assert "Start again" in page
    client.post(f"/documents/prints/{job.pk}/restart/")
    assert the_job(study).state == JobState.QUEUED
    said = client.post(f"/documents/prints/{job.pk}/restart/", follow=True).content.decode()
    assert "Only a print that failed can be started again." in said


def test_the_file_is_downloaded_and_the_download_noted(study, patient, client):
    job = ask(study, study.coordinator_a, patient)
    make(job)
    page = client.get(f"/documents/prints/{job.pk}/").content.decode()
    assert "Download the PDF" in page
    answer = client.get(f"/documents/prints/{job.pk}/file/")
    assert 'filename="SYNTHETIC_sbp_01_T-7001_filled.pdf"' in answer.headers["Content-Disposition"]
    assert "2012-01-10" in text_of(pdf(b"".join(answer.streaming_content)))
    with acting(study.auditor):
        assert [d.by for d in Download.objects.all()] == [study.coordinator_a]


def test_the_archive_of_a_site_is_downloaded(study, patient, client):
    job = ask(study, study.coordinator_a)
    make(job)
    assert "Download all as ZIP" in client.get(f"/documents/prints/{job.pk}/").content.decode()
    answer = client.get(f"/documents/prints/{job.pk}/file/")
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_before_it_is_made_there_is_no_file(study, patient, client):
    job = ask(study, study.coordinator_a, patient)
    assert client.get(f"/documents/prints/{job.pk}/file/").status_code == 404
    with acting(study.auditor):
        assert not Download.objects.exists()


def test_once_its_time_is_over_there_is_no_file_and_the_page_says_so(study, patient, client, monkeypatch):
    monkeypatch.setattr(services, "KEPT_FOR", -services.KEPT_FOR)
    job = ask(study, study.coordinator_a, patient)
    make(job)
    page = client.get(f"/documents/prints/{job.pk}/").content.decode()
    assert "The file was kept for seven days and is gone." in page
    assert client.get(f"/documents/prints/{job.pk}/file/").status_code == 404


@pytest.mark.parametrize("role", ["investigator_a", "data_manager", "coordinator_b"])
def test_a_print_of_somebody_else_is_not_found(study, patient, client, role):
    job = ask(study, study.coordinator_a, patient)
    make(job)
    other = signed_in(getattr(study, role))
    for page in ("", "progress/", "file/"):
        assert other.get(f"/documents/prints/{job.pk}/{page}").status_code == 404
    assert other.post(f"/documents/prints/{job.pk}/restart/").status_code == 404


def test_who_left_the_site_downloads_nothing(study, patient, client):
    job = ask(study, study.coordinator_a, patient)
    make(job)
    with acting(system_person(), "left the site"):
        Membership.objects.filter(person=study.coordinator_a).delete()
    assert client.get(f"/documents/prints/{job.pk}/file/").status_code == 403


def test_the_list_shows_the_persons_own_prints_and_sites(study, patient, client):
    job = ask(study, study.coordinator_a, patient)
    ask(study, study.monitor_a, patient)
    page = client.get("/documents/prints/")
    assert [one.pk for one in page.context["page"]] == [job.pk]
    assert [site.code for site in page.context["sites"]] == ["01"]


def test_no_page_asks_more_of_the_database_for_more_prints(study, patient, client):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get("/documents/prints/").status_code == 200
        return len(asked)

    ask(study, study.coordinator_a, patient)
    queries()
    few = queries()
    for number in range(12):
        ask(study, study.coordinator_a, make_patient(study, number=f"T-71{number:02}"))
    assert queries() == few <= 12


def test_the_ways_to_a_print_are_where_one_looks_for_them(study, patient, client):
    assert 'href="/documents/patients/T-7001/"' in client.get("/casebook/T-7001/").content.decode()
    listed = client.get("/monitoring/patients/").content.decode()
    assert 'href="/documents/prints/"' in listed
    assert 'href="/documents/forms/"' in listed
