"""What a value cannot be in its unit, and the moves from one sample to the next that are asked about."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.laboratory import ANALYTES, convert, unit_words
from assessments.domain.laboratory_limits import (
    DELTA_LIMITS,
    DELTA_WITHIN_DAYS,
    PLAUSIBLE,
    DatedValue,
    check_delta,
    check_plausible,
    plausible_in,
)

POSSIBLE = """
    analyte         | value    | unit    | said
    hemoglobin      | 13.2     | g/dL    |
    hemoglobin      | 132      | g/L     |
    hemoglobin      | 8.2      | mmol/L  |
    hemoglobin      | 132      | g/dL    | 1 to 25 g/dL is possible. Is it another unit?
    hemoglobin      | 13.2     | g/L     |                       1.32 g/dL: far too low, but not impossible
    hemoglobin      | 9.9      | g/L     | 10 to 250 g/L is possible. Is it another unit?
    hemoglobin      | 25.0     | g/dL    |                       the limit itself is possible
    platelets       | 150000   | /mm3    |
    platelets       | 150.5    | /mm3    | Cells per mm³ are a whole number. Is it another unit?
    platelets       | 150.5    | /uL     | Cells per µL are a whole number. Is it another unit?
    platelets       | 150.5    | 10^3/uL |
    platelets       | 150000   | 10^9/L  | 0 to 3000 10⁹/L is possible. Is it another unit?
    platelets       | 15.05    | 10^4/uL |
    total_bilirubin | 80       | mg/dL   |
    total_bilirubin | 1368     | umol/L  |                       80 mg/dL, exactly
    total_bilirubin | 1368.1   | umol/L  | 0 to 1368 µmol/L is possible. Is it another unit?
    alt             | 833      | ukat/L  |
    alt             | 834      | ukat/L  | 0 to 833.333 µkat/L is possible. Is it another unit?
    pt_inr          | 0.4      | ratio   | 0.5 to 20 is possible. Is it another unit?
"""


@pytest.mark.parametrize("line", POSSIBLE.strip().splitlines()[1:])
def test_what_a_value_cannot_be_in_its_unit(line):
    analyte, value, unit, rest = (cell.strip() for cell in line.split("|"))
    said = rest if rest.endswith("unit?") else None
    assert check_plausible(analyte, Decimal(value), unit) == said


def test_every_analyte_has_limits_of_the_possible_and_of_its_moves():
    assert list(PLAUSIBLE) == list(ANALYTES) == list(DELTA_LIMITS)


UNITS = """
    analyte         | value | unit    | canonical
    hemoglobin      | 6.206 | mmol/L  | 10
    hemoglobin      | 132   | g/L     | 13.2
    alt             | 1     | ukat/L  | 60
    ggt             | 0.5   | ukat/L  | 30
    white_cells     | 5.2   | 10^9/L  | 5200
    lymphocytes     | 0.12  | 10^4/uL | 1200
    total_bilirubin | 17.1  | umol/L  | 1
    creatinine      | 176.8 | umol/L  | 2
    phosphate       | 0.323 | mmol/L  | 1
    potassium       | 4.1   | mEq/L   | 4.1
    afp             | 33.5  | ug/L    | 33.5
    pt_inr          | 1.05  | ratio   | 1.05
"""


@pytest.mark.parametrize("line", UNITS.strip().splitlines()[1:])
def test_values_as_entered_in_the_unit_of_the_rules(line):
    analyte, value, unit, canonical = (cell.strip() for cell in line.split("|"))
    assert convert(analyte, Decimal(value), unit=unit) == Decimal(canonical)


@st.composite
def entered(draw):
    analyte = draw(st.sampled_from(list(ANALYTES)))
    unit, other = (draw(st.sampled_from(ANALYTES[analyte].units)) for _ in range(2))
    return analyte, draw(st.decimals("0", "99999", places=3)), unit, other


@given(entered())
def test_there_and_back_is_where_one_was(value):
    analyte, number, unit, other = value
    back = convert(analyte, convert(analyte, number, unit=unit, to=other), unit=other, to=unit)
    assert round(back, 20) == number
    assert convert(analyte, number, unit=unit, to=unit) is number


@given(entered(), st.decimals("0", "99999", places=3))
def test_conversion_keeps_the_order_of_values(value, limit):
    analyte, number, unit, other = value
    one, two = (convert(analyte, n, unit=unit, to=other) for n in (number, limit))
    assert (one < two) == (number < limit)


@given(entered())
def test_what_is_possible_does_not_depend_on_the_unit(value):
    """But for the fractions of a count, which is a number of cells only per mm³ or µl."""
    analyte, number, unit, other = value
    low, high = plausible_in(analyte, unit)
    low2, high2 = plausible_in(analyte, other)
    converted = convert(analyte, number, unit=unit, to=other)
    assert (low <= number <= high) == (low2 <= converted <= high2)


def test_every_unit_is_written_as_laboratories_print_it():
    written = {unit_words(unit) for analyte in ANALYTES.values() for unit in analyte.units}
    assert {analyte.written for analyte in ANALYTES.values()} <= written
    assert not [words for words in written if "^" in words or words.startswith("u") or "mm3" in words]


MOVES = """
    analyte    | before | now    | days | asked
    hemoglobin | 12.0   | 8.0    | 14   | no    as large as the limit
    hemoglobin | 12.0   | 7.9    | 14   | yes
    hemoglobin | 7.9    | 12.0   | 14   | yes   a rise too
    hemoglobin | 12.0   | 7.9    | 42   | yes   the last day on which one compares
    hemoglobin | 12.0   | 7.9    | 43   | no
    platelets  | 200000 | 50000  | 14   | no    a quarter
    platelets  | 200000 | 49999  | 14   | yes
    platelets  | 200000 | 0      | 14   | yes
    platelets  | 0      | 0      | 14   | no
    alt        | 40     | 480    | 14   | no
    alt        | 40     | 481    | 14   | yes
"""


@pytest.mark.parametrize("line", MOVES.strip().splitlines()[1:])
def test_moves_that_are_asked_about(line):
    analyte, before, now, days, asked = (cell.strip() for cell in line.split("|"))
    first = date(2012, 3, 1)
    values = (
        DatedValue(on=first, value=Decimal(before)),
        DatedValue(on=first + timedelta(days=int(days)), value=Decimal(now)),
    )
    assert (check_delta(analyte, *values) is not None) == asked.startswith("yes")


def test_the_question_names_both_values_and_the_day():
    before = DatedValue(on=date(2012, 3, 1), value=Decimal("12.0"))
    now = DatedValue(on=date(2012, 3, 15), value=Decimal("120"))
    assert check_delta("hemoglobin", before, now) == (
        "Hemoglobin went from 12 on 2012-03-01 to 120 g/dL: are value, unit and patient right?"
    )
    assert check_delta("unlimited", before, now) is None
    assert DELTA_WITHIN_DAYS == 42
