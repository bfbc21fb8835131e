"""What was given and seen, as pages. The fields' words and limits are the models'."""

import json
from typing import Any, cast

from django import forms
from django.db.models import Field
from django.urls import reverse

from assessments.hints import term_hint
from assessments.models import (
    SERIOUSNESS_CRITERIA,
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    VitalSigns,
)
from assessments.selectors import CtcaeTerms, ctcae_version_at, protocol_now
from assessments.widgets import TermField
from casebook.forms import CrfForm, LineForm

OTHER_DOSE = "other"


class VitalSignsForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = VitalSigns
        fields = ["date", "systolic", "diastolic", "pulse", "temperature", "weight", "ecog"]


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
