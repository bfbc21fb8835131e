"""What the rules have to say about a patient's lesions, scans and baselines."""

from dataclasses import dataclass
from enum import StrEnum

from assessments.domain.lesions import LesionId, ScanId
from casebook.domain.findings import Finding, Severity


class TumourRule(StrEnum):
    """The names of the rules; they never change once queries refer to them."""

    TOO_MANY_TARGETS = "tumour.too_many_targets"
    TOO_MANY_TARGETS_IN_ORGAN = "tumour.too_many_targets_in_organ"
    TARGET_NOT_MEASURED = "tumour.target_not_measured_at_baseline"
    TARGET_TOO_SMALL = "tumour.target_too_small"
    TARGET_NOT_MEASURABLE = "tumour.target_not_measurable"
    TARGET_NOT_ENHANCING = "tumour.target_not_enhancing"
    TARGET_ILL_DEFINED = "tumour.target_ill_defined"
    LESION_SELECTED_TWICE = "tumour.lesion_selected_twice"
    UNKNOWN_LESION = "tumour.unknown_lesion"
    SCAN_NOT_AFTER_BASELINE = "tumour.scan_not_after_baseline"
    SCAN_BEFORE_FIRST_DOSE = "tumour.scan_before_first_dose"
    BASELINE_AFTER_FIRST_DOSE = "tumour.baseline_after_first_dose"
    SCANS_ON_SAME_DATE = "tumour.scans_on_same_date"
    NEW_BASELINE_WITHOUT_PD = "tumour.new_baseline_without_pd"
    NO_LESION_SELECTED = "tumour.no_lesion_selected"
    NO_NEW_BASELINE = "tumour.no_new_baseline"
    SELECTED_ON_OTHER_SCAN = "tumour.selected_on_other_scan"
    FIRST_DOSE_MISSING = "tumour.first_dose_missing"
    NEW_LESION_AT_BASELINE = "tumour.new_lesion_at_baseline"
    NEW_LESION_NOT_MEASURED = "tumour.new_lesion_not_measured"
    EFFUSION_NOT_PROVEN = "tumour.effusion_not_proven"
    SPLIT_WITHOUT_PARTS = "tumour.split_without_parts"
    PART_WITHOUT_SPLIT = "tumour.part_without_split"
    MERGED_ELSEWHERE = "tumour.merged_elsewhere"


_SOFT = frozenset(
    {
        TumourRule.NO_LESION_SELECTED,
        TumourRule.NO_NEW_BASELINE,
        TumourRule.NEW_BASELINE_WITHOUT_PD,
        TumourRule.SELECTED_ON_OTHER_SCAN,
        TumourRule.FIRST_DOSE_MISSING,
        TumourRule.NEW_LESION_AT_BASELINE,
        TumourRule.NEW_LESION_NOT_MEASURED,
        TumourRule.EFFUSION_NOT_PROVEN,
    }
)


@dataclass(frozen=True, slots=True)
class TumourFinding(Finding):
    """A finding with the treatment period, the scan and the lesion it concerns, where it concerns one."""

    period: int | None = None
    scan_id: ScanId | None = None
    lesion_id: LesionId | None = None


def tumour_finding(
    rule: TumourRule,
    message: str,
    *,
    period: int | None = None,
    scan_id: ScanId | None = None,
    lesion_id: LesionId | None = None,
) -> TumourFinding:
    """Return the finding of a rule, with the severity that belongs to the rule."""
    severity = Severity.SOFT if rule in _SOFT else Severity.HARD
    return TumourFinding(rule, severity, message, period=period, scan_id=scan_id, lesion_id=lesion_id)
