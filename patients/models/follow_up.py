"""What is known of the patient after treatment."""

from django.db import models

from casebook.models import Crf
from casebook.models.backstop import backed_up


class ContactStatus(models.TextChoices):
    ALIVE = "ALIVE", "alive"
    LOST = "LOST TO FOLLOW-UP", "lost to follow-up"


@backed_up
class SurvivalFollowUp(Crf):
    contact_date = models.DateField(
        "date last known alive", help_text="Of a lost patient: the last day known to be alive."
    )
    status = models.CharField("status", max_length=20, choices=ContactStatus)
    subsequent_therapy = models.CharField(
        "cancer treatment after the protocol's",
        max_length=300,
        blank=True,
        help_text="Empty if there was none.",
    )

    class Meta:
        ordering = ["contact_date", "id"]
        verbose_name = "survival follow-up"
        verbose_name_plural = "survival follow-up"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "contact_date"],
                name="one_survival_follow_up_per_day",
                violation_error_message="Follow-up of this day is already entered.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} on {self.contact_date}"
