"""Vital signs and performance status, as measured on one day."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models

from casebook.models import Crf
from casebook.models.backstop import Backstop, backed_up
from patients.models import Ecog

DIASTOLIC_BELOW_SYSTOLIC = "The diastolic pressure must be below the systolic one."


@backed_up
class VitalSigns(Crf):
    """Blood pressure in mmHg, pulse per minute, temperature in °C, weight in kg; empty is "not done"."""

    date = models.DateField("date measured")
    systolic = models.PositiveSmallIntegerField(
        "systolic blood pressure, mmHg", null=True, blank=True, validators=[AtLeast(50), AtMost(300)]
    )
    diastolic = models.PositiveSmallIntegerField(
        "diastolic blood pressure, mmHg", null=True, blank=True, validators=[AtLeast(20), AtMost(200)]
    )
    pulse = models.PositiveSmallIntegerField(
        "pulse, per minute", null=True, blank=True, validators=[AtLeast(20), AtMost(250)]
    )
    temperature = models.DecimalField(
        "body temperature, °C",
        max_digits=3,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal("30.0")), AtMost(Decimal("45.0"))],
    )
    weight = models.DecimalField(
        "weight, kg",
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal("20.0")), AtMost(Decimal("250.0"))],
    )
    ecog = models.PositiveSmallIntegerField("ECOG performance status", choices=Ecog, null=True, blank=True)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "vital signs"
        verbose_name_plural = "vital signs"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_set_of_vital_signs_per_day",
                violation_error_message="Vital signs of this day are already entered.",
            ),
            Backstop(
                condition=models.Q(diastolic__lt=models.F("systolic"))
                | models.Q(diastolic=None)
                | models.Q(systolic=None),
                name="diastolic_below_systolic",
                violation_error_message=DIASTOLIC_BELOW_SYSTOLIC,
            ),
        ]

    def __str__(self) -> str:
        return f"vital signs of {self.date}"

    def clean(self) -> None:
        systolic, diastolic = self.systolic, self.diastolic
        if isinstance(systolic, int) and isinstance(diastolic, int) and diastolic >= systolic:
            raise ValidationError(DIASTOLIC_BELOW_SYSTOLIC)
