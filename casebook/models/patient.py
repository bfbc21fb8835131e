"""The patient as the casebook knows one: a number at a site. No names, anywhere."""

from django.core.validators import RegexValidator
from django.db import models


class Patient(models.Model):
    site = models.ForeignKey("trial.Site", models.PROTECT, related_name="patients")
    number = models.CharField(
        "patient number",
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*\Z", "Use capital letters, digits and hyphens.")],
    )

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number
