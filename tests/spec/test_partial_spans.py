"""Spans whose days are partly unknown: what is certain, what is impossible, what cannot be decided."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.domain.partial_dates import PartialDate
from casebook.domain.partial_spans import PartialSpan, all_of

ANSWERS = {"yes": True, "no": False, "?": None}


def span(start: str, end: str) -> PartialSpan:
    return PartialSpan(
        start=None if start == "-" else PartialDate(start),
        end=None if end in ("-", "on") else PartialDate(end),
        ongoing=end == "on",
    )


# start, end (on: ongoing, -: not entered) | on 2012-03-15 | overlaps 2012-03-10 to 2012-03-20 | begins in it
SPANS = """
    2012-03-15 2012-03-15 | yes | yes | yes
    2012-03-16 on         | no  | yes | yes
    2012-03-09 on         | yes | yes | no
    2012-03-21 on         | no  | no  | no
    2012-03-01 2012-03-09 | no  | no  | no
    2012-03-01 2012-03-10 | no  | yes | no
    2012-03-20 on         | no  | yes | yes
    2012-03    on         | ?   | ?   | ?
    2012-02    on         | yes | yes | no
    2012-02    2012-03    | ?   | ?   | no
    2012-02    2012-04    | yes | yes | no
    2012       2012       | ?   | ?   | ?
    2011       2012       | ?   | ?   | no
    2011       2013       | yes | yes | no
    2013       on         | no  | no  | no
    2010       2011       | no  | no  | no
    UNK        on         | ?   | ?   | ?
    UNK        2011       | no  | no  | ?
    UNK        UNK        | ?   | ?   | ?
    2011       UNK        | ?   | ?   | no
    2011       -          | ?   | ?   | no
    -          on         | ?   | ?   | ?
    2013       UNK        | no  | no  | no
"""


@pytest.mark.parametrize("row", SPANS.strip().splitlines())
def test_a_span_answers_yes_no_or_not_decidable(row: str) -> None:
    dates, includes, overlaps, begins = (cell.strip() for cell in row.split("|"))
    known = span(*dates.split())
    first, last = date(2012, 3, 10), date(2012, 3, 20)
    assert known.includes(date(2012, 3, 15)) is ANSWERS[includes]
    assert known.overlaps(first, last) is ANSWERS[overlaps]
    assert known.begins_within(first, last) is ANSWERS[begins]


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("2012-03-15", "2012-03-14", True),
        ("2012-03-15", "2012-03-15", False),
        ("2012-03-15", "2012-03", False),
        ("2012-03", "2012-02", True),
        ("2012", "2011", True),
        ("UNK", "2011", False),
        ("2012", "-", False),
        ("-", "2012", False),
    ],
)
def test_a_span_that_ends_before_it_starts(start: str, end: str, wrong: bool) -> None:
    assert span(start, end).ends_before_start is wrong


def test_all_of() -> None:
    for answers in product((True, False, None), repeat=2):
        expected = False if False in answers else None if None in answers else True
        assert all_of(*answers) is expected


DAYS = st.dates(date(2011, 11, 1), date(2012, 4, 30))


@st.composite
def blurred(draw: st.DrawFn, day: date) -> PartialDate:
    return PartialDate(draw(st.sampled_from([day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}", "UNK"])))


@given(data=st.data(), start=DAYS, length=st.integers(0, 90), asked=DAYS)
def test_what_is_certain_of_a_blurred_span_is_true_of_the_exact_one(
    data: st.DataObject, start: date, length: int, asked: date
) -> None:
    end = start + timedelta(days=length)
    exact = PartialSpan(start=PartialDate.on(start), end=PartialDate.on(end))
    unsure = PartialSpan(start=data.draw(blurred(start)), end=data.draw(blurred(end)))
    later = asked + timedelta(days=data.draw(st.integers(0, 40)))
    assert exact.includes(asked) is (start <= asked <= end)
    assert exact.overlaps(asked, later) is (start <= later and end >= asked)
    for answered, truth in (
        (unsure.includes(asked), exact.includes(asked)),
        (unsure.overlaps(asked, later), exact.overlaps(asked, later)),
        (unsure.begins_within(asked, later), exact.begins_within(asked, later)),
    ):
        assert answered in (None, truth)
