"""A document set in type: PDF/A-2a (to keep) and PDF/UA-1 (to be read aloud) at once, always the same bytes.

The template holds no words and no values; what a person typed reaches it as data and is shown as text.
"""

import json
from collections.abc import Sequence
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from documents.domain.pages import Cell, Document, Table
from documents.domain.printable import coverage, printable

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
TEMPLATE = HERE / "typst" / "document.typ"


def pdf_of(document: Document) -> bytes:
    import typst  # loads its fonts' library: only where something is printed

    compiled: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        sys_inputs={"document": json.dumps(_as_json(document))},
    )
    return compiled


@cache
def characters_shown() -> frozenset[int]:
    return coverage((FONTS / "coverage.txt").read_text())


def _text(text: str) -> str:
    return printable(text, characters_shown())


def _as_json(document: Document) -> dict[str, Any]:
    at = document.at.astimezone(UTC)
    return {
        "language": document.language,
        **{
            name: _text(getattr(document, name))
            for name in ("title", "subtitle", "banner", "head", "foot", "page_of", "contents")
        },
        "at": {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")},
        "facts": _table(document.facts),
        "sections": [
            {
                "title": _text(section.title),
                "parts": [
                    {
                        "title": _text(part.title),
                        "notes": _cells(part.notes),
                        "tables": [_table(table) for table in part.tables],
                    }
                    for part in section.parts
                ],
            }
            for section in document.sections
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": _text(table.title),
        "columns": [{"label": _text(column.label), "width": column.width} for column in table.columns],
        "rows": [_cells(row) for row in table.rows],
    }


def _cells(cells: Sequence[Cell]) -> list[dict[str, str]]:
    return [{"text": _text(cell.text), "tone": cell.tone.value} for cell in cells]
