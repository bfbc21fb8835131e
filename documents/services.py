"""Asking for casebooks on paper, printing them in a worker, handing them out, discarding them."""

import hashlib
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from casebook.extraction import begin_as_of
from casebook.models import Patient
from documents.archive import filename, sha256_of
from documents.models import CasebookKind, Download, PrintedCasebook, PrintJob
from documents.patient_casebook import casebook
from documents.selectors import casebooks_of, patients_to_print
from documents.typesetting import pdf_of
from trial import jobs
from trial.access import Permission, require
from trial.audit import acting
from trial.models import JobState, Person, Site

KEPT_FOR = timedelta(days=7)
FAULT = noop(
    "The worker met a fault while it printed “{step}” ({kind}). No data were changed. Start the print again; "
    "if it fails again, tell your administrator the number of the print."
)
LOST_TOO_OFTEN = noop(
    "The worker was lost before the print was finished, {attempts} times. Tell your administrator the number "
    "of the print before you start it again."
)
NO_LONGER_ALLOWED = noop("You may no longer see what was to be printed.")
SAID = jobs.Said(fault=FAULT, not_allowed=NO_LONGER_ALLOWED)


@transaction.atomic
def start_print(
    *, site: Site, patient: Patient | None = None, kind: CasebookKind, language: str, by: Person
) -> PrintJob:
    """Enter a print for the worker: of one patient, or of every patient of the site, as the data are now."""
    require(by, Permission.VIEW_CASEBOOK, site)
    if patient is None and not Patient.objects.filter(site=site).exists():
        raise ValidationError(_("This site has no patients yet: there is nothing to print."))
    return PrintJob.objects.create(
        requested_by=by, site=site, patient=patient, kind=kind, language=language, as_of=begin_as_of()
    )


@transaction.atomic
def restart_print(job: PrintJob, *, by: Person) -> PrintJob:
    """Let a failed print be made again, as it was asked for: of the data as they were then."""
    require(by, Permission.VIEW_CASEBOOK, job.site_id)
    jobs.restart(
        job, why="Print started again", otherwise=_("Only a print that failed can be started again.")
    )
    return job


@transaction.atomic
def record_download(job: PrintJob, *, by: Person) -> Download:
    """Note on the trail who takes the file out; whoever may no longer see its patients gets none."""
    require(by, Permission.VIEW_CASEBOOK, job.site_id)
    return Download.objects.create(job=job, site_id=job.site_id, by=by, sha256=job.sha256)


def abandoned_prints(*, actor: Person) -> list[int]:
    return jobs.abandoned(PrintJob, actor=actor)


def give_up_lost_prints(*, actor: Person) -> None:
    jobs.give_up_lost(PrintJob, actor=actor, said=LOST_TOO_OFTEN)


def discard_expired(*, actor: Person) -> None:
    """Remove the files of prints whose time is over. The print itself stays, and says so."""
    now = timezone.now()
    failed = Q(job__state=JobState.FAILED, job__requested_at__lt=now - KEPT_FOR)
    with acting(actor, "Kept for its time"):
        PrintedCasebook.objects.filter(Q(job__expires_at__lt=now) | failed).delete()


def make_print(job_id: int, *, actor: Person, taken_up: bool = False) -> bool:
    """Print what a job asks for, once. Returns False where another worker has it or it is over.

    Each casebook is stored as soon as it is printed, so that a worker who takes the job up goes on there.
    """

    def work(job: PrintJob, report: jobs.Report) -> jobs.Made:
        _print_all(job, report, actor)
        with acting(actor):
            values = {"sha256": sha256_of(job), "expires_at": timezone.now() + KEPT_FOR}
        return jobs.Made(values=values)

    return jobs.run_once(PrintJob, job_id, actor=actor, taken_up=taken_up, work=work, said=lambda job: SAID)


def _print_all(job: PrintJob, report: jobs.Report, actor: Person) -> None:
    with acting(job.requested_by):
        _as_asked(job)
        patients = patients_to_print(job)
    with acting(actor):
        printed = set(casebooks_of(job).values_list("patient_id", flat=True))
    for position, patient in enumerate(patients):
        if patient.pk not in printed:
            report(100 * position // len(patients), patient.number)
            _print_one(job, patient, actor)


def _print_one(job: PrintJob, patient: Patient, actor: Person) -> None:
    with acting(job.requested_by):
        by = _as_asked(job)
        kind = CasebookKind(job.kind)
        document = casebook(patient, kind, language=job.language, as_of=job.as_of, by=by)
    content = pdf_of(document)
    with acting(actor):
        if not jobs.mine(job).update(heartbeat=timezone.now()):
            raise jobs.Superseded
        PrintedCasebook.objects.create(
            job=job,
            patient=patient,
            name=filename(job, patient.number),
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )


def _as_asked(job: PrintJob) -> Person:
    """Who asked, with the rights of this moment: a role withdrawn meanwhile shows no further patient."""
    by = Person.objects.get(pk=job.requested_by_id)
    require(by, Permission.VIEW_CASEBOOK, job.site_id)
    return by
