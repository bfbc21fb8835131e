"""Key images: what a file must be, who sees it, and what the trail keeps of it."""

from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.key_image_files import check_image
from assessments.models import KeyImage
from assessments.models.key_image import MOST_BYTES
from assessments.services_imaging import remove_imaging_read
from assessments.services_key_images import attach_key_image, remove_key_image
from assessments.views_key_images import KeyImageFile
from casebook.reasons import ReasonMissing
from tests.assessments.image_files import a_dicom, a_jpeg, a_png
from tests.assessments.imaging_cases import Entered, enter_course
from tests.factories import make_patient, signed_in
from trial.audit import acting
from trial.models import AuditEntry
from trial.services import verify_trail

SCANS = "-7 T1=60 T2=40\n42 T1=60 T2=30"


@pytest.fixture
def followed(patient) -> Entered:
    return enter_course(patient, SCANS, first="T1 T2")


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


def images(entered: Entered) -> str:
    return reverse("assessments:key-images", args=[entered.patient.number, entered.reads["42"].pk])


def send(client: Client, entered: Entered, content: bytes, **values: str):
    file = SimpleUploadedFile("TARO YAMADA ct.png", content)
    sent = {"lesion": str(entered.lesions["T1"].pk), "file": file, "description": "arterial phase"}
    return client.post(images(entered), sent | values)


ACCEPTED = {
    "PNG": (a_png(), "image/png"),
    "JPEG": (a_jpeg(), "image/jpeg"),
    "DICOM": (a_dicom(), "application/dicom"),
    "DICOM without words in it": (a_dicom(BurnedInAnnotation="NO"), "application/dicom"),
    "DICOM with the patient number": (a_dicom(PatientID="T-0001", PatientName=""), "application/dicom"),
}
REFUSED = {
    "empty": (b"", "empty"),
    "too large": (a_png() + bytes(MOST_BYTES), "larger than 20 MB"),
    "a text": (b"not a picture", "neither PNG nor JPEG nor DICOM"),
    "a GIF": (b"GIF89a" + bytes(20), "neither PNG nor JPEG nor DICOM"),
    "half a PNG": (a_png(400)[:60], "begins like PNG"),
    "half a JPEG": (a_jpeg()[:-200], "begins like JPEG"),
    "a PNG in name only": (b"\x89PNG\r\n\x1a\n<script>", "begins like PNG"),
    "a place": (a_jpeg(with_place=True), "where it was taken"),
    "too many points": (a_png(7_000_000), "50 million points"),
    "a name in DICOM": (a_dicom(PatientName="YAMADA^TARO"), "PatientName"),
    "a birth date in DICOM": (a_dicom(PatientBirthDate="19500101"), "PatientBirthDate"),
    "another number in DICOM": (a_dicom(PatientID="4711"), "PatientID"),
    "a name deep in DICOM": (a_dicom(inside={"PatientName": "YAMADA"}), "PatientName"),
    "private elements in DICOM": (a_dicom(private=(0x0009, 0x0019)), "private elements .groups 0009, 0019."),
    "words in the picture of DICOM": (a_dicom(BurnedInAnnotation="YES"), "burned into its picture"),
    "half DICOM": (bytes(128) + b"DICM" + bytes(3), "begins like DICOM"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_file_is_known_by_its_content(case):
    content, media_type = ACCEPTED[case]
    assert check_image(content, patient_number="T-0001") == media_type


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_kept_is_refused_in_a_sentence(case):
    content, words = REFUSED[case]
    with pytest.raises(ValidationError, match=words):
        check_image(content, patient_number="T-0001")


@pytest.mark.django_db
def test_a_picture_is_attached_shown_and_removed_with_a_reason(study, coordinator, followed):
    content = a_png()
    assert send(coordinator, followed, content).status_code == 302
    with acting(study.coordinator_a):
        image = KeyImage.objects.select_related("patient", "read", "lesion").get()
        entry = AuditEntry.objects.get(table="assessments_keyimage")
        assert entry.image["sha256"] == sha256(content).hexdigest()
        assert entry.image["size"] == len(content)
        assert "content" not in entry.image
        assert verify_trail() == []
        assert image.name == f"{followed.patient.number}_2012-02-12_T1_{image.pk}.png"
    page = coordinator.get(images(followed)).content.decode()
    assert "arterial phase" in page
    assert "YAMADA" not in page
    file = coordinator.get(reverse("assessments:key-image", args=[followed.patient.number, image.pk]))
    assert (file.content, file["Content-Type"]) == (content, "image/png")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Disposition"] == f'inline; filename="{image.name}"'
    small = coordinator.get(
        reverse("assessments:key-image-thumbnail", args=[followed.patient.number, image.pk])
    )
    assert small.content.startswith(b"\x89PNG")
    remove = reverse("assessments:key-image-remove", args=[followed.patient.number, image.pk])
    assert coordinator.get(remove).status_code == 200
    assert coordinator.post(remove, {"version": "1", "reason": " "}).status_code == 200
    assert coordinator.post(remove, {"version": "1", "reason": "wrong slice"}).status_code == 302
    history = reverse("casebook:history", args=[followed.patient.number, "imaging", followed.reads["42"].pk])
    text = coordinator.get(history).content.decode()
    assert "key image of T1" in text
    assert "wrong slice" in text


@pytest.mark.django_db
def test_dicom_is_downloaded_and_has_no_small_picture(study, coordinator, followed):
    send(coordinator, followed, a_dicom(PatientID=followed.patient.number))
    with acting(study.coordinator_a):
        image = KeyImage.objects.get()
    file = coordinator.get(reverse("assessments:key-image", args=[followed.patient.number, image.pk]))
    assert file["Content-Type"] == "application/dicom"
    assert file["Content-Disposition"].startswith("attachment")
    small = reverse("assessments:key-image-thumbnail", args=[followed.patient.number, image.pk])
    assert coordinator.get(small).status_code == 404
    assert "DICOM" in coordinator.get(images(followed)).content.decode()


@pytest.mark.django_db
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(study, patient, coordinator, followed):
    for content, values, field in (
        (b"GIF89a", {}, "file"),
        (b"", {}, "file"),
        (a_png(), {"lesion": ""}, "lesion"),
        (a_png(), {"lesion": "999"}, "lesion"),
        (a_png(), {"description": "x" * 201}, "description"),
    ):
        answer = send(coordinator, followed, content, **values)
        assert list(answer.context["form"].errors) == [field]
    assert coordinator.post(images(followed), {}).status_code == 200
    send(coordinator, followed, a_png())
    again = send(coordinator, followed, a_png())
    assert "already attached" in again.content.decode()
    with acting(study.coordinator_a):
        assert KeyImage.objects.count() == 1
        other = enter_course(make_patient(study), SCANS, first="T1 T2")
    with acting(study.coordinator_a), pytest.raises(ValidationError, match="not read on this scan"):
        attach_key_image(
            read=followed.reads["42"], lesion=other.lesions["T1"], content=a_png(), by=study.coordinator_a
        )


@pytest.mark.django_db
def test_a_read_has_no_more_than_twenty(study, coordinator, followed):
    for number in range(20):
        assert send(coordinator, followed, a_png(colour=number)).status_code == 302
    refused = send(coordinator, followed, a_png(colour=99))
    assert "at most 20" in refused.context["form"].errors["file"][0]
    with CaptureQueriesContext(connection) as queries:
        coordinator.get(images(followed))
    assert len(queries) <= 12


@pytest.mark.django_db
def test_others_look_strangers_do_not_and_nobody_changes_a_picture(study, coordinator, followed):
    send(coordinator, followed, a_png())
    with acting(study.coordinator_a):
        image = KeyImage.objects.get()
    file = reverse("assessments:key-image", args=[followed.patient.number, image.pk])
    assert signed_in(study.monitor_a).get(file).status_code == 200
    assert signed_in(study.coordinator_b).get(file).status_code == 404
    assert signed_in(study.administrator).get(file).status_code == 403
    with acting(study.coordinator_b):
        assert not KeyImage.objects.exists()
    with acting(study.monitor_a), pytest.raises(PermissionDenied):
        remove_key_image(image, by=study.monitor_a, reason="no right")
    with acting(study.monitor_a), pytest.raises(PermissionDenied):
        attach_key_image(
            read=followed.reads["42"], lesion=followed.lesions["T1"], content=a_png(), by=study.monitor_a
        )
    with acting(study.coordinator_a), pytest.raises(ReasonMissing):
        remove_key_image(image, by=study.coordinator_a, reason="")


@pytest.mark.django_db
def test_bytes_that_are_not_those_attached_are_not_given_out(study, coordinator, followed, monkeypatch):
    send(coordinator, followed, a_png())
    with acting(study.coordinator_a):
        image = KeyImage.objects.get()
    image.content = a_png(colour=1)
    monkeypatch.setattr(KeyImageFile, "image", lambda self, pk: image)
    file = reverse("assessments:key-image", args=[followed.patient.number, image.pk])
    assert coordinator.get(file).status_code == 409


@pytest.mark.django_db
def test_a_read_with_pictures_is_not_removed_with_them_unseen(study, coordinator, followed):
    send(coordinator, followed, a_png())
    with acting(study.coordinator_a), pytest.raises(ValidationError, match="refers to this one"):
        remove_imaging_read(followed.reads["42"], version=1, by=study.coordinator_a, reason="wrong patient")
