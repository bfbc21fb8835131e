"""What an imaging read itself must not say, and where the reader and the rules disagree."""

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from assessments.domain.mrecist import MRECIST, ResponseCriteria
from assessments.domain.tumour_course import TumourCourse
from assessments.domain.tumour_criteria import response_criteria
from assessments.domain.tumour_findings import TumourFinding, TumourRule
from assessments.domain.tumour_period import TimePoint
from assessments.models import DoseInterval, ImagingRead, Lesion, LesionReading, LesionRole
from assessments.tumour import reader_differences, tumour_course
from casebook.domain.findings import Finding, Severity
from casebook.extraction import Snapshot, extract
from casebook.models import Patient
from trial.selectors import protocol_in_force

TABLES = (ImagingRead, Lesion, LesionReading, LesionRole, DoseInterval)
READER_DIFFERS = "imaging.reader_differs"
FIELD_OF_RULE = {
    TumourRule.TARGET_NOT_MEASURED: "diameter",
    TumourRule.TARGET_TOO_SMALL: "diameter",
    TumourRule.TARGET_NOT_MEASURABLE: "kind",
    TumourRule.TARGET_NOT_ENHANCING: "enhancing",
    TumourRule.TARGET_ILL_DEFINED: "well_delineated",
    TumourRule.SPLIT_WITHOUT_PARTS: "state",
    TumourRule.PART_WITHOUT_SPLIT: "state",
    TumourRule.MERGED_ELSEWHERE: "merged_into",
}


def criteria_at(patient: Patient) -> ResponseCriteria:
    """The response criteria of the protocol in force at the patient's site; mRECIST where none is."""
    protocol = protocol_in_force(patient.site_id, timezone.localdate())
    return MRECIST if protocol is None else response_criteria(protocol.response)


def imaging_of(patient: Patient) -> Snapshot:
    """The patient's reads, lesions, readings and roles, and the doses SD is counted from, in one query."""
    return extract([patient], tables=TABLES)


def first_dose_in(snapshot: Snapshot, patient: Patient) -> date | None:
    return min((dose.start for dose in snapshot.rows(patient, DoseInterval) if dose.mg > 0), default=None)


def course_of(patient: Patient, read: ImagingRead | None = None) -> TumourCourse | None:
    """The tumour course as saved; with a read, as it will be once the read is saved."""
    snapshot = imaging_of(patient)
    if read is not None:
        snapshot = snapshot.with_row(read)
    return tumour_course(
        snapshot, patient, first_dose=first_dose_in(snapshot, patient), criteria=criteria_at(patient)
    )


def check_read(read: ImagingRead) -> list[Finding]:
    """The refusals of a saved read about to be saved again; its lines are those in the database.

    A finding on a lesion names the field "lesion-<key>-diameter".
    """
    if read.pk is None:
        return []
    course = course_of(read.patient, read)
    if course is None:
        return []
    return list(_hard_findings(read, course))


def _hard_findings(read: ImagingRead, course: TumourCourse) -> Iterator[Finding]:
    """The choice of targets on this read; what belongs to other reads is not said here."""
    for finding in course.findings:
        if not isinstance(finding, TumourFinding) or not finding.is_hard or finding.scan_id != read.pk:
            continue
        yield Finding(finding.rule_id, Severity.HARD, finding.message, field_of(finding))


def field_of(finding: TumourFinding) -> str:
    """The field a finding of the rules is shown at; "" for the whole choice of lesions."""
    if finding.lesion_id is not None:
        field = FIELD_OF_RULE.get(TumourRule(finding.rule_id), "role")
        return f"lesion-{finding.lesion_id}-{field}"
    return "" if finding.period is not None else "date"


def ask_for_comment(read: ImagingRead) -> None:
    """A reader whose response is not the computed one says why; refused at the comment."""
    if read.comment.strip():
        return
    course = course_of(read.patient, read)
    points = course.time_points if course else ()
    point = next((point for point in points if point.scan_id == read.pk), None)
    names = {field.name: field.verbose_name for field in ImagingRead.fields_entered()}
    differing = [] if point is None else list(reader_differences(read, point))
    if differing:
        said = "; ".join(
            gettext("%(name)s: %(entered)s, computed %(computed)s")
            % {
                "name": names[field],
                "entered": entered,
                "computed": computed,
            }
            for field, entered, computed in differing
        )
        message = gettext("The reader differs from what is computed (%(differences)s). Say why.")
        raise ValidationError({"comment": message % {"differences": said}})


def check_reader(read: ImagingRead, point: TimePoint) -> Iterator[Finding]:
    """A question wherever the reader's response is not the computed one."""
    for field, entered, computed in reader_differences(read, point):
        message = f"The reader says {entered}; by the protocol's criteria it is {computed}. Which is right?"
        yield Finding(READER_DIFFERS, Severity.SOFT, message, field)
