"""The SYNTHETIC cohort as rows in memory: what an extraction would return, without a database.

One liver lesion carries every response: its diameters are made to give the cohort's best responses and
progressions.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from analysis.facts import StudyFacts, study_facts
from analysis.settings import RunSettings
from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    ImagingRead,
    Lesion,
    LesionReading,
    LesionRole,
)
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from casebook.models import ClinicalRow, Patient
from demo.cohort import Subject, read_cohort
from patients.models import (
    BaselineDisease,
    Consent,
    Death,
    Discontinuation,
    Enrolment,
    ProgressionDecision,
    SurvivalFollowUp,
    Visit,
)
from tests.factories import PROTOCOL_FILE
from trial.domain.protocol import Protocol, parse_protocol
from trial.models import Site

DOSES = {800: (400, "BID"), 400: (400, "QD"), 200: (400, "QOD"), 0: (0, "QD")}
NOT_CONTINUED = {"PS": "PS DETERIORATION", "Patient refusal": "PATIENT REFUSAL"}
_ids = count(1)


@cache
def protocol() -> Protocol:
    return parse_protocol(PROTOCOL_FILE.read_text())


def facts(
    cut_off: date | None = None,
    snapshot: Snapshot | None = None,
    plan: Protocol | None = None,
    **settings: Any,
) -> StudyFacts:
    """The facts of the cohort; `plan` is another protocol than the trial's."""
    plan = plan or protocol()
    return study_facts(
        snapshot or cohort_snapshot(),
        plan,
        cut_off=cut_off or plan.cut_off,
        settings=RunSettings.from_protocol(plan, settings),
    )


@cache
def cohort_snapshot() -> Snapshot:
    site = Site(pk=1, code="01", name="SYNTHETIC")
    patients, rows = [], []
    for subject in read_cohort():
        patient = Patient(pk=next(_ids), number=subject.number, site=site)
        patients.append(patient)
        for row in _forms(subject):
            row.patient = patient
            rows.append(row)
    return Snapshot(patients, rows)


def form(model: type[ClinicalRow], **values: Any) -> Any:
    return model(pk=next(_ids), **values)


def day(value: date) -> PartialDate:
    return PartialDate.on(value)


def _forms(subject: Subject) -> Iterator[ClinicalRow]:
    consented = subject.enrolment - timedelta(days=3)
    yield form(Enrolment, date=subject.enrolment, registration_number=subject.number)
    yield from _baseline(subject, consented)
    if subject.start is None:
        yield form(Discontinuation, date=subject.enrolment, off_protocol_reason="REFUSED BEFORE FIRST DOSE")
        return
    yield form(Visit, date=subject.start, kind="SCHEDULED")
    for dose in subject.doses:
        if dose.mg_per_day:
            mg, frequency = DOSES[dose.mg_per_day]
            yield form(DoseInterval, start=dose.start, end=dose.end, mg=Decimal(mg), frequency=frequency)
    for event in subject.events:
        row = form(
            AdverseEvent,
            term_id=f"4.03 {event.term}",
            onset=day(event.onset),
            ongoing=True,
            causality="PROBABLE",
            serious=event.worst_grade > 3,
        )
        yield row
        yield form(AdverseEventGrade, adverse_event_id=row.pk, date=day(event.onset), grade=event.worst_grade)
    yield from _imaging(subject, subject.start)
    yield from _end(subject)


def _baseline(subject: Subject, consented: date) -> Iterator[ClinicalRow]:
    known = subject.baseline
    age = known.age if known else 70
    yield form(
        Consent,
        consent_date=consented,
        birth_date=day(consented.replace(year=consented.year - age) - timedelta(days=30)),
        sex=known.sex if known else "M",
    )
    if known is None:
        return
    yield form(
        BaselineDisease,
        date=consented,
        etiology=known.etiology,
        ecog=known.ecog,
        ascites="NONE",
        encephalopathy_grade=0,
        bilirubin=Decimal("2.0") if known.child_pugh_score == 6 else Decimal("1.0"),
        albumin=Decimal("4.0"),
        inr=Decimal("1.0"),
        bclc_stage=known.bclc,
        vascular_invasion=known.vascular_invasion,
        extrahepatic_spread=known.extrahepatic_spread,
        afp=known.afp,
        dcp=known.dcp,
        pretreated=known.pretreated,
    )


def _imaging(subject: Subject, start: date) -> Iterator[ClinicalRow]:
    lesion = form(Lesion, label="T01", organ="LIVER", kind="LIVER")
    yield lesion
    size = Decimal(50)
    baseline = start - timedelta(days=10)
    periods = [(1, start, subject.t1_scans, subject.bor1), (2, subject.pd1, subject.t2_scans, subject.bor2)]
    read = form(ImagingRead, date=baseline, modality="CONTRAST ENHANCED CT SCAN")
    yield from (read, _reading(read, lesion, size), _role(read, lesion, 1))
    for number, day_0, scans, best in periods:
        if day_0 is None or not scans:
            return
        if number == 2:
            yield _role(read, lesion, 2)
        nadir = size
        for index, days in enumerate(scans):
            last = index == len(scans) - 1
            size = (
                nadir * Decimal("1.5")
                if last
                else size * Decimal("0.6")
                if best == "PR" and index == 0
                else size
            )
            size = size.quantize(Decimal("0.1"))
            nadir = min(nadir, size)
            read = form(ImagingRead, date=day_0 + timedelta(days=days), modality="CONTRAST ENHANCED CT SCAN")
            yield from (read, _reading(read, lesion, size))


def _reading(read: ImagingRead, lesion: Lesion, size: Decimal) -> ClinicalRow:
    return form(LesionReading, read_id=read.pk, lesion_id=lesion.pk, state="MEASURED", diameter=size)


def _role(read: ImagingRead, lesion: Lesion, period: int) -> ClinicalRow:
    return form(LesionRole, read_id=read.pk, lesion_id=lesion.pk, period=period, role="TARGET")


def _end(subject: Subject) -> Iterator[ClinicalRow]:
    why = subject.off_protocol_reason
    if subject.pd1 is not None:
        reason = next((value for text, value in NOT_CONTINUED.items() if text in why), "ADVERSE EVENT")
        yield form(
            ProgressionDecision,
            date=subject.pd1,
            continued=subject.continued,
            not_continued_reason="" if subject.continued else reason,
        )
    if subject.treatment_end is not None:
        reason = "SECOND PD" if subject.continued else "ADVERSE EVENT"
        yield form(Discontinuation, date=subject.treatment_end, off_protocol_reason=reason, detail="x")
    if subject.death is not None:
        yield form(Death, date=day(subject.death), cause="DISEASE UNDER STUDY")
    elif subject.last_contact is not None:
        yield form(SurvivalFollowUp, contact_date=subject.last_contact, status="ALIVE")
