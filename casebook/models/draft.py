"""What somebody typed into a form and has not saved: no data of the trial yet, and nobody else's business."""

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """The last thing typed into a page: a new form (`crf_id` empty), or a saved one as of `version`.

    Only its writer sees it. It leaves no trail, because nothing of it has been entered; it goes when the form
    is saved, when its writer discards it, or after 30 days.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    patient = models.ForeignKey("casebook.Patient", models.CASCADE, related_name="+")
    crf = models.CharField(max_length=40)
    crf_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    typed = models.JSONField()
    updated = models.DateTimeField()

    class Meta:
        ordering = ["-updated"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "patient", "crf", "crf_id"],
                name="one_draft_per_page",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.crf} for {self.patient}"
