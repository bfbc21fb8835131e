"""Files as they may come from a workstation, all of them made here: SYNTHETIC."""

from io import BytesIO

from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

GPS_IFD, LATITUDE_REF = 0x8825, 1


def a_png(width: int = 8, colour: int = 90) -> bytes:
    return _saved("PNG", width, colour)


def a_jpeg(*, with_place: bool = False) -> bytes:
    exif = Image.Exif()
    if with_place:
        exif.get_ifd(GPS_IFD)[LATITUDE_REF] = "N"
    return _saved("JPEG", 8, 90, exif=exif)


def _saved(kind: str, width: int, colour: int, **options: object) -> bytes:
    made = BytesIO()
    Image.new("L", (width, 8), colour).save(made, kind, **options)
    return made.getvalue()


def a_dicom(*, inside: dict[str, str] | None = None, private: tuple[int, ...] = (), **values: str) -> bytes:
    """A DICOM file with these fields, `inside` in a sequence of it, and private elements in these groups."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.Modality = "CT"
    for name, value in values.items():
        setattr(dataset, name, value)
    if inside:
        item = FileDataset("", {})
        for name, value in inside.items():
            setattr(item, name, value)
        dataset.ReferencedPatientSequence = Sequence([item])
    for group in private:
        dataset.private_block(group, "SYNTHETIC", create=True).add_new(0x01, "LO", "YAMADA")
    made = BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    return made.getvalue()
