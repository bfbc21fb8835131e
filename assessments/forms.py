"""What was given and seen, as pages. The fields' words and limits are the models'."""

from typing import Any

from django import forms

from assessments.models import (
    SERIOUSNESS_CRITERIA,
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    LabPanel,
    VitalSigns,
)
from casebook.forms import CrfForm, LineForm


class VitalSignsForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = VitalSigns
        fields = ["date", "systolic", "diastolic", "pulse", "temperature", "weight", "ecog"]


class LabPanelForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = LabPanel
        fields = [f.name for f in LabPanel.fields_entered()]


class AdverseEventForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = AdverseEvent
        fields = [f.name for f in AdverseEvent.fields_entered()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SERIOUSNESS_CRITERIA:
            label = AdverseEvent._meta.get_field(name).verbose_name
            self.fields[name] = forms.BooleanField(label=label, required=False)


class AdverseEventGradeForm(LineForm):
    class Meta(LineForm.Meta):
        model = AdverseEventGrade
        fields = ["date", "grade"]


class DoseIntervalForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = DoseInterval
        fields = [f.name for f in DoseInterval.fields_entered()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = AdverseEvent.objects.filter(patient=self.instance.patient).order_by("onset", "id")
        self.fields["adverse_event"].queryset = events
