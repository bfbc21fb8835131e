"""What every piece of work is made of that a worker does outside a request."""

from django.db import models


class JobState(models.TextChoices):
    QUEUED = "QUEUED", "waiting"
    RUNNING = "RUNNING", "running"
    FINISHED = "FINISHED", "finished"
    FAILED = "FAILED", "failed"


class Job(models.Model):
    """Asked for by a person, taken up by a worker, finished once.

    `heartbeat` is renewed while a worker is at it; a job whose heartbeat stood still is taken up again, which
    `attempt` counts.
    """

    requested_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=80, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    heartbeat = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.FINISHED, JobState.FAILED)
