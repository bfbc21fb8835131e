"""Patients enrolled per month, as numbers and as a figure."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.domain.accrual import AccrualMonth, derive_accrual
from monitoring.domain.accrual_figure import accrual_figure

ACCRUAL = """
    enrolled on                        | month by month: enrolled/in all
                                       |
    2012-01-31                         | 2012-01 1/1
    2012-01-01 2012-01-31              | 2012-01 2/2
    2011-11-30 2012-01-02              | 2011-11 1/1, 2011-12 0/1, 2012-01 1/2   a month without one is shown
    2012-02-29 2012-01-31 2012-02-01   | 2012-01 1/1, 2012-02 2/3   in whatever order
"""


def rows() -> list[list[str]]:
    return [line.split("|") for line in ACCRUAL.strip("\n").splitlines()[1:]]


@pytest.mark.parametrize(("days", "expected"), rows())
def test_months_run_from_the_first_enrolment_to_the_last(days: str, expected: str) -> None:
    months = derive_accrual(date.fromisoformat(day) for day in days.split())
    shown = ", ".join(f"{m.month:%Y-%m} {m.enrolled}/{m.total}" for m in months)
    assert shown == expected.split("   ")[0].strip()


@settings(deadline=None)
@given(st.lists(st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31)), min_size=1, max_size=40))
def test_every_patient_is_counted_once_and_no_month_is_left_out(days: list[date]) -> None:
    months = derive_accrual(days)
    assert sum(m.enrolled for m in months) == months[-1].total == len(days)
    assert all(m.month.day == 1 for m in months)
    numbers = [m.month.year * 12 + m.month.month for m in months]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert months[0].enrolled > 0
    assert months[-1].enrolled > 0


def test_the_figure_shows_the_total_and_reaches_up_to_the_target() -> None:
    figure = accrual_figure([AccrualMonth(date(2012, 1, 1), 2, 2)], target=40)
    total, target = figure["layer"]
    assert total["data"]["values"] == [
        {"month": "2012-01-01T00:00:00", "total": 2, "detail": "2012-01: 2 enrolled, 2 in all"}
    ]
    assert total["encoding"]["y"]["scale"] == {"domain": [0, 40]}
    assert target["data"]["values"] == [{"target": 40, "words": "target 40"}]


def test_the_figure_reaches_beyond_the_target_where_accrual_did() -> None:
    figure = accrual_figure([AccrualMonth(date(2012, 1, 1), 41, 41)], target=40)
    assert figure["layer"][0]["encoding"]["y"]["scale"] == {"domain": [0, 41]}


def test_without_patients_the_figure_is_the_target_alone() -> None:
    figure = accrual_figure([], target=40)
    assert figure["layer"][0]["data"]["values"] == []
    assert figure["layer"][0]["encoding"]["y"]["scale"] == {"domain": [0, 40]}
