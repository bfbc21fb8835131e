"""Two people at one form: what was typed beside what was saved meanwhile, to choose from field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.forms import BoundField, CheckboxInput
from django.http import QueryDict
from django.utils.text import capfirst

from casebook.entry import Entry
from casebook.forms import CrfForm
from casebook.templatetags.controls import shown

MINE, THEIRS = "mine", "theirs"
CHOOSE = "choose-"
BLANK = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, or a line, that is not the same in both; `chosen` is empty where somebody has to choose."""

    name: str
    label: str
    mine: str
    theirs: str
    chosen: str = ""


def differences(
    mine: Entry, theirs: Entry, opened: CrfForm | None, posted: Mapping[str, Any]
) -> list[Difference]:
    """Every difference, with what was chosen.

    Where only one of the two changed the field since the form was `opened`, the change is chosen beforehand.
    """
    found = []
    for field in mine.form:
        other = theirs.form[field.name]
        if field.name != "version" and _text(field) != _text(other):
            label, chosen = str(capfirst(field.label)), _changed(field, other, opened)
            found.append(Difference(field.name, label, shown(field), shown(other), chosen))
    if mine.lines is not None:
        found += _line_differences(mine, theirs)
    return [
        Difference(d.name, d.label, d.mine, d.theirs, _chosen(posted.get(f"{CHOOSE}{d.name}", d.chosen)))
        for d in found
    ]


def _chosen(said: Any) -> str:
    return said if said in (MINE, THEIRS) else ""


def merged(mine: Entry, theirs: Entry, found: list[Difference]) -> QueryDict:
    """What was typed, with everything replaced that was chosen from the others."""
    typed: Any = mine.form.data.copy()  # type: ignore[attr-defined]
    chosen = {difference.name: difference.chosen for difference in found}
    for field in theirs.form:
        if chosen.get(field.name) == THEIRS:
            _put(typed, field)
    if mine.lines is not None:
        typed = _merged_lines(typed, mine.lines, theirs.lines, chosen)
    return cast(QueryDict, typed)


def rebased(lines: Any, posted: QueryDict, saved: set[int]) -> QueryDict:
    """What was typed, onto the lines `saved` now: a line taken out meanwhile is offered as a new one."""
    known, new = [], []
    for line in lines.forms:
        typed = _typed(posted, line.prefix)
        key = typed.get("id", "")
        if key.isdecimal() and int(key) in saved:
            known.append(typed)
        elif not typed.get("DELETE"):
            new.append(typed | ({"id": "", "was": key} if key else {}))
    return _with_lines(posted, lines.prefix, known, new)


def _merged_lines(typed: Any, mine: Any, theirs: Any, chosen: Mapping[str, str]) -> QueryDict:
    """Lines in place: a line of theirs that is not wanted is added as one to take out."""
    other = {line.instance.pk: line for line in theirs.initial_forms}
    known, new = [], []
    for line in mine.forms:
        values, saved = _typed(typed, line.prefix), other.pop(line.instance.pk, None)
        choice = chosen.get(_name(line, saved))
        if saved is None and choice != THEIRS:
            new.append(values)
        elif saved is not None:
            known.append(_typed_like(saved, values["id"]) if choice == THEIRS else values)
    for key, line in other.items():
        if chosen.get(f"line-{key}") == MINE:
            known.append(_typed_like(line, str(key)) | {"DELETE": "on"})
    return _with_lines(typed, mine.prefix, known, new)


def _line_differences(mine: Entry, theirs: Entry) -> list[Difference]:
    title = mine.spec.rows.title if mine.spec.rows else ""
    other = {line.instance.pk: line for line in theirs.lines.initial_forms}
    found = []
    for line in mine.lines.forms:
        saved = other.pop(line.instance.pk, None)
        typed = BLANK if line["DELETE"].value() else _in_words(line)
        if typed != _in_words(saved):
            was_there = saved is not None or mine.form.data.get(f"{line.prefix}-was")
            chosen = "" if was_there else MINE
            found.append(Difference(_name(line, saved), title, typed, _in_words(saved), chosen))
    added = [Difference(f"line-{key}", title, BLANK, _in_words(line), THEIRS) for key, line in other.items()]
    return found + added


def _name(line: Any, saved: Any) -> str:
    return f"line-{line.instance.pk}" if saved is not None else f"line-new-{line.prefix.rpartition('-')[2]}"


def _in_words(line: Any) -> str:
    """The line in words; a dash for one that is not there or in which nothing is entered."""
    if line is None:
        return BLANK
    values = [shown(field) for field in line.visible_fields() if field.name != "DELETE"]
    return ", ".join(values) if set(values) != {BLANK} else BLANK


def _changed(mine: BoundField, theirs: BoundField, opened: CrfForm | None) -> str:
    if opened is None:
        return ""
    before = _text(opened[mine.name])
    return THEIRS if _text(mine) == before else MINE if _text(theirs) == before else ""


def _text(field: BoundField) -> str:
    value = field.value()
    return "" if value in (None, False) and isinstance(field.field.widget, CheckboxInput) else _plain(value)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _put(typed: Any, field: BoundField) -> None:
    """The value as the browser would send it."""
    value = field.value()
    if isinstance(field.field.widget, CheckboxInput):
        typed.setlist(field.html_name, ["on"] if value else [])
    elif isinstance(value, list | tuple):
        typed.setlist(field.html_name, [str(one) for one in value])
    else:
        typed[field.html_name] = _plain(value)


def _typed(posted: Any, prefix: str) -> dict[str, str]:
    names = [name for name in posted if name.startswith(f"{prefix}-")]
    return {name.removeprefix(f"{prefix}-"): str(posted[name]) for name in names}


def _typed_like(line: Any, key: str) -> dict[str, str]:
    """A saved line as the browser would send it."""
    values = {field.name: _plain(field.value()) for field in line.visible_fields() if field.name != "DELETE"}
    return values | {"id": key}


def _with_lines(
    posted: QueryDict, prefix: str, known: list[dict[str, str]], new: list[dict[str, str]]
) -> QueryDict:
    result = posted.copy()
    for name in [name for name in result if name.startswith(f"{prefix}-")]:
        del result[name]
    for index, typed in enumerate([*known, *new]):
        for name, value in typed.items():
            result[f"{prefix}-{index}-{name}"] = value
    result[f"{prefix}-INITIAL_FORMS"] = str(len(known))
    result[f"{prefix}-TOTAL_FORMS"] = str(len(known) + len(new))
    return result
