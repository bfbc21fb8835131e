"""The data cut: the forms as they would read had the clinic stopped at the end of the cut-off day."""

import copy
from collections.abc import Iterator
from datetime import date

from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    ConcomitantMedication,
    DoseInterval,
    MedicalHistory,
)
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from casebook.models import ClinicalRow, Crf, Patient
from casebook.registry import clinical_models, spec_of

GOES_ON = AdverseEvent | ConcomitantMedication | MedicalHistory


def cut(snapshot: Snapshot, cut_off: date) -> Snapshot:
    """The snapshot without what happened after the cut-off day.

    A form or line dated later is left out, with the lines that belong to it; a partial date counts as its
    earliest day. What was going on at the cut-off is still going on: a dose or an event that ended later has
    no end.
    """
    return Snapshot(
        list(snapshot.patients),
        [row for patient in snapshot.patients for row in _kept(snapshot, patient, cut_off)],
    )


def _kept(snapshot: Snapshot, patient: Patient, cut_off: date) -> Iterator[ClinicalRow]:
    later: set[tuple[type[ClinicalRow], int]] = set()
    for model in clinical_models():
        for row in snapshot.rows(patient, model):
            if _is_after(_day_of(row), cut_off) or any(parent in later for parent in _parents(row)):
                later.add((model, row.pk))
            else:
                yield _until(row, cut_off)


def _day_of(row: ClinicalRow) -> date | PartialDate | None:
    if isinstance(row, Crf):
        day: date | PartialDate | None = getattr(row, spec_of(type(row)).date_field)
        return day
    return row.date if isinstance(row, AdverseEventGrade) else None


def _parents(row: ClinicalRow) -> Iterator[tuple[type[ClinicalRow], int]]:
    """The forms a line belongs to; forms themselves belong to none."""
    if not isinstance(row, Crf):
        for field in row._meta.concrete_fields:
            form = field.related_model
            if isinstance(form, type) and issubclass(form, Crf):
                yield form, getattr(row, field.attname)


def _until(row: ClinicalRow, cut_off: date) -> ClinicalRow:
    if isinstance(row, DoseInterval | GOES_ON) and _is_after(row.end, cut_off):
        row = copy.copy(row)
        row.end = None
        if isinstance(row, GOES_ON):
            row.ongoing = True
    return row


def _is_after(day: date | PartialDate | None, cut_off: date) -> bool:
    first = day.earliest if isinstance(day, PartialDate) else day
    return first is not None and first > cut_off
