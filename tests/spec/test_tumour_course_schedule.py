"""When a scan is due: 42 days after the previous one, from day 28 to day 56."""

from datetime import date, timedelta

import pytest

from assessments.domain.tumour_schedule import SIX_WEEKLY, ScanWindow, check_scan_interval

INTERVALS = """
    -1  EARLY
    0   EARLY
    27  EARLY
    28  ON TIME
    42  ON TIME
    56  ON TIME
    57  LATE
    100 LATE
"""


@pytest.mark.parametrize("line", INTERVALS.strip().splitlines(), ids=str.strip)
def test_a_scan_is_judged_by_the_days_since_the_previous_one(line: str) -> None:
    days, timing = line.split(maxsplit=1)
    previous = date(2012, 2, 20)
    assert check_scan_interval(previous, previous + timedelta(days=int(days))) == timing


def test_the_window_is_a_setting() -> None:
    window = ScanWindow(due_days=56, earliest_days=49, latest_days=63)
    previous = date(2012, 1, 1)
    assert check_scan_interval(previous, date(2012, 2, 18), window) == "EARLY"
    assert check_scan_interval(previous, date(2012, 2, 19), window) == "ON TIME"


def test_the_next_scan_is_due_between_two_days() -> None:
    assert SIX_WEEKLY.dates_after(date(2012, 2, 1)) == (
        date(2012, 2, 29),
        date(2012, 3, 14),
        date(2012, 3, 28),
    )


@pytest.mark.parametrize("days", [(0, 42, 56), (43, 42, 56), (28, 57, 56)])
def test_a_window_out_of_order_is_refused(days: tuple[int, int, int]) -> None:
    earliest, due, latest = days
    with pytest.raises(ValueError, match="not in order"):
        ScanWindow(due_days=due, earliest_days=earliest, latest_days=latest)
