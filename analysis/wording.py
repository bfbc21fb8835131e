"""Runs and their settings in words: the same on pages, in files and beside the fields of the form."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from analysis.models import AnalysisRun, RunOutput
from analysis.settings import RunSettings
from trial.domain.protocol import Protocol

LABELS = {
    "conf_type": "Band of the Kaplan–Meier curves",
    "os_origin": "Overall survival counts from",
    "sd_min_days": "Stable disease lasts at least (days)",
    "pd_min_abs_mm": "Progression is a growth of at least (mm)",
}
WORDS = {"first_dose": "first dose"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a run; `protocol` is what the protocol says where the run departs from it."""

    label: str
    value: str
    protocol: str = ""

    def __str__(self) -> str:
        return f"{self.value} (protocol: {self.protocol})" if self.protocol else self.value


def in_words(value: Any) -> str:
    return WORDS.get(value, str(value))


def protocol_settings(protocol: Protocol) -> dict[str, Any]:
    return RunSettings.from_protocol(protocol, {}).as_json()


def settings_of(run: AnalysisRun) -> list[Setting]:
    """The settings of a run, each with the protocol's where the two differ."""
    usual = protocol_settings(run.protocol_version.protocol)
    return [
        Setting(
            LABELS.get(name, name), in_words(value), in_words(usual[name]) if usual[name] != value else ""
        )
        for name, value in run.settings.items()
    ]


def provenance(run: AnalysisRun, output: RunOutput | None = None) -> list[tuple[str, str]]:
    """What is said at the head of every file: which data, which rules, which code, and the fingerprint."""
    lines = [("SYNTHETIC DATA", "these patients do not exist")] if run.trial.is_synthetic else []
    lines += [
        ("Trial", run.trial.title),
        ("Analysis run", str(run.pk)),
        ("Clinical cut-off", run.cut_off.isoformat()),
        ("Data as of", timezone.localtime(run.as_of).isoformat(timespec="seconds")),
        ("Protocol version", run.protocol_version.version),
        ("Code version", run.code_version),
        *((setting.label, str(setting)) for setting in settings_of(run)),
        ("SHA-256 of the run", run.sha256),
    ]
    return (
        lines
        if output is None
        else [*lines, ("Output", output.name), ("SHA-256 of the output", output.sha256)]
    )
