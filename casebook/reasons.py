"""Why saved data change: one reason for the whole of a save, or one for each field and line of it.

Every service that changes forms takes either. A field is named as its errors are: "systolic", "lines-0-grade"
for a field of the first line given, "lines-0" for a line that is new, "removed-0" for one that is taken out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casebook.changes import changed_fields, columns_of_change
from trial.audit import EVERY_FIELD, FieldReason, set_reason


class ChangeReason(models.TextChoices):
    TRANSCRIPTION_ERROR = "TRANSCRIPTION ERROR", lazy("transcription error")
    NEW_INFORMATION = "NEW SOURCE INFORMATION", lazy("new source information")
    SOURCE_CORRECTED = "SOURCE CORRECTED", lazy("source corrected")
    QUERY_ANSWERED = "QUERY ANSWERED", lazy("query answered")
    WRONG_RECORD = "WRONG VISIT OR PATIENT", lazy("entered for the wrong visit or patient")
    OTHER = "OTHER", lazy("other")


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of the pick-list, with words of one's own; OTHER is nothing without them."""

    code: ChangeReason
    text: str = ""

    @property
    def is_given(self) -> bool:
        return self.code != ChangeReason.OTHER or bool(self.text.strip())

    @property
    def kept(self) -> FieldReason:
        return {"code": self.code.value, "text": self.text.strip()}

    def __str__(self) -> str:
        """In the words of the trail, which are the same whatever language a person reads."""
        listed = "" if self.code == ChangeReason.OTHER else self.code.value.capitalize()
        return ": ".join(part for part in (listed, self.text.strip()) if part)


def reason_in_words(kept: Mapping[str, str] | None) -> str:
    """A reason of the trail, for who reads it now."""
    if kept is None:
        return ""
    listed = "" if kept["code"] == ChangeReason.OTHER else str(ChangeReason(kept["code"]).label)
    return ": ".join(part for part in (listed, kept["text"]) if part)


GivenReasons = Reason | str | Mapping[str, Reason]
"""One reason for all (a text is one of the kind OTHER), or one for each field and line."""


def also(given: GivenReasons, words: str) -> GivenReasons:
    """The reasons with these words added to each."""
    if isinstance(given, str):
        return f"{given} {words}".strip()
    if isinstance(given, Reason):
        return replace(given, text=f"{given.text} {words}".strip())
    return {name: replace(reason, text=f"{reason.text} {words}".strip()) for name, reason in given.items()}


class ReasonMissing(ValidationError):
    """Nobody said why: at "reason" for the whole of a save, else at the field that changed."""

    def __init__(self, names: Iterable[str] = ("reason",)) -> None:
        super().__init__({name: _("Say why you change what was saved.") for name in names})


class Reasons:
    """The reasons of one save, told to the trail row by row."""

    def __init__(self, given: GivenReasons) -> None:
        self._all = Reason(ChangeReason.OTHER, given) if isinstance(given, str) else given
        each = self._all.values() if isinstance(self._all, Mapping) else [self._all]
        self._words = "; ".join(dict.fromkeys(str(reason) for reason in each if reason.is_given))

    def state(self) -> None:
        """For whatever follows; a row with reasons of its own states them before it is written."""
        if not self._words:
            raise ReasonMissing
        set_reason(self._words, None if isinstance(self._all, Mapping) else {EVERY_FIELD: self._all.kept})

    def state_for(self, before: models.Model, row: models.Model, prefix: str = "") -> None:
        """The reasons of the fields in which a saved row now differs; ReasonMissing where one has none."""
        if not isinstance(self._all, Mapping):
            return
        changed = {f"{prefix}{field.name}": field for field in changed_fields(before, row)}
        found = {name: self._all[name] for name in changed if name in self._all and self._all[name].is_given}
        if missing := [name for name in changed if name not in found]:
            raise ReasonMissing(missing)
        words = "; ".join(dict.fromkeys(map(str, found.values())))
        columns = {c: r.kept for name, r in found.items() for c in columns_of_change(changed[name])}
        set_reason(words or self._words, columns)

    def state_for_line(self, name: str) -> None:
        """The reason of a line that is added or taken out."""
        if not isinstance(self._all, Mapping):
            return
        reason = self._all.get(name)
        if reason is None or not reason.is_given:
            raise ReasonMissing([name])
        set_reason(str(reason))
