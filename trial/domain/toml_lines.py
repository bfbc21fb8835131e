"""On which line of a TOML text each key stands; the standard reader does not tell.

The text must already have been accepted by ``tomllib``, so only its structure is followed here, not
checked: table headers, dotted keys, strings of all four kinds, arrays and inline tables.
"""

import re
import tomllib
from bisect import bisect_right

from trial.domain.errors import KeyPath

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)+")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL
)
_PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")


def locate_keys(text: str) -> dict[KeyPath, int]:
    """Return the line (1 = first) of every table, key and array element of a valid TOML text."""
    return _Locator(text).run()


def nearest_line(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Return the line of a key or, where it is missing, of the closest table that should hold it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Locator:
    """One pass over the text; ``at`` is the position of the next character to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.lines: dict[KeyPath, int] = {}
        self.array_lengths: dict[KeyPath, int] = {}

    def run(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._key_and_value(table)
            self._skip(_BLANK)
        return self.lines

    def _header(self) -> KeyPath:
        line = self._line()
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        parts = self._dotted_key()
        self.at += 2 if is_array else 1
        path: KeyPath = ()
        for part in parts[:-1]:
            path = (*path, part)
            self.lines.setdefault(path, line)
            path = self._into_last_entry(path)
        path = (*path, parts[-1])
        if is_array:
            self.lines.setdefault(path, line)
            self.array_lengths[path] = self.array_lengths.get(path, 0) + 1
            path = self._into_last_entry(path)
        self.lines.setdefault(path, line)
        return path

    def _into_last_entry(self, path: KeyPath) -> KeyPath:
        length = self.array_lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _key_and_value(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for part in self._dotted_key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _dotted_key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            quoted = _STRING.match(self.text, self.at)
            parts.append(_text_of(self._take(_STRING)) if quoted else self._take(_BARE_KEY))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._take(_STRING)
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._take(_PLAIN_VALUE)

    def _array(self, path: KeyPath) -> None:
        self._step_over()
        index = 0
        while not self._closes("]"):
            self.lines[(*path, index)] = self._line()
            self._value((*path, index))
            self._step_over(",")
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._step_over()
        while not self._closes("}"):
            self._key_and_value(path)
            self._step_over(",")

    def _closes(self, bracket: str) -> bool:
        if not self.text.startswith(bracket, self.at):
            return False
        self.at += 1
        return True

    def _step_over(self, character: str = "") -> None:
        """Step over an opening bracket, or a comma if there is one, and the blanks around it."""
        self._skip(_BLANK)
        if self.text.startswith(character, self.at):
            self.at += 1
        self._skip(_BLANK)

    def _line(self) -> int:
        return bisect_right(self.line_starts, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found is not None, f"not TOML at line {self._line()}"
        self.at = found.end()
        return found.group()


def _text_of(quoted: str) -> str:
    """Return what a quoted key says, escapes resolved."""
    return str(tomllib.loads(f"key = {quoted}")["key"])
