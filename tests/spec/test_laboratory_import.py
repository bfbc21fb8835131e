"""What the rows of a laboratory's file say, and what is wrong with them and where."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.laboratory import ANALYTES
from assessments.domain.laboratory_import import (
    MOST_COLUMNS,
    MOST_ROWS,
    SYNONYMS,
    CellError,
    analyte_named,
    letters,
    parse_sheet,
    unit_named,
)

LONG = ("Patient", "Date", "Analyte", "Value", "Unit")
GOOD = ("T-0001", "2012-03-14", "ALT", "41", "U/L")


def said(*rows, heading=LONG) -> list[tuple[int, str, str]]:
    return [(p.line, p.letter, p.message) for p in parse_sheet([heading, *rows]).problems]


def read(*rows, heading=LONG) -> list[tuple[int, str, date, str, str, str]]:
    parsed = parse_sheet([heading, *rows])
    assert parsed.problems == ()
    return [(v.line, v.patient, v.date, v.analyte, str(v.value), v.unit) for v in parsed.values]


def test_one_result_a_row():
    assert read(GOOD) == [(2, "T-0001", date(2012, 3, 14), "alt", "41", "U/L")]


def test_one_sample_a_row():
    heading = ("被験者番号", "採血日", "血小板数 (万/μL)", "PT-INR", "ALT [IU/L]", "")
    row = ("t-0001", datetime(2012, 3, 14, 8, 30), Decimal("15.2"), "1.05", None)
    assert read(("T-0001", date(2012, 3, 14), "15.2"), heading=heading)[0][2] == date(2012, 3, 14)
    assert read(row, heading=heading) == [
        (2, "T-0001", date(2012, 3, 14), "platelets", "15.2", "10^4/uL"),
        (2, "T-0001", date(2012, 3, 14), "pt_inr", "1.05", "ratio"),
    ]


def test_rows_without_a_value_say_nothing():
    assert read(("", "", "Hemoglobin", "", "g/dL"), (), GOOD, (None,) * 5)[0][0] == 4


def test_trailing_digits_stay_as_written():
    assert read(("T-0001", "2012/3/4", "K", "４.10", "mEq/L"))[0][2:] == (
        date(2012, 3, 4),
        "potassium",
        "4.10",
        "mEq/L",
    )


WRONG = [
    (("", "2012-03-14", "ALT", "41", "U/L"), "A", "The patient number is missing."),
    (("T-0001", "", "ALT", "41", "U/L"), "B", "The date is missing. Write year, month, day: 2012-03-14."),
    (("T-0001", None, "ALT", "41", "U/L"), "B", "The date is missing."),
    (("T-0001", "14.03.2012", "ALT", "41", "U/L"), "B", "“14.03.2012” is not read as a date"),
    (("T-0001", "03/04/2012", "ALT", "41", "U/L"), "B", "is not read as a date"),
    (("T-0001", Decimal(40982), "ALT", "41", "U/L"), "B", "“40982” is not read as a date"),
    (("T-0001", "2012-02-30", "ALT", "41", "U/L"), "B", "There is no day 2012-02-30."),
    (("T-0001", "2012-03-14", "LDH", "41", "U/L"), "C", "“LDH” is no analyte of the trial."),
    (("T-0001", "2012-03-14", "", "41", "U/L"), "C", "No analyte is named."),
    (("T-0001", "2012-03-14", "ALT", "41,5", "U/L"), "D", "write numbers with a decimal point"),
    (("T-0001", "2012-03-14", "PLT", "150,000", "/mm3"), "D", "without commas"),
    (("T-0001", "2012-03-14", "AFP", "<2.0", "ng/mL"), "D", "“<2.0” is a limit, not a value"),
    (("T-0001", "2012-03-14", "ALT", "-4", "U/L"), "D", "“-4” is not a number."),
    (("T-0001", "2012-03-14", "ALT", "4e9", "U/L"), "D", "“4e9” is not a number."),
    (("T-0001", "2012-03-14", "ALT", "hemolysed", "U/L"), "D", "“hemolysed” is not a number."),
    (("T-0001", "2012-03-14", "ALT", "4.12345", "U/L"), "D", "has more than 4 decimals"),
    (("T-0001", "2012-03-14", "ALT", "4" * 13, "U/L"), "D", "or 12 digits"),
    (("T-0001", "2012-03-14", "ALT", date(2012, 4, 1), "U/L"), "D", "This is a date, not a number."),
    (("T-0001", "2012-03-14", "ALT", "=B2*2", "U/L"), "D", "This is a formula."),
    (("=A1", "2012-03-14", "ALT", "41", "U/L"), "A", "This is a formula."),
    (("x" * 201, "2012-03-14", "ALT", "41", "U/L"), "A", "longer than 200 letters"),
    (
        ("T-0001", "2012-03-14", "ALT", "41", ""),
        "E",
        "The unit is missing. Alanine aminotransferase is taken in U/L",
    ),
    (("T-0001", "2012-03-14", "ALT", "41", "mg/dL"), "E", "“mg/dL” is not a unit of it."),
    (("T-0001", "2012-03-14", "Hb", "131", "g/dL"), "D", "1 to 25 g/dL is possible. Is it another unit?"),
]


@pytest.mark.parametrize(("row", "letter", "message"), WRONG)
def test_what_is_wrong_is_said_with_line_and_column(row, letter, message):
    [(line, where, text)] = said(GOOD, row)
    assert (line, where) == (3, letter)
    assert message in text


HEADINGS = [
    ((), "Missing: patient, date, analyte, value, unit"),
    (("Patient", "Date"), "Missing: analyte, value, unit"),
    (("Date", "ALT (U/L)"), "Missing: patient."),
    (("Patient", "Date", "Subject", "Analyte", "Value", "Unit"), "Two columns are headed “Subject”"),
    (("Patient", "Date", "ALT (U/L)", "GPT (U/L)"), "Two columns are of Alanine aminotransferase"),
    (("Patient", "Date", "ALT"), "The unit is missing"),
    (("Patient", "Date", "ALT (U/L)", "Shoe size"), "“Shoe size” (column D) is no column known here"),
    (("Patient",) * (MOST_COLUMNS + 1), f"more than {MOST_COLUMNS} columns"),
    (("=1", "Date"), "formula"),
]


@pytest.mark.parametrize(("heading", "message"), HEADINGS)
def test_a_heading_that_cannot_be_read_is_one_problem_of_the_first_line(heading, message):
    [(line, where, text)] = said(GOOD, heading=heading)
    assert (line, where) == (1, "")
    assert message in text


def test_an_empty_sheet_and_one_too_long():
    assert "Missing" in parse_sheet([]).problems[0].message
    assert "more than 2000 rows" in said(*[GOOD] * (MOST_ROWS + 1))[0][2]


def test_a_result_given_twice_is_named_with_its_first_line():
    assert said(GOOD, GOOD) == [
        (3, "D", "Alanine aminotransferase of this patient and day is in line 2 already.")
    ]


def test_every_analyte_and_unit_is_known_by_its_own_names():
    for analyte in ANALYTES.values():
        for name in (analyte.field, analyte.name, *SYNONYMS[analyte.field]):
            assert analyte_named(name.upper()) == analyte.field
        for unit in analyte.units:
            assert unit_named(analyte.field, f" {unit} ") == unit
    assert [unit_named("platelets", text) for text in ("×10³/µL", "10⁴/μL", "/mm³", "千/μL")] == [
        "10^3/uL",
        "10^4/uL",
        "/mm3",
        "10^3/uL",
    ]
    with pytest.raises(CellError, match="not a unit"):
        unit_named("pt_inr", "%")


@pytest.mark.parametrize(("column", "name"), [(0, ""), (1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_columns_are_named_as_spreadsheets_do(column, name):
    assert letters(column) == name


cells = (
    st.none()
    | st.text(max_size=12)
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.sampled_from([*GOOD, *LONG, "ALT (U/L)", "5,2", "=1", "2012-03-15", "g/dL", "T-0002", "12.5"])
)


@given(st.lists(st.lists(cells, max_size=7), max_size=6), st.sampled_from([None, LONG]))
def test_any_cells_give_values_or_problems_and_every_value_lies_in_the_file(rows, heading):
    rows = [heading, *rows] if heading else rows
    parsed = parse_sheet(rows)
    for value in parsed.values:
        assert rows[value.line - 1][value.column - 1] is not None
        assert value.unit in ANALYTES[value.analyte].units
    assert len({(v.patient, v.date, v.analyte) for v in parsed.values}) == len(parsed.values)
    assert all(problem.message and 1 <= problem.line <= max(1, len(rows)) for problem in parsed.problems)
