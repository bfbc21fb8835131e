from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import KeyImage, Lesion


class KeyImageForm(forms.Form):
    """A file and the lesion it shows."""

    lesion = forms.TypedChoiceField(label=_("Lesion"), coerce=int)
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PNG, JPEG or DICOM, at most 20 MB. Nothing in it may say who the patient is: in DICOM, name, ID "
            "and birth date are empty or hold the patient number. Look for names in the picture itself, too. "
            "The file's own name is not kept."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".png,.jpg,.jpeg,.dcm,image/png,image/jpeg"}),
        allow_empty_file=True,
    )
    description = forms.CharField(
        label=_("What it shows"),
        max_length=KeyImage._meta.get_field("description").max_length,
        required=False,
    )

    def __init__(self, *args: Any, lesions: list[Lesion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["lesion"]
        choice.choices = [("", "–"), *((lesion.pk, lesion.label) for lesion in lesions)]
        self.lesions = {lesion.pk: lesion for lesion in lesions}
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_lesion(self) -> Lesion:
        return self.lesions[self.cleaned_data["lesion"]]
