"""How tumour response is judged, and what happens to the baseline at the first progression."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trial.domain.errors import require


class ResponseStandard(StrEnum):
    """The published criteria that a protocol follows."""

    MRECIST = "mRECIST"
    RECIST_1_1 = "RECIST 1.1"


class ImagingModality(StrEnum):
    """How a scan was made, CDISC submission values where there is one."""

    CE_CT = "CONTRAST ENHANCED CT SCAN"
    CE_MRI = "DYNAMIC CONTRAST ENHANCED MRI"
    CT = "CT SCAN"
    MRI = "MRI"


class BaselineScan(StrEnum):
    """Which scan becomes the new baseline."""

    PROGRESSION_SCAN = "progression_scan"
    NEXT_SCAN = "next_scan"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCriteria:
    """Settings of the response rules; lengths in mm, changes in percent, times in days.

    ``pd_min_abs_mm`` is 0 for mRECIST 2010 (no absolute rule) and 5 for RECIST 1.1. ``sd_min_days`` is how
    long after the (re)baseline a scan must lie for stable disease to count as a best response.
    """

    standard: ResponseStandard
    pr_decrease_percent: Decimal
    pd_increase_percent: Decimal
    pd_min_abs_mm: Decimal
    sd_min_days: int
    confirmation_required: bool
    max_targets: int
    max_targets_per_organ: int
    min_target_mm: Decimal
    min_target_node_mm: Decimal
    min_porta_hepatis_node_mm: Decimal
    normal_node_below_mm: Decimal
    too_small_to_measure_mm: Decimal

    def __post_init__(self) -> None:
        require(0 < self.pr_decrease_percent < 100, "must lie between 0 and 100", "pr_decrease_percent")
        require(self.pd_increase_percent > 0, "must be above 0", "pd_increase_percent")
        require(self.pd_min_abs_mm >= 0, "must not be negative", "pd_min_abs_mm")
        require(self.sd_min_days >= 0, "must not be negative", "sd_min_days")
        require(self.max_targets > 0, "must be above 0", "max_targets")
        per_organ = self.max_targets_per_organ
        require(0 < per_organ <= self.max_targets, "must be 1 to max_targets", "max_targets_per_organ")
        require(self.min_target_mm > 0, "must be above 0", "min_target_mm")
        normal = self.normal_node_below_mm
        require(normal > 0, "must be above 0", "normal_node_below_mm")
        for key in ("min_target_node_mm", "min_porta_hepatis_node_mm"):
            require(getattr(self, key) >= normal, "must not be below normal_node_below_mm", key)
        too_small = self.too_small_to_measure_mm
        require(0 < too_small < self.min_target_mm, "must be below min_target_mm", "too_small_to_measure_mm")


@dataclass(frozen=True, slots=True, kw_only=True)
class RebaselineRule:
    """At the progression that ends ``closes``, a new baseline opens the period ``opens``.

    ``reselect_targets``: the targets are chosen afresh among all lesions then visible.
    ``restart_nadir``: sums measured before the new baseline are never looked at again.
    """

    closes: str
    opens: str
    baseline_scan: BaselineScan
    reselect_targets: bool
    restart_nadir: bool

    def __post_init__(self) -> None:
        require(self.closes != self.opens, "must differ from closes", "opens")
