"""The choice of lesions at the new baseline, one line for each lesion the scan shows."""

from collections.abc import Iterable
from typing import Any

from django import forms

from assessments.forms_imaging import ROLES, from_model
from assessments.models import LesionReading, ReadingState


class NewBaselineLineForm(forms.Form):
    """One lesion seen at the first progression: followed as target or as non-target from now on."""

    role = forms.ChoiceField(choices=ROLES[1:], widget=forms.RadioSelect, label="followed as")
    diameter = from_model(LesionReading, "diameter")

    def __init__(
        self,
        *args: Any,
        saved: LesionReading,
        role: str = "",
        before: str = "",
        remarks: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.saved = saved
        self.before = before
        self.remarks = list(remarks)
        self.initial["role"] = role
        self.is_measured_now = saved.diameter is None and saved.state in (
            ReadingState.PRESENT,
            ReadingState.PROGRESSION,
        )
        if not self.is_measured_now:
            del self.fields["diameter"]
        if "diameter" in self.fields:
            label = f"{self.label} {self.fields['diameter'].label}"
            self.fields["diameter"].widget.attrs["aria-label"] = label

    @property
    def label(self) -> str:
        return self.saved.lesion.label

    def reading(self) -> LesionReading:
        """The reading as saved, with the diameter that was taken only now."""
        if self.is_measured_now and self.cleaned_data.get("diameter") is not None:
            self.saved.diameter = self.cleaned_data["diameter"]
            if self.saved.state == ReadingState.PRESENT:
                self.saved.state = ReadingState.MEASURED
        return self.saved


class NewBaselineForm(forms.Form):
    """Version and reason of the choice; the lesions are lines of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the trail with the choice.",
    )
