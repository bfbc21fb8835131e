"""Where imported laboratory values came from."""

from django.core.validators import RegexValidator
from django.db import models

from casebook.models import ClinicalRow
from casebook.models.backstop import backed_up


@backed_up
class LabImport(ClinicalRow):
    """One panel that one import wrote: the file, its lines, its SHA-256. Who and when is on the trail.

    `panel` is the key of the panel, which may be removed later: then this stays and says what it said.
    """

    panel = models.BigIntegerField(editable=False)
    file_name = models.CharField("imported from the file", max_length=150)
    lines = models.CharField("lines", max_length=200)
    sha256 = models.CharField(
        "SHA-256 of the file", max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}\Z")]
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "laboratory import"
        indexes = [models.Index(fields=["panel"], name="lab_import_of_panel")]

    def __str__(self) -> str:
        return f"{self.file_name}, lines {self.lines}"
