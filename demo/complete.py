"""Completes the SYNTHETIC cohort to a whole trial: every form, on its day, for every patient.

A fixed seed and whole-number chance: the same plan, byte for byte, on every machine.
"""

from collections.abc import Iterator

from demo.calendar import choose_sites, make_calendar
from demo.cohort import Subject, read_cohort
from demo.corrections import questions, with_corrections
from demo.courses import derive_courses
from demo.doses import actions, dose_steps, make_doses
from demo.events import event_steps
from demo.history import history_steps
from demo.laboratory import Laboratory, baseline_grades, baseline_of
from demo.lesions import make_disease
from demo.outcome import outcome_steps
from demo.plan import Plan, Step, frozen, in_order
from demo.ranges import Ranges
from demo.reads import read_steps
from demo.scans import make_scans
from demo.screening import modality_of, screening_steps
from demo.visits import visit_steps


def complete() -> Plan:
    """The plan of the demonstration trial."""
    cohort = read_cohort()
    sites = choose_sites(subject.number for subject in cohort)
    ranges = Ranges()
    steps = [step for subject in cohort for step in patient_steps(subject, sites[subject.number], ranges)]
    return Plan(
        sites=frozen(sites), steps=in_order(with_corrections(steps)), questions=tuple(questions(steps))
    )


def patient_steps(subject: Subject, site: str, ranges: Ranges) -> Iterator[Step]:
    """All steps of one patient, in no order."""
    baseline = baseline_of(subject)
    calendar = make_calendar(subject)
    courses = derive_courses(subject, calendar, baseline_grades(subject))
    laboratory = Laboratory(subject, site, baseline.sex, calendar, courses, ranges)
    disease = make_disease(subject.number, baseline)
    doses = make_doses(subject, courses)
    yield from screening_steps(subject, calendar, disease, laboratory)
    yield from read_steps(subject, make_scans(subject, calendar, disease), modality_of(subject))
    yield from visit_steps(subject, calendar, courses, laboratory)
    yield from event_steps(subject, calendar, courses, actions(doses))
    yield from history_steps(subject, calendar, courses)
    yield from dose_steps(subject, doses)
    yield from outcome_steps(subject, calendar)
