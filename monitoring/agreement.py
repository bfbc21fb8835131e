"""First and independent reads of the same scans side by side, and how far they agree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext

from assessments.course import PatientCourse, patient_course
from assessments.domain.mrecist import Response, best_overall_response
from assessments.imaging_checks import TABLES
from assessments.models import Adjudication, IndependentRead
from casebook.extraction import extract
from casebook.models import Patient
from casebook.selectors import visible_patients
from monitoring.domain.agreement import Agreement, compute_kappa
from trial.access import Permission, may
from trial.models import Person, Site
from trial.selectors import protocols_in_force


@dataclass(frozen=True, slots=True)
class ReadPair:
    """One scan as two readers see it; `adjudicated` is empty where nobody decided between them."""

    patient: Patient
    day: date
    first: str
    second: str
    adjudicated: str

    @property
    def agrees(self) -> bool:
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class BestPair:
    """The best overall response of one treatment period as two readers see it."""

    patient: Patient
    period: int
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class CentreAgreement:
    """How far the readers agree on the scans, and on the best response, of one centre; None: of all."""

    site: Site | None
    scans: Agreement
    best: Agreement


@dataclass(frozen=True, slots=True)
class ReaderAgreement:
    centres: list[CentreAgreement]
    scans: list[ReadPair]
    best: list[BestPair]


def reader_agreement(person: Person) -> ReaderAgreement:
    """For monitors and those who see analyses; sites would no longer be blind."""
    if not may(person, Permission.RAISE_QUERY) and not may(person, Permission.VIEW_ANALYSIS):
        raise PermissionDenied(gettext("Those who read scans do not see how far readers agree."))
    patients = list(visible_patients(person).order_by("number"))
    protocols = protocols_in_force(timezone.localdate())
    snapshot = extract(patients, tables=(*TABLES, IndependentRead, Adjudication))
    scans: list[ReadPair] = []
    best: list[BestPair] = []
    for patient in patients:
        second = sorted(snapshot.rows(patient, IndependentRead), key=lambda read: read.date)
        if second:
            protocol = protocols.get(patient.site_id)
            course = patient_course(snapshot, patient, protocol, data_end=date.max)
            scans += _scans(course, second)
            best += _best(course, second)
    sites = sorted({pair.patient.site for pair in scans}, key=lambda site: site.code)
    centres = [_centre(site, scans, best) for site in (*sites, None)]
    return ReaderAgreement(centres if scans else [], scans, best)


def _scans(course: PatientCourse, second: Iterable[IndependentRead]) -> Iterator[ReadPair]:
    points = {point.date: point for point in (course.tumour.time_points if course.tumour else ())}
    decided = {row.date: row.overall for row in course.snapshot.rows(course.patient, Adjudication)}
    for read in second:
        if read.date in points:
            first = points[read.date].overall.value
            yield ReadPair(course.patient, read.date, first, read.overall, decided.get(read.date, ""))


def _best(course: PatientCourse, second: list[IndependentRead]) -> Iterator[BestPair]:
    """Each reader's own periods: the second ends its first one at its own first progression."""
    if course.tumour is None:
        return
    read = [
        (row.date, Response(row.overall)) for row in second if row.date > course.tumour.period1.baseline_date
    ]
    progression = next((day for day, response in read if response is Response.PD), None)
    periods = [[one for one in read if progression is None or one[0] <= progression]]
    references = [course.tumour.period1.reference_date]
    if progression is not None:
        periods.append([one for one in read if one[0] > progression])
        references.append(progression)
    for number, (of_period, reference) in enumerate(zip(periods, references, strict=True), start=1):
        first = course.tumour.bor1 if number == 1 else course.tumour.bor2
        if of_period and first is not None:
            mine = best_overall_response(of_period, reference_date=reference, criteria=course.criteria)
            yield BestPair(course.patient, number, first.value, mine.value)


def _centre(site: Site | None, scans: list[ReadPair], best: list[BestPair]) -> CentreAgreement:
    here = [pair for pair in scans if site is None or pair.patient.site_id == site.pk]
    best_here = [pair for pair in best if site is None or pair.patient.site_id == site.pk]
    return CentreAgreement(
        site,
        compute_kappa([(pair.first, pair.second) for pair in here]),
        compute_kappa([(pair.first, pair.second) for pair in best_here]),
    )
