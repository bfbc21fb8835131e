"""The lines of a form that somebody else saved meanwhile: yours beside theirs, and what is left to save."""

from typing import Any

from django.http import QueryDict

from casebook.templatetags.controls import shown

Difference = tuple[str, str, str]


def rebased(lines: Any, posted: QueryDict, saved: set[int]) -> QueryDict:
    """What was typed, onto the lines `saved` now: a line taken out meanwhile is offered as a new one."""
    known, new = [], []
    for line in lines.forms:
        names = [name for name in posted if name.startswith(f"{line.prefix}-")]
        typed = {name.removeprefix(f"{line.prefix}-"): str(posted[name]) for name in names}
        key = typed.get("id", "")
        if key.isdecimal() and int(key) in saved:
            known.append(typed)
        elif not typed.get("DELETE"):
            new.append(typed | {"id": ""})
    result = posted.copy()
    for name in [name for name in result if name.startswith(f"{lines.prefix}-")]:
        del result[name]
    for index, typed in enumerate([*known, *new]):
        for name, value in typed.items():
            result[f"{lines.prefix}-{index}-{name}"] = value
    result[f"{lines.prefix}-INITIAL_FORMS"] = str(len(known))
    result[f"{lines.prefix}-TOTAL_FORMS"] = str(len(known) + len(new))
    return result


def differing_lines(title: str, mine: Any, theirs: Any) -> list[Difference]:
    """Label, what was typed and what was saved, for every line that is not the same in both."""
    theirs_by_key = {line.instance.pk: line for line in theirs.initial_forms}
    rows: list[Difference] = []
    for line in mine.forms:
        other = theirs_by_key.pop(line.instance.pk, None)
        typed, saved = _text(line), _text(other)
        if other is not None and line["DELETE"].value():
            rows.append((title, "–", saved))
        elif typed != saved:
            rows.append((title, typed, saved))
    return rows + [(title, "–", _text(line)) for line in theirs_by_key.values()]


def _text(line: Any) -> str:
    """The line in words; a dash for one that is not there or in which nothing is entered."""
    if line is None:
        return "–"
    values = [shown(field) for field in line.visible_fields() if field.name != "DELETE"]
    return ", ".join(values) if set(values) != {"–"} else "–"
