"""What a file must be to be kept as a key image: judged by its content, never by its name."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from assessments.models.key_image import MOST_BYTES, ImageType

MOST_PIXELS = 50_000_000
THUMBNAIL_PIXELS = (240, 240)
GPS = 0x8825
BEGINNINGS = ((ImageType.PNG, b"\x89PNG\r\n\x1a\n"), (ImageType.JPEG, b"\xff\xd8\xff"))
DICOM_MARK = (128, b"DICM")
IDENTIFYING = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientBirthTime",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "IssuerOfPatientID",
)


def check_image(content: bytes, *, patient_number: str) -> ImageType:
    """The type of a file that may be kept; ValidationError says in a sentence why one may not.

    Refused: an empty file, one above 20 MB, one that is no PNG, JPEG or DICOM or cannot be read as such, a
    picture that tells where it was taken, and DICOM that says who the patient is otherwise than by number,
    has private elements (only their maker knows what they say) or has words burned into its picture. Nothing
    is taken out of a file silently: what is kept is what was checked.
    """
    if not content:
        raise ValidationError(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 20 MB."))
    for media_type, beginning in BEGINNINGS:
        if content.startswith(beginning):
            _check_picture(content, media_type)
            return media_type
    start, mark = DICOM_MARK
    if content[start : start + len(mark)] == mark:
        _check_dicom(content, patient_number)
        return ImageType.DICOM
    raise ValidationError(_("The file is neither PNG nor JPEG nor DICOM."))


def make_thumbnail(content: bytes) -> bytes:
    """A small PNG of a picture that was checked when it came."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as picture:
        small = picture.convert("RGB")
        small.thumbnail(THUMBNAIL_PIXELS)
        made = BytesIO()
        small.save(made, format="PNG")
    return made.getvalue()


def _check_picture(content: bytes, media_type: ImageType) -> None:
    """Read the whole picture once: what only begins like one is none."""
    from PIL import Image

    kind = media_type.label
    try:
        with Image.open(BytesIO(content), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(_("The picture has more than 50 million points."))
            picture.verify()
        with Image.open(BytesIO(content), formats=[kind]) as picture:
            picture.load()
            place = picture.getexif().get_ifd(GPS)
    except ValidationError:
        raise
    except Exception as error:  # a reader of files from outside may fail in any way; each is a refusal
        message = _("The file begins like %(kind)s, but cannot be read as such.") % {"kind": kind}
        raise ValidationError(message) from error
    if place:
        raise ValidationError(_("The picture tells where it was taken (GPS). Save it without that."))


def _check_dicom(content: bytes, patient_number: str) -> None:
    from pydicom import dcmread

    try:
        dataset = dcmread(BytesIO(content), stop_before_pixels=True)
        if "TransferSyntaxUID" not in dataset.file_meta or "SOPClassUID" not in dataset:
            raise ValueError("no transfer syntax or class")
        elements = [*dataset.file_meta.iterall(), *dataset.iterall()]
        named = [
            element.keyword
            for element in elements
            if element.keyword in IDENTIFYING and str(element.value or "").strip() not in ("", patient_number)
        ]
        private = sorted({f"{element.tag.group:04X}" for element in elements if element.tag.is_private})
        is_burned_in = str(dataset.get("BurnedInAnnotation", "")).strip().upper() == "YES"
    except Exception as error:  # as above
        raise ValidationError(_("The file begins like DICOM, but cannot be read as such.")) from error
    if named:
        fields = ", ".join(dict.fromkeys(named))
        message = _(
            "The DICOM file says who the patient is (%(fields)s). Empty these fields, or write the patient "
            "number in them."
        )
        raise ValidationError(message % {"fields": fields})
    if private:
        message = _("The DICOM file has private elements (groups %(groups)s). Export it without them.")
        raise ValidationError(message % {"groups": ", ".join(private)})
    if is_burned_in:
        raise ValidationError(
            _("The DICOM file says that words are burned into its picture. Export it without them.")
        )
