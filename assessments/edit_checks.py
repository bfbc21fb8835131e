"""Checks across a patient's forms: impossible histories, dose rules, tumour reads, late ineligibility."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from assessments.course import PatientCourse, patient_course
from assessments.domain.dosing import check_dose_rules
from assessments.domain.tumour_findings import TumourFinding
from assessments.eligibility import freeze, judge, thaw
from assessments.imaging_checks import check_reader
from assessments.models import ImagingRead
from assessments.selectors import ReferenceRanges
from casebook.domain.findings import Finding, Severity
from casebook.extraction import beginning_of_transaction, extract
from casebook.models import Crf, Patient
from casebook.registry import Located
from patients.domain.chronology import ChronologyFacts, DatedItem, Episode, check_chronology
from patients.domain.eligibility import Eligibility
from patients.models import EligibilityDecision, Enrolment
from trial.selectors import protocol_in_force

NO_END = date(9990, 12, 31)
RULES = ("CHR-", "dosing.", "tumour.", "imaging.", "eligibility.", "ae.unreadable")


def check_patient(patient: Patient, before_this_transaction: bool) -> list[Located]:
    """Everything the rules across forms have to say of one patient."""
    today = timezone.localdate()
    protocol = protocol_in_force(patient.site_id, today)
    if protocol is None:
        return []
    as_of = beginning_of_transaction() if before_this_transaction else None
    course = patient_course(extract([patient], as_of=as_of), patient, protocol, data_end=NO_END)
    return [
        *_chronology(course, today),
        *_doses(course),
        *_adverse_events(course),
        *_tumour(course),
        *_eligibility_since_enrolment(course),
        *_decided_otherwise(course),
    ]


def chronology_facts(course: PatientCourse) -> ChronologyFacts:
    """The dates of a course under the names the rules of chronology use."""
    tumour = course.tumour
    baseline = tumour.period1.baseline_date if tumour else None
    return ChronologyFacts(
        birth_date=course.consent.birth_date if course.consent else None,
        consent_date=course.consent.consent_date if course.consent else None,
        baseline_scan_date=baseline,
        enrolment_date=course.enrolment.date if course.enrolment else None,
        first_dose_date=course.first_dose,
        last_dose_date=course.last_dose,
        first_progression_date=course.pd1_date,
        continuation_decision_date=course.decision.date if course.decision else None,
        second_progression_date=course.pd2_date,
        discontinuation_date=course.discontinuation.date if course.discontinuation else None,
        last_contact_date=course.follow_ups[-1].contact_date if course.follow_ups else None,
        death_date=course.death.date if course.death else None,
        scan_dates=tuple(read.date for read in course.reads if baseline and read.date > baseline),
        entries=tuple(_entries(course)),
        episodes=tuple(
            Episode(label=row.ctcae_term, onset=row.onset, end=row.end) for row in course.adverse_event_rows
        ),
    )


def _entries(course: PatientCourse) -> Iterator[DatedItem]:
    for visit in course.visits:
        yield DatedItem("visit", visit.date, needs_consent=True)
    for signs in course.vital_signs:
        yield DatedItem("vital signs", signs.date, needs_consent=True)
    for panel in course.lab_panels:
        yield DatedItem("laboratory panel", panel.date)
    for contact in course.follow_ups[:-1]:
        yield DatedItem("survival follow-up", contact.contact_date, needs_consent=True)
    if course.eligibility_decision:
        yield DatedItem("eligibility decision", course.eligibility_decision.date, needs_consent=True)
    for label, _, day in _screening_forms(course):
        yield DatedItem(label, day)
    for dose in course.given_doses:
        yield DatedItem("dose", dose.start)
        if dose.end is not None:
            yield DatedItem("dose", dose.end)


def _screening_forms(course: PatientCourse) -> Iterator[tuple[str, Crf, date]]:
    for form in (course.screening, course.baseline):
        if form is not None:
            yield str(form._meta.verbose_name), form, form.date


def _chronology(course: PatientCourse, today: date) -> Iterator[Located]:
    forms: dict[str, Crf | None] = {
        "baseline_scan_date": course.reads[0] if course.reads else None,
        "consent_date": course.consent,
    }
    for finding in check_chronology(chronology_facts(course), today=today):
        yield Located(Finding(finding.rule_id, finding.severity, finding.message), forms.get(finding.field))
    yield from _decision_without_progression(course)
    yield from _screened_after_enrolment(course)


def _decision_without_progression(course: PatientCourse) -> Iterator[Located]:
    if course.decision is not None and course.pd1_date is None:
        message = "A decision at first progression is entered, but no scan shows a first progression."
        yield Located(Finding("CHR-30", Severity.SOFT, message), course.decision)


def _screened_after_enrolment(course: PatientCourse) -> Iterator[Located]:
    for label, form, day in _screening_forms(course):
        if course.enrolment is not None and day > course.enrolment.date:
            message = f"{label.capitalize()} {day} lies after enrolment {course.enrolment.date}."
            yield Located(Finding("CHR-31", Severity.SOFT, message, "date"), form)


def _doses(course: PatientCourse) -> Iterator[Located]:
    consent = course.consent.consent_date if course.consent else None
    levels = [level.mg_per_day for level in course.protocol.dosing.levels]
    log = [row.facts for row in course.doses]
    for finding in check_dose_rules(
        log, consent=consent, levels_mg=levels, max_reductions=course.protocol.dosing.max_reductions
    ):
        row = next((row for row in reversed(course.doses) if str(row.start) in finding.message), None)
        yield Located(finding, row)
    if course.doses and course.enrolment is None:
        message = "A dose is entered for a patient who is not enrolled."
        yield Located(Finding("dosing.not_enrolled", Severity.HARD, message, "start"))


def _adverse_events(course: PatientCourse) -> Iterator[Located]:
    for row, why in course.unreadable_events:
        yield Located(
            Finding("ae.unreadable", Severity.SOFT, f"This event is left out of every table: {why}"), row
        )


def _tumour(course: PatientCourse) -> Iterator[Located]:
    reads: dict[object, ImagingRead] = {read.pk: read for read in course.reads}
    for finding in course.tumour.findings if course.tumour else ():
        read = reads.get(finding.scan_id) if isinstance(finding, TumourFinding) else None
        yield Located(finding, read)
    for point in course.tumour.time_points if course.tumour else ():
        read = reads[point.scan_id]
        yield from (Located(finding, read) for finding in check_reader(read, point))


def _eligibility_since_enrolment(course: PatientCourse) -> Iterator[Located]:
    """The judgement is frozen at enrolment; a value corrected later is judged again and compared."""
    frozen = course.enrolment.eligibility_at_enrolment if course.enrolment else None
    if frozen is None:
        return
    judgement = judge(course, ReferenceRanges.of_sites(course.patient.site_id))
    for result in judgement.changed_since(thaw(frozen)):
        message = (
            f"{result.id} ({result.text}) was judged otherwise at enrolment. On today's data it is "
            f"{result.verdict.value.lower()}: {result.sentence}"
        )
        yield Located(Finding(f"eligibility.{result.id}", Severity.SOFT, message), course.enrolment)


def _decided_otherwise(course: PatientCourse) -> Iterator[Located]:
    """An enrolled patient whose investigator's decision was changed, or taken out, since."""
    if course.enrolment is None:
        return
    decision, enrolled = course.eligibility_decision, course.enrolment.date
    problem = ""
    if decision is None:
        problem = "the investigator's decision on eligibility is not entered"
    elif not decision.eligible:
        problem = "the investigator decided that the patient is not eligible"
    elif decision.date > enrolled:
        problem = f"the investigator decided on {decision.date} only"
    if problem:
        message = f"The patient was enrolled on {enrolled}, but {problem}."
        yield Located(Finding("eligibility.decided_otherwise", Severity.SOFT, message), course.enrolment)


def check_enrolment(enrolment: Crf) -> list[Finding]:
    """Only a patient whom every criterion lets in, and the investigator too, can be enrolled."""
    assert isinstance(enrolment, Enrolment)
    if enrolment.pk is not None:
        return []
    course = _course_of(enrolment)
    problems = []
    judgement = judge(course, ReferenceRanges.of_sites(course.patient.site_id))
    if judgement.verdict is not Eligibility.ELIGIBLE:
        names = ", ".join(r.id for r in (*judgement.violated, *judgement.missing))
        problems.append(
            f"The patient is {judgement.verdict.value.lower()}: {names}. The page “Eligibility” shows each "
            "criterion."
        )
    decision = course.eligibility_decision
    if decision is None or not decision.eligible:
        problems.append("The investigator has not decided that the patient is eligible.")
    elif decision.date > enrolment.date:
        problems.append(f"The investigator decided on {decision.date}, after this day.")
    return [Finding("enrolment.not_eligible", Severity.HARD, message, "date") for message in problems]


def freeze_eligibility(enrolment: Crf) -> None:
    """Keep the judgement as it stands at the moment of enrolment."""
    assert isinstance(enrolment, Enrolment)
    if enrolment.pk is None:
        course = _course_of(enrolment)
        enrolment.eligibility_at_enrolment = freeze(
            judge(course, ReferenceRanges.of_sites(course.patient.site_id))
        )


def check_decision(decision: Crf) -> list[Finding]:
    """An investigator may refuse anybody, but cannot call eligible whom the criteria do not let in."""
    assert isinstance(decision, EligibilityDecision)
    if not decision.eligible:
        return []
    course = _course_of(decision)
    judgement = judge(course, ReferenceRanges.of_sites(course.patient.site_id))
    if judgement.verdict is Eligibility.ELIGIBLE:
        return []
    names = ", ".join(r.id for r in (*judgement.violated, *judgement.missing))
    message = f"On the data entered the patient is {judgement.verdict.value.lower()}: {names}."
    return [Finding("eligibility.decision", Severity.HARD, message, "eligible")]


def _course_of(crf: Enrolment | EligibilityDecision) -> PatientCourse:
    """The course as it will be once this form is saved."""
    protocol = protocol_in_force(crf.patient.site_id, crf.date)
    if protocol is None:
        raise LookupError("no protocol version is in force at the site")
    snapshot = extract([crf.patient]).with_row(crf)
    return patient_course(snapshot, crf.patient, protocol, data_end=NO_END)
