"""Turn the tables of a TOML file into frozen dataclasses, naming the key of anything that does not fit.

The dataclass is the schema: its field names are the keys, its type hints say what a value must be, and a
field without a default must be present. A field whose type is a union of dataclasses is a table whose
``type`` key names one of them (their class attribute ``TYPE``).
"""

import difflib
import types
import typing
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from trial.domain.errors import InvalidValue, KeyPath

T = TypeVar("T")

_MAX_EXPONENT = 15

_PLAIN_WORDS: dict[type, str] = {
    str: "text in quotes",
    int: "a whole number",
    Decimal: "a number",
    bool: "true or false",
    date: "a date such as 2014-06-01, without quotes",
}


def read_table(cls: type[T], table: object, path: KeyPath = ()) -> T:
    """Return ``table`` as an instance of ``cls``; ``InvalidValue`` carries the whole path of a wrong key."""
    if not isinstance(table, dict):
        raise InvalidValue(f"must be a table, not {_kind(table)}", *path)
    known: dict[str, Field[Any]] = {field.name: field for field in fields(typing.cast(Any, cls))}
    for key in table:
        if key not in known:
            raise InvalidValue(f"this key is not known{_suggestion(key, known)}", *path, key)
    hints = typing.get_type_hints(cls)
    values = {}
    for name, field in known.items():
        if name in table:
            values[name] = _read_value(hints[name], table[name], (*path, name))
        elif field.default is MISSING:
            raise InvalidValue(f"the key “{name}” is missing", *path, name)
    try:
        return cls(**values)
    except InvalidValue as wrong:
        raise InvalidValue(wrong.message, *path, *wrong.path) from None


def _read_value(hint: Any, value: object, path: KeyPath) -> object:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        choices = [choice for choice in typing.get_args(hint) if choice is not types.NoneType]
        if len(choices) > 1:
            return _read_one_of(choices, value, path)
        return _read_value(choices[0], value, path)
    if origin is tuple:
        return _read_list(typing.get_args(hint)[0], value, path)
    if is_dataclass(hint):
        return read_table(typing.cast(type[Any], hint), value, path)
    if issubclass(hint, StrEnum):
        return _read_choice(hint, value, path)
    return _read_plain(hint, value, path)


def _read_list(hint: Any, value: object, path: KeyPath) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise InvalidValue(f"must be a list, not {_kind(value)}", *path)
    return tuple(_read_value(hint, entry, (*path, index)) for index, entry in enumerate(value))


def _read_one_of(choices: list[Any], value: object, path: KeyPath) -> object:
    if not isinstance(value, dict):
        raise InvalidValue(f"must be a table, not {_kind(value)}", *path)
    by_type = {choice.TYPE: choice for choice in choices}
    rest = dict(value)
    name = rest.pop("type", None)
    if name is None:
        raise InvalidValue("the key “type” is missing", *path, "type")
    if name not in by_type:
        raise InvalidValue(_not_among(str(name), by_type), *path, "type")
    return read_table(by_type[name], rest, path)


def _read_choice(hint: type[StrEnum], value: object, path: KeyPath) -> StrEnum:
    if not isinstance(value, str):
        raise InvalidValue(f"must be {_PLAIN_WORDS[str]}, not {_kind(value)}", *path)
    allowed = [member.value for member in hint]
    if value not in allowed:
        raise InvalidValue(_not_among(value, allowed), *path)
    return hint(value)


def _read_plain(hint: type, value: object, path: KeyPath) -> object:
    if hint is Decimal and type(value) is int:
        value = Decimal(value)
    if type(value) is not hint:
        raise InvalidValue(f"must be {_PLAIN_WORDS[hint]}, not {_kind(value)}", *path)
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) <= _MAX_EXPONENT):
        raise InvalidValue("must be a number of ordinary size", *path)
    return value


def _kind(value: object) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, datetime):
        return "a date with a time"
    return f"“{value}” ({_PLAIN_WORDS.get(type(value), 'a time of day')})"


def _not_among(value: str, allowed: Iterable[str]) -> str:
    listed = ", ".join(allowed)
    return f"“{value}” is not one of {listed}{_suggestion(value, allowed)}"


def _suggestion(word: str, allowed: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(allowed), n=1)
    return f"; did you mean “{near[0]}”?" if near else ""
