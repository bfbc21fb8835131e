"""The step before saved data change: why, field by field, and what the checks would ask answered at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casebook.changes import FieldChange
from casebook.models import Crf, Query
from casebook.reasons import ChangeReason, Reason
from casebook.rule_queries import place

FOR_ALL = "all"
REASON_LENGTH = 500
ANSWER = "answer-"


class ReasonsForm(forms.Form):
    """A reason of the pick-list and words for each change, and one for all that have none of their own."""

    prefix = "why"

    def __init__(self, changes: Sequence[FieldChange], data: Any = None) -> None:
        super().__init__(data)
        self.changes = changes
        self._ask(FOR_ALL, lazy("all changes"))
        for change in changes:
            self._ask(change.name, change.label)

    def _ask(self, name: str, label: Any) -> None:
        choices = [("", "–"), *ChangeReason.choices]
        listed = forms.ChoiceField(
            label=_("Reason: %(field)s") % {"field": label}, required=False, choices=choices
        )
        words = forms.CharField(
            label=_("In words: %(field)s") % {"field": label}, required=False, max_length=REASON_LENGTH
        )
        for key, field in ((name, listed), (f"{name}-text", words)):
            field.widget.attrs |= {"autocomplete": "off", "aria-label": field.label}
            self.fields[key] = field

    def clean(self) -> dict[str, Any]:
        for change in self.changes:
            if self._reason(change.name) is None:
                self._refuse(change.name)
        if self._reason(FOR_ALL) is None and self.cleaned_data.get(FOR_ALL):
            self._refuse(FOR_ALL)
        return self.cleaned_data

    def _refuse(self, name: str) -> None:
        if self.cleaned_data.get(name):
            self.add_error(f"{name}-text", _("Say in words what the other reason was."))
        elif not self.cleaned_data.get(FOR_ALL):
            self.add_error(name, _("Say why this is changed."))

    def _reason(self, name: str) -> Reason | None:
        """The reason of a change: its own, else the one for all."""
        for source in dict.fromkeys((name, FOR_ALL)):
            code, text = self.cleaned_data.get(source), self.cleaned_data.get(f"{source}-text") or ""
            if code:
                reason = Reason(ChangeReason(code), text)
                return reason if reason.is_given else None
        return None

    @property
    def reasons(self) -> dict[str, Reason]:
        """The reason of every change; complete once the form is valid."""
        found = {change.name: self._reason(change.name) for change in self.changes}
        return {name: reason for name, reason in found.items() if reason is not None}

    @property
    def for_all(self) -> tuple[BoundField, BoundField] | None:
        """Offered where there is more than one change."""
        return (self[FOR_ALL], self[f"{FOR_ALL}-text"]) if len(self.changes) > 1 else None

    @property
    def rows(self) -> list[tuple[FieldChange, BoundField, BoundField]]:
        return [(change, self[change.name], self[f"{change.name}-text"]) for change in self.changes]


class AnswersForm(forms.Form):
    """What the checks would ask: answered now, or left open for later."""

    def __init__(self, asked: Sequence[tuple[Query, str]], saved: Crf, data: Any = None) -> None:
        super().__init__(data)
        self.questions = []
        for query, label in asked:
            name = f"{ANSWER}{place(query, saved)}"
            self.fields[name] = forms.CharField(
                label=lazy("The value is right, because"),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.questions.append((label, query.text, self[name]))


def answers_in(posted: Mapping[str, Any]) -> dict[str, str]:
    """The answers that were given, under the place of the query; NUL has no place in the database."""
    given = {name: str(text).replace("\x00", "") for name, text in posted.items() if name.startswith(ANSWER)}
    return {name.removeprefix(ANSWER): text for name, text in given.items() if text.strip()}
