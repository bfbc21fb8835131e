"""Accrual: patients enrolled per calendar month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AccrualMonth:
    """`month` is its first day; `enrolled` in that month, `total` since the first enrolment."""

    month: date
    enrolled: int
    total: int


def derive_accrual(enrolments: Iterable[date]) -> list[AccrualMonth]:
    """Every month from the first enrolment to the last, months without one included; empty without any."""
    counts = Counter(day.replace(day=1) for day in enrolments)
    if not counts:
        return []
    months, total, month = [], 0, min(counts)
    while month <= max(counts):
        total += counts[month]
        months.append(AccrualMonth(month, counts[month], total))
        month = _next_month(month)
    return months


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
