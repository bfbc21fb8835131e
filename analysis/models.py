"""Analysis runs and what they produced. A result is stored once and never edited."""

from django.db import models

from trial.models import Job, JobState

RunState = JobState


class OutputKind(models.TextChoices):
    TABLE = "TABLE", "table"
    FIGURE = "FIGURE", "figure"
    FLOW = "FLOW", "patient flow"
    DATASET = "DATASET", "data set"


class AnalysisRun(Job):
    """One computation: of the data as known at `as_of`, of events up to and including `cut_off`.

    `sha256` is taken over the canonical text of all outputs, so that two runs can be told to be the same.
    """

    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="runs")
    protocol_version = models.ForeignKey("trial.ProtocolVersion", models.PROTECT, related_name="runs")
    requested_by = models.ForeignKey("trial.Person", models.PROTECT, related_name="runs")
    cut_off = models.DateField()
    as_of = models.DateTimeField()
    settings = models.JSONField()
    code_version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="run_state"),
            models.CheckConstraint(
                condition=~models.Q(state="FINISHED") | ~models.Q(sha256=""), name="finished_run_has_its_hash"
            ),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="run_progress"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunOutput(models.Model):
    """A table, figure, flow or data set of a run, as JSON of the shapes in `analysis/outputs.py`."""

    run = models.ForeignKey(AnalysisRun, models.PROTECT, related_name="outputs")
    name = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=OutputKind)
    title = models.CharField(max_length=200)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="one_output_of_a_name_per_run"),
            models.CheckConstraint(condition=models.Q(kind__in=OutputKind.values), name="output_kind"),
        ]

    def __str__(self) -> str:
        return self.title
