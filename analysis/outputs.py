"""The shapes of what a run produces: tables whose cells know their patients, figures, the flow, data sets.

A run stores these as JSON. Every cell and every point of a curve names the patients behind it, and for each
of them the forms it rests on ("slug/id"), so that any number on a page leads to the form fields behind it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

Why = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a cell prints, and the patients behind it; `n` and `total` where it counts some of many.

    `rest` are the other patients of its denominator, each with the forms that show why: so that a count of
    nobody leads to forms too.
    """

    text: str
    n: int | None = None
    total: int | None = None
    patients: list[str] = field(default_factory=list)
    why: Why = field(default_factory=dict)
    rest: Why = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Column:
    id: str
    label: str
    n: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    id: str
    label: str
    cells: dict[str, Cell]
    level: int = 0


@dataclass(frozen=True, kw_only=True)
class Table:
    title: str
    columns: list[Column]
    rows: list[Row]
    population: str = ""
    footnotes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A step of a curve, or another mark of a figure, with the patients behind it."""

    id: str
    label: str
    patients: list[str]
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A Vega-Lite specification; marks that lead somewhere carry the id of a point in the datum's `point`."""

    title: str
    spec: dict[str, Any]
    table: Table
    points: list[Point] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box of the patient flow; `side` boxes are those who left."""

    id: str
    label: str
    patients: list[str]
    why: Why = field(default_factory=dict)
    parent: str = ""
    side: bool = False

    @property
    def n(self) -> int:
        return len(self.patients)


@dataclass(frozen=True, kw_only=True)
class Flow:
    title: str
    boxes: list[Box]
    footnotes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DatasetColumn:
    """`type` is text, integer, float or date; `length` bounds a text; `origin`: where it comes from."""

    name: str
    label: str
    type: str
    length: int
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    name: str
    label: str
    structure: str
    columns: list[DatasetColumn]
    rows: list[list[Any]]
    footnotes: list[str] = field(default_factory=list)


Output = Table | Figure | Flow | Dataset


def content_of(output: Output) -> dict[str, Any]:
    """The output as it is stored."""
    content = asdict(output)
    for stored, box in zip(content.get("boxes", ()), getattr(output, "boxes", ()), strict=True):
        stored["n"] = box.n
    return content


def title_of(output: Output) -> str:
    return output.label if isinstance(output, Dataset) else output.title


def canonical(content: Any) -> str:
    """One text for one content: what hashes are taken over."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
