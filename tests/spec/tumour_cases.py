"""Scans and lesions written as text, for the tables of the tumour course tests.

A scan is a day and what was read: ``42 T1=35.5 T2=small T3=gone T4=? N1:present +X1=14/typical``.
``=`` is a target in mm (or gone, small to measure, ? not evaluable, split; ``T2>T1``: merged into T1), the
lesion T1.1 is a part of T1, ``:`` a non-target (present, gone,
worse, worse/proven, ?), ``+`` a new lesion with its diameter in mm or ?, and its marks; ``unread``: new
lesions could not be excluded. The first letter of a lesion is its kind: L a node, K a node of the porta
hepatis, P a lesion of the lung, V portal vein thrombosis, F an effusion, any other a lesion of the liver.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from assessments.domain.lesions import (
    Lesion,
    LesionKind,
    LesionMeasurement,
    LesionRole,
    MeasurementState,
    NewLesionFinding,
    NonTargetFinding,
    NonTargetState,
    RoleKind,
    Scan,
)
from assessments.domain.mrecist import MRECIST, ResponseCriteria, tenths
from assessments.domain.tumour_course import TumourCourse, derive_tumour_course

FIRST_DOSE = date(2012, 1, 1)

KINDS = {
    "L": LesionKind.NODE,
    "K": LesionKind.NODE,
    "P": LesionKind.EXTRANODAL,
    "V": LesionKind.PORTAL_VEIN_THROMBOSIS,
    "F": LesionKind.EFFUSION,
}
ORGANS = {"L": "lymph node", "K": "lymph node", "P": "lung", "F": "peritoneum"}
TARGET_STATES = {
    "gone": MeasurementState.ABSENT,
    "small": MeasurementState.TOO_SMALL,
    "?": MeasurementState.NOT_EVALUABLE,
    "split": MeasurementState.SPLIT,
}
MERGED = MeasurementState.MERGED
NON_TARGET_STATES = {
    "present": NonTargetState.PRESENT,
    "gone": NonTargetState.ABSENT,
    "worse": NonTargetState.UNEQUIVOCAL_PROGRESSION,
    "?": NonTargetState.NOT_EVALUABLE,
}


def on(day: int) -> date:
    return FIRST_DOSE + timedelta(days=day)


def day_of(day: date | None) -> int | None:
    return None if day is None else (day - FIRST_DOSE).days


def lesion(label: str, **changes: object) -> Lesion:
    letter = label[0]
    organ = ORGANS.get(letter, "liver")
    kind = KINDS.get(letter, LesionKind.LIVER)
    facts = {"id": label, "label": label, "site": organ, "organ": organ, "kind": kind}
    facts["part_of"] = label.partition(".")[0] if "." in label else None
    return Lesion(**(facts | {"porta_hepatis": letter == "K"} | changes))


def measurement(label: str, text: str) -> LesionMeasurement:
    if text in TARGET_STATES:
        return LesionMeasurement(lesion_id=label, state=TARGET_STATES[text])
    return LesionMeasurement(lesion_id=label, diameter=tenths(Decimal(text)))


def non_target(label: str, text: str) -> NonTargetFinding:
    state, _, proven = text.partition("/")
    return NonTargetFinding(
        lesion_id=label, state=NON_TARGET_STATES[state], malignancy_proven=proven == "proven"
    )


def new_lesion(label: str, text: str) -> NewLesionFinding:
    size, *marks = text.split("/")
    return NewLesionFinding(
        lesion_id=label,
        diameter=None if size == "?" else tenths(Decimal(size)),
        typical="typical" in marks,
        unequivocal="unequivocal" in marks,
        malignancy_proven="proven" in marks,
    )


def scan(text: str) -> Scan:
    """Return the scan written as text; its id is its first word, a day with an optional letter."""
    name, *words = text.split()
    return Scan(
        id=name,
        date=on(int(name.rstrip("ab"))),
        measurements=(
            *(measurement(*w.split("=")) for w in words if "=" in w and w[0] != "+"),
            *(
                LesionMeasurement(
                    lesion_id=w.partition(">")[0], state=MERGED, merged_into=w.partition(">")[2]
                )
                for w in words
                if ">" in w
            ),
        ),
        non_targets=tuple(non_target(*w.split(":")) for w in words if ":" in w),
        new_lesions=tuple(new_lesion(*w[1:].split("=")) for w in words if w[0] == "+"),
        new_lesions_evaluated="unread" not in words,
        read_by="reader",
    )


def roles(period: int, day: str, text: str) -> list[LesionRole]:
    """Return the lesions chosen on a scan: targets, then after a slash non-targets."""
    targets, _, non_targets = text.partition("/")
    return [
        LesionRole(period=period, lesion_id=label, role=role, scan_id=day)
        for role, labels in ((RoleKind.TARGET, targets), (RoleKind.NON_TARGET, non_targets))
        for label in labels.split()
    ]


def labels(scans: Iterable[Scan], chosen: Iterable[LesionRole]) -> list[str]:
    found = {role.lesion_id for role in chosen}
    for read in scans:
        found |= read.seen() | read.absent()
    return sorted(str(label) for label in found)


def course(
    text: str,
    *,
    first: str = "T1",
    second: str = "",
    chosen_on: str = "",
    first_dose: int | None = 0,
    criteria: ResponseCriteria = MRECIST,
    other_therapy: int | None = None,
    lesions: Sequence[Lesion] | None = None,
) -> TumourCourse:
    """Return the course of scans written one a line, baseline first.

    ``first`` and ``second`` are the lesions chosen at either baseline, the second on the scan ``chosen_on``.
    """
    scans = [scan(line) for line in text.strip().splitlines()]
    chosen = roles(1, str(scans[0].id), first) + roles(2, chosen_on, second)
    return derive_tumour_course(
        lesions=[lesion(label) for label in labels(scans, chosen)] if lesions is None else lesions,
        baseline_scan=scans[0],
        scans=scans[1:],
        roles=chosen,
        first_dose_date=None if first_dose is None else on(first_dose),
        criteria=criteria,
        new_therapy_date=None if other_therapy is None else on(other_therapy),
    )


def overall(result: TumourCourse) -> str:
    """Return the overall responses by period, "1: 42 SD, 84 PD"."""
    return "; ".join(
        f"{period.number}: " + ", ".join(f"{point.scan_id} {point.overall}" for point in period.time_points)
        for period in result.periods
    )


def rules(result: TumourCourse) -> list[str]:
    """Return the names of the rules that found something, without their prefix."""
    return [finding.rule_id.removeprefix("tumour.") for finding in result.findings]
