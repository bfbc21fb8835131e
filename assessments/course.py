"""The whole course of one patient, from the saved forms: what every page, check and analysis reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, groupby
from typing import TypeVar

from assessments.domain.adverse_events import (
    AdverseEventError,
    AdverseEventFacts,
    GradeChange,
    PeriodAssignment,
    TreatmentEmergence,
    derive_period,
    derive_treatment_emergent,
    worst_grade,
)
from assessments.domain.dosing import (
    DosingError,
    PeriodExposure,
    TreatmentPeriod,
    derive_exposure,
    derive_periods,
)
from assessments.domain.mrecist import MRECIST, ResponseCriteria
from assessments.domain.tumour_course import TumourCourse
from assessments.domain.tumour_criteria import response_criteria
from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    ConcomitantMedication,
    DoseInterval,
    HccTreatment,
    ImagingRead,
    LabPanel,
    LesionRole,
    MedicalHistory,
    VitalSigns,
)
from assessments.tumour import tumour_course
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from casebook.models import Patient
from patients.models import (
    BaselineDisease,
    Consent,
    Death,
    Discontinuation,
    EligibilityDecision,
    Enrolment,
    MissedVisit,
    ProgressionDecision,
    Screening,
    SurvivalFollowUp,
    Visit,
)
from trial.domain.analysis_plan import Causality
from trial.domain.protocol import Protocol

ONE_DAY = timedelta(days=1)
Began = TypeVar("Began", ConcomitantMedication, MedicalHistory, HccTreatment)
ReadEvent = tuple[AdverseEvent, list[AdverseEventGrade], AdverseEventFacts]


class NoProtocolInForce(LookupError):
    """A rule was asked that only a protocol can answer, of a patient at a site that has approved none."""

    def __init__(self) -> None:
        super().__init__("No protocol version is approved for this site.")


@dataclass(frozen=True, slots=True)
class CourseEvent:
    """An adverse event with its grades over time and where it falls in the patient's treatment."""

    row: AdverseEvent
    grades: tuple[AdverseEventGrade, ...]
    facts: AdverseEventFacts
    emergence: TreatmentEmergence
    period: PeriodAssignment

    @property
    def worst_grade(self) -> int:
        return self.facts.worst_grade


@dataclass(frozen=True)
class PatientCourse:
    """One patient's forms and what the rules derive from them.

    `data_end` is the day up to which (inclusive) the data are taken: the cut-off, or today on a page. Nothing
    derived is stored: a corrected form changes everything that rests on it. `approved` None: the site has no
    approved protocol version; scans are read by plain mRECIST, the rest raises NoProtocolInForce.
    """

    snapshot: Snapshot
    patient: Patient
    approved: Protocol | None
    data_end: date
    criteria: ResponseCriteria

    @property
    def protocol(self) -> Protocol:
        if self.approved is None:
            raise NoProtocolInForce
        return self.approved

    @cached_property
    def consent(self) -> Consent | None:
        return self.snapshot.row(self.patient, Consent)

    @property
    def sex_and_birth(self) -> tuple[str, PartialDate | None]:
        """What chooses a reference range besides the day; "" and None before the consent is entered."""
        return (self.consent.sex, self.consent.birth_date) if self.consent else ("", None)

    @cached_property
    def screening(self) -> Screening | None:
        return self.snapshot.row(self.patient, Screening)

    @cached_property
    def baseline(self) -> BaselineDisease | None:
        return self.snapshot.row(self.patient, BaselineDisease)

    @cached_property
    def eligibility_decision(self) -> EligibilityDecision | None:
        return self.snapshot.row(self.patient, EligibilityDecision)

    @cached_property
    def enrolment(self) -> Enrolment | None:
        return self.snapshot.row(self.patient, Enrolment)

    @cached_property
    def decision(self) -> ProgressionDecision | None:
        return self.snapshot.row(self.patient, ProgressionDecision)

    @cached_property
    def discontinuation(self) -> Discontinuation | None:
        return self.snapshot.row(self.patient, Discontinuation)

    @cached_property
    def death(self) -> Death | None:
        return self.snapshot.row(self.patient, Death)

    @cached_property
    def follow_ups(self) -> list[SurvivalFollowUp]:
        return sorted(self.snapshot.rows(self.patient, SurvivalFollowUp), key=lambda row: row.contact_date)

    @cached_property
    def visits(self) -> list[Visit]:
        return sorted(self.snapshot.rows(self.patient, Visit), key=lambda row: row.date)

    @cached_property
    def missed_visits(self) -> list[MissedVisit]:
        return sorted(self.snapshot.rows(self.patient, MissedVisit), key=lambda row: row.planned_date)

    @cached_property
    def vital_signs(self) -> list[VitalSigns]:
        return sorted(self.snapshot.rows(self.patient, VitalSigns), key=lambda row: row.date)

    @cached_property
    def lab_panels(self) -> list[LabPanel]:
        return sorted(self.snapshot.rows(self.patient, LabPanel), key=lambda row: row.date)

    @cached_property
    def medications(self) -> list[ConcomitantMedication]:
        return self._by_start(ConcomitantMedication)

    @cached_property
    def medical_history(self) -> list[MedicalHistory]:
        return self._by_start(MedicalHistory)

    @cached_property
    def hcc_treatments(self) -> list[HccTreatment]:
        return self._by_start(HccTreatment)

    def _by_start(self, model: type[Began]) -> list[Began]:
        return sorted(self.snapshot.rows(self.patient, model), key=lambda row: (row.start.text, row.pk or 0))

    @cached_property
    def reads(self) -> list[ImagingRead]:
        return sorted(self.snapshot.rows(self.patient, ImagingRead), key=lambda row: row.date)

    @cached_property
    def baseline_reads(self) -> set[int]:
        """The reads on which lesions were chosen for Treatment 1."""
        return {role.read_id for role in self.snapshot.rows(self.patient, LesionRole) if role.period == 1}

    @cached_property
    def doses(self) -> list[DoseInterval]:
        return sorted(self.snapshot.rows(self.patient, DoseInterval), key=lambda row: row.start)

    @cached_property
    def given_doses(self) -> list[DoseInterval]:
        return [row for row in self.doses if row.mg > 0 and row.start <= self.data_end]

    @property
    def first_dose(self) -> date | None:
        return self.given_doses[0].start if self.given_doses else None

    @property
    def last_dose(self) -> date | None:
        """The last day on which the drug was taken; None before the first dose and while a dose goes on."""
        if not self.given_doses or self.given_doses[-1].end is None:
            return None
        return min(self.given_doses[-1].end, self.data_end)

    @cached_property
    def tumour(self) -> TumourCourse | None:
        return tumour_course(self.snapshot, self.patient, first_dose=self.first_dose, criteria=self.criteria)

    @property
    def pd1_date(self) -> date | None:
        point = self.tumour.pd1 if self.tumour else None
        return point.date if point and point.date <= self.data_end else None

    @property
    def pd2_date(self) -> date | None:
        point = self.tumour.pd2 if self.tumour and self.continued else None
        return point.date if point and point.date <= self.data_end else None

    @property
    def continued(self) -> bool:
        """Whether treatment went on beyond first progression, by the decision entered."""
        return self.decision is not None and self.decision.continued and self.decision.date <= self.data_end

    @property
    def treatment_end(self) -> date | None:
        """The day protocol treatment ended: as entered, else that of death (of a partial date the first day).

        None while neither is entered: after the last line of the dosing log the drug is interrupted.
        """
        if self.discontinuation is not None:
            return self.discontinuation.date
        if self.death is None:
            return None
        alive = [row.end or row.start for row in self.given_doses]
        return max([self.death.date.earliest or date.min, *alive])

    @cached_property
    def periods(self) -> tuple[TreatmentPeriod, ...]:
        """Treatment 1 and 2; none where the dates contradict each other (an edit check says so)."""
        try:
            return derive_periods(
                first_dose=self.first_dose,
                first_progression=self.pd1_date,
                second_progression=self.pd2_date,
                continued=self.continued,
                dosing_end=self.treatment_end,
                data_end=self.data_end + ONE_DAY,
            )
        except DosingError:
            return ()

    @cached_property
    def exposures(self) -> tuple[PeriodExposure, ...]:
        log = [row.facts for row in self.doses]
        standard = self.protocol.dosing.standard_mg_per_day
        return tuple(derive_exposure(log, period, standard) for period in self.periods)

    @property
    def treatment_2_start(self) -> date | None:
        return next((period.start for period in self.periods if period.number == 2), None)

    @cached_property
    def adverse_event_rows(self) -> list[AdverseEvent]:
        return sorted(
            self.snapshot.rows(self.patient, AdverseEvent), key=lambda row: (row.onset.text, row.pk or 0)
        )

    @cached_property
    def adverse_events(self) -> list[CourseEvent]:
        return [self._event(*read) for read in self._events[0]]

    @property
    def unreadable_events(self) -> list[tuple[AdverseEvent, str]]:
        """Events whose entries contradict each other, with the reason; no table counts them."""
        return self._events[1]

    @cached_property
    def _events(self) -> tuple[list[ReadEvent], list[tuple[AdverseEvent, str]]]:
        grades: dict[int, list[AdverseEventGrade]] = {}
        for line in self.snapshot.rows(self.patient, AdverseEventGrade):
            grades.setdefault(line.adverse_event_id, []).append(line)
        read: list[ReadEvent] = []
        unreadable: list[tuple[AdverseEvent, str]] = []
        for row in self.adverse_event_rows:
            lines = sorted(
                grades.get(row.pk, []),
                key=lambda line: (line.date != row.onset, _from_day(line, row), line.pk or 0),
            )
            try:
                if not lines:
                    raise AdverseEventError("no grade is entered.")
                read.append((row, lines, _event_facts(row, lines)))
            except AdverseEventError as error:
                unreadable.append((row, str(error)))
        return read, unreadable

    def _event(
        self, row: AdverseEvent, lines: list[AdverseEventGrade], facts: AdverseEventFacts
    ) -> CourseEvent:
        return CourseEvent(
            row,
            tuple(lines),
            facts,
            derive_treatment_emergent(
                facts,
                first_dose=self.first_dose,
                last_dose=self.last_dose,
                window_days=self.protocol.adverse_events.window_days,
            ),
            derive_period(facts, treatment_2_start=self.treatment_2_start),
        )

    def worst_grade_in(self, event: CourseEvent, period: int) -> int | None:
        """The grade with which an event counts in Treatment 1 or 2; None where it does not."""
        if self.first_dose is None:
            return None
        return worst_grade(
            event.facts, period, first_dose=self.first_dose, treatment_2_start=self.treatment_2_start
        )

    def has_grade_across_periods(self, event: CourseEvent) -> bool:
        """Whether a grade after the onset has a partial date that may lie on either side of Treatment 2's
        start."""
        boundary = self.treatment_2_start
        return boundary is not None and any(
            _from_day(line, event.row) < boundary <= (line.date.latest or date.max)
            for line in event.grades[1:]
            if not line.date.is_complete
        )

    @property
    def death_date(self) -> date | None:
        """The day of death where it is fully known and not after the data end."""
        day = self.death.date.day if self.death else None
        return day if day is not None and day <= self.data_end else None

    @property
    def last_contact(self) -> SurvivalFollowUp | None:
        """The last entered contact with the patient alive, up to the data end."""
        return next((row for row in reversed(self.follow_ups) if row.contact_date <= self.data_end), None)

    @property
    def last_known_alive(self) -> date | None:
        """The last day on which any form shows the patient alive; None before the consent."""
        examined: list[Visit | VitalSigns | LabPanel | ImagingRead] = [*self.visits, *self.vital_signs]
        examined += [*self.lab_panels, *self.reads]
        seen = chain(
            (row.contact_date for row in self.follow_ups),
            (row.date for row in examined),
            (row.start for row in self.given_doses),
            (row.end for row in self.given_doses if row.end is not None),
            () if self.consent is None else (self.consent.consent_date,),
        )
        return max((day for day in seen if day <= self.data_end), default=None)


def _event_facts(row: AdverseEvent, lines: list[AdverseEventGrade]) -> AdverseEventFacts:
    """The event as the rules read it; `lines` are its grades, the one at onset first."""
    return AdverseEventFacts(
        term=row.ctcae_term,
        ctcae_version=row.ctcae_version,
        onset_earliest=row.onset.earliest,
        onset_latest=row.onset.latest,
        onset_grade=lines[0].grade,
        grade_changes=tuple(_grade_changes(row, lines[1:])),
        end_earliest=row.end.earliest if row.end else None,
        end_latest=row.end.latest if row.end else None,
        serious=row.serious,
        causality=Causality(row.causality) if row.causality else None,
    )


def _from_day(line: AdverseEventGrade, event: AdverseEvent) -> date:
    """The earliest day a grade can have been reached: not before the event began."""
    return max(line.date.earliest or date.min, event.onset.earliest or date.min)


def _grade_changes(event: AdverseEvent, lines: list[AdverseEventGrade]) -> Iterator[GradeChange]:
    """The grades after the one at onset; of two that partial dates put on one day, the higher."""
    for day, same in groupby(lines, key=lambda line: _from_day(line, event)):
        yield GradeChange(day, max(line.grade for line in same))


def patient_course(
    snapshot: Snapshot,
    patient: Patient,
    protocol: Protocol | None,
    *,
    data_end: date,
    criteria: ResponseCriteria | None = None,
) -> PatientCourse:
    """The course of one patient; `criteria` other than the protocol's are for sensitivity analyses."""
    if criteria is None:
        criteria = MRECIST if protocol is None else response_criteria(protocol.response)
    return PatientCourse(snapshot, patient, protocol, data_end, criteria)
