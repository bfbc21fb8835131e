"""What cannot be, or should be asked about, in the scans and lesion choices behind a tumour course."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from assessments.domain.lesions import (
    Lesion,
    LesionId,
    LesionKind,
    LesionRole,
    NonTargetState,
    RoleKind,
    Scan,
)
from assessments.domain.mrecist import MRECIST, ResponseCriteria
from assessments.domain.tumour_findings import TumourFinding, TumourRule, tumour_finding
from assessments.domain.tumour_selection import check_target_selection


def check_scan_dates(
    baseline_scan: Scan, scans: Sequence[Scan], first_dose_date: date | None
) -> Iterator[TumourFinding]:
    """Yield what is wrong with the order of baseline, first dose and scans (the baseline may be one)."""
    follow_up = sorted(
        (scan for scan in scans if scan.id != baseline_scan.id), key=lambda scan: (scan.date, str(scan.id))
    )
    if first_dose_date is None and follow_up:
        yield tumour_finding(
            TumourRule.FIRST_DOSE_MISSING,
            "There are scans after baseline but no first dose; SD is counted from the baseline scan.",
        )
    if first_dose_date is not None and baseline_scan.date > first_dose_date:
        yield tumour_finding(
            TumourRule.BASELINE_AFTER_FIRST_DOSE,
            f"The baseline scan of {baseline_scan.date} lies after the first dose on {first_dose_date}.",
            scan_id=baseline_scan.id,
        )
    for scan in follow_up:
        if scan.date <= baseline_scan.date:
            yield tumour_finding(
                TumourRule.SCAN_NOT_AFTER_BASELINE,
                f"The scan of {scan.date} is not after the baseline scan of {baseline_scan.date}; "
                "it is not read as an assessment.",
                scan_id=scan.id,
            )
        elif first_dose_date is not None and scan.date < first_dose_date:
            yield tumour_finding(
                TumourRule.SCAN_BEFORE_FIRST_DOSE,
                f"The scan of {scan.date} lies before the first dose on {first_dose_date}; "
                "it is not read as an assessment.",
                scan_id=scan.id,
            )
    for day, count in Counter(scan.date for scan in follow_up).items():
        if count > 1:
            yield tumour_finding(TumourRule.SCANS_ON_SAME_DATE, f"{count} scans have the same date, {day}.")


def check_scan_contents(scans: Sequence[Scan], lesions: Mapping[LesionId, Lesion]) -> Iterator[TumourFinding]:
    """Yield what the reads lack: the diameter of a new liver lesion, the cytology of an effusion."""
    for scan in scans:
        for measured in scan.measurements:
            if measured.lesion_id not in lesions:
                yield tumour_finding(
                    TumourRule.UNKNOWN_LESION,
                    f"The scan of {scan.date} measures a lesion that is not in the list of lesions.",
                    scan_id=scan.id,
                    lesion_id=measured.lesion_id,
                )
        for new in scan.new_lesions:
            lesion = lesions.get(new.lesion_id)
            if lesion is None:
                yield tumour_finding(
                    TumourRule.UNKNOWN_LESION,
                    f"The scan of {scan.date} has a new lesion that is not in the list of lesions.",
                    scan_id=scan.id,
                    lesion_id=new.lesion_id,
                )
            elif lesion.kind is LesionKind.LIVER and new.diameter is None:
                yield tumour_finding(
                    TumourRule.NEW_LESION_NOT_MEASURED,
                    f"New lesion {lesion.label} has no diameter on the scan of {scan.date}.",
                    scan_id=scan.id,
                    lesion_id=lesion.id,
                )
            elif lesion.kind is LesionKind.EFFUSION and not new.malignancy_proven:
                yield _effusion_not_proven(lesion, scan)
        for found in scan.non_targets:
            lesion = lesions.get(found.lesion_id)
            progressed = found.state is NonTargetState.UNEQUIVOCAL_PROGRESSION
            unproven = progressed and not found.malignancy_proven
            if unproven and lesion is not None and lesion.kind is LesionKind.EFFUSION:
                yield _effusion_not_proven(lesion, scan)


def _effusion_not_proven(lesion: Lesion, scan: Scan) -> TumourFinding:
    """Return the question about fluid that appeared or increased without cytology."""
    return tumour_finding(
        TumourRule.EFFUSION_NOT_PROVEN,
        f"{lesion.label} appeared or increased on {scan.date} without cytology; it is not PD.",
        scan_id=scan.id,
        lesion_id=lesion.id,
    )


def check_roles(
    period: int,
    scan: Scan,
    roles: Sequence[LesionRole],
    lesions: Mapping[LesionId, Lesion],
    criteria: ResponseCriteria = MRECIST,
) -> Iterator[TumourFinding]:
    """Yield what is wrong with the lesions chosen for a period, read on its (re)baseline scan.

    Targets chosen on another scan are not held against this one: where a progression was dated back, the
    choice has to be made anew, and that is what is asked for.
    """
    chosen = [role for role in roles if role.period == period]
    if not chosen:
        yield tumour_finding(
            TumourRule.NO_LESION_SELECTED,
            f"No lesion was selected on the baseline scan of {scan.date}.",
            period=period,
            scan_id=scan.id,
        )
    for lesion_id, count in Counter(role.lesion_id for role in chosen).items():
        if lesion_id not in lesions:
            message = "A lesion was selected that is not in the list of lesions."
            yield tumour_finding(TumourRule.UNKNOWN_LESION, message, period=period, lesion_id=lesion_id)
        elif count > 1:
            message = f"{lesions[lesion_id].label} was selected {count} times for period {period}."
            yield tumour_finding(
                TumourRule.LESION_SELECTED_TWICE, message, period=period, lesion_id=lesion_id
            )
    for scan_id in dict.fromkeys(role.scan_id for role in chosen if role.scan_id != scan.id):
        yield tumour_finding(
            TumourRule.SELECTED_ON_OTHER_SCAN,
            f"Lesions of period {period} were selected on another scan than its baseline of {scan.date}.",
            period=period,
            scan_id=scan_id,
        )
    target_ids = dict.fromkeys(
        role.lesion_id for role in chosen if role.role is RoleKind.TARGET and role.scan_id == scan.id
    )
    targets = [(lesions[id_], scan.measurement(id_)) for id_ in target_ids if id_ in lesions]
    yield from check_target_selection(targets, criteria=criteria, period=period, scan_id=scan.id)


def check_new_baseline(
    pd1_scan: Scan | None,
    scans: Sequence[Scan],
    roles: Sequence[LesionRole],
    lesions: Mapping[LesionId, Lesion],
    criteria: ResponseCriteria = MRECIST,
) -> Iterator[TumourFinding]:
    """Yield what is wrong with the choice of lesions for Treatment 2, or that it is missing or too early."""
    has_roles = any(role.period == 2 for role in roles)
    if pd1_scan is None:
        if has_roles:
            yield tumour_finding(
                TumourRule.NEW_BASELINE_WITHOUT_PD,
                "Lesions were selected for period 2, but no scan shows a first progression.",
                period=2,
            )
    elif has_roles:
        yield from check_roles(2, pd1_scan, roles, lesions, criteria)
    elif any(scan.date > pd1_scan.date for scan in scans):
        yield tumour_finding(
            TumourRule.NO_NEW_BASELINE,
            f"There are scans after the first progression on {pd1_scan.date}, but no lesions were selected "
            "for the new baseline.",
            period=2,
            scan_id=pd1_scan.id,
        )


def check_new_lesions(
    baseline_scan: Scan, pd1_scan: Scan | None, scans: Sequence[Scan], roles: Sequence[LesionRole]
) -> Iterator[TumourFinding]:
    """Yield lesions reported as new that were chosen at the baseline of the period.

    A lesion that was already followed as a new one before that baseline may go on being reported.
    """
    followed = {new.lesion_id for new in baseline_scan.new_lesions}
    for scan in scans:
        period = 1 if pd1_scan is None or scan.date <= pd1_scan.date else 2
        chosen = {role.lesion_id for role in roles if role.period == period}
        reported = {new.lesion_id for new in scan.new_lesions}
        for lesion_id in sorted((reported & chosen) - followed, key=str):
            yield tumour_finding(
                TumourRule.NEW_LESION_AT_BASELINE,
                f"The scan of {scan.date} reports a lesion as new that was selected at the baseline.",
                period=period,
                scan_id=scan.id,
                lesion_id=lesion_id,
            )
        if period == 1:
            followed |= reported - chosen
