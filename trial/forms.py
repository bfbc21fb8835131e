"""People and their roles, as the administrator enters them; what to look for in the trail."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from trial.models import Person, Preference, Role, Site


class PersonForm(forms.ModelForm):
    password = forms.CharField(
        label="first password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty: the person chooses one through “Forgot your password?” on the sign-in page.",
    )

    class Meta:
        model = Person
        fields = ["full_name", "email"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_password(self) -> str | None:
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password or None


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=[(r.value, r.value.capitalize()) for r in Role])
    site = forms.ModelChoiceField(queryset=Site.objects.none(), required=False, empty_label="All sites")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["site"]).queryset = Site.objects.all()

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class WhyForm(forms.Form):
    """Asks why before a right is taken or given back."""

    reason = forms.CharField(label="reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class PreferenceForm(forms.ModelForm):
    class Meta:
        model = Preference
        fields = ["shortcuts"]
        help_texts = {
            "shortcuts": _("Ctrl+S saves, Ctrl+/ shows the others. Switch them off if they are in the way.")
        }


DAYS = [
    MinValueValidator(date(1990, 1, 1), "No trail goes back that far."),
    MaxValueValidator(date(2199, 12, 31), "That day is too far ahead."),
]


class TrailFilter(forms.Form):
    """Narrows the audit trail."""

    person = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="by")
    table = forms.ChoiceField(required=False, label="what")
    patient = forms.CharField(required=False, max_length=20, label="patient number")
    since = forms.DateField(
        required=False, label="from", validators=DAYS, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        required=False, label="to", validators=DAYS, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(
        self, *args: Any, people: Mapping[int, str], tables: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        person, table = (cast(forms.ChoiceField, self.fields[name]) for name in ("person", "table"))
        person.choices = [("", "everybody"), *people.items()]
        table.choices = [("", "everything"), *sorted(tables.items(), key=lambda item: item[1].lower())]
