"""A patient's imaging as the page shows it: scans as columns, lesions as rows, and what a read amounts to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.lesions import RoleKind
from assessments.domain.mrecist import ResponseCriteria
from assessments.domain.tumour_course import TumourCourse
from assessments.domain.tumour_findings import TumourFinding
from assessments.domain.tumour_period import TimePoint, TumourPeriod
from assessments.domain.tumour_target import TargetEvaluation, format_change, format_mm
from assessments.imaging_checks import criteria_at, first_dose_in, imaging_of
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole, ReadingState
from assessments.tumour import baseline_read, read_course
from casebook.models import Patient

NEVER_SAVED = 0
SHORT_STATES = {
    ReadingState.PRESENT: "present",
    ReadingState.ABSENT: "absent",
    ReadingState.TOO_SMALL: "too small",
    ReadingState.PROGRESSION: "progressed",
    ReadingState.NOT_EVALUABLE: "NE",
    ReadingState.SPLIT: _("split"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """What one read amounts to; `point` is None where the read is a baseline or no assessment.

    The sums are those of the period in which the read is an assessment, in words; "–" where there is none.
    """

    title: str
    point: TimePoint | None = None
    figures: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def sum_text(self) -> str:
        """The sum of this scan's targets in words."""
        return _sum_text(self.point) if self.point else (self.figures[0][1] if self.figures else "–")

    @property
    def responses(self) -> dict[str, str]:
        """The computed response by the reader's field it stands beside."""
        point = self.point
        return {
            "reader_target": point.target_response.value if point else "–",
            "reader_non_target": point.non_target_response.value if point else "–",
            "reader_new_lesion": point.new_lesion.value.replace("_", " ") if point else "–",
            "reader_overall": point.overall.value + (" (pending)" if point.pending else "") if point else "–",
        }


@dataclass(frozen=True, slots=True)
class ScanColumn:
    """One saved scan, read only: its cells by lesion, its sum and response.

    `is_of_earlier_period`: it lies before the baseline of the period of the scan it is shown beside.
    """

    read: ImagingRead
    title: str
    cells: dict[int, str]
    total: str
    response: str
    is_of_earlier_period: bool


class ImagingBook:
    """Everything saved of a patient's imaging, read in one query, and what follows from it."""

    def __init__(self, patient: Patient) -> None:
        snapshot = imaging_of(patient)
        self.patient = patient
        self.first_dose: date | None = first_dose_in(snapshot, patient)
        self.reads = sorted(snapshot.rows(patient, ImagingRead), key=lambda read: (read.date, read.pk))
        self.lesions = {lesion.pk: lesion for lesion in snapshot.rows(patient, Lesion)}
        self.readings = snapshot.rows(patient, LesionReading)
        self.roles = snapshot.rows(patient, LesionRole)
        lines: list[LesionReading | LesionRole] = [*self.readings, *self.roles]
        for row in lines:
            row.lesion = self.lesions[row.lesion_id]
        for lesion in self.lesions.values():
            lesion.part_of = self.lesions.get(lesion.part_of_id or 0)
        for reading in self.readings:
            reading.merged_into = self.lesions.get(reading.merged_into_id or 0)

    @cached_property
    def criteria(self) -> ResponseCriteria:
        return criteria_at(self.patient)

    @cached_property
    def course(self) -> TumourCourse | None:
        return self._derive(self.reads, self.lesions.values(), self.readings, self.roles)

    def _derive(
        self,
        reads: Iterable[ImagingRead],
        lesions: Iterable[Lesion],
        readings: Iterable[LesionReading],
        roles: Iterable[LesionRole],
    ) -> TumourCourse | None:
        return read_course(
            reads=reads,
            lesions=lesions,
            readings=readings,
            roles=roles,
            first_dose=self.first_dose,
            criteria=self.criteria,
        )

    def course_with(
        self,
        read: ImagingRead,
        lesions: Sequence[Lesion],
        readings: Sequence[LesionReading],
        roles: Sequence[LesionRole] | None,
    ) -> TumourCourse | None:
        """The course as it would be if this read were saved as it stands in the form."""
        key = read.pk or NEVER_SAVED
        draft = ImagingRead(pk=key, date=read.date, new_lesions_evaluated=read.new_lesions_evaluated)
        for number, lesion in enumerate(lesions, start=1):
            lesion.pk = lesion.pk or -number
            lesion.label = lesion.label or f"new lesion {number}"
        lines: list[LesionReading | LesionRole] = [*readings, *(roles or ())]
        for row in lines:
            row.read_id, row.lesion_id = key, row.lesion.pk
        drafted = {lesion.pk for lesion in lesions}
        return self._derive(
            [*(other for other in self.reads if other.pk != key), draft],
            [*(lesion for lesion in self.lesions.values() if lesion.pk not in drafted), *lesions],
            [*(row for row in self.readings if row.read_id != key), *readings],
            self.roles if roles is None else [*(row for row in self.roles if row.read_id != key), *roles],
        )

    def read(self, pk: int) -> ImagingRead | None:
        return next((read for read in self.reads if read.pk == pk), None)

    def readings_of(self, read: ImagingRead) -> dict[int, LesionReading]:
        return {row.lesion_id: row for row in self.readings if row.read_id == read.pk}

    def roles_on(self, read: ImagingRead) -> dict[int, LesionRole]:
        return {row.lesion_id: row for row in self.roles if row.read_id == read.pk}

    def baseline_reads(self, period: int) -> set[object]:
        """The reads on which lesions of a period were chosen: one, as long as nothing moved."""
        return {row.read_id for row in self.roles if row.period == period}

    def roles_in(self, period: int) -> dict[int, str]:
        return {row.lesion_id: row.role for row in self.roles if row.period == period}

    def is_baseline(self, read: ImagingRead) -> bool:
        """Whether lesions are chosen for Treatment 1 on this read: until it is done on one, on each."""
        baseline = baseline_read(self.reads, self.roles)
        return baseline is None or baseline.pk == read.pk

    def period_of(self, read: ImagingRead) -> int:
        """The treatment period in which the read is an assessment; one without a date is the latest."""
        if self.course is None or self.course.pd1 is None or self.course.period2 is None:
            return 1
        return 2 if read.date is None or read.date > self.course.pd1.date else 1

    def after(self, read: ImagingRead) -> list[ImagingRead]:
        """The scans of the same period after this one, while it is corrected."""
        if read.date is None:
            return []
        period = self.period_of(read)
        return [r for r in self.reads if r.date > read.date and self.period_of(r) == period]

    def before(self, read: ImagingRead) -> list[ImagingRead]:
        """The scans before this one; all of them as long as it has no date."""
        return [r for r in self.reads if r.pk != read.pk and (read.date is None or r.date < read.date)]

    def known_before(self, read: ImagingRead) -> list[Lesion]:
        """The lesions that were seen or chosen before this scan, targets first."""
        earlier = {r.pk for r in self.before(read)}
        known = {row.lesion_id for row in self.readings if row.read_id in earlier}
        known |= {row.lesion_id for row in self.roles if row.read_id in earlier}
        roles = self.roles_in(self.period_of(read))
        rank: dict[str | None, int] = {RoleKind.TARGET: 0, RoleKind.NON_TARGET: 1}

        def place(lesion: Lesion) -> tuple[int, str]:
            role = roles.get(lesion.pk) or roles.get(lesion.part_of_id or 0)
            return rank.get(role, 2), lesion.label

        return sorted((self.lesions[pk] for pk in known), key=place)

    def is_new_in_period(self, lesion: Lesion, read: ImagingRead) -> bool:
        """Whether a lesion seen on this scan was not there at the baseline of the read's period."""
        period = self.period_of(read)
        if any(row.lesion_id == lesion.pk and row.period <= period for row in self.roles):
            return False
        begun = self._period(period)
        start = begun.baseline_scan_id if begun else None
        seen = [r for r in self.readings if r.lesion_id == lesion.pk and r.read_id == start]
        return not any(reading.state != ReadingState.ABSENT for reading in seen)

    def is_equivocal_before(self, lesion: Lesion, read: ImagingRead) -> bool:
        """Whether earlier scans saw the lesion as a new one, and none of them confirmed it."""
        earlier = {r.pk for r in self.before(read)}
        seen = [r for r in self.readings if r.lesion_id == lesion.pk and r.read_id in earlier and r.is_new]
        return bool(seen) and not any(r.typical or r.unequivocal or r.malignancy_proven for r in seen)

    def columns(self, reads: Iterable[ImagingRead], beside: ImagingRead) -> list[ScanColumn]:
        """These scans beside another, the baseline and the nadir that one is compared with marked."""
        period = self._period(self.period_of(beside))
        lowest = self.nadir_before(beside)
        since = period.baseline_date if period else date.min
        return [self._column(read, is_nadir=read.pk == lowest, since=since) for read in reads]

    def _period(self, number: int) -> TumourPeriod | None:
        periods = self.course.periods if self.course else ()
        return next((period for period in periods if period.number == number), None)

    def nadir_before(self, read: ImagingRead) -> object:
        """The key of the scan with the smallest complete sum of the period so far; None without a sum."""
        period = self._period(self.period_of(read))
        if period is None or period.baseline_sum is None:
            return None
        lowest, key = period.baseline_sum, period.baseline_scan_id
        for point in period.time_points:
            total = point.sum_of_diameters
            is_before = read.date is None or point.date < read.date
            if is_before and total is not None and total < lowest:
                lowest, key = total, point.scan_id
        return key

    def _column(self, read: ImagingRead, *, is_nadir: bool, since: date) -> ScanColumn:
        cells = {pk: cell_text(reading) for pk, reading in self.readings_of(read).items()}
        course = self.course
        point = point_of(course, read.pk)
        starts = [period for period in course.periods if period.baseline_scan_id == read.pk] if course else []
        total = _sum_text(point)
        if starts:
            total = " → ".join([total, _mm(starts[0].baseline_sum)]) if point else _mm(starts[0].baseline_sum)
        response = point.overall.value if point else ("baseline" if starts else "–")
        title = _column_title(course, starts, point) + (f", {gettext('nadir')}" if is_nadir else "")
        return ScanColumn(read, title, cells, total, response, read.date < since)


def _column_title(course: TumourCourse | None, starts: list[TumourPeriod], point: TimePoint | None) -> str:
    if course is None:
        return ""
    if point is not None and course.pd1 is not None and point.scan_id == course.pd1.scan_id:
        return "first progression" + (", new baseline" if starts else "")
    if point is not None and course.pd2 is not None and point.scan_id == course.pd2.scan_id:
        return "second progression"
    return "baseline" if starts else (f"Treatment {point.period}" if point else "")


def cell_text(reading: LesionReading) -> str:
    """What was seen, in a word or a number of mm."""
    state = ReadingState(reading.state)
    words: list[Any] = (
        [] if reading.diameter is None else [format_mm(int(reading.diameter * 10)).removesuffix(" mm")]
    )
    words += [SHORT_STATES[state]] if state in SHORT_STATES else []
    words += [name for name in ("typical", "unequivocal") if getattr(reading, name)]
    if state == ReadingState.NOT_EVALUABLE and reading.not_evaluable_reason:
        words.append(reading.not_evaluable_text or reading.get_not_evaluable_reason_display())
    if reading.merged_into is not None:
        words.append(gettext("in %(lesion)s") % {"lesion": reading.merged_into.label})
    return ("new: " if reading.is_new else "") + ", ".join(str(word) for word in words)


def point_of(course: TumourCourse | None, read_pk: int | None) -> TimePoint | None:
    """The time point of a read, found by its key."""
    points = course.time_points if course else ()
    return next((point for point in points if point.scan_id == (read_pk or NEVER_SAVED)), None)


def result_of(course: TumourCourse | None, read: ImagingRead) -> ReadResult:
    """What the read amounts to in a course that holds it."""
    if read.date is None:
        return ReadResult(title="Enter the date of the scan to see what the read amounts to.")
    if course is None:
        return ReadResult(title="Choose the target and non-target lesions to make this the baseline.")
    key = read.pk or NEVER_SAVED
    point = point_of(course, key)
    starts = [period for period in course.periods if period.baseline_scan_id == key]
    findings = tuple(
        finding.message
        for finding in course.findings
        if isinstance(finding, TumourFinding) and finding.scan_id == key
    )
    if point is None:
        title = "Baseline" if starts else "This scan is not read as an assessment."
        figures = tuple(("Sum of targets", _mm(period.baseline_sum)) for period in starts)
        return ReadResult(title=title, figures=figures, findings=findings)
    title = f"Treatment {point.period}: overall response {point.overall}"
    if course.pd1 is not None and key == course.pd1.scan_id:
        title += ", the first progression"
    elif course.pd2 is not None and key == course.pd2.scan_id:
        title += ", the second progression"
    figures = (*_figures(point), *(("New baseline, sum of targets", _mm(p.baseline_sum)) for p in starts))
    return ReadResult(
        title=title, point=point, figures=figures, sentences=point.explanation, findings=findings
    )


def _figures(point: TimePoint) -> tuple[tuple[str, str], ...]:
    target = point.target
    nadir = _mm(target.nadir) + (f" on {target.nadir_date}" if target.nadir_date else "")
    return (
        ("Baseline sum", _mm(target.baseline)),
        ("Nadir", nadir),
        ("This sum", _sum_text(point)),
        ("Change from baseline", _change(target, target.baseline, target.change_from_baseline)),
        ("Change from nadir", _change(target, target.nadir, target.change_from_nadir)),
    )


def _sum_text(point: TimePoint | None) -> str:
    if point is None or point.target.current is None:
        return "–"
    return _mm(point.target.current) + ("" if point.target.is_complete else " (incomplete)")


def _mm(tenths: int | None) -> str:
    return "–" if tenths is None else format_mm(tenths)


def _change(target: TargetEvaluation, reference: int | None, percent: Decimal | None) -> str:
    """The change in mm and per cent; of half a sum none is said."""
    if target.current is None or reference is None or not target.is_complete:
        return "–"
    difference = target.current - reference
    sign = "+" if difference > 0 else "-" if difference < 0 else ""
    in_mm = f"{sign}{format_mm(abs(difference))}"
    return in_mm if percent is None else f"{in_mm} ({format_change(percent)})"
