"""Adverse events: treatment emergence, treatment period, worst grade, and who counts in a table row.

Onset and end may be partial dates; they come as the earliest and the latest day they can mean, None where
nothing is known. What cannot be decided from them is None, with a sentence that says why; nothing is imputed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from trial.domain.analysis_plan import Causality

EMERGENCE_WINDOW_DAYS = 30
SEVERE_GRADE = 3


class AdverseEventError(ValueError):
    """An adverse event that cannot have happened as recorded."""


@dataclass(frozen=True, slots=True)
class GradeChange:
    """From `on` the event has this CTCAE grade."""

    on: date
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventFacts:
    """One adverse event of one patient.

    `onset_grade` is the grade at onset, `grade_changes` what it became, in date order. End None: ongoing or
    not known. `causality` None: not yet judged.
    """

    term: str
    ctcae_version: str
    onset_earliest: date | None
    onset_latest: date | None
    onset_grade: int
    grade_changes: tuple[GradeChange, ...] = ()
    end_earliest: date | None = None
    end_latest: date | None = None
    serious: bool = False
    causality: Causality | None = None

    def __post_init__(self) -> None:
        for grade in (self.onset_grade, *(change.grade for change in self.grade_changes)):
            if grade not in range(1, 6):
                raise AdverseEventError(f"“{self.term}”: {grade} is not a CTCAE grade (1 to 5).")
        days = [change.on for change in self.grade_changes]
        if days != sorted(set(days)):
            raise AdverseEventError(f"“{self.term}”: the grade changes must be on different days, in order.")
        if self.first_possible_onset > self.last_possible_onset:
            raise AdverseEventError(f"“{self.term}” ends, or changes grade, before it starts.")

    @property
    def first_possible_onset(self) -> date:
        return self.onset_earliest or date.min

    @property
    def last_possible_onset(self) -> date:
        """The latest day of onset: no event starts after its end or its first change of grade."""
        first_change = self.grade_changes[0].on if self.grade_changes else None
        bounds = (self.onset_latest, self.end_latest, first_change)
        return min((day for day in bounds if day is not None), default=date.max)

    @property
    def worst_grade(self) -> int:
        return max(self.onset_grade, *(change.grade for change in self.grade_changes), 0)

    def grade_before(self, day: date) -> int:
        """The grade on the eve of a day; before any change it is the grade at onset."""
        past = [change.grade for change in self.grade_changes if change.on < day]
        return past[-1] if past else self.onset_grade


@dataclass(frozen=True, slots=True)
class TreatmentEmergence:
    """Whether an event is treatment-emergent, and why. None: the dates do not tell."""

    emergent: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodAssignment:
    """The treatment period of onset (1 or 2), and why. None: the dates do not tell."""

    period: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class TermOccurrence:
    """One patient's one row of a table: a term in a period at its worst grade there."""

    term: str
    period: int
    worst_grade: int


@dataclass(frozen=True, slots=True)
class TermCount:
    """The patients behind one cell pair of the adverse event table."""

    any_grade: frozenset[str]
    severe: frozenset[str]


def derive_treatment_emergent(
    event: AdverseEventFacts,
    *,
    first_dose: date | None,
    last_dose: date | None,
    window_days: int = EMERGENCE_WINDOW_DAYS,
) -> TreatmentEmergence:
    """Tell whether an event arose, or a baseline event worsened, from the first dose to last dose + 30 days.

    Both ends of the window count. `last_dose` None: treatment is running and the window has no end.
    `first_dose` None: never treated, so no event is emergent. Worsening is a grade reached inside the window
    above the grade on the eve of the first dose.
    """
    if first_dose is None:
        return TreatmentEmergence(False, "No dose was given.")
    window_end = date.max if last_dose is None else last_dose + timedelta(days=window_days)
    for change in event.grade_changes:
        before = event.grade_before(first_dose)
        if first_dose <= change.on <= window_end and change.grade > before:
            return TreatmentEmergence(
                True, f"Under treatment, on {change.on}, the grade rose from {before} to {change.grade}."
            )
    earliest, latest = event.first_possible_onset, event.last_possible_onset
    too_late = f"more than {window_days} days after the last dose on {last_dose}"
    if latest < first_dose:
        return TreatmentEmergence(False, f"Started before the first dose on {first_dose} and did not worsen.")
    if earliest > window_end:
        return TreatmentEmergence(False, f"Started {too_late}.")
    if earliest >= first_dose and latest <= window_end:
        return TreatmentEmergence(True, f"Started on or after the first dose on {first_dose}.")
    doubt = f"before or after the first dose on {first_dose}" if earliest < first_dose else too_late
    return TreatmentEmergence(None, f"The onset ({_span(event)}) may lie {doubt}.")


def derive_period(event: AdverseEventFacts, *, treatment_2_start: date | None) -> PeriodAssignment:
    """Assign an event to the treatment period of its onset: before PD1 to Treatment 1, else to Treatment 2.

    `treatment_2_start` is the date of PD1 of a patient who continued; None (no PD1, or not continued): all
    events belong to Treatment 1.
    """
    if treatment_2_start is None:
        return PeriodAssignment(1, "There was no Treatment 2.")
    if event.last_possible_onset < treatment_2_start:
        return PeriodAssignment(1, f"Started before the first progression on {treatment_2_start}.")
    if event.first_possible_onset >= treatment_2_start:
        return PeriodAssignment(2, f"Started on or after the first progression on {treatment_2_start}.")
    return PeriodAssignment(
        None,
        f"The onset ({_span(event)}) may lie before or after the first progression on {treatment_2_start}.",
    )


def worst_grade(
    event: AdverseEventFacts, period: int, *, first_dose: date, treatment_2_start: date | None
) -> int | None:
    """Return the worst grade with which an event counts in a period; None where it does not count in it.

    An event that started inside the period counts with its worst grade there. One that was already running
    when the period began counts only if its grade rises there above the grade on the eve of the period: a
    baseline event in Treatment 1, an event running over PD1 in Treatment 2. An event whose onset cannot be
    placed counts only by such a rise.
    """
    start = first_dose if period == 1 else treatment_2_start
    if start is None:
        return None
    end = treatment_2_start if period == 1 and treatment_2_start is not None else date.max
    reached = [change.grade for change in event.grade_changes if start <= change.on < end]
    if event.first_possible_onset >= start and event.last_possible_onset < end:
        return max(event.onset_grade, *reached, 0)
    worst = max(reached, default=0)
    return worst if worst > event.grade_before(start) else None


def derive_term_occurrences(
    events: Iterable[AdverseEventFacts], *, first_dose: date, treatment_2_start: date | None
) -> tuple[TermOccurrence, ...]:
    """Return one patient's rows for a table: each term once per period, at its worst grade.

    The caller chooses the events (treatment-emergent, drug-related). Sorted by term and period.
    """
    worst: dict[tuple[str, int], int] = {}
    for event in events:
        for period in (1, 2):
            grade = worst_grade(event, period, first_dose=first_dose, treatment_2_start=treatment_2_start)
            if grade is not None:
                key = (event.term, period)
                worst[key] = max(grade, worst.get(key, 0))
    return tuple(TermOccurrence(term, period, grade) for (term, period), grade in sorted(worst.items()))


def count_terms(
    occurrences: Mapping[str, Iterable[TermOccurrence]],
) -> dict[tuple[str, int], TermCount]:
    """Return, per term and period, the patients with the event and those with grade 3 or higher.

    `occurrences` maps each patient to the rows of `derive_term_occurrences`.
    """
    any_grade: dict[tuple[str, int], set[str]] = {}
    severe: dict[tuple[str, int], set[str]] = {}
    for subject, rows in occurrences.items():
        for row in rows:
            key = (row.term, row.period)
            any_grade.setdefault(key, set()).add(subject)
            if row.worst_grade >= SEVERE_GRADE:
                severe.setdefault(key, set()).add(subject)
    return {
        key: TermCount(frozenset(subjects), frozenset(severe.get(key, ())))
        for key, subjects in any_grade.items()
    }


def _span(event: AdverseEventFacts) -> str:
    earliest, latest = event.first_possible_onset, event.last_possible_onset
    first = "unknown" if earliest == date.min else str(earliest)
    last = "unknown" if latest == date.max else str(latest)
    return f"{first} to {last}"
