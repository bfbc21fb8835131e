"""A file of laboratory results as rows of cells, whatever program wrote it."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.domain.laboratory_import import MOST_COLUMNS, MOST_ROWS, Cell

LARGEST_FILE = 1_000_000
LARGEST_UNPACKED = 30_000_000
DELIMITERS = ",;\t"
ENCODINGS = ("utf-8-sig", "cp932")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class FileRefused(ValueError):
    """The file cannot be read at all; the message says why."""


@dataclass(frozen=True, slots=True)
class LabFile:
    """A file as it was handed in: its name, its bytes' SHA-256, its rows."""

    name: str
    sha256: str
    rows: tuple[tuple[Cell, ...], ...]


def read_lab_file(name: str, data: bytes) -> LabFile:
    """Read CSV (UTF-8, UTF-16 or Shift-JIS; comma, semicolon or tab) or an XLSX workbook's first sheet."""
    if len(data) > LARGEST_FILE:
        raise FileRefused(_("The file is larger than 1 MB. Divide it."))
    if not data.strip():
        raise FileRefused(_("The file is empty."))
    rows = _workbook(data) if data.startswith(b"PK") else _text_rows(_decoded(data))
    return LabFile(name=name[-150:], sha256=hashlib.sha256(data).hexdigest(), rows=_trimmed(rows))


def _trimmed(rows: Iterator[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """No more than can be taken, and one more to tell; without the blank rows at the end."""
    found: list[tuple[Cell, ...]] = []
    for row in rows:
        width = max((index for index, cell in enumerate(row, 1) if cell not in (None, "")), default=0)
        found.append(row[: max(width, 0)])
        if len(found) > MOST_ROWS + 1:
            break
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data.startswith(UTF_16_MARKS) else ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused(
        _(
            "The file is neither text in UTF-8 or Shift-JIS nor an Excel workbook (.xlsx). "
            "Save it as one of these."
        )
    )


def _text_rows(text: str) -> Iterator[tuple[Cell, ...]]:
    heading = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield tuple(row)
    except csv.Error:
        raise FileRefused(_("Line %(line)s cannot be read as CSV.") % {"line": reader.line_num}) from None


def _workbook(data: bytes) -> Iterator[tuple[Cell, ...]]:
    from openpyxl import load_workbook

    refused = FileRefused(_("This is not an Excel workbook that can be read."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise refused from None
    if unpacked > LARGEST_UNPACKED:
        raise FileRefused(_("The workbook is too large once unpacked."))
    try:
        book = load_workbook(io.BytesIO(data), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        read = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True)
        rows = [tuple(_cell(value) for value in row) for row in read]
    except Exception:  # a broken workbook fails in as many ways as zip and XML can
        raise refused from None
    yield from rows


def _cell(value: Any) -> Cell:
    """What a cell of a workbook holds; numbers in the fifteen digits that Excel itself keeps."""
    if value is None or isinstance(value, str | date):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(f"{Decimal(f'{value:.15g}'):f}")
    return str(value)
