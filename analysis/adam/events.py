"""ADAE: one record per adverse event."""

from collections.abc import Iterator, Mapping
from datetime import date

from analysis.adam.spec import ADAE, build
from analysis.adam.subjects import Record, flag, period, treatment
from analysis.facts import StudyFacts, Subject, ref
from analysis.outputs import Dataset
from analysis.tables.adverse_events import is_related, unreadable_events
from assessments.course import CourseEvent
from assessments.models import AdverseEvent
from casebook.domain.partial_dates import PartialDate


def adae(facts: StudyFacts, organ_classes: Mapping[str, str]) -> Dataset:
    """`organ_classes` gives the system organ class of a CTCAE term by its code.

    An event whose entries contradict each other is a record too: with what was entered and the contradiction,
    without anything derived; no table counts it.
    """
    return build(ADAE, (r for subject in facts.subjects for r in _records(facts, subject, organ_classes)))


def _records(facts: StudyFacts, subject: Subject, organ_classes: Mapping[str, str]) -> Iterator[Record]:
    shared = treatment(facts, subject)
    read = {event.row.pk: event for event in subject.course.adverse_events}
    contradictions = {row.pk: text for row, text in unreadable_events(subject)}
    for sequence, row in enumerate(subject.course.adverse_event_rows, start=1):
        yield (
            shared
            | _entered(row)
            | {"AESEQ": sequence, "AEBODSYS": organ_classes.get(row.term_id)}
            | (
                {"CONTRFL": "Y", "CONTRRS": contradictions[row.pk]}
                if row.pk in contradictions
                else _derived(facts, subject, read[row.pk])
            )
        )


def _entered(row: AdverseEvent) -> Record:
    onset, end = row.onset, row.end
    return {
        "AETERM": row.description or row.ctcae_term,
        "AEDECOD": row.ctcae_term,
        "AESTDTC": "" if onset.is_unknown else onset.text,
        "AEENDTC": "" if end is None or end.is_unknown else end.text,
        "AESER": flag(row.serious),
        "AEREL": row.causality,
        "AEACN": row.action_taken,
        "AEOUT": row.outcome,
        "SRCREF": ref(row),
    }


def _derived(facts: StudyFacts, subject: Subject, event: CourseEvent) -> Record:
    return (
        period(facts, event.period.period)
        | _dates(subject, event)
        | {
            "AETOXGR": str(event.worst_grade),
            "TOXGRT1": subject.course.worst_grade_in(event, 1),
            "TOXGRT2": subject.course.worst_grade_in(event, 2),
            "AREL": flag(is_related(event, facts.protocol.adverse_events)),
            "TRTEMFL": None if event.emergence.emergent is False else "Y",
        }
    )


def _dates(subject: Subject, event: CourseEvent) -> Record:
    """Onset as its earliest day, but not before a first dose it may have followed; end as its latest day."""
    onset, end = event.row.onset, event.row.end
    start, latest, first_dose = onset.earliest, onset.latest, subject.history.first_dose
    if start is not None and latest is not None and first_dose is not None and start < first_dose <= latest:
        start = first_dose
    return {
        "ASTDT": start,
        "ASTDTF": _imputed(onset, start),
        "AENDT": end.latest if end else None,
        "AENDTF": _imputed(end, end.latest if end else None),
    }


def _imputed(entered: PartialDate | None, used: date | None) -> str | None:
    """D where the day was imputed, M where the month was too; None where nothing was."""
    if entered is None or used is None or entered.is_complete:
        return None
    return "D" if len(entered.text) > len("2019") else "M"
