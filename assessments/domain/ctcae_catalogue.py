"""The catalogue of CTCAE terms: which grades exist for a term, and what each means.

The project ships a catalogue of its own with criteria in its own words. The publisher's sheets (v4.03 as CSV,
v5.0 as a workbook) can be loaded over it. MedDRA codes are licensed: they are read only when asked for.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

GRADES = (1, 2, 3, 4, 5)
NO_GRADE = "-"
OWN_COLUMNS = ("term", "soc", "version", *(f"grade_{grade}" for grade in GRADES), "synonyms", "meddra_code")
PUBLISHER_HEADINGS = {
    "meddra_code": r"meddra.* code",
    "soc": r"(.* )?soc",
    "term": r"(ctcae .*)?term",
    **{f"grade_{grade}": rf"grade {grade}" for grade in GRADES},
}

Row = Sequence[object]
Columns = Mapping[str, tuple[int, str]]


class CatalogueError(ValueError):
    """A catalogue that cannot be read: in which row (the header is row 1) and column, and why."""

    def __init__(self, message: str, *, row: int, column: str | None = None) -> None:
        self.message = message
        self.row = row
        self.column = column
        where = f"row {row}" + (f", column “{column}”" if column else "")
        super().__init__(f"{where}: {message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CtcaeTerm:
    """One CTCAE term. `criteria` has an entry for each grade that exists and none for the others."""

    term: str
    soc: str
    version: str
    criteria: Mapping[int, str] = field(hash=False)
    synonyms: tuple[str, ...] = ()
    meddra_code: str | None = None

    @property
    def grades(self) -> frozenset[int]:
        return frozenset(self.criteria)


@dataclass(frozen=True, slots=True)
class CtcaeCatalogue:
    """CTCAE terms, found by their name or a synonym, whatever the case."""

    terms: tuple[CtcaeTerm, ...]
    _by_name: Mapping[str, CtcaeTerm] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        synonyms = {_key(synonym): term for term in self.terms for synonym in term.synonyms}
        names = {_key(term.term): term for term in self.terms}
        object.__setattr__(self, "_by_name", MappingProxyType(synonyms | names))

    def find(self, name: str) -> CtcaeTerm | None:
        """Return the term of that name, else the term that has it as a synonym, else None."""
        return self._by_name.get(_key(name))


def check_grade(term: CtcaeTerm, grade: int) -> str | None:
    """Return what is wrong with a grade for a term, in a sentence, or None where the grade exists."""
    if grade in term.grades:
        return None
    existing = ", ".join(str(one) for one in sorted(term.grades))
    return f"CTCAE {term.version} has no grade {grade} for “{term.term}”; its grades are {existing}."


@cache
def bundled_catalogue() -> CtcaeCatalogue:
    """Return the catalogue that the project ships: the v4.03 terms its trial needs."""
    path = files("assessments") / "catalogue" / "ctcae_v4_03.csv"
    return CtcaeCatalogue(parse_catalogue(path.read_text(encoding="utf-8")))


def parse_catalogue(text: str) -> tuple[CtcaeTerm, ...]:
    """Read the project's own catalogue: the columns of `OWN_COLUMNS`, synonyms separated by ";"."""
    header, *rows = _read_csv(text)
    if tuple(header) != OWN_COLUMNS:
        raise CatalogueError(f"the columns must be {', '.join(OWN_COLUMNS)}.", row=1)
    columns = {name: (index, name) for index, name in enumerate(OWN_COLUMNS)}
    return tuple(_terms(rows, columns, len(header), _read_own))


def parse_publisher_csv(text: str, *, with_meddra_codes: bool = False) -> tuple[CtcaeTerm, ...]:
    """Read the publisher's v4.03 sheet."""
    return parse_publisher_rows(_read_csv(text), version="4.03", with_meddra_codes=with_meddra_codes)


def parse_publisher_rows(
    rows: Iterable[Row], *, version: str = "5.0", with_meddra_codes: bool = False
) -> tuple[CtcaeTerm, ...]:
    """Read the rows of a publisher's sheet, the header first, each cell as text, number or None.

    Columns are found by their headings, which differ in spacing and in the version they name. Empty rows are
    passed over. A grade cell with "-", or with nothing, is a grade that the term does not have.
    """
    all_rows = list(rows)
    if not all_rows:
        raise CatalogueError("the sheet is empty.", row=1)

    def read(cells: _Cells) -> CtcaeTerm:
        return CtcaeTerm(
            term=cells.required("term"),
            soc=cells.required("soc"),
            version=version,
            criteria=cells.criteria(),
            meddra_code=(cells.text("meddra_code") or None) if with_meddra_codes else None,
        )

    return tuple(_terms(all_rows[1:], _find_columns(all_rows[0]), len(all_rows[0]), read))


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row, its cells reached by column; `columns` gives the index and the heading as it is spelled."""

    number: int
    row: Row
    columns: Columns

    def text(self, column: str) -> str:
        return _plain(self.row[self.columns[column][0]])

    def required(self, column: str) -> str:
        text = self.text(column)
        if text in ("", NO_GRADE):
            raise self.error("must not be empty.", column)
        return text

    def criteria(self) -> Mapping[int, str]:
        texts = {grade: self.text(f"grade_{grade}") for grade in GRADES}
        criteria = {grade: text for grade, text in texts.items() if text not in ("", NO_GRADE)}
        if not criteria:
            raise self.error("the term has no grade at all.", "grade_1")
        return MappingProxyType(criteria)

    def error(self, message: str, column: str) -> CatalogueError:
        return CatalogueError(message, row=self.number, column=self.columns[column][1])


def _read_own(cells: _Cells) -> CtcaeTerm:
    synonyms = (name.strip() for name in cells.text("synonyms").split(";"))
    return CtcaeTerm(
        term=cells.required("term"),
        soc=cells.required("soc"),
        version=cells.required("version"),
        criteria=cells.criteria(),
        synonyms=tuple(name for name in synonyms if name),
        meddra_code=cells.text("meddra_code") or None,
    )


def _terms(
    rows: Iterable[Row], columns: Columns, width: int, read: Callable[[_Cells], CtcaeTerm]
) -> Iterator[CtcaeTerm]:
    """Read each row below the header, which is row 1; refuse rows of another width and repeated terms."""
    row_of: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        if not any(_plain(cell) for cell in row):
            continue
        if len(row) != width:
            raise CatalogueError(f"{len(row)} cells where the header has {width}.", row=number)
        cells = _Cells(number, row, columns)
        term = read(cells)
        first = row_of.setdefault(_key(term.term), number)
        if first != number:
            raise cells.error(f"“{term.term}” is already in row {first}.", "term")
        yield term


def _read_csv(text: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
    except csv.Error as error:
        raise CatalogueError(f"not a CSV file: {error}.", row=len(rows) + 1) from error
    if not rows:
        raise CatalogueError("the file is empty.", row=1)
    return rows


def _find_columns(header: Row) -> Columns:
    headings = [_plain(cell) for cell in header]
    columns = {}
    for name, pattern in PUBLISHER_HEADINGS.items():
        found = [i for i, heading in enumerate(headings) if re.fullmatch(pattern, _key(heading).rstrip(" ?"))]
        if len(found) != 1:
            problem = "is missing" if not found else "appears more than once"
            raise CatalogueError(f"the column {problem}.", row=1, column=name)
        columns[name] = (found[0], headings[found[0]])
    return columns


def _plain(cell: object) -> str:
    """A cell as one line of text; line breaks, no-break and repeated spaces become single spaces."""
    return "" if cell is None else " ".join(str(cell).split())


def _key(name: str) -> str:
    return _plain(name).casefold()
