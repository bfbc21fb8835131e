"""When the next tumour assessment is due: counted from the previous scan, not from week 6, 12, 18."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class ScanTiming(StrEnum):
    """Where a scan lies in its window."""

    EARLY = "EARLY"
    ON_TIME = "ON TIME"
    LATE = "LATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanWindow:
    """Days after the previous scan (or the start of treatment) on which a scan is due; limits inclusive."""

    due_days: int = 42
    earliest_days: int = 28
    latest_days: int = 56

    def __post_init__(self) -> None:
        if not 0 < self.earliest_days <= self.due_days <= self.latest_days:
            raise ValueError("the scan window is not in order")

    def dates_after(self, previous: date) -> tuple[date, date, date]:
        """Return the earliest, the due and the latest day of the scan that follows ``previous``."""
        earliest, due, latest = (
            previous + timedelta(days=days) for days in (self.earliest_days, self.due_days, self.latest_days)
        )
        return earliest, due, latest


SIX_WEEKLY = ScanWindow()
"""Every 6 weeks, 14 days either way."""


def check_scan_interval(previous: date, current: date, window: ScanWindow = SIX_WEEKLY) -> ScanTiming:
    """Return whether a scan came early, on time or late, by whole days from the previous scan."""
    days = (current - previous).days
    if days < window.earliest_days:
        return ScanTiming.EARLY
    return ScanTiming.LATE if days > window.latest_days else ScanTiming.ON_TIME
