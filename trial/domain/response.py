"""How tumour response is judged, and what happens to the baseline at the first progression."""

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from trial.domain.errors import require, require_at_most


class ResponseStandard(StrEnum):
    """The published criteria that a protocol follows."""

    MRECIST = "mRECIST"


class ResponseReader(StrEnum):
    """Whose read the responses of an analysis are. Only the site's is implemented."""

    SITE = "site"


class ImagingModality(StrEnum):
    """How a scan was made, CDISC submission values where there is one."""

    CE_CT = "CONTRAST ENHANCED CT SCAN"
    CE_MRI = "DYNAMIC CONTRAST ENHANCED MRI"
    CT = "CT SCAN"
    MRI = "MRI"


class BaselineScan(StrEnum):
    """Which scan becomes the new baseline."""

    PROGRESSION_SCAN = "progression_scan"


LONGEST_MM = 1000
LONGEST_SD_DAYS = 365
MOST_ABSOLUTE_RISE_MM = 100
MOST_TARGETS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCriteria:
    """Settings of the response rules; lengths in mm, changes in percent, times in days.

    ``pd_min_abs_mm`` is 0 for mRECIST 2010 (no absolute rule) and 5 for RECIST 1.1. ``sd_min_days`` is how
    long after the (re)baseline a scan must lie for stable disease to count as a best response. ``reader``:
    whose read is analysed; independent reads are compared with it and never replace it.
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
    reader: ResponseReader = ResponseReader.SITE

    def __post_init__(self) -> None:
        require(0 < self.pr_decrease_percent < 100, "must lie between 0 and 100", "pr_decrease_percent")
        require(0 < self.pd_increase_percent <= 1000, "must lie between 0 and 1000", "pd_increase_percent")
        require(self.pd_min_abs_mm >= 0, "must not be negative", "pd_min_abs_mm")
        require_at_most(self.pd_min_abs_mm, MOST_ABSOLUTE_RISE_MM, "pd_min_abs_mm")
        require(self.sd_min_days >= 0, "must not be negative", "sd_min_days")
        require_at_most(self.sd_min_days, LONGEST_SD_DAYS, "sd_min_days")
        self._check_targets()
        self._check_lengths()

    def _check_targets(self) -> None:
        require(self.max_targets > 0, "must be above 0", "max_targets")
        require_at_most(self.max_targets, MOST_TARGETS, "max_targets")
        per_organ = self.max_targets_per_organ
        require(0 < per_organ <= self.max_targets, "must be 1 to max_targets", "max_targets_per_organ")

    def _check_lengths(self) -> None:
        lengths = [field.name for field in fields(self) if field.name.endswith("_mm")]
        for key in lengths:
            length = getattr(self, key)
            require(length > 0 or key == "pd_min_abs_mm", "must be above 0", key)
            require_at_most(length, LONGEST_MM, key)
            require(10 * length % 1 == 0, "must be in whole tenths of a millimetre", key)
        normal = self.normal_node_below_mm
        for key in ("min_target_node_mm", "min_porta_hepatis_node_mm"):
            require(getattr(self, key) >= normal, "must not be below normal_node_below_mm", key)
        too_small = self.too_small_to_measure_mm
        require(too_small < self.min_target_mm, "must be below min_target_mm", "too_small_to_measure_mm")


@dataclass(frozen=True, slots=True, kw_only=True)
class RebaselineRule:
    """At the progression that ends ``closes``, a new baseline opens the period ``opens``.

    ``reselect_targets``: the targets are chosen afresh among all lesions then visible.
    ``restart_nadir``: sums measured before the new baseline are never looked at again.
    Neither can be otherwise: the definition says so in its own words, and no rule knows another way.
    """

    closes: str
    opens: str
    baseline_scan: BaselineScan
    reselect_targets: bool
    restart_nadir: bool

    def __post_init__(self) -> None:
        require(self.closes != self.opens, "must differ from closes", "opens")
        afresh = "must be true: the targets of Treatment 2 are always chosen afresh"
        require(self.reselect_targets, afresh, "reselect_targets")
        forgotten = "must be true: sums of Treatment 1 are never looked at in Treatment 2"
        require(self.restart_nadir, forgotten, "restart_nadir")
