"""How outputs are laid out on a page: cells with the address they lead to, the flow as a tree."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from analysis.models import OutputKind, RunOutput
from analysis.selectors import table_of
from casebook.registry import specs

SOURCE = "SRCREF"
HEADINGS = {
    OutputKind.FLOW: "Patients",
    OutputKind.TABLE: "Tables",
    OutputKind.FIGURE: "Figures",
    OutputKind.DATASET: "Data sets",
}


@dataclass(frozen=True, slots=True)
class ShownCell:
    """`href` leads to the patients behind the cell; empty where it counts nobody among nobody."""

    text: str
    column: str
    href: str = ""
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    label: str
    level: int
    cells: list[ShownCell]


def rows_of(output: RunOutput) -> list[ShownRow]:
    """The rows of an output's table, cell by cell in the order of its columns."""
    table, words = table_of(output), words_of(output)
    return [
        ShownRow(row["label"], row["level"], list(_cells(output, table["columns"], row, words)))
        for row in table["rows"]
    ]


def words_of(output: RunOutput) -> set[str]:
    """The columns that hold remarks: read from the left and over several lines, as numbers are not."""
    table = table_of(output)
    texts: dict[str, str] = {column["id"]: "" for column in table["columns"]}
    for row in table["rows"]:
        for id, cell in row["cells"].items():
            texts[id] += cell["text"]
    return {id for id, text in texts.items() if _is_words(text)}


def _is_words(text: str) -> bool:
    return any(map(str.isalpha, text)) and not any(map(str.isdigit, text))


def _cells(
    output: RunOutput, columns: list[dict[str, Any]], row: dict[str, Any], words: set[str]
) -> Iterator[ShownCell]:
    for column in columns:
        cell = row["cells"].get(column["id"])
        text, href = (cell["text"], _href(output, row["id"], column["id"], cell)) if cell else ("", "")
        yield ShownCell(text, column["label"], href, column["id"] in words)


def _href(output: RunOutput, row: str, column: str, cell: dict[str, Any]) -> str:
    leads_somewhere = cell["patients"] or cell.get("rest")
    return reverse("analysis:cell", args=[output.run_id, output.name, row, column]) if leads_somewhere else ""


@dataclass(slots=True)
class ShownBox:
    """A box of the flow with those who left from it beside it and what follows below it."""

    label: str
    n: int
    href: str
    left: list["ShownBox"] = field(default_factory=list)
    next: list["ShownBox"] = field(default_factory=list)


def flow_of(output: RunOutput) -> list[ShownBox]:
    """The boxes nobody precedes, each with its tree."""
    boxes = output.content["boxes"]
    shown = {
        box["id"]: ShownBox(
            box["label"], box["n"], reverse("analysis:point", args=[output.run_id, output.name, box["id"]])
        )
        for box in boxes
    }
    roots = []
    for box in boxes:
        parent = shown.get(box["parent"])
        if parent is None:
            roots.append(shown[box["id"]])
        else:
            (parent.left if box["side"] else parent.next).append(shown[box["id"]])
    return roots


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a data set for reading: `same` are the variables that say one thing in every record."""

    same: list[tuple[str, str]]
    columns: list[dict[str, Any]]
    rows: list[list[tuple[str, str]]]


def records_of(output: RunOutput, rows: list[list[Any]]) -> Records:
    """These records as text and address: the form a record comes from first, what never differs said once."""
    columns, everything = output.content["columns"], output.content["rows"]
    names = [column["name"] for column in columns]
    differing = [i for i in range(len(names)) if len({str(row[i]) for row in everything}) != 1]
    shown = sorted(differing or range(len(names)), key=lambda i: (names[i] != SOURCE, i))
    slugs = {spec.slug for spec in specs()}
    return Records(
        same=[
            (names[i], _said(everything[0][i])) for i in range(len(names)) if everything and i not in shown
        ],
        columns=[columns[i] for i in shown],
        rows=[
            [(_said(row[i]), _source(row[i], slugs) if names[i] == SOURCE else "") for i in shown]
            for row in rows
        ],
    )


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _source(ref: Any, slugs: set[str]) -> str:
    slug, _, pk = _said(ref).partition("/")
    return reverse("analysis:source", args=[slug, pk]) if slug in slugs and pk.isdecimal() else ""


def by_kind(outputs: list[RunOutput]) -> dict[str, list[RunOutput]]:
    """The outputs under the heading of their kind."""
    grouped: dict[str, list[RunOutput]] = defaultdict(list)
    for output in outputs:
        grouped[HEADINGS[OutputKind(output.kind)]].append(output)
    return dict(grouped)
