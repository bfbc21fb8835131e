"""Who may read a scan a second time, and what is asked where the two readers differ.

An independent reader has no other role (`trial.access.roles_of`): such a reader sees which scans there are
and the independent reads, and no other page of any patient. Nobody is both readers of a scan, and the
adjudicator is neither. Who read is what the trail says: everybody who entered or changed the read.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from assessments.domain.tumour_course import TumourCourse
from assessments.models import Adjudication, ImagingRead, IndependentRead, LesionReading
from casebook.domain.findings import Finding, Severity
from casebook.models import Crf
from trial.access import Permission, sites_where
from trial.audit import acting_id
from trial.models import AuditEntry, Person

READERS_DIFFER, NO_FIRST_READ = "imaging.readers_differ", "imaging.no_first_read"


def first_readers(patient_id: int, day: date) -> set[int]:
    """Everybody who entered or changed the first read of a scan, or what was seen on it."""
    read = ImagingRead.objects.filter(patient=patient_id, date=day).values_list("pk", flat=True).first()
    if read is None:
        return set()
    own = Q(table=ImagingRead._meta.db_table, row_id=read)
    lines = Q(table=LesionReading._meta.db_table, image__contains={"read_id": read})
    return set(AuditEntry.objects.filter(own | lines, patient_id=patient_id).values_list("actor", flat=True))


def independent_readers(patient_id: int, day: date) -> set[int]:
    """Everybody who entered or changed the independent read of a scan."""
    keys = IndependentRead.objects.filter(patient=patient_id, date=day).values_list("pk", flat=True)
    found = AuditEntry.objects.filter(table=IndependentRead._meta.db_table, row_id__in=list(keys))
    return set(found.filter(patient_id=patient_id).values_list("actor", flat=True))


def scans_to_read(person: Person, *, with_those_read: bool = False) -> QuerySet[ImagingRead, Any]:
    """The scans at the reader's sites by patient and day: only that there is one, and how it was made.

    `read` is the key of its independent read; None until there is one.
    """
    second = IndependentRead.objects.filter(patient=OuterRef("patient"), date=OuterRef("date")).values("pk")
    scans = ImagingRead.objects.filter(patient__site__in=sites_where(person, Permission.READ_INDEPENDENTLY))
    scans = scans.annotate(read=Subquery(second[:1])).order_by("patient__number", "date")
    shown = scans.values("patient__number", "patient__site__name", "date", "modality", "read")
    return shown if with_those_read else shown.filter(read=None)


def check_independent_read(read: Crf) -> list[Finding]:
    assert isinstance(read, IndependentRead)
    if acting_id() not in first_readers(read.patient_id, read.date):
        return []
    message = _("You entered the first read of this scan. The independent read is another reader's.")
    return [Finding("imaging.same_reader", Severity.HARD, message, "date")]


def check_adjudication(adjudication: Crf) -> list[Finding]:
    assert isinstance(adjudication, Adjudication)
    patient, day = adjudication.patient_id, adjudication.date
    if not independent_readers(patient, day):
        message = _("There is no independent read of a scan of this day.")
        return [Finding("imaging.nothing_to_adjudicate", Severity.SOFT, message, "date")]
    if acting_id() not in first_readers(patient, day) | independent_readers(patient, day):
        return []
    message = _("You read this scan. The adjudication is a third person's.")
    return [Finding("imaging.adjudicator_read", Severity.HARD, message, "date")]


def differing_readers(
    course: TumourCourse | None, reads: list[IndependentRead], adjudicated: set[date]
) -> Iterator[tuple[Finding, IndependentRead]]:
    """A question at every independent read that is not the first one's response and is not adjudicated."""
    points = {point.date: point for point in (course.time_points if course else ())}
    for read in reads:
        point = points.get(read.date)
        if point is None:
            message = _("The first read of a scan of %(day)s is not entered as an assessment.")
            yield Finding(NO_FIRST_READ, Severity.SOFT, message % {"day": read.date}, "date"), read
        elif point.overall != read.overall and read.date not in adjudicated:
            message = _(
                "The independent reader says %(second)s, the first read comes to %(first)s: adjudicate."
            )
            said = {"second": read.overall, "first": point.overall}
            yield Finding(READERS_DIFFER, Severity.SOFT, message % said, "overall"), read
