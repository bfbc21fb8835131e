"""What happened to one patient, read off the course: the items of the timeline figure and of its table."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.course import CourseEvent, PatientCourse
from assessments.models import DoseInterval
from casebook.models import Crf
from casebook.registry import spec_of
from monitoring.domain.timeline import Lane, TimelineItem
from patients.models import VisitKind


def timeline_items(course: PatientCourse) -> list[TimelineItem]:
    """Everything of the course that has a day, oldest first."""
    items = [*_milestones(course), *_visits(course), *_scans(course), *_doses(course)]
    items += _adverse_events(course)
    return sorted(items, key=lambda item: (item.start, item.lane, item.detail))


def end_of_timeline(course: PatientCourse, items: list[TimelineItem]) -> date:
    """The last day the figure shows: the last day on which anything is known."""
    days = [item.start for item in items] + [item.end for item in items if item.end is not None]
    return max(days, default=course.data_end)


def _url(course: PatientCourse, crf: Crf) -> str:
    return reverse("casebook:edit", args=[course.patient.number, spec_of(type(crf)).slug, crf.pk])


def _milestones(course: PatientCourse) -> Iterator[TimelineItem]:
    tumour = course.tumour
    reads = {read.pk: read for read in course.reads}
    facts: list[tuple[date | None, str, str, Crf | None]] = []
    if course.consent:
        facts.append((course.consent.consent_date, "consent", "Written consent", course.consent))
    if course.enrolment:
        facts.append((course.enrolment.date, "enrolled", "Enrolment", course.enrolment))
    if course.given_doses:
        facts.append((course.first_dose, "first dose", "First dose", course.given_doses[0]))
    if tumour:
        baseline = reads.get(int(tumour.period1.baseline_scan_id))
        facts.append((tumour.period1.baseline_date, "baseline", "Baseline scan of Treatment 1", baseline))
        if tumour.pd1:
            read = reads.get(int(tumour.pd1.scan_id))
            new = ", the new baseline" if tumour.period2 else ""
            facts.append(
                (
                    tumour.pd1.date,
                    "PD1" + (" = new baseline" if tumour.period2 else ""),
                    f"First progression{new}",
                    read,
                )
            )
        if tumour.pd2:
            facts.append((tumour.pd2.date, "PD2", "Second progression", reads.get(int(tumour.pd2.scan_id))))
    if course.discontinuation:
        why = course.discontinuation.get_off_protocol_reason_display()
        facts.append(
            (course.discontinuation.date, "off", f"End of protocol treatment: {why}", course.discontinuation)
        )
    if course.death:
        facts.append((course.death.date.latest, "death", f"Death ({course.death.date})", course.death))
    elif course.last_contact:
        seen = course.last_contact
        facts.append(
            (seen.contact_date, seen.get_status_display(), f"Last contact: {seen.get_status_display()}", seen)
        )
    for day, text, detail, crf in facts:
        if day is not None and crf is not None:
            yield TimelineItem(
                lane=Lane.MILESTONE,
                start=day,
                end=day,
                text=text,
                detail=f"{detail}, {day}",
                url=_url(course, crf),
            )


def _visits(course: PatientCourse) -> Iterator[TimelineItem]:
    """What was missed, with its reason, and visits nobody had planned; the planned ones go without saying."""
    for row in course.missed_visits:
        kind = row.get_kind_display()
        detail = _("Missed on %(day)s: %(kind)s. %(reason)s") % {
            "day": row.planned_date,
            "kind": kind,
            "reason": row.reason_in_words,
        }
        text = _("%(kind)s missed") % {"kind": kind}
        yield _of_a_day(course, row, row.planned_date, text, detail)
    for visit in course.visits:
        if visit.kind == VisitKind.UNSCHEDULED:
            detail = _("Unscheduled visit, %(day)s") % {"day": visit.date}
            yield _of_a_day(course, visit, visit.date, _("unscheduled"), detail)


def _of_a_day(course: PatientCourse, crf: Crf, day: date, text: str, detail: str) -> TimelineItem:
    return TimelineItem(lane=Lane.VISIT, start=day, end=day, text=text, detail=detail, url=_url(course, crf))


def _scans(course: PatientCourse) -> Iterator[TimelineItem]:
    points = {point.scan_id: point for point in course.tumour.time_points} if course.tumour else {}
    baseline = course.tumour.period1.baseline_scan_id if course.tumour else None
    for read in course.reads:
        point = points.get(read.pk)
        if point is not None:
            text, detail = (
                point.overall.value,
                f"Scan {read.date}: {point.overall.value}. {' '.join(point.explanation)}",
            )
        else:
            text, detail = (
                ("BL" if read.pk == baseline else "–"),
                f"Scan {read.date}: {'baseline' if read.pk == baseline else 'not assessed'}",
            )
        yield TimelineItem(
            lane=Lane.SCAN, start=read.date, end=read.date, text=text, detail=detail, url=_url(course, read)
        )


def _doses(course: PatientCourse) -> Iterator[TimelineItem]:
    for row in course.given_doses:
        yield TimelineItem(
            lane=Lane.DOSE,
            start=row.start,
            end=row.end,
            text=f"{row.daily_dose_mg.normalize():f}",
            detail=_dose_words(row),
            url=_url(course, row),
            level=int(row.daily_dose_mg),
        )


def _dose_words(row: DoseInterval) -> str:
    until = f"to {row.end}" if row.end else "going on"
    return (
        f"{row.mg.normalize():f} mg {row.get_frequency_display()}, {row.start} {until}: "
        f"{row.get_dose_reason_display()}"
    )


def undated_events(course: PatientCourse) -> list[str]:
    """Adverse events that no figure can show, because nothing at all is known of their onset."""
    return [_event_words(event) for event in course.adverse_events if _start(event) is None]


def _start(event: CourseEvent) -> date | None:
    """The first day on which an event can have begun; where only its last is known, that one."""
    earliest: date | None = event.row.onset.earliest
    if earliest is not None:
        return earliest
    last = event.facts.last_possible_onset
    return None if last == date.max else last


def _adverse_events(course: PatientCourse) -> Iterator[TimelineItem]:
    for event in course.adverse_events:
        start = _start(event)
        if start is not None:
            yield TimelineItem(
                lane=Lane.ADVERSE_EVENT,
                start=start,
                end=event.row.end.latest if event.row.end else None,
                text=f"{event.facts.term} {event.worst_grade}",
                detail=_event_words(event),
                url=_url(course, event.row),
                level=event.worst_grade,
            )


def _event_words(event: CourseEvent) -> str:
    causality = event.row.get_causality_display() or "causality not judged"
    until = f"to {event.row.end}" if event.row.end else "going on" if event.row.ongoing else "end not entered"
    return (
        f"{event.facts.term}, worst grade {event.worst_grade}, {event.row.onset} {until}; study drug: "
        f"{causality}"
    )
