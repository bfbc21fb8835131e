"""People and their roles, as the administrator enters them."""

from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password

from trial.models import Person, Role, Site


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
