"""Consent, and who the patient is as far as the trial may know."""

from django.core.validators import RegexValidator
from django.db import models

from casebook.models import Crf, PartialDateField
from casebook.models.backstop import backed_up, once


class Sex(models.TextChoices):
    MALE = "M", "male"
    FEMALE = "F", "female"


@backed_up
class Consent(Crf):
    consent_date = models.DateField(
        "date of written consent",
        help_text="The day on which the patient signed, not the day it was entered.",
    )
    birth_date = PartialDateField(
        "date of birth",
        validators=[RegexValidator(r"^(19|20)\d\d", "At least the year of birth is needed.")],
        help_text="The year alone where the site may not tell more: YYYY, YYYY-MM or YYYY-MM-DD.",
    )
    sex = models.CharField("sex at birth", max_length=1, choices=Sex)
    protocol_version = models.CharField(
        "protocol version consented to",
        max_length=20,
        blank=True,
        help_text="As printed on the consent form; empty if it does not say.",
    )

    class Meta:
        ordering = ["consent_date", "id"]
        verbose_name = "consent and demographics"
        verbose_name_plural = "consents and demographics"
        constraints = [
            once("consent", "Consent"),
        ]

    def __str__(self) -> str:
        return f"consent of {self.consent_date}"
