"""Checks across a patient's forms: impossible histories, dose rules, tumour reads, late ineligibility."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils import timezone

from assessments.course import NoProtocolInForce, PatientCourse, patient_course
from assessments.domain.dosing import check_dose_rules
from assessments.domain.tumour_findings import TumourFinding
from assessments.eligibility import freeze, judge, thaw
from assessments.history_checks import HISTORY_RULES, check_history, history_episodes
from assessments.imaging_checks import check_reader
from assessments.independent import differing_readers
from assessments.laboratory_checks import CRITICAL, DELTA, check_critical, check_deltas
from assessments.models import (
    Adjudication,
    ConcomitantMedication,
    DoseInterval,
    HccTreatment,
    ImagingRead,
    IndependentRead,
    LabPanel,
)
from assessments.schedule import check_missed
from assessments.selectors import ReferenceRanges
from casebook.domain.findings import Finding, Severity
from casebook.extraction import beginning_of_transaction, extract
from casebook.models import Crf, Patient
from casebook.registry import Located
from patients.domain.chronology import ChronologyFacts, DatedItem, Episode, check_chronology
from patients.domain.eligibility import Eligibility, EligibilityJudgement
from patients.models import BaselineDisease, Consent, EligibilityDecision, Enrolment, Screening
from trial.selectors import protocol_in_force

NO_END = date(9990, 12, 31)
NO_RANGE = "lab.no_reference_range"
RANGE_RULES = (NO_RANGE, CRITICAL, "eligibility.")
RULES = (
    "CHR-",
    "dosing.",
    "tumour.",
    "imaging.",
    "ae.unreadable",
    "schedule.",
    DELTA,
    *RANGE_RULES,
    *HISTORY_RULES,
)
RANGE_FORMS = (
    Consent,
    Screening,
    BaselineDisease,
    LabPanel,
    DoseInterval,
    EligibilityDecision,
    Enrolment,
    ConcomitantMedication,
    HccTreatment,
)


def check_patient(patient: Patient, before_this_transaction: bool) -> list[Located]:
    """Everything the rules across forms say of a patient; without an approved protocol, fewer."""
    today = timezone.localdate()
    as_of = beginning_of_transaction() if before_this_transaction else None
    protocol = protocol_in_force(patient.site_id, today)
    course = patient_course(extract([patient], as_of=as_of), patient, protocol, data_end=NO_END)
    ranges = ReferenceRanges.of_sites(patient.site_id)
    return [
        *_chronology(course, today),
        *_doses(course),
        *_adverse_events(course),
        *_tumour(course),
        *check_missed(course),
        *check_history(course),
        *check_deltas(course, ranges),
        *_by_ranges(course, ranges),
    ]


def check_ranges(site_id: int, patients: Sequence[Patient]) -> dict[Patient, list[Located]]:
    """What the rules that rest on the site's reference ranges have to say of some of its patients."""
    protocol = protocol_in_force(site_id, timezone.localdate())
    ranges = ReferenceRanges.of_sites(site_id)
    snapshot = extract(patients, tables=RANGE_FORMS)
    courses = {p: patient_course(snapshot, p, protocol, data_end=NO_END) for p in patients}
    return {patient: list(_by_ranges(course, ranges)) for patient, course in courses.items()}


def _by_ranges(course: PatientCourse, ranges: ReferenceRanges) -> Iterator[Located]:
    yield from _values_without_range(course, ranges)
    yield from check_critical(course, ranges)
    yield from _eligibility_since_enrolment(course, ranges)
    yield from _decided_otherwise(course)


def _values_without_range(course: PatientCourse, ranges: ReferenceRanges) -> Iterator[Located]:
    """A value that cannot be graded, because its site states no limits for its day."""
    whose = course.sex_and_birth
    for panel, missing in ranges.missing_for(course.lab_panels, course.patient.site_id, *whose):
        message = f"The site has no reference range on {panel.date} for: {', '.join(missing)}."
        yield Located(Finding(NO_RANGE, Severity.SOFT, message, "date"), panel)


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
        episodes=(
            *(
                Episode(label=row.ctcae_term, onset=row.onset, end=row.end)
                for row in course.adverse_event_rows
            ),
            *history_episodes(course),
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
        "continuation_decision_date": course.decision,
        "second_progression_date": course.decision,
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
    for finding in _dose_rules(course):
        row = next((row for row in reversed(course.doses) if str(row.start) in finding.message), None)
        yield Located(finding, row)
    if course.doses and course.enrolment is None:
        message = "A dose is entered for a patient who is not enrolled."
        yield Located(Finding("dosing.not_enrolled", Severity.HARD, message, "start"))


def _dose_rules(course: PatientCourse) -> Iterable[Finding]:
    """Dose levels and reductions are the protocol's; without one only what is impossible is said."""
    consent = course.consent.consent_date if course.consent else None
    log = [row.facts for row in course.doses]
    if course.approved is None:
        return [finding for finding in check_dose_rules(log, consent=consent) if finding.is_hard]
    rules = course.approved.dosing
    levels = [level.mg_per_day for level in rules.levels]
    return check_dose_rules(log, consent=consent, levels_mg=levels, max_reductions=rules.max_reductions)


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
    second = course.snapshot.rows(course.patient, IndependentRead)
    adjudicated = {row.date for row in course.snapshot.rows(course.patient, Adjudication)}
    for differing, independent in differing_readers(course.tumour, second, adjudicated):
        yield Located(differing, independent)


def _eligibility_since_enrolment(course: PatientCourse, ranges: ReferenceRanges) -> Iterator[Located]:
    """The judgement is frozen at enrolment; a value corrected later is judged again and compared."""
    frozen = course.enrolment.eligibility_at_enrolment if course.enrolment else None
    if frozen is None or course.approved is None:
        return
    judgement = judge(course, ranges)
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
    if course.approved is None:
        return [Finding("enrolment.no_protocol", Severity.HARD, f"{NoProtocolInForce()}", "date")]
    problems = []
    judgement = _judge(course)
    if judgement.verdict is not Eligibility.ELIGIBLE:
        problems.append(f"The patient is {_verdict(judgement)}. The page “Eligibility” shows each criterion.")
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
        enrolment.eligibility_at_enrolment = freeze(_judge(_course_of(enrolment)))


def check_decision(decision: Crf) -> list[Finding]:
    """An investigator may refuse anybody, but cannot call eligible whom the criteria do not let in."""
    assert isinstance(decision, EligibilityDecision)
    if not decision.eligible:
        return []
    course = _course_of(decision)
    if course.approved is None:
        return [Finding("eligibility.no_protocol", Severity.HARD, f"{NoProtocolInForce()}", "eligible")]
    judgement = _judge(course)
    if judgement.verdict is Eligibility.ELIGIBLE:
        return []
    message = f"On the data entered the patient is {_verdict(judgement)}."
    return [Finding("eligibility.decision", Severity.HARD, message, "eligible")]


def _verdict(judgement: EligibilityJudgement) -> str:
    names = ", ".join(result.id for result in (*judgement.violated, *judgement.missing))
    return f"{judgement.verdict.value.lower()}: {names}"


def _judge(course: PatientCourse) -> EligibilityJudgement:
    return judge(course, ReferenceRanges.of_sites(course.patient.site_id))


def _course_of(crf: Enrolment | EligibilityDecision) -> PatientCourse:
    """The course as it will be once this form is saved."""
    protocol = protocol_in_force(crf.patient.site_id, crf.date)
    snapshot = extract([crf.patient]).with_row(crf)
    return patient_course(snapshot, crf.patient, protocol, data_end=NO_END)
