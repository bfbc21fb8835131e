"""Casebooks asked for on paper: the job, and a file per patient until it expires."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from trial.models import Job, JobState


class CasebookKind(models.TextChoices):
    BLANK = "BLANK", _("blank forms")
    FILLED = "FILLED", _("what was entered")
    AUDIT = "AUDIT", _("what was entered, with audit trail and queries")


class PrintJob(Job):
    """A casebook of one patient, or of every patient of a site (without a patient), as of one instant.

    `sha256` is that of the file that is downloaded. Its bytes are kept until `expires_at`.
    """

    requested_by = models.ForeignKey("trial.Person", models.PROTECT, related_name="+")
    site = models.ForeignKey("trial.Site", models.PROTECT, related_name="+")
    patient = models.ForeignKey("casebook.Patient", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=10, choices=CasebookKind)
    language = models.CharField(max_length=5)
    as_of = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("print")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="print_state"),
            models.CheckConstraint(condition=models.Q(kind__in=CasebookKind.values), name="print_kind"),
            models.CheckConstraint(
                condition=~models.Q(state="FINISHED") | ~models.Q(sha256="", expires_at=None),
                name="finished_print_has_its_hash",
            ),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="print_progress"),
        ]

    def __str__(self) -> str:
        return f"print {self.pk}"


class PrintedCasebook(models.Model):
    """The casebook of one patient as PDF."""

    job = models.ForeignKey(PrintJob, models.PROTECT, related_name="casebooks")
    patient = models.ForeignKey("casebook.Patient", models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["job", "patient"], name="one_casebook_per_print_and_patient")
        ]

    def __str__(self) -> str:
        return self.name


class Download(models.Model):
    """Somebody took the file of a print out of the system."""

    job = models.ForeignKey(PrintJob, models.PROTECT, related_name="downloads")
    site = models.ForeignKey("trial.Site", models.PROTECT, related_name="+")
    by = models.ForeignKey("trial.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.job}, downloaded by {self.by}"
