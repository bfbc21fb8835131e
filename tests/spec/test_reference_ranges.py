"""For whom a range holds at what age, and the days without one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.reference_ranges import OLDEST, YOUNGEST, RangeSpan, ages_on, find_gaps
from casebook.domain.partial_dates import PartialDate

AGES = """
    birth      | on         | ages
    1944-05-17 | 2012-05-16 | 67 67
    1944-05-17 | 2012-05-17 | 68 68    the birthday itself
    1944-05    | 2012-05-17 | 67 68    the day is not known
    1944       | 2012-12-31 | 68 68
    1944       | 2012-06-30 | 67 68
    1944-02-29 | 2011-02-28 | 66 66
    1944-02-29 | 2011-03-01 | 67 67
    UNK        | 2012-01-01 | 0 130
    2012-06-01 | 2012-01-01 | 0 0      not yet born: no age below 0
"""


@pytest.mark.parametrize("line", AGES.strip().splitlines()[1:])
def test_the_ages_a_birth_date_can_mean(line):
    birth, on, ages = (cell.strip() for cell in line.split("|"))
    found = ages_on(date.fromisoformat(on), PartialDate(birth))
    assert [found.youngest, found.oldest] == [int(age) for age in ages.split()[:2]]


def test_nothing_known_of_the_birth_is_any_age():
    found = ages_on(date(2012, 1, 1), None)
    assert (found.youngest, found.oldest) == (0, OLDEST)
    assert found.within(None, None)
    assert not found.within(18, None)


WITHIN = """
    birth | band  | holds
    1944  | -     | yes
    1944  | 65-   | yes
    1944  | 67-68 | yes
    1944  | 68-   | no    may be 67 still
    1944  | -67   | no
    1944  | -68   | yes
"""


@pytest.mark.parametrize("line", WITHIN.strip().splitlines()[1:])
def test_a_band_holds_for_every_age_the_birth_date_can_mean(line):
    birth, band, holds = (cell.strip() for cell in line.split("|"))
    low, _, high = band.partition("-")
    ages = ages_on(date(2012, 6, 30), PartialDate(birth))
    assert ages.within(int(low) if low else None, int(high) if high else None) == holds.startswith("yes")


def spans(text: str) -> list[RangeSpan]:
    found = []
    for line in text.strip().splitlines():
        first, last, sex, band = line.split()[:4]
        low, _, high = band.partition("-")
        found.append(
            RangeSpan(
                valid_from=date.fromisoformat(first),
                valid_to=None if last == "..." else date.fromisoformat(last),
                sex="" if sex == "both" else sex,
                age_from=int(low) if low else None,
                age_to=int(high) if high else None,
            )
        )
    return found


GAPS = [
    ("", []),
    ("2011-01-01 ... both -", []),
    (
        """2011-01-01 2011-12-31 both -
           2012-02-01 ... both -""",
        ["2012-01-01 to 2012-01-31, everybody"],
    ),
    (
        """2011-01-01 2011-12-31 both -
           2012-01-01 ... both -""",
        [],
    ),
    ("2011-01-01 2011-12-31 both -", ["2012-01-01 to 2012-06-30, everybody"]),
    (
        """2011-01-01 ... M -
           2011-03-01 ... F -""",
        ["2011-01-01 to 2011-02-28, women"],
    ),
    ("2011-01-01 ... F -", ["2011-01-01 to 2012-06-30, men"]),
    (
        """2011-01-01 ... both -64
           2012-01-01 ... both 65-""",
        ["2011-01-01 to 2011-12-31, everybody from 65 years"],
    ),
    (
        """2011-01-01 ... both 18-39
           2011-01-01 ... both 50-""",
        ["2011-01-01 to 2012-06-30, everybody of 40 to 49 years"],
    ),
    (
        """2011-01-01 ... F -49
           2011-01-01 ... M -
           2011-01-01 2011-06-30 F 50-""",
        ["2011-07-01 to 2012-06-30, women from 50 years"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), GAPS)
def test_days_without_a_range_are_named(text, expected):
    assert [str(gap) for gap in find_gaps(spans(text), until=date(2012, 6, 30))] == expected


days = st.integers(0, 40).map(lambda n: date(2012, 1, 1) + timedelta(days=n))


@st.composite
def any_span(draw):
    first = draw(days)
    low, high = draw(st.none() | st.integers(18, 80)), draw(st.none() | st.integers(18, 80))
    if low is not None and high is not None and high < low:
        low, high = high, low
    length = draw(st.none() | st.integers(0, 20))
    return RangeSpan(
        valid_from=first,
        valid_to=None if length is None else first + timedelta(days=length),
        sex=draw(st.sampled_from(["", "F", "M"])),
        age_from=low,
        age_to=high,
    )


@given(st.lists(any_span(), min_size=1, max_size=6), days, st.integers(YOUNGEST, 90), st.sampled_from("FM"))
def test_a_day_lies_in_a_gap_exactly_if_no_range_holds(ranges, day, age, sex):
    """The naive answer, day by day and age by age."""
    until = date(2012, 3, 1)
    begun = min(span.valid_from for span in ranges) <= day
    held = any(
        span.valid_from <= day <= span.last_day
        and span.sex in ("", sex)
        and (span.age_from or 0) <= age <= (OLDEST if span.age_to is None else span.age_to)
        for span in ranges
    )
    named = [
        gap
        for gap in find_gaps(ranges, until=until)
        if gap.first <= day <= gap.last and gap.sex in ("", sex) and gap.age_from <= age <= gap.age_to
    ]
    assert len(named) == (1 if begun and not held else 0)
