"""The dosing log: what the patient was told to take, day by day."""

from decimal import Decimal

from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models

from assessments.domain import dosing
from assessments.models.constraints import NoOverlap, refuse_end_before_start
from casebook.models import Crf
from casebook.models.backstop import Backstop, backed_up
from trial.domain.dosing import Frequency


class DoseFrequency(models.TextChoices):
    """The protocol's frequencies, in words."""

    BID = Frequency.BID.value, "twice a day"
    QD = Frequency.QD.value, "once a day"
    QOD = Frequency.QOD.value, "every other day"


class DoseReason(models.TextChoices):
    INITIAL = "INITIAL", "first dose of the trial"
    ADVERSE_EVENT = "ADVERSE EVENT", "adverse event"
    TOLERATED_INCREASE = "TOLERATED INCREASE", "increase, tolerated so far"
    TREATMENT_2_START = "TREATMENT 2 START", "new dose at the start of Treatment 2"
    TREATMENT_2_UNCHANGED = "TREATMENT 2 UNCHANGED", "Treatment 2 at the dose before"
    OTHER = "OTHER", "other"


@backed_up
class DoseInterval(Crf):
    """One dose, from its first through its last day. Days between two lines are days without the drug."""

    start = models.DateField("first day")
    end = models.DateField("last day", null=True, blank=True, help_text="Empty while this dose goes on.")
    mg = models.DecimalField(
        "mg at a time",
        max_digits=6,
        decimal_places=2,
        validators=[AtLeast(Decimal(0)), AtMost(Decimal(2000))],
    )
    frequency = models.CharField("how often", max_length=3, choices=DoseFrequency)
    dose_reason = models.CharField("why this dose", max_length=25, choices=DoseReason)
    dose_reason_text = models.CharField("in words", max_length=200, blank=True)
    adverse_event = models.ForeignKey(
        "assessments.AdverseEvent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="because of this adverse event",
    )

    class Meta:
        ordering = ["start", "id"]
        verbose_name = "dose"
        constraints = [
            Backstop(
                condition=models.Q(end=None) | models.Q(end__gte=models.F("start")),
                name="dose_ends_after_it_begins",
            ),
            NoOverlap(
                name="one_dose_a_day",
                same=("patient",),
                start="start",
                end="end",
                violation_error_message="Another line of the dosing log covers some of these days. "
                "End it before this one begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mg.normalize():f} mg {self.frequency} from {self.start}"

    def clean(self) -> None:
        refuse_end_before_start(self.start, self.end, field="end")

    @property
    def facts(self) -> dosing.DoseInterval:
        """The line as the rules of dosing read it."""
        return dosing.DoseInterval(
            start=self.start, end=self.end, mg=self.mg, frequency=Frequency(self.frequency)
        )

    @property
    def daily_dose_mg(self) -> Decimal:
        return self.facts.daily_dose_mg
