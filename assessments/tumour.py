"""From the saved imaging reads of a patient to the tumour course that the rules derive."""

from datetime import date
from decimal import Decimal

from assessments.domain import lesions as facts
from assessments.domain.mrecist import ResponseCriteria
from assessments.domain.tumour_course import TumourCourse, derive_tumour_course
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole, ReadingState
from casebook.extraction import Snapshot
from casebook.models import Patient
from trial.domain.protocol import Protocol

MEASUREMENTS = {
    ReadingState.MEASURED: facts.MeasurementState.MEASURED,
    ReadingState.PROGRESSION: facts.MeasurementState.MEASURED,
    ReadingState.PRESENT: facts.MeasurementState.MEASURED,
    ReadingState.ABSENT: facts.MeasurementState.ABSENT,
    ReadingState.TOO_SMALL: facts.MeasurementState.TOO_SMALL,
    ReadingState.NOT_EVALUABLE: facts.MeasurementState.NOT_EVALUABLE,
}
NON_TARGETS = {
    ReadingState.MEASURED: facts.NonTargetState.PRESENT,
    ReadingState.PROGRESSION: facts.NonTargetState.UNEQUIVOCAL_PROGRESSION,
    ReadingState.PRESENT: facts.NonTargetState.PRESENT,
    ReadingState.ABSENT: facts.NonTargetState.ABSENT,
    ReadingState.TOO_SMALL: facts.NonTargetState.PRESENT,
    ReadingState.NOT_EVALUABLE: facts.NonTargetState.NOT_EVALUABLE,
}


def response_criteria(protocol: Protocol) -> ResponseCriteria:
    """The protocol's response settings as the response rules take them."""
    rules = protocol.response
    return ResponseCriteria(
        pr_decrease_percent=rules.pr_decrease_percent,
        pd_increase_percent=rules.pd_increase_percent,
        pd_min_abs_mm=rules.pd_min_abs_mm,
        normal_node_below_mm=rules.normal_node_below_mm,
        too_small_to_measure_mm=rules.too_small_to_measure_mm,
        max_targets=rules.max_targets,
        max_targets_per_organ=rules.max_targets_per_organ,
        min_target_mm=rules.min_target_mm,
        min_target_node_mm=rules.min_target_node_mm,
        min_porta_hepatis_node_mm=rules.min_porta_hepatis_node_mm,
        sd_min_days=rules.sd_min_days,
        confirmation_required=rules.confirmation_required,
    )


def tumour_course(
    snapshot: Snapshot, patient: Patient, *, first_dose: date | None, criteria: ResponseCriteria
) -> TumourCourse | None:
    """The course derived from all reads; None until lesions were chosen on a baseline read."""
    reads = sorted(snapshot.rows(patient, ImagingRead), key=lambda read: (read.date, read.pk or 0))
    roles = snapshot.rows(patient, LesionRole)
    chosen = {role.read_id for role in roles if role.period == 1}
    baseline = next((read for read in reads if read.pk in chosen), None)
    if baseline is None:
        return None
    readings: dict[int, list[LesionReading]] = {}
    for reading in snapshot.rows(patient, LesionReading):
        readings.setdefault(reading.read_id, []).append(reading)
    scans = {read.pk: scan_facts(read, readings.get(read.pk, [])) for read in reads}
    return derive_tumour_course(
        lesions=[lesion_facts(lesion) for lesion in snapshot.rows(patient, Lesion)],
        baseline_scan=scans[baseline.pk],
        scans=list(scans.values()),
        roles=[role_facts(role) for role in roles],
        first_dose_date=first_dose,
        criteria=criteria,
    )


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
    )


def role_facts(role: LesionRole) -> facts.LesionRole:
    return facts.LesionRole(
        period=role.period, lesion_id=role.lesion_id, role=facts.RoleKind(role.role), scan_id=role.read_id
    )


def scan_facts(read: ImagingRead, readings: list[LesionReading]) -> facts.Scan:
    """One read as the rules take it.

    Every lesion is given both as a measurement and as a non-target state: which of the two counts is decided by its
    role in the period, and a lesion's role may change at the new baseline.
    """
    return facts.Scan(
        id=read.pk,
        date=read.date,
        measurements=tuple(
            facts.LesionMeasurement(
                lesion_id=reading.lesion_id,
                state=MEASUREMENTS[ReadingState(reading.state)],
                diameter=tenths_of_mm(reading.diameter),
            )
            for reading in readings
        ),
        non_targets=tuple(
            facts.NonTargetFinding(
                lesion_id=reading.lesion_id,
                state=NON_TARGETS[ReadingState(reading.state)],
                malignancy_proven=reading.malignancy_proven,
            )
            for reading in readings
        ),
        new_lesions=tuple(
            facts.NewLesionFinding(
                lesion_id=reading.lesion_id,
                diameter=tenths_of_mm(reading.diameter),
                typical=reading.typical,
                unequivocal=reading.unequivocal,
                malignancy_proven=reading.malignancy_proven,
            )
            for reading in readings
            if reading.is_new
        ),
        new_lesions_evaluated=read.new_lesions_evaluated,
    )


def tenths_of_mm(diameter: Decimal | None) -> int | None:
    return None if diameter is None else int(diameter * 10)
