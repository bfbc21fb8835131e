"""A question about a value, from a person or from an edit check."""

from django.db import models

from casebook.models.crf import ClinicalRow


class QueryState(models.TextChoices):
    OPEN = "open", "open"
    ANSWERED = "answered", "answered"
    CLOSED = "closed", "closed"


class Query(ClinicalRow):
    """A query on a form (`crf`, `crf_id`), or on the patient when `crf` is empty.

    `rule_id` names the edit check that raised it; empty when a person did. A rule's query closes itself once
    its cause is gone.
    """

    crf = models.CharField(max_length=40, blank=True, editable=False)
    crf_id = models.BigIntegerField(null=True, editable=False)
    field = models.CharField(max_length=60, blank=True)
    rule_id = models.CharField(max_length=60, blank=True, editable=False)
    text = models.TextField("question")
    state = models.CharField(max_length=10, choices=QueryState, default=QueryState.OPEN, editable=False)
    answer = models.TextField(blank=True)
    closing_note = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = "query"
        verbose_name_plural = "queries"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "crf", "crf_id", "field", "rule_id"],
                condition=~models.Q(state="closed") & ~models.Q(rule_id=""),
                name="one_live_query_per_rule",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(state__in=QueryState.values), name="query_state"),
        ]

    def __str__(self) -> str:
        return self.text
