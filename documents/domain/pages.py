"""A document before it is set in type: plain words and values in tables, nothing of how it looks.

Every text is shown as it is. Nothing in it can be an instruction to whoever sets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    """How a cell is said: a missing value must be seen to be missing."""

    PLAIN = ""
    MISSING = "missing"
    CODE = "code"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is the share of the page's width, relative to the other columns."""

    label: str
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of “{self.title}” has not one cell per column")


@dataclass(frozen=True, slots=True)
class Part:
    """One form, with its tables; `notes` stand before them."""

    title: str
    tables: Sequence[Table] = ()
    notes: Sequence[Cell] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Parts that belong together: the forms of one day, or of one group."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`head` and `foot` stand on every page, `banner` above them (SYNTHETIC); `page_of` has places for page
    and pages. `at` is the instant the document speaks of, its only date.
    """

    language: str
    title: str
    subtitle: str
    banner: str
    head: str
    foot: str
    page_of: str
    contents: str
    at: datetime
    facts: Table
    sections: Sequence[Section]
