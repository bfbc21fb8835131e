"""When a patient is to be seen, scanned and treated; all times in days."""

from dataclasses import dataclass
from enum import StrEnum

from trial.domain.errors import require, require_at_most

LONGEST_DAYS = 366
"""No interval of a schedule is longer than a year."""


class ImagingOrigin(StrEnum):
    """From which day the next scan is counted."""

    PREVIOUS_SCAN = "previous_scan"
    FIRST_DOSE = "first_dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Intervals between visits and between scans, each with its window (± days), and the first dose."""

    visit_interval_days: int
    visit_window_days: int
    imaging_interval_days: int
    imaging_window_days: int
    imaging_from: ImagingOrigin
    first_dose_within_days: int

    def __post_init__(self) -> None:
        for kind in ("visit", "imaging"):
            interval = getattr(self, f"{kind}_interval_days")
            window = getattr(self, f"{kind}_window_days")
            require(interval > 0, "must be above 0", f"{kind}_interval_days")
            require_at_most(interval, LONGEST_DAYS, f"{kind}_interval_days")
            require(0 <= window < interval, "must be 0 or more and below the interval", f"{kind}_window_days")
        require(self.first_dose_within_days >= 0, "must not be negative", "first_dose_within_days")
        require_at_most(self.first_dose_within_days, LONGEST_DAYS, "first_dose_within_days")

    @property
    def visit_days(self) -> tuple[int, int]:
        """Return the shortest and longest allowed time since the previous visit."""
        return _around(self.visit_interval_days, self.visit_window_days)

    @property
    def imaging_days(self) -> tuple[int, int]:
        """Return the shortest and longest allowed time since the previous scan, or since the first dose."""
        return _around(self.imaging_interval_days, self.imaging_window_days)


def _around(interval: int, window: int) -> tuple[int, int]:
    return interval - window, interval + window
