"""What is chosen before a print."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from documents.models import CasebookKind


class PrintForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is printed"),
        choices=CasebookKind.choices,
        initial=CasebookKind.FILLED,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        help_text=_("Of the headings and labels; what was typed stays as it was typed."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("language", get_language())
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
