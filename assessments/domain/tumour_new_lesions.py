"""New lesions of a treatment period: what counts as progression, and from which scan.

Source: Lencioni & Llovet 2010. A new liver nodule is hepatocellular carcinoma when it is at least 10 mm and
shows the typical pattern; without the pattern it is equivocal until the pattern appears or it has grown by
10 mm, and progression is then dated back to the scan on which it was first equivocal. Under 10 mm it is
recorded and is not progression. Outside the liver an unequivocal new lesion is progression; new fluid is one
only with cytology.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assessments.domain.lesions import Lesion, LesionId, LesionKind, NewLesionFinding, Scan, ScanId
from assessments.domain.mrecist import NewLesion
from assessments.domain.tumour_target import format_mm

MIN_NEW_LESION_TENTHS = 100
CONFIRMING_GROWTH_TENTHS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BackDating:
    """A new lesion, equivocal when first seen, whose confirmation moved progression back to that scan."""

    lesion_id: LesionId
    first_scan_id: ScanId
    first_date: date
    confirming_scan_id: ScanId
    confirming_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLesionReading:
    """What the new lesions of one scan amount to, with the sentences that say why."""

    status: NewLesion
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One new lesion at one scan."""

    scan: Scan
    status: NewLesion
    sentence: str


def classify_new_lesion(
    lesion: Lesion, finding: NewLesionFinding, smallest_before: int | None = None
) -> tuple[NewLesion, str]:
    """Return what one new lesion is at one scan, and why.

    ``smallest_before`` is its smallest diameter at earlier scans of the period (None: first seen now). A
    liver lesion without a diameter leaves the question open (NOT EVALUATED).
    """
    if lesion.kind is LesionKind.EFFUSION:
        if finding.malignancy_proven:
            return NewLesion.YES, f"New effusion {lesion.label} is proven malignant."
        return NewLesion.NO, f"New effusion {lesion.label} is recorded; without cytology it is not PD."
    if lesion.kind is LesionKind.LIVER:
        return _classify_liver_lesion(lesion, finding, smallest_before)
    if finding.unequivocal or finding.malignancy_proven:
        return NewLesion.YES, f"New lesion {lesion.label} outside the liver is unequivocal."
    return NewLesion.EQUIVOCAL, f"New lesion {lesion.label} outside the liver is equivocal."


def _classify_liver_lesion(
    lesion: Lesion, finding: NewLesionFinding, smallest_before: int | None
) -> tuple[NewLesion, str]:
    """Return what a new liver lesion is, by size, pattern, proof and growth in that order."""
    if finding.diameter is None:
        return NewLesion.NOT_EVALUATED, f"New lesion {lesion.label} was not measured."
    seen = f"New lesion {lesion.label} of {format_mm(finding.diameter)}"
    if finding.diameter < MIN_NEW_LESION_TENTHS:
        return NewLesion.NO, f"{seen} is recorded; under 10 mm it is not PD."
    if finding.typical:
        return NewLesion.YES, f"{seen} shows the typical pattern."
    if finding.malignancy_proven:
        return NewLesion.YES, f"{seen} is proven malignant."
    if smallest_before is not None and finding.diameter - smallest_before >= CONFIRMING_GROWTH_TENTHS:
        return NewLesion.YES, f"{seen} has grown from {format_mm(smallest_before)}."
    return NewLesion.EQUIVOCAL, f"{seen} is atypical: equivocal."


def derive_new_lesions(
    scans: Sequence[Scan], lesions: Mapping[LesionId, Lesion], known: Collection[LesionId]
) -> tuple[dict[ScanId, NewLesionReading], tuple[BackDating, ...]]:
    """Return the reading of every scan after a (re)baseline, and the progressions that were dated back.

    ``scans`` are in order of date; ``known`` are the lesions of the (re)baseline, which are never new.
    Lesions that are not in ``lesions`` are passed over.
    """
    new = [
        lesions[lesion_id]
        for lesion_id in sorted({found.lesion_id for scan in scans for found in scan.new_lesions}, key=str)
        if lesion_id in lesions and lesion_id not in known
    ]
    confirmed = [_date_back(lesion, _sightings(lesion, scans)) for lesion in new]
    by_scan: dict[ScanId, list[_Sighting]] = {scan.id: [] for scan in scans}
    for sightings, _ in confirmed:
        for sighting in sightings:
            by_scan[sighting.scan.id].append(sighting)
    readings = {scan.id: _combine(scan, by_scan[scan.id]) for scan in scans}
    return readings, tuple(back_dating for _, back_dating in confirmed if back_dating is not None)


def _sightings(lesion: Lesion, scans: Sequence[Scan]) -> list[_Sighting]:
    """Return what one new lesion is at each scan that saw it, by what was known on that day."""
    sightings = []
    diameters: list[int] = []
    for scan in scans:
        for finding in scan.new_lesions:
            if finding.lesion_id == lesion.id:
                status, sentence = classify_new_lesion(lesion, finding, min(diameters, default=None))
                sightings.append(_Sighting(scan, status, sentence))
                diameters += [] if finding.diameter is None else [finding.diameter]
    return sightings


def _date_back(lesion: Lesion, sightings: Sequence[_Sighting]) -> tuple[list[_Sighting], BackDating | None]:
    """Return the sightings of one lesion, the equivocal ones before its confirmation turned into PD."""
    confirming = next((index for index, seen in enumerate(sightings) if seen.status is NewLesion.YES), 0)
    equivocal = [seen for seen in sightings[:confirming] if seen.status is NewLesion.EQUIVOCAL]
    if not equivocal:
        return list(sightings), None
    first, confirmation = equivocal[0].scan, sightings[confirming].scan
    sentence = f"New lesion {lesion.label}, equivocal here, was confirmed on {confirmation.date}."
    dated_back = [_Sighting(seen.scan, NewLesion.YES, sentence) for seen in equivocal]
    others = [seen for seen in sightings if seen not in equivocal]
    back_dating = BackDating(
        lesion_id=lesion.id,
        first_scan_id=first.id,
        first_date=first.date,
        confirming_scan_id=confirmation.id,
        confirming_date=confirmation.date,
    )
    return dated_back + others, back_dating


def _combine(scan: Scan, sightings: Sequence[_Sighting]) -> NewLesionReading:
    """Return the reading of one scan: any PD, else anything not evaluated, else anything equivocal."""
    statuses = {seen.status for seen in sightings}
    sentences = [seen.sentence for seen in sightings]
    if not scan.new_lesions_evaluated:
        statuses.add(NewLesion.NOT_EVALUATED)
        sentences.append("The scan does not exclude new lesions.")
    status = next(
        (
            status
            for status in (NewLesion.YES, NewLesion.NOT_EVALUATED, NewLesion.EQUIVOCAL)
            if status in statuses
        ),
        NewLesion.NO,
    )
    return NewLesionReading(status=status, sentences=tuple(sentences))
