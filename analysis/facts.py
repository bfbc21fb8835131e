"""The facts of every patient for one run: the course the forms tell, and the history endpoints rest on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain

from analysis.cut_off import cut
from analysis.domain.endpoints import Endpoint, NotDerived, TimeToEvent, derive_tte
from analysis.domain.history import PatientHistory, Scan
from analysis.settings import RunSettings
from assessments.course import PatientCourse, patient_course
from assessments.domain.dosing import PeriodExposure
from assessments.models import LabPanel, VitalSigns
from casebook.extraction import Snapshot
from casebook.models import Crf
from casebook.registry import spec_of
from patients.models import Visit
from trial.domain.analysis_plan import AnalysisSet, Milestone
from trial.domain.protocol import Protocol

PERIODS = (1, 2)


def ref(row: Crf) -> str:
    """The form behind a fact, as "slug/id": what a page needs to lead there."""
    return f"{spec_of(type(row)).slug}/{row.pk}"


@dataclass(frozen=True, eq=False)
class Subject:
    """One patient of a run: `course` and `history` as they stood at the cut-off."""

    course: PatientCourse
    history: PatientHistory

    @property
    def number(self) -> str:
        return self.course.patient.number

    def reference(self, *facts: str) -> list[str]:
        """The forms behind these facts of the history."""
        return [self.history.references[fact] for fact in facts if fact in self.history.references]

    def exposure(self, period: int) -> PeriodExposure | None:
        """What was given in Treatment 1 or 2; None where the period did not begin."""
        return next((e for e in self.course.exposures if e.period.number == period), None)


@dataclass(frozen=True)
class StudyFacts:
    """All patients of a run, sorted by number, with the protocol and the settings that judge them."""

    protocol: Protocol
    settings: RunSettings
    cut_off: date
    subjects: Sequence[Subject]

    def analysis_set(self, set_id: str) -> list[Subject]:
        wanted = self.protocol.analysis_set(set_id)
        return [subject for subject in self.subjects if is_in(subject.history, wanted)]

    def membership(self, set_id: str) -> Callable[[Subject], list[str]]:
        """What names the forms that bring a patient into an analysis set."""
        reached = [MILESTONES.get(milestone) for milestone in self.protocol.analysis_set(set_id).requires]
        names = [name for name in reached if name is not None]
        return lambda subject: subject.reference(*names)

    def membership_in(self, period: int) -> Callable[[Subject], list[str]]:
        """The same for the patients of Treatment 1 or 2."""
        return self.membership("safety" if period == 1 else "treatment_2")

    @cached_property
    def safety(self) -> list[Subject]:
        return self.analysis_set("safety")

    @cached_property
    def treatment_2(self) -> list[Subject]:
        return self.analysis_set("treatment_2")

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        return {
            wanted.id: frozenset(subject.number for subject in self.analysis_set(wanted.id))
            for wanted in self.protocol.analysis_sets
        }

    def has(self, subject: Subject, set_id: str) -> bool:
        """Whether the patient belongs to an analysis set."""
        return subject.number in self._members[set_id]

    def is_treated_in(self, subject: Subject, period: int) -> bool:
        return self.has(subject, "safety" if period == 1 else "treatment_2")

    def treated_in(self, period: int) -> list[Subject]:
        """The set whose patients are the denominator of Treatment 1 or 2."""
        return self.safety if period == 1 else self.treatment_2

    @cached_property
    def not_continued(self) -> list[Subject]:
        """The safety set less those who continued beyond first progression."""
        return [subject for subject in self.safety if not self.has(subject, "treatment_2")]

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The protocol's times to event, survival from the day the run asks for."""
        return tuple(
            Endpoint.from_names(
                endpoint.id,
                f"{endpoint.label} (days)",
                start=self.settings.os_origin if endpoint.id == "OS" else endpoint.start.value,
                events=endpoint.events,
                censors=endpoint.censors,
                requires=self.protocol.analysis_set(endpoint.analysis_set).requires,
            )
            for endpoint in self.protocol.endpoints
        )

    @cached_property
    def records(self) -> dict[str, list[TimeToEvent]]:
        """The time-to-event records by endpoint."""
        return {
            paramcd: [record for record in derived if isinstance(record, TimeToEvent)]
            for paramcd, derived in self._derived.items()
        }

    @cached_property
    def records_by_patient(self) -> dict[str, list[TimeToEvent]]:
        found: dict[str, list[TimeToEvent]] = {subject.number: [] for subject in self.subjects}
        for record in chain.from_iterable(self.records.values()):
            found[record.patient_number].append(record)
        return found

    @cached_property
    def not_derived(self) -> dict[str, list[NotDerived]]:
        """Patients of an endpoint's analysis set whose record cannot be derived, with the reason."""
        members = {endpoint.id: self._members[endpoint.analysis_set] for endpoint in self.protocol.endpoints}
        return {
            paramcd: [
                record
                for record in derived
                if isinstance(record, NotDerived) and record.patient_number in members[paramcd]
            ]
            for paramcd, derived in self._derived.items()
        }

    @cached_property
    def _derived(self) -> dict[str, list[TimeToEvent | NotDerived]]:
        return {
            endpoint.paramcd: [derive_tte(subject.history, endpoint) for subject in self.subjects]
            for endpoint in self.endpoints
        }


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


def study_facts(
    snapshot: Snapshot, protocol: Protocol, *, cut_off: date, settings: RunSettings
) -> StudyFacts:
    criteria = settings.criteria(protocol)
    at_cut_off = cut(snapshot, cut_off)
    subjects = []
    for patient in snapshot.patients:
        course = patient_course(at_cut_off, patient, protocol, data_end=cut_off, criteria=criteria)
        afterwards = patient_course(snapshot, patient, protocol, data_end=date.max, criteria=criteria)
        subjects.append(Subject(course, history_of(course, afterwards=afterwards)))
    return StudyFacts(protocol, settings, cut_off, sorted(subjects, key=lambda subject: subject.number))


def history_of(course: PatientCourse, *, afterwards: PatientCourse | None = None) -> PatientHistory:
    """The dated facts of one patient, each with the form that gives it; a partial date of death is no date,
    and is kept as it was entered.

    `afterwards` is the course without the cut-off: a patient whom it shows alive, or dying, later was alive
    on the cut-off day. The last contact is the last follow-up; without any, the last form that shows the
    patient alive.
    """
    rows = _rows_behind(course)
    safety = rows["first_safety_assessment"]
    history = PatientHistory(
        patient_number=course.patient.number,
        site=course.patient.site.code,
        consent_date=course.consent.consent_date if course.consent else None,
        enrolment_date=course.enrolment.date if course.enrolment else None,
        first_dose=course.first_dose,
        last_dose=course.last_dose or (course.data_end if course.given_doses else None),
        first_safety_assessment=safety.date if isinstance(safety, Visit | VitalSigns | LabPanel) else None,
        scans=tuple(_scans(course)),
        pd1_date=course.pd1_date,
        continuation_date=course.decision.date if course.continued and course.decision else None,
        pd2_date=course.pd2_date,
        treatment_discontinued_date=course.discontinuation.date if course.discontinuation else None,
        treatment_discontinued_reason=course.discontinuation.off_protocol_reason
        if course.discontinuation
        else None,
        last_contact_date=course.last_contact.contact_date
        if course.last_contact
        else course.last_known_alive,
        death_date=course.death_date,
        partial_death_date=_partial_death_date(course),
        references={name: ref(row) for name, row in rows.items() if row is not None},
    )
    return history if afterwards is None else _alive_at_cut_off(history, course.data_end, afterwards)


def _partial_death_date(course: PatientCourse) -> str | None:
    """The day of death as entered, where not all of it is known and it may lie before the end of the data."""
    died = course.death.date if course.death else None
    if died is None or died.is_complete:
        return None
    return died.text if died.earliest is None or died.earliest <= course.data_end else None


def _alive_at_cut_off(history: PatientHistory, cut_off: date, afterwards: PatientCourse) -> PatientHistory:
    """The history of a patient seen after the cut-off, censored on the cut-off day; others as they are."""
    later: dict[date, Crf] = {
        row.contact_date: row for row in afterwards.follow_ups if row.contact_date > cut_off
    }
    if (
        afterwards.death is not None
        and (died := afterwards.death.date.earliest) is not None
        and died > cut_off
    ):
        later[died] = afterwards.death
    seen = afterwards.last_known_alive
    if history.death_date is not None or not (later or (seen is not None and seen > cut_off)):
        return history
    references = dict(history.references)
    if later:
        references["last_contact_date"] = ref(later[min(later)])
    died_before = afterwards.death is not None and (afterwards.death.date.latest or date.max) <= cut_off
    return replace(
        history,
        last_contact_date=cut_off,
        partial_death_date=history.partial_death_date if died_before else None,
        references=references,
    )


def _rows_behind(course: PatientCourse) -> dict[str, Crf | None]:
    return {
        "consent_date": course.consent,
        "enrolment_date": course.enrolment,
        "first_dose": course.given_doses[0] if course.given_doses else None,
        "last_dose": course.given_doses[-1] if course.given_doses else None,
        "first_safety_assessment": _first_safety_assessment(course),
        "pd1_date": progression_read(course, 1),
        "pd2_date": progression_read(course, 2),
        "continuation_date": course.decision if course.continued else None,
        "treatment_discontinued_date": course.discontinuation,
        "last_contact_date": course.last_contact or _last_seen(course),
        "death_date": course.death if course.death_date else None,
    }


def _scans(course: PatientCourse) -> Iterator[Scan]:
    reads = {read.pk: read for read in course.reads}
    points = course.tumour.time_points if course.tumour else ()
    for point in points:
        if not point.after_progression:
            yield Scan(
                date=point.date,
                period=point.period,
                response=point.overall.value,
                reference=ref(reads[int(point.scan_id)]),
            )


def progression_read(course: PatientCourse, period: int) -> Crf | None:
    """The imaging read of first or second progression."""
    tumour = course.tumour
    point = None if tumour is None else tumour.pd1 if period == 1 else tumour.pd2
    return next((read for read in course.reads if point is not None and read.pk == point.scan_id), None)


def _first_safety_assessment(course: PatientCourse) -> Crf | None:
    """The first visit, vital signs or laboratory panel on or after the first dose, whichever comes first."""
    if course.first_dose is None:
        return None
    seen = [row for row in _examinations(course) if course.first_dose <= row.date]
    return min(seen, key=lambda row: row.date, default=None)


def _last_seen(course: PatientCourse) -> Crf | None:
    """The form behind the last day a patient without follow-up is known to have been alive."""
    seen: list[tuple[date, Crf]] = [(row.date, row) for row in (*_examinations(course), *course.reads)]
    seen += [(row.end or row.start, row) for row in course.given_doses]
    found = max(seen, key=lambda dated: dated[0], default=None)
    return found[1] if found else course.consent


def _examinations(course: PatientCourse) -> tuple[Visit | VitalSigns | LabPanel, ...]:
    return (*course.visits, *course.vital_signs, *course.lab_panels)
