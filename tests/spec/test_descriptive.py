"""Location, range, rounding and the printed forms of a table's numbers."""

from decimal import Decimal
from fractions import Fraction
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.descriptive import (
    Summary,
    exact,
    format_count_percent,
    format_fixed,
    format_interval,
    format_mean_range,
    format_median_range,
    format_median_time,
    format_p,
    format_trimmed,
    percentage,
    round_half_up,
    summarise,
)

# value as written, decimals | rounded
ROUNDING = """
    0.05     1 | 0.1
    0.15     1 | 0.2
    0.25     1 | 0.3
    -0.25    1 | -0.3
    -0.04    1 | 0.0
    2.675    2 | 2.68
    1.005    2 | 1.01
    0.5      0 | 1
    1.5      0 | 2
    355.85   1 | 355.9
    58.62069 1 | 58.6
    99.95    1 | 100.0
    7        1 | 7.0
"""


@pytest.mark.parametrize("row", ROUNDING.strip().splitlines())
def test_a_half_is_rounded_away_from_zero(row: str) -> None:
    case, rounded = row.split("|")
    text, digits = case.split()
    for value in (Decimal(text), Fraction(text), float(text)):
        assert str(round_half_up(value, int(digits))) == rounded.strip()


@given(st.decimals(-1000, 1000, places=4), st.integers(0, 3))
def test_rounding_moves_a_value_by_at_most_half_a_unit(value: Decimal, digits: int) -> None:
    rounded = round_half_up(value, digits)
    assert abs(rounded - value) <= Decimal(5).scaleb(-digits - 1)
    assert -round_half_up(-value, digits) == rounded
    assert rounded.as_tuple().exponent == -digits


@given(st.lists(st.decimals(0, 100000, places=1), min_size=1))
def test_the_summary_is_that_of_the_exact_values(values: list[Decimal]) -> None:
    fractions = [Fraction(value) for value in values]
    expected = Summary(len(values), mean(fractions), median(fractions), min(fractions), max(fractions))
    assert summarise(values) == expected


def test_missing_values_are_left_out_and_counted_out() -> None:
    assert summarise([None, 3, None, 4]) == Summary(
        2, Fraction(7, 2), Fraction(7, 2), Fraction(3), Fraction(4)
    )
    assert summarise([None]) is None
    assert summarise([]) is None


def test_a_float_counts_as_the_decimal_it_prints_as() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(Decimal("0.1")) == Fraction(1, 10)
    assert exact(3) == 3


# The baseline table of the SYNTHETIC cohort, as published.
AFP_CONTINUED = (
    "33.5 8.2 89.7 2536.2 1.6 90.4 7.7 47448.8 87300.0 2441.6 19585.7 532.8 12281.6 15441.4 18.5 179.0"
)
AFP_CONTINUED += " 26.6 119.9 2262.8 1025.7"
AFP_NOT_CONTINUED = "10.4 498.5 1191.0 2992.2 6.3 1.6 15802.8 157.0 54.1"
AGE_NOT_CONTINUED = "83 84 79 52 69 62 85 59 79"
PRINTED_MEDIANS = [
    (AFP_CONTINUED, "355.9 (1.6-87300)"),
    (AFP_NOT_CONTINUED, "157 (1.6-15802.8)"),
    (f"{AFP_CONTINUED} {AFP_NOT_CONTINUED}", "179 (1.6-87300)"),
    (AGE_NOT_CONTINUED, "79 (52-85)"),
]


@pytest.mark.parametrize(("values", "printed"), PRINTED_MEDIANS)
def test_median_and_range_print_as_published(values: str, printed: str) -> None:
    assert format_median_range([Decimal(value) for value in values.split()]) == printed


def test_mean_and_range_print_as_published() -> None:
    doses = [200] * 5 + [400] * 12 + [800] * 3
    assert format_mean_range(doses) == "410 (200-800)"
    assert format_mean_range([Decimal("13.3333"), Decimal("68.75"), 100]) == "60.7 (13.3-100)"


def test_an_empty_set_prints_a_dash() -> None:
    assert format_median_range([]) == format_mean_range([None]) == "–"
    assert format_fixed(None) == format_trimmed(None) == format_p(None) == "–"


@pytest.mark.parametrize(
    ("count", "n", "printed"),
    [(21, 29, "21 (72.4)"), (4, 20, "4 (20.0)"), (0, 20, "0 (0.0)"), (0, 0, "0 (–)")],
)
def test_counts_print_with_their_percentage(count: int, n: int, printed: str) -> None:
    assert format_count_percent(count, n) == printed


def test_a_percentage_is_exact_and_needs_somebody_to_divide_by() -> None:
    assert percentage(17, 29) == Fraction(1700, 29)
    assert percentage(0, 0) is None


@pytest.mark.parametrize(
    ("value", "digits", "fixed", "trimmed"),
    [
        (10, 1, "10.0", "10"),
        (Decimal("355.90"), 2, "355.90", "355.9"),
        (100, 0, "100", "100"),
        (0, 1, "0.0", "0"),
    ],
)
def test_fixed_and_trimmed_decimals(value, digits: int, fixed: str, trimmed: str) -> None:
    assert (format_fixed(value, digits), format_trimmed(value, digits)) == (fixed, trimmed)


def test_intervals_print_with_fixed_decimals() -> None:
    assert format_interval(Fraction(300, 29), 2.18637368299, 27.3515197892) == "10.3 (2.2-27.4)"
    assert format_interval(0, 0, None) == "0.0 (0.0-–)"


@pytest.mark.parametrize(
    ("median_time", "lower", "upper", "printed"),
    [(102, 42, 138, "102 (42-138)"), (10.5, 5.0, 15.0, "10.5 (5-15)"), (31, 13, None, "31 (13-NR)")],
)
def test_survival_medians_say_what_is_not_reached(median_time, lower, upper, printed: str) -> None:
    assert format_median_time(median_time, lower, upper) == printed


@pytest.mark.parametrize(
    ("p", "printed"), [(0.0501749125437, "0.0502"), (1.0, "1.0000"), (0.00005, "<0.0001"), (0.0001, "0.0001")]
)
def test_p_values_print_with_four_decimals(p: float, printed: str) -> None:
    assert format_p(p) == printed
