"""The form every CRF form inherits from, and the reason for taking a saved one away."""

from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from trial.models import Site


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class YesNo(forms.RadioSelect):
    """Two buttons; neither is chosen until the coordinator chooses."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, choices=[("True", "Yes"), ("False", "No")])


class YesNoField(forms.TypedChoiceField):
    """True, False, or None as long as nothing was chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("True", "Yes"), ("False", "No")],
            coerce=lambda value: value == "True",
            empty_value=None,
            widget=YesNo,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, bool) else value


def _formfield(db_field: Any, **kwargs: Any) -> Any:
    internal = db_field.get_internal_type()
    if internal == "DateField":
        return db_field.formfield(widget=DateInput, **kwargs)
    if internal == "BooleanField":
        return YesNoField(
            label=db_field.verbose_name, required=not db_field.null, help_text=db_field.help_text
        )
    if db_field.choices and len(db_field.choices) <= 5:
        formfield = db_field.formfield(widget=forms.RadioSelect, **kwargs)
        formfield.choices = [c for c in formfield.choices if c[0] != ""]
        return formfield
    return db_field.formfield(**kwargs)


class LineForm(forms.ModelForm):
    """A line of a form (one grade of an adverse event)."""

    class Meta:
        formfield_callback = _formfield


class Lines(forms.BaseInlineFormSet):
    """The lines of a form. Which of them are alike is said by the service, at the field of the line."""

    def validate_unique(self) -> None:
        return


class CrfForm(forms.ModelForm):
    """A case report form on the page. Subclasses set `class Meta(CrfForm.Meta)` with model and fields, no
    more as a rule.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        formfield_callback = _formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()  # a form that sets helper.layout is drawn by it
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.include_media = False
        self.helper.render_hidden_fields = True
        self.helper.form_show_errors = False  # the page lists them above, and each field shows its own
        if self.instance.pk is None:
            del self.fields["version"]
        else:
            self.initial["version"] = self.instance.version

    def add_findings(self, errors: dict[str, list[str]]) -> None:
        """Show what the service refused at its fields; at the top what belongs to no field here."""
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class ReasonForm(forms.Form):
    """Asks why before something saved is taken away."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class RemovalForm(ReasonForm):
    """Asks why, too, for what else the removal changes, once the page has said it."""

    move_reason = forms.CharField(
        label=_("Why this may change"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the trail with the removal."),
    )


class PatientForm(forms.Form):
    site = forms.ModelChoiceField(queryset=Site.objects.none(), empty_label=None)
    number = forms.CharField(
        label="Patient number",
        max_length=20,
        help_text="As the trial assigns it, for example SYN-031. Never a name or initials.",
    )

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["site"]).queryset = sites
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
