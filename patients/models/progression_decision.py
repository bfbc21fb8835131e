"""What was decided at the first progression: to go on with the treatment, or not."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from casebook.models import Crf
from casebook.models.backstop import Backstop, backed_up, once


class NotContinuedReason(models.TextChoices):
    PS_DETERIORATION = "PS DETERIORATION", "performance status deteriorated"
    ADVERSE_EVENT = "ADVERSE EVENT", "adverse event"
    PATIENT_REFUSAL = "PATIENT REFUSAL", "patient refused"
    RAPID_GROWTH = "RAPID GROWTH", "rapid growth of the tumor"
    OTHER = "OTHER", "other"


@backed_up
class ProgressionDecision(Crf):
    date = models.DateField("date of the decision")
    continued = models.BooleanField("treatment continued beyond progression")
    not_continued_reason = models.CharField(
        "reason not to continue", max_length=20, choices=NotContinuedReason, blank=True
    )
    comment = models.TextField(
        blank=True, max_length=1000, help_text="Which adverse event, or what other reason."
    )

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "decision at first progression"
        verbose_name_plural = "decisions at first progression"
        constraints = [
            once("progression_decision", "The decision at first progression"),
            Backstop(
                condition=Q(continued=True, not_continued_reason="")
                | (Q(continued=False) & ~Q(not_continued_reason="")),
                name="progression_decision_reason_belongs",
            ),
            Backstop(
                condition=~Q(not_continued_reason=NotContinuedReason.OTHER) | Q(comment__regex=r"\S"),
                name="progression_decision_comment_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{'continued' if self.continued else 'not continued'}, decided on {self.date}"

    def clean(self) -> None:
        if self.continued is False and not self.not_continued_reason:
            raise ValidationError({"not_continued_reason": "Say why the treatment was not continued."})
        if self.continued and self.not_continued_reason:
            raise ValidationError({"not_continued_reason": "Leave empty where the treatment was continued."})
        if self.not_continued_reason == NotContinuedReason.OTHER and not self.comment.strip():
            raise ValidationError({"comment": "Say what the other reason was."})
