"""What every case report form is made of."""

from django.db import models


class ClinicalRow(models.Model):
    """A row that belongs to one patient: a form, or a line of one."""

    patient = models.ForeignKey("casebook.Patient", models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True


class Crf(ClinicalRow):
    """A case report form. `version` counts its saves, so that nobody overwrites another's silently."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def fields_entered(cls) -> list[models.Field]:
        """The columns a person fills in, in the order of the form."""
        return [f for f in cls._meta.concrete_fields if f.editable and not f.primary_key]
