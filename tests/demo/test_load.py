"""The trial as loaded: entered by the right people, without contradiction, and the cohort comes out of it."""

from collections import Counter
from datetime import date
from fractions import Fraction

import pytest

from assessments.course import PatientCourse, patient_course
from assessments.domain.dosing import DoseChange
from assessments.eligibility import judge, thaw
from assessments.laboratory import PatientLaboratory
from assessments.selectors import ReferenceRanges
from casebook.extraction import Snapshot, begin_as_of, extract
from casebook.models import Patient, Query, QueryState
from casebook.registry import cross_findings, specs
from casebook.selectors import casebook_of
from demo.people import sign_ins
from demo.scans import SLIPS
from patients.domain.eligibility import Eligibility
from tests.demo.conftest import TREATED
from tests.demo.test_plan import RELATED, STATED
from trial.audit import acting
from trial.models import AuditEntry, Membership, Person, Role, Site, SiteApproval, Trial
from trial.selectors import protocol_in_force
from trial.services import verify_trail

CUT_OFF = date(2014, 6, 1)
pytestmark = pytest.mark.usefixtures("demo_database")


def the(role: Role) -> Person:
    return Person.objects.filter(memberships__role=role).order_by("email").first()


@pytest.fixture
def auditor(demo_database):
    with acting(the(Role.AUDITOR)) as person:
        yield person


@pytest.fixture
def courses(auditor) -> dict[str, PatientCourse]:
    snapshot: Snapshot = extract()
    return {
        patient.number: patient_course(
            snapshot, patient, protocol_in_force(patient.site_id, CUT_OFF), data_end=CUT_OFF
        )
        for patient in snapshot.patients
    }


def test_thirty_patients_at_the_protocols_sites(auditor):
    trial = Trial.objects.get()
    assert trial.is_synthetic
    assert "SYNTHETIC" in trial.title
    protocol = SiteApproval.objects.first().protocol_version.protocol
    assert {site.code for site in Site.objects.all()} == {site.code for site in protocol.sites}
    assert Patient.objects.count() == 30
    assert Patient.objects.values("site").distinct().count() == 8


def test_the_cohort_comes_out_of_the_forms(courses):
    for subject in TREATED:
        row, course = STATED[subject.number], courses[subject.number]
        assert course.first_dose == subject.start
        assert (course.enrolment.date, course.pd1_date, course.pd2_date) == (
            subject.enrolment,
            subject.pd1,
            subject.pd2,
        )
        assert (course.tumour.bor1, course.tumour.bor2 or "") == (subject.bor1, subject.bor2)
        days = [(point.date - subject.start).days for point in course.tumour.period1.time_points]
        assert tuple(days) == subject.t1_scans
        assert course.death_date == subject.death
        assert course.continued == subject.continued
        for exposure in course.exposures:
            n = exposure.period.number
            assert round(exposure.rdi_percent, 4) == Fraction(row[f"rdi_t{n}_pct"])
            assert exposure.has(DoseChange.INCREASED) == (row[f"dose_increase_t{n}"] == "1")
            assert exposure.has(DoseChange.REDUCED) == (row[f"dose_reduction_t{n}"] == "1")
            assert exposure.has(DoseChange.INTERRUPTED) == (row[f"interruption_t{n}"] == "1")


def test_related_events_are_those_of_the_cohort(courses):
    for subject in TREATED:
        course = courses[subject.number]
        counted = Counter()
        for event in course.adverse_events:
            if event.facts.causality in RELATED and event.emergence.emergent:
                for period in (1, 2):
                    grade = course.worst_grade_in(event, period)
                    if grade:
                        counted[event.facts.term, period, grade] += 1
        assert counted == Counter((e.term, e.period, e.worst_grade) for e in subject.events)


def test_everybody_was_eligible_at_enrolment_and_still_is(courses):
    ranges = ReferenceRanges.of_sites(*Site.objects.values_list("pk", flat=True))
    for course in courses.values():
        assert judge(course, ranges).verdict is Eligibility.ELIGIBLE
        assert thaw(course.enrolment.eligibility_at_enrolment).verdict is Eligibility.ELIGIBLE


def test_no_form_contradicts_another(courses):
    for course in courses.values():
        hard = [located.finding for located in cross_findings(course.patient) if located.finding.is_hard]
        assert hard == []


def test_every_value_can_be_graded(courses):
    for number in ("SYN-001", "SYN-006", "SYN-026"):
        course = courses[number]
        laboratory = PatientLaboratory(course.patient)
        for panel in course.lab_panels:
            assert not [v for v in laboratory.judge(panel).values() if v.lacks_range]


def test_every_form_was_entered_by_somebody_of_its_site(auditor):
    entries = AuditEntry.objects.filter(patient_id__isnull=False).exclude(table="casebook_query")
    actors = set(entries.values_list("table", "site_id", "actor_id").distinct())
    roles = {(m.person_id, m.site_id): m.role for m in Membership.objects.all()}
    assert len(actors) > 100
    for table, site, actor in actors:
        expected = Role.INVESTIGATOR if table == "patients_eligibilitydecision" else Role.COORDINATOR
        assert roles[actor, site] == expected, table


def test_the_trail_verifies_and_has_a_life_of_its_own(auditor):
    assert verify_trail() == []
    reasons = set(AuditEntry.objects.filter(operation="U").values_list("reason", flat=True))
    assert "Digits swapped at entry." in reasons
    assert all(reason.strip() for reason in reasons)


def test_the_trail_rebuilds_what_is_there(auditor):
    now, then = extract(), extract(as_of=begin_as_of())
    for spec in specs():
        for patient in now.patients:
            assert now.rows(patient, spec.model) == then.rows(patient, spec.model)


def test_queries_in_every_state_and_few_of_them_open(auditor):
    states = Counter(Query.objects.values_list("state", flat=True))
    assert states[QueryState.CLOSED] >= 4
    assert states[QueryState.ANSWERED] >= 1
    assert 6 <= states[QueryState.OPEN] <= 40
    by_rule = Counter(Query.objects.filter(state=QueryState.OPEN).values_list("rule_id", flat=True))
    assert by_rule["imaging.reader_differs"] >= 5
    assert by_rule[""] >= 3
    assert Query.objects.filter(rule_id="eligibility.I10", state=QueryState.CLOSED).count() == 1
    differing = Query.objects.filter(rule_id="imaging.reader_differs")
    assert {query.patient.number for query in differing} == {number for number, _, _ in SLIPS}
    assert "The reader says SD; by the protocol's criteria it is PR." in "".join(q.text for q in differing)


def test_nearly_every_form_is_complete(auditor):
    incomplete = [
        (patient.number, state.spec.slug, state.day)
        for patient in Patient.objects.all()
        for row in casebook_of(patient)
        for state in row.saved
        if not state.complete
    ]
    assert incomplete == []


def test_each_role_signs_in():
    assert {role for role, _ in sign_ins()} == set(Role)
    for role, email in sign_ins():
        person = Person.objects.get(email=email)
        assert person.check_password("synthetic-demo-trial")
        assert {m.role for m in person.memberships.all()} == {role}
