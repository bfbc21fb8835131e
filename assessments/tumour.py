"""From the saved imaging reads of a patient to the tumour course that the rules derive."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from assessments.domain import lesions as facts
from assessments.domain.mrecist import MRECIST, ResponseCriteria, tenths
from assessments.domain.tumour_course import TumourCourse, derive_tumour_course
from assessments.domain.tumour_period import TimePoint
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole, ReadingState
from casebook.extraction import Snapshot
from casebook.models import Patient

MEASUREMENTS = {
    ReadingState.MEASURED: facts.MeasurementState.MEASURED,
    ReadingState.PROGRESSION: facts.MeasurementState.MEASURED,
    ReadingState.PRESENT: facts.MeasurementState.MEASURED,
    ReadingState.ABSENT: facts.MeasurementState.ABSENT,
    ReadingState.TOO_SMALL: facts.MeasurementState.TOO_SMALL,
    ReadingState.NOT_EVALUABLE: facts.MeasurementState.NOT_EVALUABLE,
    ReadingState.SPLIT: facts.MeasurementState.SPLIT,
    ReadingState.MERGED: facts.MeasurementState.MERGED,
}
NON_TARGETS = {
    ReadingState.MEASURED: facts.NonTargetState.PRESENT,
    ReadingState.PROGRESSION: facts.NonTargetState.UNEQUIVOCAL_PROGRESSION,
    ReadingState.PRESENT: facts.NonTargetState.PRESENT,
    ReadingState.ABSENT: facts.NonTargetState.ABSENT,
    ReadingState.TOO_SMALL: facts.NonTargetState.PRESENT,
    ReadingState.NOT_EVALUABLE: facts.NonTargetState.NOT_EVALUABLE,
    ReadingState.SPLIT: facts.NonTargetState.PRESENT,
    ReadingState.MERGED: facts.NonTargetState.PRESENT,
}
NOT_SEEN_APART = (ReadingState.ABSENT, ReadingState.MERGED)


def tumour_course(
    snapshot: Snapshot, patient: Patient, *, first_dose: date | None, criteria: ResponseCriteria
) -> TumourCourse | None:
    """The course derived from all reads; None until lesions were chosen on a baseline read."""
    return read_course(
        reads=snapshot.rows(patient, ImagingRead),
        lesions=snapshot.rows(patient, Lesion),
        readings=snapshot.rows(patient, LesionReading),
        roles=snapshot.rows(patient, LesionRole),
        first_dose=first_dose,
        criteria=criteria,
    )


def read_course(
    *,
    reads: Iterable[ImagingRead],
    lesions: Iterable[Lesion],
    readings: Iterable[LesionReading],
    roles: Iterable[LesionRole],
    first_dose: date | None,
    criteria: ResponseCriteria,
) -> TumourCourse | None:
    """The course derived from rows, saved or not, as long as each has its key."""
    ordered = sorted(reads, key=lambda read: (read.date, read.pk))
    roles = list(roles)
    baseline = baseline_read(ordered, roles)
    if baseline is None:
        return None
    described = {lesion.pk: lesion for lesion in lesions}
    by_read: dict[int, list[LesionReading]] = {}
    for reading in readings:
        by_read.setdefault(reading.read_id, []).append(reading)
    scans = {read.pk: scan_facts(read, by_read.get(read.pk, []), described, criteria) for read in ordered}
    return derive_tumour_course(
        lesions=[lesion_facts(lesion) for lesion in described.values()],
        baseline_scan=scans[baseline.pk],
        scans=list(scans.values()),
        roles=[role_facts(role) for role in roles],
        first_dose_date=first_dose,
        criteria=criteria,
    )


def baseline_read(ordered: Iterable[ImagingRead], roles: Iterable[LesionRole]) -> ImagingRead | None:
    """The first read on which lesions were chosen for Treatment 1."""
    chosen = {role.read_id for role in roles if role.period == 1}
    return next((read for read in ordered if read.pk in chosen), None)


def lesion_facts(lesion: Lesion) -> facts.Lesion:
    return facts.Lesion(
        id=lesion.pk,
        label=lesion.label,
        site=lesion.place,
        organ=lesion.organ,
        kind=facts.LesionKind(lesion.kind),
        enhancing=lesion.enhancing,
        well_delineated=lesion.well_delineated,
        porta_hepatis=lesion.porta_hepatis,
        part_of=lesion.part_of_id,
    )


def role_facts(role: LesionRole) -> facts.LesionRole:
    return facts.LesionRole(
        period=role.period, lesion_id=role.lesion_id, role=facts.RoleKind(role.role), scan_id=role.read_id
    )


def scan_facts(
    read: ImagingRead,
    readings: Iterable[LesionReading],
    lesions: dict[int, Lesion],
    criteria: ResponseCriteria = MRECIST,
) -> facts.Scan:
    """One read as the rules take it.

    Every lesion is given both as a measurement and as a non-target state: which of the two counts is decided
    by its role in the period, and a lesion's role may change at the new baseline. A lesion marked as new is a
    new lesion wherever it is seen; gone again, it is none. A part of a lesion that has split is never new.
    """
    readings = list(readings)
    parts = {lesion.pk for lesion in lesions.values() if lesion.part_of_id is not None}
    return facts.Scan(
        id=read.pk,
        date=read.date,
        measurements=tuple(measurement_facts(reading) for reading in readings),
        non_targets=tuple(
            facts.NonTargetFinding(
                lesion_id=reading.lesion_id,
                state=non_target_state(reading, lesions.get(reading.lesion_id), criteria),
                malignancy_proven=reading.malignancy_proven,
            )
            for reading in readings
        ),
        new_lesions=tuple(
            facts.NewLesionFinding(
                lesion_id=reading.lesion_id,
                diameter=_new_lesion_diameter(reading, criteria),
                typical=reading.typical,
                unequivocal=reading.unequivocal,
                malignancy_proven=reading.malignancy_proven,
            )
            for reading in readings
            if reading.is_new and reading.state not in NOT_SEEN_APART and reading.lesion_id not in parts
        ),
        new_lesions_evaluated=read.new_lesions_evaluated,
    )


def measurement_facts(reading: LesionReading) -> facts.LesionMeasurement:
    return facts.LesionMeasurement(
        lesion_id=reading.lesion_id,
        state=MEASUREMENTS[ReadingState(reading.state)],
        diameter=tenths_of_mm(reading.diameter),
        merged_into=reading.merged_into_id,
    )


def non_target_state(
    reading: LesionReading, lesion: Lesion | None, criteria: ResponseCriteria
) -> facts.NonTargetState:
    """The state of a non-target; a node measured below the size of a normal one is gone (RECIST 1.1)."""
    diameter = tenths_of_mm(reading.diameter)
    is_node = lesion is not None and lesion.kind == facts.LesionKind.NODE
    normal_below = tenths(criteria.normal_node_below_mm)
    if (
        is_node
        and reading.state == ReadingState.MEASURED
        and diameter is not None
        and diameter < normal_below
    ):
        return facts.NonTargetState.ABSENT
    return NON_TARGETS[ReadingState(reading.state)]


def _new_lesion_diameter(reading: LesionReading, criteria: ResponseCriteria) -> int | None:
    """A new lesion too small to measure counts with the criteria's size for such lesions."""
    if reading.state == ReadingState.TOO_SMALL:
        return tenths(criteria.too_small_to_measure_mm)
    return tenths_of_mm(reading.diameter)


def tenths_of_mm(diameter: Decimal | None) -> int | None:
    return None if diameter is None else int(diameter * 10)


def reader_differences(read: ImagingRead, point: TimePoint) -> Iterator[tuple[str, str, str]]:
    """The field, the reader's response and the computed one, wherever the reader entered another."""
    for field, computed in (
        ("reader_target", point.target_response),
        ("reader_non_target", point.non_target_response),
        ("reader_new_lesion", point.new_lesion),
        ("reader_overall", point.overall),
    ):
        entered = getattr(read, field)
        if entered and entered != computed:
            yield field, entered, computed.value
