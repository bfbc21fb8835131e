"""What is due at whole sites: set-based, from the last day and the number of each kind a patient has.

It equals what the schedule of each patient shows (tested), in the same few statements however many there are.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from assessments.course import patient_course
from assessments.models import DoseInterval, ImagingRead, Lesion, LesionReading, LesionRole
from casebook.extraction import extract
from casebook.models import Patient
from patients.domain.schedule import (
    OPEN,
    AssessmentKind,
    Planned,
    PlannedStatus,
    ScheduleFacts,
    Series,
    derive_following,
    series_of,
)
from patients.models import Discontinuation, ProgressionDecision
from trial.domain.protocol import Protocol
from trial.selectors import protocols_in_force

OF_TREATMENT_2 = (
    DoseInterval,
    ImagingRead,
    Lesion,
    LesionReading,
    LesionRole,
    ProgressionDecision,
    Discontinuation,
)
"""The forms from which the first and the second progression follow."""

LAST_OF_EACH_KIND = """
    WITH protocol AS (
        SELECT * FROM unnest(%(sites)s::bigint[], %(shortest)s::int[]) AS p (site_id, shortest)
    ), patient AS (
        SELECT p.id, p.number, p.site_id, t.first_dose, protocol.shortest, d.continued
        FROM casebook_patient p
        JOIN protocol USING (site_id)
        CROSS JOIN LATERAL (
            SELECT min(start) AS first_dose FROM assessments_doseinterval
            WHERE patient_id = p.id AND mg > 0 AND start <= %(today)s
        ) t
        LEFT JOIN patients_progressiondecision d ON d.patient_id = p.id
        LEFT JOIN patients_discontinuation o ON o.patient_id = p.id
        LEFT JOIN LATERAL (
            SELECT status FROM patients_survivalfollowup
            WHERE patient_id = p.id AND contact_date <= %(today)s ORDER BY contact_date DESC LIMIT 1
        ) c ON true
        WHERE t.first_dose IS NOT NULL AND c.status IS DISTINCT FROM 'LOST TO FOLLOW-UP'
            AND (o.date > %(today)s) IS NOT FALSE
            AND (d.continued OR d.date > %(today)s) IS NOT FALSE
            AND NOT EXISTS (
                SELECT FROM patients_death x
                WHERE x.patient_id = p.id AND rpad(x.date, 10, '-01-01') <= %(today)s::text
            )
    ), done AS (
        SELECT patient_id, 'CLINIC' AS kind, date, false AS missed FROM patients_visit
            WHERE kind = 'SCHEDULED' AND patient_id IN (SELECT id FROM patient)
        UNION ALL SELECT patient_id, 'LABORATORY', date, false FROM assessments_labpanel
            WHERE patient_id IN (SELECT id FROM patient)
        UNION ALL SELECT patient_id, 'IMAGING', date, false FROM assessments_imagingread r
            WHERE patient_id IN (SELECT id FROM patient)
            AND NOT EXISTS (SELECT FROM assessments_lesionrole WHERE read_id = r.id AND period = 1)
        UNION ALL SELECT patient_id, kind, planned_date, true FROM patients_missedvisit
            WHERE patient_id IN (SELECT id FROM patient)
    ), counted AS (
        SELECT p.id, done.kind, done.date, done.missed OR done.kind <> 'LABORATORY' OR done.date - lag(
            done.date, 1, p.first_dose
        ) OVER (PARTITION BY p.id, done.kind ORDER BY done.date, done.missed) >= p.shortest AS counts
        FROM done JOIN patient p ON p.id = done.patient_id
        WHERE done.date > p.first_dose AND done.date <= %(today)s
    )
    SELECT p.id, p.number, p.site_id, p.first_dose, p.continued IS TRUE,
        jsonb_object_agg(c.kind, jsonb_build_array(c.last, c.number)) FILTER (WHERE c.kind IS NOT NULL)
    FROM patient p LEFT JOIN (
        SELECT id, kind, max(date) AS last, count(*) FILTER (WHERE counts) AS number
        FROM counted GROUP BY id, kind
    ) c ON c.id = p.id
    GROUP BY p.id, p.number, p.site_id, p.first_dose, p.continued
    ORDER BY p.number
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Something planned for a patient on treatment."""

    patient_id: int
    number: str
    site_id: int
    planned: Planned


@dataclass(frozen=True, slots=True)
class _OnTreatment:
    """A patient on treatment, and of each kind the last day and how many there were."""

    patient_id: int
    number: str
    site_id: int
    first_dose: date
    continued: bool
    last: dict[AssessmentKind, tuple[date, int]] = field(hash=False, compare=False)


def open_at(site_ids: Collection[int], *, today: date) -> list[Due]:
    """What waits at these sites now, the most pressing first: overdue, due, in its window."""
    found = planned_at(site_ids, today=today, only=OPEN)
    return sorted(found, key=lambda due: (*pressing(due.planned), due.number))


def pressing(planned: Planned) -> tuple[int, date]:
    """Sorts what waits: overdue, due, in its window; of each what has to be done first."""
    return OPEN.index(planned.status), planned.latest


def planned_at(
    site_ids: Collection[int],
    *,
    today: date,
    ahead_days: int = 0,
    only: Collection[PlannedStatus] = (*OPEN, PlannedStatus.NOT_YET),
) -> list[Due]:
    """What waits or lies ahead of the patients on treatment, patient by patient."""
    protocols = protocols_in_force(today)
    patients = _on_treatment({pk: protocols[pk] for pk in site_ids if pk in protocols}, today)

    def following(patient: _OnTreatment, facts: ScheduleFacts) -> list[Due]:
        return [
            Due(patient.patient_id, patient.number, patient.site_id, item)
            for series in series_of(protocols[patient.site_id].schedule)
            for item in _following(patient, series, facts, today, ahead_days)
            if item.status in only
        ]

    found = {
        patient: following(patient, ScheduleFacts(first_dose=patient.first_dose)) for patient in patients
    }
    beyond = [patient for patient in patients if patient.continued and found[patient]]
    for patient, facts in _beyond_progression(beyond, protocols, today):
        found[patient] = following(patient, facts)
    return [due for some in found.values() for due in some]


def _following(
    patient: _OnTreatment, series: Series, facts: ScheduleFacts, today: date, ahead_days: int
) -> Iterator[Planned]:
    last, number = patient.last.get(series.kind, (None, 0))
    return derive_following(series, facts, last=last, number=number, today=today, ahead_days=ahead_days)


def _on_treatment(protocols: Mapping[int, Protocol], today: date) -> list[_OnTreatment]:
    parameters: dict[str, Any] = {
        "sites": list(protocols),
        "shortest": [protocol.schedule.visit_days[0] for protocol in protocols.values()],
        "today": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(LAST_OF_EACH_KIND, parameters)
        return [
            _OnTreatment(pk, number, site_id, first_dose, continued, _read(last))
            for pk, number, site_id, first_dose, continued, last in cursor.fetchall()
        ]


def _read(last_of_each: str | None) -> dict[AssessmentKind, tuple[date, int]]:
    """The last day and the number of each kind, from JSON; None where there is none of any."""
    found = json.loads(last_of_each or "{}")
    return {AssessmentKind(kind): (date.fromisoformat(day), n) for kind, (day, n) in found.items()}


def _beyond_progression(
    patients: Sequence[_OnTreatment], protocols: Mapping[int, Protocol], today: date
) -> Iterator[tuple[_OnTreatment, ScheduleFacts]]:
    """Those treated beyond first progression, with the second one, after which nothing is due."""
    if not patients:
        return
    rows = {
        known.patient_id: Patient(pk=known.patient_id, number=known.number, site_id=known.site_id)
        for known in patients
    }
    snapshot = extract(list(rows.values()), tables=OF_TREATMENT_2)
    for patient in patients:
        protocol = protocols[patient.site_id]
        course = patient_course(snapshot, rows[patient.patient_id], protocol, data_end=today)
        yield (
            patient,
            ScheduleFacts(
                first_dose=patient.first_dose,
                end=course.pd2_date,
                treatment_2_start=course.treatment_2_start,
            ),
        )
