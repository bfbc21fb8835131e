"""How a trial definition says what is wrong with it."""

from collections.abc import Sequence
from decimal import Decimal

KeyPath = tuple[str | int, ...]


class InvalidValue(ValueError):
    """A part of the definition contradicts itself; ``path`` leads to the key, seen from that part."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.path: KeyPath = path


class ProtocolError(ValueError):
    """A protocol file cannot be used: what is wrong, at which key and on which line (1 = first)."""

    def __init__(self, message: str, *, path: KeyPath = (), line: int) -> None:
        self.message = message
        self.path = path
        self.line = line
        where = f", {key_text(path)}" if path else ""
        super().__init__(f"line {line}{where}: {message}")


def key_text(path: KeyPath) -> str:
    """Write a key path as ``eligibility[3].rule.limit``; entries of a list are counted from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def require(condition: bool, message: str, *path: str | int) -> None:
    """Raise ``InvalidValue`` at ``path`` unless the condition holds."""
    if not condition:
        raise InvalidValue(message, *path)


def require_at_most(value: int | Decimal, most: int, *path: str | int) -> None:
    """Raise ``InvalidValue`` at ``path`` where a number is larger than anything a trial can mean."""
    require(value <= most, f"must not be above {most}", *path)


def require_text(text: str, longest: int, *path: str | int) -> None:
    """Raise ``InvalidValue`` unless the text has something to read, fits and has no control characters."""
    require(bool(text.strip()), "must not be empty", *path)
    require(len(text) <= longest, f"must not be longer than {longest} characters", *path)
    require(text.isprintable(), "must not contain control characters", *path)


def require_code(code: str, longest: int, key: str) -> None:
    """Raise ``InvalidValue`` unless the text is a short code that fits into names of files and addresses."""
    require_text(code, longest, key)
    require(code.isalnum() and code.isascii(), "must be of letters and digits", key)


def require_distinct(values: Sequence[object], key: str) -> None:
    """Raise ``InvalidValue`` at the second of two equal entries of a list."""
    for index, value in enumerate(values):
        require(value not in values[:index], f"“{value}” is listed twice", key, index)


def require_unique(values: tuple[object, ...], list_key: str, key: str) -> None:
    """Raise ``InvalidValue`` at the second of two entries of a list that share the value of ``key``."""
    for index, value in enumerate(values):
        require(value not in values[:index], f"“{value}” is used twice", list_key, index, key)
