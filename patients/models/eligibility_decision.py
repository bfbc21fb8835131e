"""The investigator's decision: the system judges the criteria, a physician decides."""

from django.db import models

from casebook.models import Crf
from casebook.models.backstop import backed_up, once


@backed_up
class EligibilityDecision(Crf):
    date = models.DateField("date of the decision")
    eligible = models.BooleanField("the patient is eligible")
    comment = models.TextField(blank=True, max_length=1000)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "eligibility decision"
        constraints = [once("eligibility_decision", "The eligibility decision")]

    def __str__(self) -> str:
        return f"{'eligible' if self.eligible else 'not eligible'}, decided on {self.date}"
