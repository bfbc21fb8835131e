"""A laboratory's list of results, read cell by cell: what each row says, or what is wrong with it and where.

Two shapes are read: one result a row (patient, date, analyte, value, unit), or one sample a row (patient,
date, then a column per analyte whose heading names the unit: "ALT (U/L)").
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from assessments.domain.laboratory import ANALYTES, unit_words
from assessments.domain.laboratory_limits import check_plausible

Cell = str | Decimal | date | None
MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 2000, 60, 200
MOST_PLACES, MOST_DIGITS = 4, 12

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "patient": ("patient", "patient number", "subject", "subjid", "usubjid", "被験者", "被験者番号"),
        "date": ("date", "date of the sample", "sample date", "lbdtc", "採血日", "検査日"),
        "analyte": ("analyte", "test", "lbtest", "lbtestcd", "検査項目", "項目"),
        "value": ("value", "result", "lborres", "結果", "検査値"),
        "unit": ("unit", "units", "lborresu", "単位"),
    }
)
SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hemoglobin": ("hb", "hgb", "haemoglobin", "ヘモグロビン"),
        "white_cells": ("wbc", "leukocytes", "白血球数", "白血球"),
        "neutrophils": ("neut", "anc", "好中球数", "好中球"),
        "lymphocytes": ("lym", "lymph", "リンパ球数", "リンパ球"),
        "platelets": ("plt", "plat", "血小板数", "血小板"),
        "total_bilirubin": ("t-bil", "tbil", "bili", "bilirubin", "総ビリルビン"),
        "albumin": ("alb", "アルブミン"),
        "ast": ("got", "ast(got)"),
        "alt": ("gpt", "alt(gpt)"),
        "alp": ("アルカリホスファターゼ",),
        "ggt": ("γ-gtp", "γ-gt", "gamma-gt", "ggtp"),
        "creatinine": ("cre", "crea", "creat", "クレアチニン"),
        "pt_inr": ("inr", "pt-inr", "pt(inr)"),
        "sodium": ("na", "ナトリウム"),
        "potassium": ("k", "カリウム"),
        "phosphate": ("p", "ip", "phos", "phosphorus", "無機リン"),
        "amylase": ("amy", "アミラーゼ"),
        "lipase": ("lip", "リパーゼ"),
        "afp": ("αフェトプロテイン",),
        "dcp": ("pivka-ii", "pivka-2", "pivka"),
    }
)
_HEADING = re.compile(r"(?P<name>[^\[]+?)\s*[\[(](?P<unit>[^\])]*)[\])]\s*")
_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProblem:
    """What is wrong, and where: line of the file (from 1), column (from 1; 0: the whole line)."""

    line: int
    column: int
    message: str

    @property
    def letter(self) -> str:
        """The column as spreadsheets name it; empty for the whole line."""
        return letters(self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedValue:
    """One result as the file states it, in a unit accepted for its analyte; `column` is that of the value."""

    line: int
    column: int
    patient: str
    patient_column: int
    date: date
    date_column: int
    analyte: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSheet:
    values: tuple[ImportedValue, ...]
    problems: tuple[ImportProblem, ...]


class CellError(ValueError):
    """A cell cannot be read; the message says why."""


def letters(column: int) -> str:
    """1 is A, 27 is AA; 0 is no column."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _key(text: str) -> str:
    """What two spellings of a name have in common: width, case, spaces and hyphens do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_\-‐-―−]", "", folded)


_COLUMN_OF = {_key(name): column for column, names in COLUMNS.items() for name in names}
_ANALYTE_OF = {
    _key(name): analyte.field
    for analyte in ANALYTES.values()
    for name in (analyte.field, analyte.name, *SYNONYMS[analyte.field])
}


def _unit_key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("μ", "u").replace("^", "")
    folded = folded.replace("万", "104").replace("千", "103")
    return re.sub(r"\s", "", folded).lstrip("x×*")


def analyte_named(text: str) -> str | None:
    """Our name of an analyte written in one of its usual ways, English or Japanese; None where unknown."""
    return _ANALYTE_OF.get(_key(text))


def unit_named(analyte: str, text: str) -> str:
    """The accepted unit of that spelling. Empty where the analyte has but one; else CellError."""
    accepted = ANALYTES[analyte].units
    known = {_unit_key(unit): unit for unit in accepted}
    if len(accepted) == 1:
        known |= {"": accepted[0], "inr": accepted[0]}
    found = known.get(_unit_key(text))
    if found is not None:
        return found
    listed = ", ".join(unit_words(unit) for unit in accepted)
    said = "The unit is missing" if not text.strip() else f"“{text.strip()[:30]}” is not a unit of it"
    raise CellError(f"{said}. {ANALYTES[analyte].name} is taken in {listed}.")


def parse_sheet(rows: Sequence[Sequence[Cell]]) -> ParsedSheet:
    """Read a whole sheet, its heading in the first row; a row without a value is passed over."""
    try:
        reader = _Reader(rows)
    except CellError as error:
        return ParsedSheet(values=(), problems=(ImportProblem(line=1, column=0, message=str(error)),))
    for line, row in enumerate(rows[1:], start=2):
        reader.read(line, row)
    return ParsedSheet(values=tuple(reader.values), problems=tuple(reader.problems))


class _Reader:
    """Reads rows below one heading, and gathers what they say and what is wrong with them."""

    def __init__(self, rows: Sequence[Sequence[Cell]]) -> None:
        self.values: list[ImportedValue] = []
        self.problems: list[ImportProblem] = []
        self._seen: dict[tuple[str, date, str], int] = {}
        heading = list(rows[0]) if rows else []
        if len(rows) > MOST_ROWS + 1:
            raise CellError(f"The file has more than {MOST_ROWS} rows. Divide it.")
        if max(map(len, rows), default=0) > MOST_COLUMNS:
            raise CellError(f"The file has more than {MOST_COLUMNS} columns.")
        self.columns: dict[str, int] = {}
        self.analytes: dict[int, tuple[str, str]] = {}
        for index, cell in enumerate(heading):
            self._take_heading(index, _text(cell))
        needed = ["patient", "date", *(() if self.analytes else ("analyte", "value", "unit"))]
        if missing := [name for name in needed if name not in self.columns]:
            raise CellError(f"The first line must name the columns. Missing: {', '.join(missing)}.")

    def _take_heading(self, index: int, text: str) -> None:
        column = _COLUMN_OF.get(_key(text))
        if column is not None:
            if column in self.columns:
                raise CellError(f"Two columns are headed “{text}”.")
            self.columns[column] = index
            return
        match = _HEADING.fullmatch(unicodedata.normalize("NFKC", text))
        name, unit = (match["name"], match["unit"]) if match else (text, "")
        analyte = analyte_named(text) or analyte_named(name)
        if analyte is None:
            if text:
                raise CellError(f"“{text[:40]}” (column {letters(index + 1)}) is no column known here.")
            return
        if analyte in {known for known, _ in self.analytes.values()}:
            raise CellError(f"Two columns are of {ANALYTES[analyte].name}.")
        self.analytes[index] = analyte, unit_named(analyte, unit)

    def read(self, line: int, row: Sequence[Cell]) -> None:
        where = 0
        try:
            results = list(self._results(row))
            if not results:
                return
            where = self.columns["patient"] + 1
            patient = _patient(_cell(row, where - 1))
            where = self.columns["date"] + 1
            day = _day(_cell(row, where - 1))
        except _At as error:
            self._add_problem(line, error.column, str(error))
        except CellError as error:
            self._add_problem(line, where, str(error))
        else:
            for column, analyte, cell, unit in results:
                self._take(line, column, patient, day, analyte, cell, unit)

    def _results(self, row: Sequence[Cell]) -> Iterator[tuple[int, str, Cell, str]]:
        """Column, analyte, value cell and unit of each result of a row."""
        for index, (analyte, unit) in self.analytes.items():
            if not _is_blank(_cell(row, index)):
                yield index + 1, analyte, _cell(row, index), unit
        if "value" not in self.columns or _is_blank(_cell(row, self.columns["value"])):
            return
        at = self.columns["analyte"] + 1
        with _at_column(at):
            name = _text(_cell(row, at - 1))
            analyte_found = analyte_named(name)
            if analyte_found is None:
                raise CellError(
                    f"“{name[:40]}” is no analyte of the trial." if name else "No analyte is named."
                )
        unit_at = self.columns["unit"] + 1
        with _at_column(unit_at):
            unit = unit_named(analyte_found, _text(_cell(row, unit_at - 1)))
        yield self.columns["value"] + 1, analyte_found, _cell(row, self.columns["value"]), unit

    def _take(
        self, line: int, column: int, patient: str, day: date, analyte: str, cell: Cell, unit: str
    ) -> None:
        try:
            value = _number(cell)
            if (said := check_plausible(analyte, value, unit)) is not None:
                raise CellError(said)
            first = self._seen.setdefault((patient, day, analyte), line)
            if first != line:
                raise CellError(
                    f"{ANALYTES[analyte].name} of this patient and day is in line {first} already."
                )
        except CellError as error:
            self._add_problem(line, column, str(error))
            return
        self.values.append(
            ImportedValue(
                line=line,
                column=column,
                patient=patient,
                patient_column=self.columns["patient"] + 1,
                date=day,
                date_column=self.columns["date"] + 1,
                analyte=analyte,
                value=value,
                unit=unit,
            )
        )

    def _add_problem(self, line: int, column: int, message: str) -> None:
        self.problems.append(ImportProblem(line=line, column=column, message=message))


class _At(CellError):
    """A cell of this column cannot be read."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@contextmanager
def _at_column(column: int) -> Iterator[None]:
    """What is refused inside is said of this column."""
    try:
        yield
    except CellError as error:
        raise _At(str(error), column) from error


def _cell(row: Sequence[Cell], index: int) -> Cell:
    return row[index] if index < len(row) else None


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _text(cell: Cell) -> str:
    """A cell as text. A formula is refused: what it shows depends on who opens it."""
    if cell is None:
        return ""
    text = unicodedata.normalize("NFKC", str(cell)).strip() if not isinstance(cell, str) else cell.strip()
    if text.startswith("="):
        raise CellError("This is a formula. Put in what it shows (paste special: values).")
    if len(text) > MOST_LETTERS:
        raise CellError(f"This is longer than {MOST_LETTERS} letters.")
    return text


def _patient(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", _text(cell)).upper()
    if not text:
        raise CellError("The patient number is missing.")
    return text


def _day(cell: Cell) -> date:
    """A day as spreadsheets hold it, or written year first; what could be read two ways is refused."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", _text(cell))
    match = _DAY.fullmatch(text)
    if match is None:
        said = f"“{text[:30]}” is not read as a date" if text else "The date is missing"
        raise CellError(f"{said}. Write year, month, day: 2012-03-14.")
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise CellError(f"There is no day {text}.") from None


def _number(cell: Cell) -> Decimal:
    if isinstance(cell, date):
        raise CellError("This is a date, not a number.")
    text = unicodedata.normalize("NFKC", _text(cell))
    if "," in text or "、" in text:
        raise CellError(
            f"“{text[:30]}”: write numbers with a decimal point and without commas, as 12.5 or 150000."
        )
    if text[:1] in ("<", ">", "≤", "≥"):
        raise CellError(
            f"“{text[:30]}” is a limit, not a value: leave it out, or enter it as the protocol says."
        )
    if _NUMBER.fullmatch(text) is None:
        raise CellError(f"“{text[:30]}” is not a number.")
    value = Decimal(text)
    _, digits, exponent = value.as_tuple()
    if -int(exponent) > MOST_PLACES or len(digits) > MOST_DIGITS:
        raise CellError(f"“{text[:30]}” has more than {MOST_PLACES} decimals or {MOST_DIGITS} digits.")
    return value
