"""The trail. Only the database's own trigger writes it; these models read it."""

from django.db import models


class Operation(models.TextChoices):
    INSERT = "I", "entered"
    UPDATE = "U", "changed"
    DELETE = "D", "removed"


class AuditEntry(models.Model):
    """One row of one table, as one statement left it.

    `image` is the whole row afterwards (null once removed); `before` the old values of the fields that
    changed (the whole row when removed; null when entered). The latest image at or before an instant is the
    state at that instant. `reasons` says why of each column that changed, as `FieldReason` has it, where the
    save gave reasons field by field; `reason` is what there is to say of the row.
    """

    at = models.DateTimeField()
    transaction = models.BigIntegerField()
    actor = models.ForeignKey("trial.Person", models.DO_NOTHING, db_constraint=False, related_name="+")
    reason = models.TextField(blank=True)
    reasons = models.JSONField(null=True)
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    patient_id = models.BigIntegerField(null=True)
    site_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=1, choices=Operation)
    before = models.JSONField(null=True)
    image = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["table", "row_id", "id"], name="audit_row"),
            models.Index(fields=["patient_id", "id"], name="audit_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id} {self.get_operation_display()} at {self.at}"


class AuditSeal(models.Model):
    """SHA-256 over the previous seal and every entry up to `last_entry`: later tampering by anyone shows."""

    at = models.DateTimeField()
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entries = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"entries {self.first_entry} to {self.last_entry}"
