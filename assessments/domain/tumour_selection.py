"""Which lesions may be target lesions at a baseline or a new baseline."""

from collections import Counter
from collections.abc import Iterator, Sequence

from assessments.domain.lesions import Lesion, LesionKind, LesionMeasurement, ScanId
from assessments.domain.mrecist import MRECIST, ResponseCriteria, tenths
from assessments.domain.tumour_findings import TumourFinding, TumourRule, tumour_finding
from assessments.domain.tumour_target import format_mm


def check_target_selection(
    targets: Sequence[tuple[Lesion, LesionMeasurement | None]],
    *,
    criteria: ResponseCriteria = MRECIST,
    period: int = 1,
    scan_id: ScanId | None = None,
) -> list[TumourFinding]:
    """Return what speaks against these target lesions, given with their measurement at the (re)baseline.

    By default at most 5 targets, at most 2 per organ (RECIST 1.1); at least 10 mm, of viable tumour in the
    liver; nodes a short axis of at least 15 mm, 20 mm at the porta hepatis; portal vein thrombosis and
    effusions never; liver lesions enhancing and well delineated (mRECIST). Not measured is a finding.
    """
    findings = [
        tumour_finding(rule, message, period=period, scan_id=scan_id, lesion_id=lesion.id)
        for lesion, measurement in targets
        for rule, message in _remarks(lesion, measurement, criteria)
    ]
    if len(targets) > criteria.max_targets:
        findings.append(
            tumour_finding(
                TumourRule.TOO_MANY_TARGETS,
                f"{len(targets)} target lesions were selected; at most {criteria.max_targets} are allowed.",
                period=period,
                scan_id=scan_id,
            )
        )
    for organ, count in sorted(Counter(lesion.organ for lesion, _ in targets).items()):
        if count > criteria.max_targets_per_organ:
            findings.append(
                tumour_finding(
                    TumourRule.TOO_MANY_TARGETS_IN_ORGAN,
                    f"{count} target lesions were selected in one organ ({organ}); "
                    f"at most {criteria.max_targets_per_organ} are allowed.",
                    period=period,
                    scan_id=scan_id,
                )
            )
    return findings


def least_target_size(lesion: Lesion, criteria: ResponseCriteria = MRECIST) -> int:
    """Return the least diameter, for a node the least short axis, of a target lesion in tenths of a mm."""
    if lesion.kind is not LesionKind.NODE:
        return tenths(criteria.min_target_mm)
    return tenths(criteria.min_porta_hepatis_node_mm if lesion.porta_hepatis else criteria.min_target_node_mm)


def _remarks(
    lesion: Lesion, measurement: LesionMeasurement | None, criteria: ResponseCriteria
) -> Iterator[tuple[TumourRule, str]]:
    """Yield the rules that one target breaks, each with a sentence."""
    if lesion.kind in (LesionKind.PORTAL_VEIN_THROMBOSIS, LesionKind.EFFUSION):
        yield (
            TumourRule.TARGET_NOT_MEASURABLE,
            f"{lesion.label} is not measurable ({lesion.kind.lower()}): it can only be a non-target lesion.",
        )
    if lesion.kind is LesionKind.LIVER and not lesion.enhancing:
        yield (
            TumourRule.TARGET_NOT_ENHANCING,
            f"{lesion.label} does not enhance in the arterial phase: it can only be a non-target lesion.",
        )
    if lesion.kind is LesionKind.LIVER and not lesion.well_delineated:
        yield (
            TumourRule.TARGET_ILL_DEFINED,
            f"{lesion.label} is infiltrative or ill-defined: it can only be a non-target lesion.",
        )
    size = None if measurement is None else measurement.contribution(criteria)
    least = least_target_size(lesion, criteria)
    if size is None:
        yield (
            TumourRule.TARGET_NOT_MEASURED,
            f"{lesion.label} is a target lesion but was not measured at this baseline.",
        )
    elif size < least:
        yield (
            TumourRule.TARGET_TOO_SMALL,
            f"{lesion.label} is {format_mm(size)} at this baseline; "
            f"a target lesion needs at least {format_mm(least)}.",
        )
