"""A picture that shows what was read of a lesion, kept in the database with the read it belongs to."""

from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.imaging import ImagingRead, Lesion
from casebook.models import ClinicalRow
from casebook.models.backstop import backed_up

MOST_BYTES = 20 * 1024 * 1024


class ImageType(models.TextChoices):
    """What a file is by its content, as its media type."""

    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    DICOM = "application/dicom", "DICOM"


@backed_up
class KeyImage(ClinicalRow):
    """The name is made here: the one a file comes with may hold a patient's name, and is not kept.

    The trail keeps everything but the bytes; their SHA-256 says whether they are still the same.
    """

    read = models.ForeignKey(ImagingRead, models.PROTECT, related_name="key_images", editable=False)
    lesion = models.ForeignKey(Lesion, models.PROTECT, related_name="key_images", verbose_name=_("lesion"))
    description = models.CharField(_("what it shows"), max_length=200, blank=True)
    media_type = models.CharField(max_length=20, choices=ImageType, editable=False)
    size = models.PositiveIntegerField(editable=False, validators=[AtLeast(1), AtMost(MOST_BYTES)])
    sha256 = models.CharField(
        max_length=64, editable=False, validators=[RegexValidator("^[0-9a-f]{64}$", _("A SHA-256 in hex."))]
    )
    content = models.BinaryField()

    class Meta:
        ordering = ["lesion__label", "id"]
        verbose_name = _("key image")
        constraints = [
            models.UniqueConstraint(
                fields=["read", "lesion", "sha256"],
                name="one_key_image_per_content",
                violation_error_message=_("This picture is already attached to the lesion."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.lesion}, {self.get_media_type_display()}"

    @property
    def name(self) -> str:
        """The name of the file as it is given out."""
        ending = {ImageType.PNG: "png", ImageType.JPEG: "jpg", ImageType.DICOM: "dcm"}
        parts = (self.patient.number, self.read.date, self.lesion.label, self.pk)
        return "_".join(str(part) for part in parts) + f".{ending[ImageType(self.media_type)]}"

    @property
    def is_picture(self) -> bool:
        """Whether a browser can show it."""
        return self.media_type != ImageType.DICOM
