"""What a statistician chooses before a run, and how the published figures are filtered."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from analysis.clocks import clock_faults
from analysis.settings import BANDS, ORIGINS
from analysis.wording import LABELS, in_words, protocol_settings
from casebook.forms import DateInput
from trial.domain.response import LONGEST_SD_DAYS, MOST_ABSOLUTE_RISE_MM
from trial.models import ProtocolVersion


class RunForm(forms.Form):
    """Everything starts as the newest protocol has it; what is chosen otherwise is said on every output."""

    protocol_version = forms.ModelChoiceField(
        ProtocolVersion.objects.none(), label="protocol", empty_label=None, help_text="Judges every patient."
    )
    cut_off = forms.DateField(
        label="clinical cut-off",
        widget=DateInput,
        help_text="Events after this day do not count.",
    )
    as_of = forms.DateTimeField(
        label="data as of",
        required=False,
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"],
        widget=forms.DateTimeInput(
            format="%Y-%m-%d %H:%M",
            attrs={"placeholder": "YYYY-MM-DD HH:MM", "autocomplete": "off", "class": "input-instant"},
        ),
        help_text=f"What the database knew then ({settings.TIME_ZONE} time). Empty: what it knows now.",
    )
    conf_type = forms.ChoiceField(
        label=LABELS["conf_type"],
        choices=[(band, band) for band in BANDS],
        widget=forms.RadioSelect,
    )
    os_origin = forms.ChoiceField(
        label=LABELS["os_origin"],
        choices=[(origin, in_words(origin)) for origin in ORIGINS],
        widget=forms.RadioSelect,
    )
    sd_min_days = forms.IntegerField(
        label=LABELS["sd_min_days"],
        min_value=0,
        max_value=LONGEST_SD_DAYS,
        help_text=f"From the first dose, or the new baseline. 0 to {LONGEST_SD_DAYS}.",
    )
    pd_min_abs_mm = forms.DecimalField(
        label=LABELS["pd_min_abs_mm"],
        min_value=0,
        max_value=MOST_ABSOLUTE_RISE_MM,
        max_digits=4,
        decimal_places=1,
        help_text="Beside the 20 % over the nadir. 0: no such limit.",
    )

    def __init__(self, *args: Any, versions: list[ProtocolVersion], **kwargs: Any) -> None:
        newest = versions[-1]
        kwargs["initial"] = initial_of(newest) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["protocol_version"].queryset = ProtocolVersion.objects.filter(  # type: ignore[attr-defined]
            pk__in=[version.pk for version in versions]
        )
        self.fields["protocol_version"].choices = [  # type: ignore[attr-defined]
            (version.pk, str(version)) for version in versions
        ]
        for name in LABELS:
            said = f"Protocol: {in_words(self.initial[name])}."
            field = self.fields[name]
            field.help_text = f"{field.help_text} {said}".strip()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name, fault in clock_faults(given.get("cut_off"), given.get("as_of"), now=timezone.now()).items():
            self.add_error(name, fault)
        return given

    def chosen_settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in LABELS}


def initial_of(version: ProtocolVersion) -> dict[str, Any]:
    """What the protocol says of a run; while its cut-off is still to come, today."""
    protocol = version.protocol
    cut_off = min(protocol.cut_off, timezone.localdate())
    return {"protocol_version": version.pk, "cut_off": cut_off} | protocol_settings(protocol)


class ComparisonFilter(forms.Form):
    """Which of the published figures are listed."""

    verdict = forms.ChoiceField(required=False)
    source = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, verdicts: list[str], sources: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in (("verdict", verdicts), ("source", sources)):
            self.fields[name].choices = [("", "all"), *((v, v) for v in values)]  # type: ignore[attr-defined]
