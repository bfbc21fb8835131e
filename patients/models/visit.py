"""A day on which the patient was seen."""

from django.db import models

from casebook.models import Crf
from casebook.models.backstop import backed_up


class VisitKind(models.TextChoices):
    SCHEDULED = "SCHEDULED", "scheduled"
    UNSCHEDULED = "UNSCHEDULED", "unscheduled"


@backed_up
class Visit(Crf):
    date = models.DateField("date of the visit")
    kind = models.CharField("kind of visit", max_length=12, choices=VisitKind, default=VisitKind.SCHEDULED)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "visit"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_visit_per_day",
                violation_error_message="A visit on this day is already entered.",
            )
        ]

    def __str__(self) -> str:
        return f"visit of {self.date}"
