"""A patient's visits, panels and scans as the schedule takes them, from the saved forms."""

from collections.abc import Iterator
from datetime import date

from assessments.course import PatientCourse
from casebook.domain.findings import Finding, Severity
from casebook.registry import Located
from patients.domain.schedule import AssessmentKind, MissedAssessment, ScheduleFacts
from patients.models import ContactStatus, MissedVisit, VisitKind


def schedule_facts(course: PatientCourse) -> ScheduleFacts:
    """The dates of a course under the names the schedule's rules use."""
    return ScheduleFacts(
        first_dose=course.first_dose,
        end=end_of_schedule(course),
        treatment_2_start=course.treatment_2_start,
        clinic=tuple(visit.date for visit in course.visits if visit.kind == VisitKind.SCHEDULED),
        laboratory=tuple(panel.date for panel in course.lab_panels),
        imaging=tuple(_scans(course)),
        unscheduled=tuple(visit.date for visit in course.visits if visit.kind == VisitKind.UNSCHEDULED),
        missed=tuple(missed_facts(row) for row in course.missed_visits),
    )


def missed_facts(row: MissedVisit) -> MissedAssessment:
    return MissedAssessment(row.planned_date, AssessmentKind(row.kind), row.reason_in_words)


def end_of_schedule(course: PatientCourse) -> date | None:
    """The day from which nothing becomes due any more: treatment ended, second progression, death, loss.

    Of a death whose day is only partly known, the first day it can have been.
    """
    ends = [course.treatment_end, course.pd2_date]
    if course.death is not None:
        ends.append(course.death.date.earliest)
    if course.decision is not None and not course.decision.continued:
        ends.append(course.decision.date)
    if course.last_contact is not None and course.last_contact.status == ContactStatus.LOST:
        ends.append(course.last_contact.contact_date)
    return min((day for day in ends if day is not None), default=None)


def _scans(course: PatientCourse) -> Iterator[date]:
    """Every scan but those on which the lesions of Treatment 1 were chosen."""
    chosen = course.baseline_reads
    return (read.date for read in course.reads if read.pk not in chosen)


def check_missed(course: PatientCourse) -> Iterator[Located]:
    """What is entered as missed and contradicts the rest: done after all, or never due."""
    facts = schedule_facts(course) if course.missed_visits else ScheduleFacts()
    for row in course.missed_visits:
        day = row.planned_date
        if day in facts.done(AssessmentKind(row.kind)):
            yield _asked("missed_but_done", row, f"It is entered as missed, but also as done on {day}.")
        elif facts.first_dose is None or not facts.first_dose < day <= (facts.end or day):
            yield _asked("missed_not_due", row, f"Nothing was due on {day}, a day outside treatment.")


def _asked(rule: str, row: MissedVisit, message: str) -> Located:
    return Located(Finding(f"schedule.{rule}", Severity.SOFT, message, "planned_date"), row)
