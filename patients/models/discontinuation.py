"""Why and when the protocol treatment ended."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from casebook.models import Crf
from casebook.models.backstop import Backstop, backed_up, once


class OffProtocolReason(models.TextChoices):
    SECOND_PROGRESSION = "SECOND PD", "second progression"
    CLINICAL_PROGRESSION = "CLINICAL PROGRESSION", "clinical progression without a progressive scan"
    RAPID_GROWTH = "RAPID GROWTH", "rapid growth of the tumor"
    ADVERSE_EVENT = "ADVERSE EVENT", "adverse event"
    PS_DETERIORATION = "PS DETERIORATION", "performance status deteriorated"
    PATIENT_REFUSAL = "PATIENT REFUSAL", "patient refused further treatment"
    REFUSED_BEFORE_FIRST_DOSE = "REFUSED BEFORE FIRST DOSE", "patient refused before the first dose"
    NOT_STARTED_IN_TIME = "NOT STARTED IN TIME", "treatment not started within the protocol's time"
    PROTOCOL_VIOLATION = "PROTOCOL VIOLATION", "protocol violation"
    DEATH = "DEATH", "death"
    LOST_TO_FOLLOW_UP = "LOST TO FOLLOW-UP", "lost to follow-up"
    OTHER = "OTHER", "other"


NEEDS_DETAIL = (OffProtocolReason.ADVERSE_EVENT, OffProtocolReason.OTHER)


@backed_up
class Discontinuation(Crf):
    date = models.DateField(
        "date protocol treatment ended",
        help_text="The day of the decision; of the refusal if no dose was taken.",
    )
    off_protocol_reason = models.CharField("reason", max_length=30, choices=OffProtocolReason)
    detail = models.CharField(
        "which adverse event, or what other reason",
        max_length=200,
        blank=True,
        help_text="The adverse event by its CTCAE term, for example Lung infection.",
    )

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "end of protocol treatment"
        verbose_name_plural = "ends of protocol treatment"
        constraints = [
            once("discontinuation", "The end of protocol treatment"),
            Backstop(
                condition=~Q(off_protocol_reason__in=NEEDS_DETAIL) | Q(detail__regex=r"\S"),
                name="discontinuation_detail_given",
            ),
        ]

    def __str__(self) -> str:
        return f"off protocol on {self.date}"

    def clean(self) -> None:
        if self.off_protocol_reason in NEEDS_DETAIL and not self.detail.strip():
            raise ValidationError({"detail": "Name the adverse event or the other reason."})
