"""The registration of an eligible patient."""

from django.core.validators import RegexValidator
from django.db import models

from casebook.models import Crf
from casebook.models.backstop import backed_up, once


@backed_up
class Enrolment(Crf):
    """`eligibility_at_enrolment` is the judgement of every criterion as it stood at registration."""

    date = models.DateField("date of enrolment")
    registration_number = models.CharField(
        "registration number",
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*\Z", "Use capital letters, digits and hyphens.")],
        help_text="As the registration centre gave it out.",
        error_messages={"unique": "This registration number was already given to another patient."},
    )
    eligibility_at_enrolment = models.JSONField(
        "eligibility as judged at enrolment", null=True, editable=False, default=None
    )

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "enrolment"
        constraints = [once("enrolment", "Enrolment")]

    def __str__(self) -> str:
        return f"enrolment of {self.date}"
