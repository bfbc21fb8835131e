"""The facts of every patient for one run: the course as the forms tell it, and the history endpoints are derived from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analysis.domain.history import PatientHistory, Scan, at_cut_off
from assessments.course import PatientCourse
from casebook.models import Crf
from casebook.registry import spec_of
from trial.domain.analysis_plan import AnalysisSet, Milestone
from trial.domain.protocol import Protocol


def ref(row: Crf) -> str:
    """The form behind a fact, as "slug/id": what a page needs to lead there."""
    return f"{spec_of(type(row)).slug}/{row.pk}"


@dataclass(frozen=True, slots=True)
class Subject:
    """One patient of a run."""

    course: PatientCourse
    history: PatientHistory

    @property
    def number(self) -> str:
        return self.course.patient.number

    def reference(self, *facts: str) -> list[str]:
        """The forms behind these facts of the history."""
        return [self.history.references[fact] for fact in facts if fact in self.history.references]


@dataclass(frozen=True)
class StudyFacts:
    """All patients of a run with the protocol that judges them, sorted by patient number."""

    protocol: Protocol
    cut_off: date
    subjects: Sequence[Subject]

    def analysis_set(self, set_id: str) -> list[Subject]:
        wanted = self.protocol.analysis_set(set_id)
        return [subject for subject in self.subjects if is_in(subject.history, wanted)]


MILESTONES = {
    Milestone.CONSENT: "consent_date",
    Milestone.ENROLMENT: "enrolment_date",
    Milestone.FIRST_DOSE: "first_dose",
    Milestone.SAFETY_ASSESSMENT: "first_safety_assessment",
    Milestone.FIRST_PROGRESSION: "pd1_date",
    Milestone.CONTINUATION: "continuation_date",
    Milestone.SECOND_PROGRESSION: "pd2_date",
    Milestone.TREATMENT_DISCONTINUATION: "treatment_discontinued_date",
    Milestone.LAST_CONTACT: "last_contact_date",
    Milestone.DEATH: "death_date",
}


def is_in(history: PatientHistory, wanted: AnalysisSet) -> bool:
    """Whether the patient has reached every milestone the set asks for."""
    return all(_reached(history, milestone) for milestone in wanted.requires)


def _reached(history: PatientHistory, milestone: Milestone) -> bool:
    if milestone is Milestone.LAST_TUMOUR_ASSESSMENT:
        return any(scan.is_adequate for scan in history.scans)
    return getattr(history, MILESTONES[milestone]) is not None


def study_facts(courses: Sequence[PatientCourse], protocol: Protocol, cut_off: date) -> StudyFacts:
    subjects = [Subject(course, at_cut_off(history_of(course), cut_off)) for course in courses]
    return StudyFacts(protocol, cut_off, sorted(subjects, key=lambda subject: subject.number))


def history_of(course: PatientCourse) -> PatientHistory:
    """The dated facts of one patient, each with the form that gives it; a partial date of death counts as unknown."""
    rows: dict[str, Crf | None] = {
        "consent_date": course.consent,
        "enrolment_date": course.enrolment,
        "first_dose": course.given_doses[0] if course.given_doses else None,
        "last_dose": course.given_doses[-1] if course.given_doses else None,
        "first_safety_assessment": _first_safety_assessment(course),
        "pd1_date": _progression_read(course, 1),
        "pd2_date": _progression_read(course, 2),
        "continuation_date": course.decision if course.continued else None,
        "treatment_discontinued_date": course.discontinuation,
        "last_contact_date": course.last_contact,
        "death_date": course.death if course.death_date else None,
    }
    safety = _first_safety_assessment(course)
    return PatientHistory(
        patient_number=course.patient.number,
        site=course.patient.site.code,
        consent_date=course.consent.consent_date if course.consent else None,
        enrolment_date=course.enrolment.date if course.enrolment else None,
        first_dose=course.first_dose,
        last_dose=course.last_dose or (course.data_end if course.given_doses else None),
        first_safety_assessment=safety.date if safety else None,
        scans=tuple(_scans(course)),
        pd1_date=course.pd1_date,
        continuation_date=course.decision.date if course.continued and course.decision else None,
        pd2_date=course.pd2_date,
        treatment_discontinued_date=course.discontinuation.date if course.discontinuation else None,
        treatment_discontinued_reason=course.discontinuation.off_protocol_reason if course.discontinuation else None,
        last_contact_date=course.last_contact.contact_date if course.last_contact else None,
        death_date=course.death_date,
        references={name: ref(row) for name, row in rows.items() if row is not None},
    )


def _scans(course: PatientCourse) -> list[Scan]:
    reads = {read.pk: read for read in course.reads}
    points = course.tumour.time_points if course.tumour else ()
    return [
        Scan(
            date=point.date,
            period=point.period,
            response=point.overall.value,
            reference=ref(reads[int(point.scan_id)]),
        )
        for point in points
        if not point.after_progression
    ]


def _progression_read(course: PatientCourse, period: int) -> Crf | None:
    tumour = course.tumour
    point = None if tumour is None else tumour.pd1 if period == 1 else tumour.pd2
    return next((read for read in course.reads if point is not None and read.pk == point.scan_id), None)


def _first_safety_assessment(course: PatientCourse):  # type: ignore[no-untyped-def]
    """The first visit, vital signs or laboratory panel on or after the first dose, whichever comes first."""
    if course.first_dose is None:
        return None
    seen = [
        row
        for row in (*course.visits, *course.vital_signs, *course.lab_panels)
        if course.first_dose <= row.date <= course.data_end
    ]
    return min(seen, key=lambda row: row.date, default=None)
