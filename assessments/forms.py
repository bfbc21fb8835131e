"""What was given and seen, as pages. The fields' words and limits are the models'."""

import json
from copy import copy
from functools import cached_property
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Field
from django.urls import reverse
from django.utils.html import format_html

from assessments.domain.laboratory import ANALYTES
from assessments.hints import term_hint, value_hint
from assessments.models import (
    SERIOUSNESS_CRITERIA,
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    LabPanel,
    ReferenceRange,
    VitalSigns,
)
from assessments.selectors import CtcaeTerms, JudgedValue, PatientLaboratory, ctcae_version_at, protocol_now
from assessments.widgets import TermField
from casebook.forms import CrfForm, DateInput, LineForm

OTHER_DOSE = "other"


class VitalSignsForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = VitalSigns
        fields = ["date", "systolic", "diastolic", "pulse", "temperature", "weight", "ecog"]


class LabPanelForm(CrfForm):
    """Says beside each value its range, flag and grade: of what is saved, and again after each change."""

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
        }
        for name in ("date", *ANALYTES):
            self.fields[name].widget.attrs |= judge
        for name in ANALYTES:
            self.fields[name].help_text = cast(str, _LazyHint(self, name))
        self.fields["date"].help_text = format_html(
            '<a href="{}">All values of {}</a>', reverse("assessments:laboratory", args=[number]), number
        )

    @cached_property
    def judged(self) -> dict[str, JudgedValue]:
        """The panel as the form holds it when it is drawn, judged by the ranges of its day."""
        panel = copy(self.instance)
        for name in self.errors.keys() & {"date", *ANALYTES}:
            setattr(panel, name, None)
        if panel.date is None and not self.is_bound:
            panel.date = self._date_offered()
        return PatientLaboratory(panel.patient).judge(panel)

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


class AdverseEventForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = AdverseEvent
        fields = [f.name for f in AdverseEvent.fields_entered()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event = self.instance
        version = event.ctcae_version if event.term_id else ctcae_version_at(event.patient.site_id)
        terms = CtcaeTerms(version)
        self.fields["term"] = TermField(terms, label="CTCAE term", help_text=self._criteria(terms))
        self.fields["term"].widget.attrs |= {
            "hx-post": reverse("assessments:ctcae-criteria"),
            "hx-vals": json.dumps({"version": version}),
            "hx-trigger": "change",
            "hx-target": "#id_term_helptext",
        }
        for name in SERIOUSNESS_CRITERIA:
            label = str(cast(Field, AdverseEvent._meta.get_field(name)).verbose_name)
            self.fields[name] = forms.BooleanField(label=label, required=False)

    def _criteria(self, terms: CtcaeTerms) -> str:
        name = self.data.get("term") or self.instance.term_id or self.initial.get("term") or ""
        found = terms.find(str(name).removeprefix(f"{terms.version} "))
        return term_hint(found) if found else f"CTCAE {terms.version}: type part of a term and choose."


class AdverseEventGradeForm(LineForm):
    class Meta(LineForm.Meta):
        model = AdverseEventGrade
        fields = ["date", "grade"]


class DoseIntervalForm(CrfForm):
    """The protocol's dose levels to choose from; or any dose, in mg and how often."""

    level = forms.ChoiceField(label="dose", required=False, widget=forms.RadioSelect)

    class Meta(CrfForm.Meta):
        model = DoseInterval
        fields = [f.name for f in DoseInterval.fields_entered()]

    field_order = ("start", "end", "level")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dose = self.instance
        events = AdverseEvent.objects.filter(patient=dose.patient).order_by("onset", "id")
        cast(forms.ModelChoiceField, self.fields["adverse_event"]).queryset = events
        self.fields["mg"].required = self.fields["frequency"].required = False
        protocol = protocol_now(dose.patient.site_id)
        self.levels = {str(rung.level): rung for rung in protocol.dosing.levels} if protocol else {}
        cast(forms.ChoiceField, self.fields["level"]).choices = [
            *((key, f"{rung.label} – {rung.mg_per_day:f} mg/day") for key, rung in self.levels.items()),
            (OTHER_DOSE, "another dose"),
        ]
        self.fields["mg"].help_text = self.fields["frequency"].help_text = "Only for another dose."
        self._choose_level(dose)

    def _choose_level(self, dose: DoseInterval) -> None:
        """A saved dose shows as its level; one the protocol does not know shows its mg."""
        if dose.mg is None:
            return
        saved = dose.mg, dose.frequency
        found = [k for k, rung in self.levels.items() if (rung.mg_per_dose, rung.frequency.value) == saved]
        self.initial["level"] = found[0] if found else OTHER_DOSE
        if found:
            self.initial["mg"] = self.initial["frequency"] = None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        rung = self.levels.get(values.get("level") or OTHER_DOSE)
        if rung is None:
            for name in ("mg", "frequency"):
                if values.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, "Choose a dose above, or say how many mg and how often.")
            return values
        for name, said in (("mg", rung.mg_per_dose), ("frequency", rung.frequency.value)):
            if values.get(name) not in (None, "", said):
                message = f"“{rung.label}” is chosen above: leave this empty, or choose another dose."
                self.add_error(name, message)
            values[name] = said
        return values


class ReferenceRangeForm(forms.ModelForm):
    class Meta:
        model = ReferenceRange
        fields = ["site", "analyte", "sex", "unit", "lln", "uln", "valid_from", "valid_to"]
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
