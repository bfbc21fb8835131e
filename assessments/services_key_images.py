"""Attaching a picture to a lesion at a read, and taking it away."""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.key_image_files import check_image
from assessments.models import ImagingRead, KeyImage, Lesion, LesionReading
from casebook.reasons import ReasonMissing
from casebook.refusals import refusals_in_words
from trial.access import Permission, require
from trial.audit import set_reason
from trial.models import Person

MOST_PER_READ = 20


@transaction.atomic
def attach_key_image(
    *, read: ImagingRead, lesion: Lesion, content: bytes, description: str = "", by: Person
) -> KeyImage:
    """Keep a file with what was read of a lesion; ValidationError names the field that is wrong."""
    require(by, Permission.ENTER_DATA, read.patient.site_id)
    if not LesionReading.objects.filter(read=read, lesion=lesion).exists():
        raise ValidationError({"lesion": _("This lesion was not read on this scan.")})
    if KeyImage.objects.filter(read=read).count() >= MOST_PER_READ:
        raise ValidationError({"file": _("A read has at most 20 key images.")})
    try:
        media_type = check_image(content, patient_number=read.patient.number)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    image = KeyImage(
        patient=read.patient,
        read=read,
        lesion=lesion,
        description=description.strip(),
        media_type=media_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        content=content,
    )
    image.full_clean(exclude={"patient", "read", "lesion", "content"})
    with refusals_in_words(image):
        image.save(force_insert=True)
    return image


@transaction.atomic
def remove_key_image(image: KeyImage, *, by: Person, reason: str) -> None:
    """Take a picture away. The trail keeps what it was, not the picture."""
    require(by, Permission.ENTER_DATA, image.patient.site_id)
    if not reason.strip():
        raise ReasonMissing
    set_reason(reason.strip())
    image.delete()
