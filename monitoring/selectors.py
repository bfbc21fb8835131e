"""Lists and counts over the patients a person may see; the database counts, however many they are."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, Count, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.lookups import Exact
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from assessments.course import PatientCourse, patient_course
from assessments.eligibility import judge
from assessments.models import AdverseEvent, AdverseEventGrade, DoseInterval, MedicalHistory, VitalSigns
from assessments.schedule import schedule_facts
from assessments.selectors import ReferenceRanges
from casebook.extraction import extract
from casebook.models import Patient, Query, QueryState
from casebook.registry import clinical_models
from casebook.selectors import visible_patients
from monitoring.domain.accrual import AccrualMonth, derive_accrual
from monitoring.domain.status import PatientStatus
from patients.domain.chronology import DatedItem
from patients.domain.deviations import Deviation, DeviationFacts, check_deviations
from patients.models import (
    ContactStatus,
    Death,
    Discontinuation,
    EligibilityDecision,
    Enrolment,
    ProgressionDecision,
    SurvivalFollowUp,
)
from trial.access import Permission, may, sites_where
from trial.models import Person, ProtocolVersion, Site
from trial.selectors import protocols_in_force


def _has(model: Any, **conditions: Any) -> Exists:
    return Exists(model.objects.filter(patient=OuterRef("pk"), **conditions))


LAST_CONTACT = Subquery(
    SurvivalFollowUp.objects.filter(patient=OuterRef("pk")).order_by("-contact_date").values("status")[:1]
)
STATUS = Case(
    When(_has(Death), then=Value(PatientStatus.DEAD.value)),
    When(Exact(LAST_CONTACT, ContactStatus.LOST.value), then=Value(PatientStatus.LOST.value)),
    When(_has(Discontinuation), then=Value(PatientStatus.FOLLOW_UP.value)),
    When(_has(ProgressionDecision, continued=False), then=Value(PatientStatus.FOLLOW_UP.value)),
    When(_has(ProgressionDecision, continued=True), then=Value(PatientStatus.TREATMENT_2.value)),
    When(_has(DoseInterval, mg__gt=0), then=Value(PatientStatus.TREATMENT_1.value)),
    When(_has(Enrolment), then=Value(PatientStatus.ENROLLED.value)),
    When(_has(EligibilityDecision, eligible=False), then=Value(PatientStatus.SCREEN_FAILURE.value)),
    default=Value(PatientStatus.SCREENING.value),
    output_field=CharField(),
)


def patients_with_status(person: Person) -> QuerySet[Any]:
    """The patients a person may see, each with status, enrolment date and number of queries that wait."""
    waiting = (
        Query.objects.filter(patient=OuterRef("pk"))
        .exclude(state=QueryState.CLOSED)
        .order_by()
        .values("patient")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return visible_patients(person).annotate(
        status=STATUS,
        enrolled_on=Subquery(Enrolment.objects.filter(patient=OuterRef("pk")).values("date")[:1]),
        waiting_queries=Subquery(waiting),
    )


@dataclass(frozen=True, slots=True)
class CentreLine:
    """One centre of the dashboard: how many patients stand where."""

    site: Site
    counts: dict[str, int]
    queries: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def cells(self) -> list[tuple[str, int]]:
        return [(status.value, self.counts.get(status.value, 0)) for status in PatientStatus]


@dataclass(frozen=True, slots=True)
class Dashboard:
    centres: list[CentreLine]
    accrual: list[AccrualMonth]
    target: int
    enrolled: int
    queries: int

    @property
    def totals(self) -> list[tuple[str, int]]:
        return [(s.value, sum(line.counts.get(s.value, 0) for line in self.centres)) for s in PatientStatus]

    @property
    def patients(self) -> int:
        return sum(line.total for line in self.centres)


def dashboard(person: Person) -> Dashboard:
    """What the centres a person may see look like now."""
    if not may(person, Permission.VIEW_CASEBOOK):
        raise PermissionDenied("Your role does not show patients' data.")
    sites = list(sites_where(person, Permission.VIEW_CASEBOOK))
    counts: dict[int, Counter[str]] = {site.pk: Counter() for site in sites}
    rows = visible_patients(person).annotate(status=STATUS).order_by().values_list("site_id", "status")
    for site_id, status, n in rows.annotate(n=Count("pk")):
        counts[site_id][status] = n
    queries = dict(
        Query.objects.filter(patient__site__in=sites)
        .exclude(state=QueryState.CLOSED)
        .order_by()
        .values_list("patient__site_id")
        .annotate(n=Count("pk"))
    )
    days = list(
        Enrolment.objects.filter(patient__site__in=sites).order_by("date").values_list("date", flat=True)
    )
    version = ProtocolVersion.objects.last()
    return Dashboard(
        centres=[CentreLine(site, counts[site.pk], queries.get(site.pk, 0)) for site in sites],
        accrual=derive_accrual(days),
        target=version.protocol.accrual_target if version else 0,
        enrolled=len(days),
        queries=sum(queries.values()),
    )


NOT_JUDGED = (VitalSigns, AdverseEvent, AdverseEventGrade, MedicalHistory)
"""Forms no rule of deviations looks at: most of the rows there are."""

PAGE_OF_RULE = {
    "DEV-02": "assessments:eligibility",
    "DEV-03": "assessments:eligibility",
    "DEV-04": "assessments:dosing",
    "DEV-05": "assessments:dosing",
    **{f"DEV-{number}": "assessments:schedule" for number in ("06", "07", "08", "09", "11", "12", "13")},
    "DEV-10": "assessments:dosing",
}


@dataclass(frozen=True, slots=True)
class DeviationLine:
    patient: Patient
    deviation: Deviation

    @property
    def url(self) -> str:
        """Where what departed is entered: the page of its forms, else the patient's."""
        page = PAGE_OF_RULE.get(self.deviation.rule_id, "casebook:patient")
        return reverse(page, args=[self.patient.number])


def deviations(person: Person, site: Site | None = None) -> list[DeviationLine]:
    """Every departure from the protocol that is certain today, newest first, from the forms as they are."""
    if not may(person, Permission.VIEW_CASEBOOK):
        raise PermissionDenied("Your role does not show patients' data.")
    patients = list(visible_patients(person).filter(**({"site": site} if site else {})))
    today = timezone.localdate()
    protocols = protocols_in_force(today)
    ranges = ReferenceRanges.of_sites(*{p.site_id for p in patients})
    needed = [model for model in clinical_models() if model not in NOT_JUDGED]
    snapshot = extract(patients, tables=needed)
    found = []
    for patient in patients:
        protocol = protocols.get(patient.site_id)
        if protocol is not None:
            course = patient_course(snapshot, patient, protocol, data_end=today)
            facts = deviation_facts(course, ranges)
            found += [DeviationLine(patient, d) for d in check_deviations(facts, protocol, as_of=today)]
    return sorted(found, key=lambda line: (line.deviation.date, line.patient.number), reverse=True)


def deviation_facts(course: PatientCourse, ranges: ReferenceRanges) -> DeviationFacts:
    """The dates of a course under the names the rules of deviations use."""
    baseline = course.tumour.period1.baseline_date if course.tumour else None
    procedures = [DatedItem("Baseline scan", baseline)] if baseline else []
    if course.screening:
        procedures.append(DatedItem("Eligibility assessment", course.screening.date))
    return DeviationFacts(
        consent_date=course.consent.consent_date if course.consent else None,
        enrolment_date=course.enrolment.date if course.enrolment else None,
        schedule=schedule_facts(course),
        procedures=tuple(procedures),
        dose_steps=tuple((row.start, row.daily_dose_mg) for row in course.doses),
        medications=tuple(row.facts for row in course.medications),
        eligibility=judge(course, ranges) if course.enrolment else None,
    )


def waiting_queries(person: Person) -> QuerySet[Query]:
    """Queries that are open or answered, at the sites the person may see."""
    if not may(person, Permission.VIEW_CASEBOOK):
        raise PermissionDenied("Your role does not show patients' data.")
    return (
        Query.objects.filter(patient__site__in=sites_where(person, Permission.VIEW_CASEBOOK))
        .exclude(state=QueryState.CLOSED)
        .select_related("patient__site")
        .order_by("id")
    )


def get_query(person: Person, pk: int) -> Query:
    if not may(person, Permission.VIEW_CASEBOOK):
        raise PermissionDenied("Your role does not show patients' data.")
    found = (
        Query.objects.filter(pk=pk, patient__site__in=sites_where(person, Permission.VIEW_CASEBOOK))
        .select_related("patient__site")
        .first()
    )
    if found is None:
        raise Http404("No such query at your sites.")
    return found
