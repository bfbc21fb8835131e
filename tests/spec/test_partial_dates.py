"""Partial dates: what a text can mean, and comparisons that admit not knowing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.domain.findings import Finding, Severity
from casebook.domain.partial_dates import PartialDate, PartialDateError

MEANING = """
    entered    | earliest   | latest
    2019       | 2019-01-01 | 2019-12-31
    2019-03    | 2019-03-01 | 2019-03-31
    2019-02    | 2019-02-01 | 2019-02-28
    2020-02    | 2020-02-01 | 2020-02-29
    2019-12    | 2019-12-01 | 2019-12-31
    2019-03-14 | 2019-03-14 | 2019-03-14
    9999       | 9999-01-01 | 9999-12-31
    UNK        | -          | -
               | -          | -
"""

BEFORE = """
    this       | other      | before | on or before
    2019-03-14 | 2019-03-15 | yes    | yes
    2019-03-14 | 2019-03-14 | no     | yes
    2019-03-15 | 2019-03-14 | no     | no
    2019-03    | 2019-04-01 | yes    | yes
    2019-03    | 2019-03-31 | ?      | yes           no day of March 2019 lies after the 31st
    2019-03    | 2019-03-15 | ?      | ?
    2019-03    | 2019-03-01 | no     | ?             only the 1st itself would do
    2018       | 2019       | yes    | yes
    2019       | 2019       | ?      | ?
    2019       | 2018-12-31 | no     | no
    UNK        | 2019       | ?      | ?
    2019       |            | ?      | ?
"""

TRUTH = {"yes": True, "no": False, "?": None}


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.strip()][1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


@pytest.mark.parametrize(("entered", "earliest", "latest"), rows(MEANING))
def test_a_text_stands_for_every_day_it_can_mean(entered: str, earliest: str, latest: str) -> None:
    entry = PartialDate(entered)
    assert entry.text == entered
    assert (str(entry.earliest or "-"), str(entry.latest or "-")) == (earliest, latest)
    assert entry.is_unknown == (earliest == "-")
    assert entry.is_complete == (len(entered) == 10)
    assert entry.day == (entry.earliest if len(entered) == 10 else None)


@pytest.mark.parametrize(("this", "other", "before", "on_or_before"), rows(BEFORE))
def test_comparison_is_known_only_when_every_day_agrees(
    this: str, other: str, before: str, on_or_before: str
) -> None:
    one, two = PartialDate(this), PartialDate(other)
    assert one.is_before(two) is TRUTH[before]
    assert two.is_after(one) is TRUTH[before]
    assert one.is_on_or_before(two) is TRUTH[on_or_before.split()[0]]
    assert two.is_on_or_after(one) is TRUTH[on_or_before.split()[0]]


@pytest.mark.parametrize(
    "entered",
    ["2019-3", "19", "2019-03-1", "14.03.2019", "2019/03/14", "２０１９", "2019-03\n2020", "-2019", "soon"],
)
def test_a_text_of_another_shape_is_refused_with_an_example(entered: str) -> None:
    with pytest.raises(PartialDateError, match="Write the year, year-month or year-month-day"):
        PartialDate(entered)


@pytest.mark.parametrize("entered", ["2019-02-29", "2019-13", "2019-00", "2019-04-31", "0000", "2019-01-00"])
def test_a_day_the_calendar_does_not_have_is_refused(entered: str) -> None:
    with pytest.raises(PartialDateError, match=f"“{entered}” is not a day of the calendar"):
        PartialDate(entered)


def test_surrounding_blanks_and_small_letters_are_tidied() -> None:
    assert PartialDate(" 2019-03 ").text == "2019-03"
    assert PartialDate("unk") == PartialDate("UNK")
    assert str(PartialDate("")) == "unknown"
    assert str(PartialDate("2019")) == "2019"


def test_a_whole_date_compares_with_a_plain_date() -> None:
    assert PartialDate.on(date(2019, 3, 14)).is_before(date(2019, 3, 15)) is True
    assert PartialDate("2019-03").is_after(date(2019, 2, 28)) is True


days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@st.composite
def known_partials(draw: st.DrawFn) -> PartialDate:
    return PartialDate(draw(days).isoformat()[: draw(st.sampled_from([4, 7, 10]))])


def possible_days(entry: PartialDate) -> list[date]:
    assert entry.earliest is not None
    assert entry.latest is not None
    span = (entry.latest - entry.earliest).days
    return [entry.earliest + timedelta(days=number) for number in range(span + 1)]


@given(days, st.sampled_from([4, 7, 10]))
def test_a_day_is_among_the_days_its_shortened_text_means(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    entry = PartialDate(text)
    assert day in possible_days(entry)
    assert all(other.isoformat().startswith(text) for other in possible_days(entry))


@given(known_partials(), known_partials())
def test_before_agrees_with_comparing_every_pair_of_possible_days(one: PartialDate, two: PartialDate) -> None:
    assert one.earliest is not None
    assert one.latest is not None
    answers = {a < b for a in (one.earliest, one.latest) for b in possible_days(two)}
    assert one.is_before(two) is (answers.pop() if len(answers) == 1 else None)


@given(known_partials(), known_partials())
def test_nothing_is_both_before_and_after(one: PartialDate, two: PartialDate) -> None:
    assert not (one.is_before(two) and one.is_after(two))


@given(known_partials())
def test_text_survives_a_round_trip(entry: PartialDate) -> None:
    assert PartialDate(entry.text) == entry
    assert hash(PartialDate(entry.text)) == hash(entry)


def test_a_finding_says_whether_it_refuses_the_data() -> None:
    assert Finding("AE-01", Severity.HARD, "Onset lies after the end.", "onset").is_hard
    assert not Finding("AE-02", Severity.SOFT, "Grade 1 with hospital stay.").is_hard
