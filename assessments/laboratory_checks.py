"""What one laboratory panel says beside those before it: moves too large, values that alarm."""

from collections.abc import Iterator

from assessments.course import PatientCourse
from assessments.domain.laboratory import ANALYTES, plain, unit_words
from assessments.domain.laboratory_limits import DELTA_LIMITS
from assessments.hints import limits
from assessments.laboratory import JudgedValue, Laboratory
from assessments.models import LabPanel
from assessments.selectors import ReferenceRanges
from casebook.domain.findings import Finding, Severity
from casebook.registry import Located

DELTA = "lab.delta"
CRITICAL = "lab.critical"
GRADED = tuple(field for field, analyte in ANALYTES.items() if analyte.terms)


def check_deltas(course: PatientCourse, ranges: ReferenceRanges) -> Iterator[Located]:
    """A value that moved further from the one before than an illness explains."""
    laboratory = Laboratory.of_course(course, ranges)
    for panel in laboratory.panels:
        for field in DELTA_LIMITS:
            message = laboratory.delta(panel, field)
            if message is not None:
                yield Located(Finding(DELTA, Severity.SOFT, message, field), panel)


def check_critical(course: PatientCourse, ranges: ReferenceRanges) -> Iterator[Located]:
    """The first of a row of values flagged LL or HH: is it confirmed?"""
    laboratory = Laboratory.of_course(course, ranges)
    alarmed: set[str] = set()
    for panel in laboratory.panels:
        measured = [field for field in GRADED if getattr(panel, field) is not None]
        doubtful = [field for field in measured if _may_alarm(laboratory, panel, field)]
        judged = laboratory.judge(panel, doubtful) if doubtful else {}
        alarming = {field for field in doubtful if judged[field].is_critical}
        for field in doubtful:
            if field in alarming - alarmed:
                message = _said_of(judged[field])
                yield Located(Finding(CRITICAL, Severity.SOFT, message, field), panel)
        alarmed = (alarmed - set(measured)) | alarming


def _may_alarm(laboratory: Laboratory, panel: LabPanel, field: str) -> bool:
    """Whether the value lies outside its range: nothing else can be of grade 3. Spares grading the others."""
    unit = panel.unit_of(field)
    low, high = laboratory.limits(field, panel.date, unit)
    value = getattr(panel, field)
    return low is None or high is None or not low <= value <= high


def _said_of(judged: JudgedValue) -> str:
    value = plain(judged.value) if judged.value is not None else ""
    unit = unit_words(judged.unit)
    sides = {"HH": "critically high", "LL": "critically low"}
    shown = f"{judged.analyte.name} {value} {unit}".rstrip()
    said = f"{shown} is {sides[judged.flag]} (range {limits(judged.lln, judged.uln)})."
    return f"{said} Is it confirmed by the source?"
