"""Lesions that split or merge: what then counts for the lesion followed.

Source: RECIST 1.1 (Eisenhauer 2009), which mRECIST leaves as it is. The diameters of the parts of a lesion
that has split are added together; lesions that have become one are measured once, as one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assessments.domain.lesions import (
    Lesion,
    LesionId,
    LesionMeasurement,
    MeasurementState,
    NonTargetFinding,
    NonTargetState,
    Scan,
)
from assessments.domain.mrecist import MRECIST, ResponseCriteria
from assessments.domain.tumour_findings import TumourFinding, TumourRule, tumour_finding
from assessments.domain.tumour_target import format_mm

_WORST_FIRST = (
    NonTargetState.UNEQUIVOCAL_PROGRESSION,
    NonTargetState.PRESENT,
    NonTargetState.NOT_EVALUABLE,
    NonTargetState.ABSENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The lesions followed in a period, as targets and as non-targets, and all lesions of the patient."""

    targets: frozenset[LesionId]
    non_targets: frozenset[LesionId]
    lesions: Mapping[LesionId, Lesion]

    def as_followed(self, lesion_id: LesionId) -> LesionId:
        """Return the lesion itself, or the followed one whose part it is."""
        lesion = self.lesions.get(lesion_id)
        parent = None if lesion is None else lesion.part_of
        return lesion_id if parent is None or lesion_id in self.all else parent

    @property
    def all(self) -> frozenset[LesionId]:
        """Return every followed lesion."""
        return self.targets | self.non_targets

    def may_hold(self, lesion_id: LesionId, carrier: LesionId) -> bool:
        """Tell whether a merged lesion is counted with the other: a target with a target, else with any."""
        return self.as_followed(carrier) in (self.targets if lesion_id in self.targets else self.all)


def resolve_split_and_merged(
    scans: Sequence[Scan], followed: Followed, criteria: ResponseCriteria = MRECIST
) -> list[tuple[Scan, tuple[str, ...]]]:
    """Return each scan with the lesions that have split or merged as they count, and why.

    ``scans`` are those after a (re)baseline, in order of date. A target that has split measures the sum of
    its parts, and is not evaluable where a part seen until then was not measured; a non-target is as its
    worst part. One that has merged adds nothing, its tissue being measured with the other lesion; where that
    one is not followed itself (for a target: as target) the merged lesion is not evaluable.
    """
    resolved = []
    parts: dict[LesionId, list[LesionId]] = {}
    for scan in scans:
        for measured in scan.measurements:
            lesion = followed.lesions.get(measured.lesion_id)
            if lesion is not None and lesion.part_of is not None:
                known = parts.setdefault(lesion.part_of, [])
                known += [] if lesion.id in known else [lesion.id]
        resolved.append(_resolve(scan, followed, parts, criteria))
    return resolved


def _resolve(
    scan: Scan,
    followed: Followed,
    parts: Mapping[LesionId, Sequence[LesionId]],
    criteria: ResponseCriteria,
) -> tuple[Scan, tuple[str, ...]]:
    """Return one scan with its followed lesions as they count, and why for each that split or merged."""
    measurements: dict[LesionId, LesionMeasurement] = {}
    states: dict[LesionId, NonTargetFinding] = {}
    sentences = []
    for measured in scan.measurements:
        lesion_id = measured.lesion_id
        if lesion_id not in followed.all:
            continue
        label = followed.lesions[lesion_id].label
        if measured.state is MeasurementState.SPLIT:
            own = parts.get(lesion_id, ())
            held = [part for part in own if _is_held(scan, followed, part)]
            sizes = [0 if part in held else scan.contribution(part, criteria) for part in own]
            measurements[lesion_id] = _as_sum(lesion_id, sizes)
            states[lesion_id] = _as_worst(lesion_id, [part for part in own if part not in held], scan)
            sentences.append(f"{label} has split{_sum_in_words(sizes)}.")
        elif measured.state is MeasurementState.MERGED:
            is_held = _is_held(scan, followed, lesion_id)
            state = MeasurementState.ABSENT if is_held else MeasurementState.NOT_EVALUABLE
            measurements[lesion_id] = LesionMeasurement(lesion_id=lesion_id, state=state)
            states[lesion_id] = NonTargetFinding(lesion_id=lesion_id, state=NonTargetState(state.value))
            if is_held:
                other = followed.lesions[_carriers(scan, lesion_id)[-1]].label
                sentences.append(f"{label} has merged with {other} and is measured with it.")
    if not measurements:
        return scan, ()
    counted = replace(
        scan,
        measurements=tuple(measurements.get(m.lesion_id, m) for m in scan.measurements),
        non_targets=tuple([n for n in scan.non_targets if n.lesion_id not in states] + list(states.values())),
    )
    return counted, tuple(sentences)


def _as_sum(lesion_id: LesionId, sizes: Sequence[int | None]) -> LesionMeasurement:
    """Return the measurement of a lesion that has split, in tenths of a mm: the sum of its parts."""
    known = [size for size in sizes if size is not None]
    if not sizes or len(known) < len(sizes):
        return LesionMeasurement(lesion_id=lesion_id, state=MeasurementState.NOT_EVALUABLE)
    if sum(known) == 0:
        return LesionMeasurement(lesion_id=lesion_id, state=MeasurementState.ABSENT)
    return LesionMeasurement(lesion_id=lesion_id, diameter=sum(known))


def _as_worst(lesion_id: LesionId, parts: Collection[LesionId], scan: Scan) -> NonTargetFinding:
    """Return the state of a non-target that has split: its worst part's; with no part, not evaluable."""
    found = {finding.lesion_id: finding for finding in scan.non_targets}
    states = {found[part].state if part in found else NonTargetState.NOT_EVALUABLE for part in parts}
    return NonTargetFinding(
        lesion_id=lesion_id,
        state=next((state for state in _WORST_FIRST if state in states), NonTargetState.NOT_EVALUABLE),
        malignancy_proven=any(part in found and found[part].malignancy_proven for part in parts),
    )


def _sum_in_words(sizes: Sequence[int | None]) -> str:
    """Return ": 20 mm + 14 mm = 34 mm", or that a part was not measured."""
    known = [size for size in sizes if size is not None]
    if not sizes or len(known) < len(sizes):
        return "; not every part was measured"
    return f": {' + '.join(format_mm(size) for size in known)} = {format_mm(sum(known))}"


def _carriers(scan: Scan, lesion_id: LesionId) -> list[LesionId]:
    """Return the lesions one has merged into, the last one measured; none where they form a ring."""
    into = {m.lesion_id: m.merged_into for m in scan.measurements if m.merged_into is not None}
    passed: list[LesionId] = []
    while lesion_id in into:
        lesion_id = into[lesion_id]
        if lesion_id in passed:
            return []
        passed.append(lesion_id)
    return passed


def _is_held(scan: Scan, followed: Followed, lesion_id: LesionId) -> bool:
    """Tell whether a lesion (or part) has merged with one that is counted in its stead."""
    carriers = _carriers(scan, lesion_id)
    return bool(carriers) and followed.may_hold(followed.as_followed(lesion_id), carriers[-1])


def check_split_and_merged(scan: Scan, followed: Followed, period: int) -> Iterator[TumourFinding]:
    """Yield what is wrong with the lesions of a scan that have split or merged."""
    states = {measured.lesion_id: measured.state for measured in scan.measurements}
    parents = [followed.lesions[id_].part_of for id_ in states if id_ in followed.lesions]
    for lesion_id, state in states.items():
        lesion = followed.lesions.get(lesion_id)
        if lesion is None:
            continue
        found: tuple[TumourRule, str] | None = None
        if lesion_id in followed.all and state is MeasurementState.SPLIT and parents.count(lesion_id) < 2:
            found = (
                TumourRule.SPLIT_WITHOUT_PARTS,
                f"{lesion.label} has split: read at least two parts of it on the scan of {scan.date}.",
            )
        elif lesion_id in followed.all and state is MeasurementState.MERGED:
            found = _wrongly_merged(scan, lesion, followed)
        elif (
            lesion.part_of in followed.all
            and lesion_id not in followed.all
            and states.get(lesion.part_of) is not MeasurementState.SPLIT
        ):
            found = (
                TumourRule.PART_WITHOUT_SPLIT,
                f"{lesion.label} is read as a part, but {followed.lesions[lesion.part_of].label} is not "
                f"recorded as split on the scan of {scan.date}.",
            )
        if found is not None:
            yield tumour_finding(*found, period=period, scan_id=scan.id, lesion_id=lesion_id)


def _wrongly_merged(scan: Scan, lesion: Lesion, followed: Followed) -> tuple[TumourRule, str] | None:
    """Return the finding on a followed lesion that is measured with one where it would not be counted."""
    if _is_held(scan, followed, lesion.id):
        return None
    needed = "a target lesion" if lesion.id in followed.targets else "a lesion that is followed"
    return (
        TumourRule.MERGED_ELSEWHERE,
        f"{lesion.label} is measured with a lesion where it would not be counted: on the scan of {scan.date} "
        f"name {needed} it has merged with, or record the other one as merged into {lesion.label}.",
    )
