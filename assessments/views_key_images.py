"""The key images of a read: looked at by whoever sees the patient, attached and removed by who enters."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from assessments.forms_key_images import KeyImageForm
from assessments.key_image_files import make_thumbnail
from assessments.models import ImagingRead, KeyImage, Lesion
from assessments.services_key_images import attach_key_image, remove_key_image
from assessments.views_imaging import ImagingView
from casebook.forms import ReasonForm
from trial.http import PersonRequest


class KeyImages(ImagingView):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        read = self.find(pk)
        return self.show(read, KeyImageForm(lesions=self.lesions_of(read)))

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        read = self.find(pk)
        form = KeyImageForm(request.POST, request.FILES, lesions=self.lesions_of(read))
        if not form.is_valid():
            return self.show(read, form)
        values = form.cleaned_data
        try:
            attach_key_image(
                read=read,
                lesion=values["lesion"],
                content=values["file"].read(),
                description=values["description"],
                by=request.user,
            )
        except ValidationError as error:
            found = error.message_dict if hasattr(error, "error_dict") else {"file": error.messages}
            for name, said in found.items():
                form.add_error(name if name in form.fields else None, said)
            return self.show(read, form)
        messages.success(request, _("Key image attached."))
        return redirect(request.path)

    def lesions_of(self, read: ImagingRead) -> list[Lesion]:
        seen = [self.book.lesions[pk] for pk in self.book.readings_of(read)]
        return sorted(seen, key=lambda lesion: lesion.label)

    def show(self, read: ImagingRead, form: KeyImageForm) -> HttpResponse:
        images = KeyImage.objects.filter(read=read).select_related("lesion").defer("content")
        context = {"form": form, "read": read, "crf": read, "images": list(images)}
        return self.render("assessments/key_images.html", 200, **context)


class KeyImageView(ImagingView):
    """Finds one image of the patient."""

    def image(self, pk: int) -> KeyImage:
        images = KeyImage.objects.select_related("lesion", "read", "patient__site")
        found = images.filter(pk=pk, patient=self.patient).first()
        if found is None:
            raise Http404("No such key image of this patient.")
        return found


class KeyImageFile(KeyImageView):
    """The file as it came: pictures to look at, DICOM to download."""

    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        image = self.image(pk)
        content = bytes(image.content)
        if sha256(content).hexdigest() != image.sha256:
            return HttpResponse(_("The file is not the one that was attached."), status=409)
        kind = "inline" if image.is_picture else "attachment"
        return _file(content, image.media_type, f'{kind}; filename="{image.name}"')


class KeyImageThumbnail(KeyImageView):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        image = self.image(pk)
        if not image.is_picture:
            raise Http404("A DICOM file has no small picture.")
        return _file(make_thumbnail(bytes(image.content)), "image/png", "inline")


class KeyImageRemove(KeyImageView):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.handle(self.image(pk), ReasonForm(initial={"version": 1}))

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        return self.handle(self.image(pk), ReasonForm(request.POST))

    def handle(self, image: KeyImage, form: ReasonForm) -> HttpResponse:
        self.require_entry()
        if form.is_bound and form.is_valid():
            try:
                remove_key_image(image, by=self.request.user, reason=form.cleaned_data["reason"])
            except ValidationError as error:
                form.add_error("reason", error.messages)
            else:
                messages.success(self.request, _("Key image removed; its history stays."))
                return redirect("assessments:key-images", self.patient.number, image.read_id)
        return self.render("assessments/key_image_remove.html", image=image, crf=image.read, form=form)


def _file(content: bytes, media_type: str, disposition: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
