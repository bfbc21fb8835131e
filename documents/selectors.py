"""What a person reads of prints: their own, of sites they may still see."""

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from casebook.extraction import extract
from casebook.models import Patient
from documents.models import PrintedCasebook, PrintJob
from trial.access import Permission, sites_where
from trial.models import JobState, Person


def prints_of(person: Person) -> QuerySet[PrintJob]:
    mine = PrintJob.objects.filter(
        requested_by=person, site__in=sites_where(person, Permission.VIEW_CASEBOOK)
    )
    return mine.select_related("site__trial", "patient")


def get_print(person: Person, pk: int) -> PrintJob:
    job = prints_of(person).filter(pk=pk).first()
    if job is None:
        raise Http404(_("You asked for no such print."))
    return job


def has_file(job: PrintJob) -> bool:
    """Whether there is something to download: finished, and not yet discarded."""
    return job.state == JobState.FINISHED and job.expires_at is not None and job.expires_at > timezone.now()


def casebooks_of(job: PrintJob) -> QuerySet[PrintedCasebook]:
    return PrintedCasebook.objects.filter(job=job).order_by("name")


def patients_to_print(job: PrintJob) -> list[Patient]:
    """The patient, or those that the site had at the instant, by number."""
    if job.patient_id is not None:
        return list(Patient.objects.select_related("site__trial").filter(pk=job.patient_id))
    then = {patient.pk for patient in extract(as_of=job.as_of, tables=()).patients}
    of_site = Patient.objects.select_related("site__trial").filter(site=job.site_id, pk__in=then)
    return list(of_site.order_by("number"))
