"""Table 3: treatment-emergent adverse events by CTCAE term, any grade and severe, in both periods."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.text import slugify

from analysis.facts import PERIODS, StudyFacts, Subject, ref
from analysis.outputs import Column, Row, Table
from analysis.tables.cells import count_cell
from assessments.course import CourseEvent
from assessments.models import AdverseEvent
from trial.domain.analysis_plan import AdverseEventRules

ANY_EVENT = "any-event"


@dataclass(frozen=True)
class EventCounts:
    """The events of a run that count in the table, by patient, term and period."""

    facts: StudyFacts

    @cached_property
    def by_term(self) -> dict[str, dict[int, dict[str, list[tuple[int, CourseEvent]]]]]:
        """Term, period, patient: the events that count there with the grade they count with."""
        found: dict[str, dict[int, dict[str, list[tuple[int, CourseEvent]]]]] = {}
        for period in PERIODS:
            for subject in self.facts.treated_in(period):
                for event in subject.course.adverse_events:
                    grade = counted_grade(subject, event, period, self.facts)
                    if grade is not None:
                        periods = found.setdefault(event.facts.term, {number: {} for number in PERIODS})
                        periods[period].setdefault(subject.number, []).append((grade, event))
        return found

    def subjects(self, terms: Sequence[str], period: int, from_grade: int) -> list[Subject]:
        """Those with one of the terms in the period at this grade or a higher one."""
        return [s for s in self.facts.treated_in(period) if self.reasons(s, terms, period, from_grade)]

    def reasons(self, subject: Subject, terms: Sequence[str], period: int, from_grade: int) -> list[str]:
        events = [
            counted
            for term in terms
            for counted in self.by_term.get(term, {}).get(period, {}).get(subject.number, ())
        ]
        return [ref(event.row) for grade, event in events if grade >= from_grade]

    def reaches_table(self, term: str) -> bool:
        """Whether either share is reached in either period; shares are compared exactly."""
        rules = self.facts.protocol.adverse_event_table
        limits = ((1, rules.any_grade_percent), (rules.severe_from_grade, rules.severe_percent))
        return term in rules.always_show or any(
            (count := len(self.subjects([term], period, grade)))
            and 100 * count >= percent * len(self.facts.treated_in(period))
            for period in PERIODS
            for grade, percent in limits
        )


def counted_grade(subject: Subject, event: CourseEvent, period: int, facts: StudyFacts) -> int | None:
    """The grade with which an event counts in a period of the table; None where it does not.

    It counts unless it is known not to be treatment-emergent and, where the table holds related events only,
    unless it was judged unrelated: an attribution that is still missing counts as related.
    """
    if event.emergence.emergent is False:
        return None
    if facts.protocol.adverse_event_table.related_only and not is_related(
        event, facts.protocol.adverse_events
    ):
        return None
    return subject.course.worst_grade_in(event, period)


def is_related(event: CourseEvent, rules: AdverseEventRules) -> bool:
    causality = event.facts.causality
    return causality is None or causality.value in rules.related


def adverse_event_table(facts: StudyFacts) -> Table:
    rules = facts.protocol.adverse_event_table
    counts = EventCounts(facts)
    every = sorted(counts.by_term)
    shown = [term for term in dict.fromkeys((*every, *rules.always_show)) if counts.reaches_table(term)]
    severe = f"grade {rules.severe_from_grade} or higher"
    return Table(
        title=(
            f"Table 3. {'Drug-related, treatment' if rules.related_only else 'Treatment'}-emergent "
            "adverse events"
        ),
        population="Patients treated in the period, n (%)",
        columns=[
            Column(
                id=f"t{period}_{id}",
                label=f"{facts.protocol.periods[period - 1].label}, {label}",
                n=len(facts.treated_in(period)),
            )
            for period in PERIODS
            for id, label in (("any", "any grade"), ("severe", severe))
        ],
        rows=[
            _row(counts, ANY_EVENT, "Patients with any event", every, level=0),
            *sorted(
                (_row(counts, slugify(term), term, [term], level=1) for term in shown),
                key=lambda row: ([-(cell.n or 0) for cell in row.cells.values()], row.label),
            ),
        ],
        footnotes=[
            f"Terms of CTCAE {facts.protocol.adverse_events.ctcae_version} that reach "
            f"{rules.any_grade_percent:f} % at "
            f"any grade or {rules.severe_percent:f} % at {severe} in a period"
            + (f"; always shown: {', '.join(rules.always_show)}." if rules.always_show else "."),
            "A patient counts once per term and period, with the worst grade there. An event that runs over "
            "first "
            "progression counts again in Treatment 2 only if its grade rises.",
            f"Treatment-emergent: from the first dose to {facts.protocol.adverse_events.window_days} days "
            "after the "
            "last. An event whose attribution is missing counts as related.",
            *_left_out(facts),
        ],
    )


def _row(counts: EventCounts, id: str, label: str, terms: Sequence[str], level: int) -> Row:
    severe_from = counts.facts.protocol.adverse_event_table.severe_from_grade
    return Row(
        id=id,
        label=label,
        level=level,
        cells={
            f"t{period}_{name}": count_cell(
                counts.subjects(terms, period, grade),
                counts.facts.treated_in(period),
                lambda s, period=period, grade=grade: counts.reasons(s, terms, period, grade),  # type: ignore[misc]
                counts.facts.membership_in(period),
            )
            for period in PERIODS
            for name, grade in (("any", 1), ("severe", severe_from))
        },
    )


def unreadable_events(subject: Subject) -> list[tuple[AdverseEvent, str]]:
    """Events whose entries contradict each other, with what contradicts; the term is not said again."""
    return [
        (row, text.removeprefix(f"“{row.ctcae_term}”").lstrip(": "))
        for row, text in subject.course.unreadable_events
    ]


def _left_out(facts: StudyFacts) -> list[str]:
    """Events whose entries do not tell whether or where they count, or contradict each other."""
    window = facts.protocol.adverse_events.window_days
    found: dict[str, list[str]] = {}
    for subject in facts.safety:
        for event in subject.course.adverse_events:
            for text in _doubts(subject, event, window):
                found.setdefault(text, []).append(f"{subject.number} {ref(event.row)}")
    return [
        *(f"Events {text}: {len(events)} ({', '.join(events)})." for text, events in found.items()),
        *(
            f"Left out, because its entries contradict each other: {subject.number}, {row.ctcae_term} "
            f"({ref(row)}): {text}"
            for subject in facts.safety
            for row, text in unreadable_events(subject)
        ),
    ]


def _doubts(subject: Subject, event: CourseEvent, window_days: int) -> Iterator[str]:
    counted = any(subject.course.worst_grade_in(event, period) is not None for period in PERIODS)
    if event.emergence.emergent is False:
        return
    if event.period.period is None:
        yield "whose dates leave the period open, counted only where their grade rose"
    elif event.emergence.emergent is None:
        after, before = f"after the {window_days} days, counted", "before the first dose, not counted"
        yield f"that may have begun {after if counted else before}"
    if subject.course.has_grade_across_periods(event):
        yield "with a grade that may have been reached in another period, counted from its earliest day"
