"""The patient's death."""

from django.core.validators import RegexValidator
from django.db import models

from casebook.models import Crf, PartialDateField
from casebook.models.backstop import backed_up, once


class CauseOfDeath(models.TextChoices):
    DISEASE = "DISEASE UNDER STUDY", "hepatocellular carcinoma"
    LIVER_FAILURE = "LIVER FAILURE", "liver failure"
    ADVERSE_EVENT = "ADVERSE EVENT", "adverse event"
    OTHER = "OTHER", "other"
    UNKNOWN = "UNKNOWN", "unknown"


@backed_up
class Death(Crf):
    date = PartialDateField(
        "date of death",
        validators=[RegexValidator(r"^\d{4}", "At least the year is needed.")],
        help_text="Year, month and day; as much of it as is known.",
    )
    cause = models.CharField("cause of death", max_length=20, choices=CauseOfDeath)
    cause_detail = models.CharField("cause in words", max_length=200, blank=True)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "death"
        constraints = [
            once("death", "Death"),
        ]

    def __str__(self) -> str:
        return f"death on {self.date}"
