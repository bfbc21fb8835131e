"""Laboratory values and the ranges they are judged by, as pages."""

from base64 import b64decode, b64encode
from copy import copy
from functools import cached_property
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.laboratory import ANALYTES
from assessments.hints import value_hint
from assessments.laboratory import JudgedValue, PatientLaboratory
from assessments.laboratory_file import LARGEST_FILE, FileRefused, read_lab_file
from assessments.models import LabPanel, ReferenceRange
from casebook.forms import CrfForm, DateInput

UNITS = {field: f"{field}_unit" for field in ANALYTES}


class LabPanelForm(CrfForm):
    """Says beside each value its range, flag and grade: of what is saved, and again after each change.

    A value not measured yet is offered in the unit in which the site's laboratory reports.
    """

    class Meta(CrfForm.Meta):
        model = LabPanel
        fields = [f.name for f in LabPanel.fields_entered()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.instance.patient.number
        judge = {
            "hx-post": reverse("assessments:laboratory-judge", args=[number]),
            "hx-trigger": "change",
            "hx-swap": "none",
            "hx-sync": "closest form:queue last",  # of two answers the later one is of what stands there
        }
        for name in ("date", *ANALYTES, *UNITS.values()):
            self.fields[name].widget.attrs |= judge
        for name in ANALYTES:
            self.fields[name].help_text = cast(str, _LazyHint(self, name))
        self.fields["date"].help_text = format_html(
            '<a href="{}">{}</a>',
            reverse("assessments:laboratory", args=[number]),
            _("All values of %(number)s") % {"number": number},
        )
        if not self.is_bound:
            self._offer_units()

    def _offer_units(self) -> None:
        day = self.instance.date or self._date_offered()
        for name, unit in UNITS.items():
            if getattr(self.instance, name) is None:
                self.initial[unit] = self.laboratory.ranges.unit_at(self.laboratory.site_id, name, day)

    def clean(self) -> dict[str, Any]:
        """A unit without a value says nothing: what was saved of it stays."""
        values = super().clean() or self.cleaned_data
        for name, unit in UNITS.items():
            if (values.get(name) is None and name not in self.errors) or not values.get(unit):
                values[unit] = getattr(self.instance, unit)
        return values

    @cached_property
    def laboratory(self) -> PatientLaboratory:
        return PatientLaboratory(self.instance.patient)

    @cached_property
    def judged(self) -> dict[str, JudgedValue]:
        """The panel as the form holds it when it is drawn, judged by the ranges of its day."""
        panel = copy(self.instance)
        for name in self.errors.keys() & {"date", *ANALYTES}:
            setattr(panel, name, None)
        for name, unit in UNITS.items():
            if getattr(panel, name) is None:
                setattr(panel, unit, self._unit_shown(name))
        if panel.date is None and not self.is_bound:
            panel.date = self._date_offered()
        return self.laboratory.judge(panel)

    def _unit_shown(self, analyte: str) -> str:
        """What stands in the pick-list, which need not be saved yet."""
        shown = str(self[UNITS[analyte]].value())
        return shown if shown in ANALYTES[analyte].units else self.instance.unit_of(analyte)

    def _date_offered(self) -> Any:
        try:
            return self.fields["date"].clean(self.initial.get("date"))
        except forms.ValidationError:
            return None


class _LazyHint:
    """The words beside one value, asked for when the page is drawn: only then is the form cleaned."""

    def __init__(self, form: LabPanelForm, name: str) -> None:
        self.form, self.name = form, name

    def __str__(self) -> str:
        return value_hint(self.form.judged[self.name])


class ReferenceRangeForm(forms.ModelForm):
    class Meta:
        model = ReferenceRange
        fields = [
            "site",
            "analyte",
            "sex",
            "age_from",
            "age_to",
            "unit",
            "lln",
            "uln",
            "valid_from",
            "valid_to",
        ]
        widgets = {"valid_from": DateInput, "valid_to": DateInput}

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = cast(forms.ModelChoiceField, self.fields["site"])
        site.queryset, site.empty_label = sites, None
        self.fields["unit"].help_text = "As the laboratory reports it: U/L, mg/dL, g/dL, /mm3, 10^9/L …"
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class CloseRangeForm(forms.Form):
    """Ends a range; without a last day it was entered by mistake and is removed."""

    valid_to = forms.DateField(
        label="Last day", required=False, widget=DateInput, help_text="The last day on which the range holds."
    )
    remove = forms.BooleanField(label="It was entered by mistake: remove it", required=False)
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if bool(values.get("valid_to")) == bool(values.get("remove")) and "valid_to" not in self.errors:
            self.add_error("valid_to", "Give the last day, or tick that the range was entered by mistake.")
        return values


class ImportForm(forms.Form):
    """A file, chosen or carried along from the page that showed what it would do."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_("CSV (UTF-8 or Shift-JIS; comma, semicolon or tab) or XLSX, at most 1 MB."),
    )
    content = forms.CharField(required=False, widget=forms.HiddenInput)
    file_name = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        try:
            values["read"] = read_lab_file(*self._handed_in(values))
        except FileRefused as error:
            self.add_error("file", str(error))
        return values

    @staticmethod
    def _handed_in(values: dict[str, Any]) -> tuple[str, bytes]:
        """Name and bytes; a file chosen anew goes before the one carried along."""
        upload = values.get("file")
        if upload is not None:
            if upload.size > LARGEST_FILE:
                raise FileRefused(gettext("The file is larger than 1 MB. Divide it."))
            return upload.name, upload.read()
        if not values.get("content"):
            raise FileRefused(gettext("Choose a file."))
        try:
            data = b64decode(values["content"], validate=True)
        except ValueError:
            raise FileRefused(gettext("The file did not arrive whole. Choose it again.")) from None
        return values.get("file_name") or "file", data

    @property
    def carried(self) -> dict[str, str]:
        """The file as the next page sends it back."""
        name, data = self._handed_in(self.cleaned_data | {"file": _rewound(self.cleaned_data.get("file"))})
        return {"content": b64encode(data).decode(), "file_name": name}


def _rewound(upload: Any) -> Any:
    if upload is not None:
        upload.seek(0)
    return upload
