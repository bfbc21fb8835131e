"""How a trial definition says what is wrong with it."""

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


def require_text(text: str, longest: int, key: str) -> None:
    """Raise ``InvalidValue`` unless the text has something to read, fits and has no control characters."""
    require(bool(text.strip()), "must not be empty", key)
    require(len(text) <= longest, f"must not be longer than {longest} characters", key)
    require(text.isprintable(), "must not contain control characters", key)


def require_unique(values: tuple[object, ...], list_key: str, key: str) -> None:
    """Raise ``InvalidValue`` at the second of two entries of a list that share the value of ``key``."""
    for index, value in enumerate(values):
        require(value not in values[:index], f"“{value}” is used twice", list_key, index, key)
