"""A form and its lines as a page holds them: valid or not, what they change, what was refused where."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict
from django.utils.translation import gettext as _

from casebook.changes import NOTHING, FieldChange, changes_between, line_in_words
from casebook.forms import CrfForm
from casebook.models import ClinicalRow, Crf
from casebook.registry import CrfSpec, saved_lines

if TYPE_CHECKING:
    from casebook.conflicts import Difference
    from casebook.selectors_entry import Offered


class Entry:
    """What a person typed into a form of the casebook; `lines` is None for a form without lines."""

    def __init__(self, spec: CrfSpec, form: CrfForm, lines: Any) -> None:
        self.spec, self.form, self.lines = spec, form, lines
        bound: Any
        for bound in form:
            bound.guide = spec.guide.fields.get(bound.name, "")

    def is_valid(self) -> bool:
        """Both are validated, so that every message shows at once."""
        return all([self.form.is_valid(), self.lines is None or self.lines.is_valid()])

    @property
    def given(self) -> list[Any]:
        """The forms of the lines as they will be, in the order the services get them; not those left blank.

        One that says what is saved is given too: something else may have made it impossible.
        """
        if self.lines is None:
            return []
        deleted = self.lines.deleted_forms
        known = [line for line in self.lines.forms if line.instance.pk or line.has_changed()]
        return [line for line in known if line not in deleted]

    @property
    def removed(self) -> list[Any]:
        return [line for line in self.lines.deleted_forms if line.instance.pk] if self.lines else []

    @property
    def rows(self) -> list[ClinicalRow]:
        return [line.instance for line in self.given]

    @property
    def removed_rows(self) -> list[ClinicalRow]:
        return [line.instance for line in self.removed]

    def changes(self, saved: Crf) -> list[FieldChange]:
        """What saving would change of the form as saved; a line added or taken out is one change."""
        return [*changes_between(saved, self.form.instance), *self._changes_of_lines(saved)]

    def _changes_of_lines(self, saved: Crf) -> list[FieldChange]:
        rows = self.spec.rows
        if rows is None:
            return []
        before = {line.pk: line for line in saved_lines(saved)}
        found = []
        for index, line in enumerate(self.given):
            where = _("%(title)s, line %(number)s") % {"title": rows.title, "number": _number(line)}
            if line.instance.pk in before:
                old = before[line.instance.pk]
                found += changes_between(old, line.instance, f"lines-{index}-", f"{where}: ")
            else:
                said = line_in_words(line.instance, {rows.parent})
                found.append(FieldChange(f"lines-{index}", where, NOTHING, said))
        for index, line in enumerate(self.removed):
            where = _("%(title)s, line %(number)s") % {"title": rows.title, "number": _number(line)}
            said = line_in_words(before.get(line.instance.pk, line.instance), {rows.parent})
            found.append(FieldChange(f"removed-{index}", where, said, NOTHING))
        return found

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused at the fields of the form, and of the lines that were given to it."""
        errors = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        for index, line in enumerate(self.given):
            for name in [name for name in errors if name.startswith(f"lines-{index}-")]:
                field = name.removeprefix(f"lines-{index}-")
                line.add_error(field if field in line.fields else None, errors.pop(name))
        self.form.add_findings(errors)

    def label_of(self, field: str) -> str:
        """What the page calls a field a check names; the form itself where it names none."""
        return str(self.form.fields[field].label) if field in self.form.fields else self.spec.title

    def note_carried(self, carried: "Offered") -> None:
        """Say at each field that offers what the last form had where that comes from."""
        bound: Any
        for bound in self.form:
            if bound.name in carried.values and bound.value() == carried.values[bound.name]:
                bound.carried_from = carried.day

    def mark(self, found: "Iterable[Difference]") -> None:
        """Say at each field that differs what is saved; the template shows it."""
        saved = {difference.name: difference.theirs for difference in found}
        bound: Any
        for bound in self.form:
            if bound.name in saved:
                bound.saved_value = saved[bound.name]


def unjudged(entry: Entry) -> Entry:
    """What was typed as it stands: nobody said yet that it is done, so nothing in it is wrong."""
    form: Any = entry.form
    form._errors = ErrorDict()
    if entry.lines is not None:
        for line in entry.lines.forms:
            line._errors = ErrorDict()
        entry.lines._errors = [line._errors for line in entry.lines.forms]
        entry.lines._non_form_errors = ErrorList()
    return entry


def as_new(posted: QueryDict, spec: CrfSpec) -> QueryDict:
    """What was typed into a saved form, as if typed into a new one: its lines have no keys yet."""
    typed = posted.copy()
    if spec.rows is not None:
        keys = re.compile(rf"lines-\d+-(id|{re.escape(spec.rows.parent)})")
        for name in filter(keys.fullmatch, posted):
            typed[name] = ""
        typed["lines-INITIAL_FORMS"] = "0"
    return typed


def _number(line: Any) -> int:
    return int(line.prefix.rpartition("-")[2]) + 1
