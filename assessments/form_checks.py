"""What each assessment's own form must not say, and what it says that asks for a question."""

from collections.abc import Iterator, Sequence

from assessments.domain.ctcae_catalogue import check_grade
from assessments.models import (
    SERIOUSNESS_CRITERIA,
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    DoseReason,
    LabPanel,
    Outcome,
)
from casebook.domain.findings import Finding, Severity

RESOLVED = (Outcome.RECOVERED, Outcome.RECOVERED_WITH_SEQUELAE, Outcome.FATAL)


def hard(rule_id: str, message: str, field: str = "") -> Finding:
    return Finding(rule_id, Severity.HARD, message, field)


def soft(rule_id: str, message: str, field: str = "") -> Finding:
    return Finding(rule_id, Severity.SOFT, message, field)


def check_adverse_event(event: AdverseEvent) -> list[Finding]:
    return [*_check_course(event), *_check_seriousness(event)]


def _check_course(event: AdverseEvent) -> Iterator[Finding]:
    if event.end is not None and event.end.is_before(event.onset):
        yield hard("ae.end_before_onset", f"The event cannot end before its onset, {event.onset}.", "end")
    if event.ongoing and event.end is not None:
        yield hard("ae.ongoing_with_end", "An event that still goes on has no end date.", "end")
    if event.ongoing and event.outcome in RESOLVED:
        message = f"An event that still goes on cannot be {event.get_outcome_display()}."
        yield hard("ae.ongoing_with_outcome", message, "outcome")
    if not event.ongoing and event.end is None:
        yield soft("ae.end_missing", "The event is over: when did it end? UNK if nobody knows.", "end")


def _check_seriousness(event: AdverseEvent) -> Iterator[Finding]:
    criteria = any(getattr(event, name) for name in SERIOUSNESS_CRITERIA)
    if event.serious and not criteria:
        yield hard("ae.serious_without_criterion", "Say below what made the event serious.", "serious")
    if criteria and not event.serious:
        yield hard("ae.criterion_not_serious", "An event that did this is serious.", "serious")
    if event.outcome == Outcome.FATAL and not event.death:
        yield hard("ae.fatal_without_death", "A fatal event led to death.", "death")
    if event.death and event.outcome and event.outcome != Outcome.FATAL:
        yield soft("ae.death_not_fatal", "The event led to death, but its outcome is not fatal.", "outcome")


def check_grades(event: AdverseEvent, lines: Sequence[AdverseEventGrade]) -> list[Finding]:
    return [*_check_each_grade(event, lines), *_check_grades_together(event, lines)]


def _check_each_grade(event: AdverseEvent, lines: Sequence[AdverseEventGrade]) -> Iterator[Finding]:
    term = event.term.facts
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if (message := check_grade(term, line.grade)) is not None:
            yield hard("ae.grade_not_of_term", message, f"lines-{index}-grade")
        if line.date.is_before(event.onset):
            message = f"This is before the onset, {event.onset}."
            yield hard("ae.grade_before_onset", message, f"lines-{index}-date")
        if event.end is not None and line.date.is_after(event.end):
            yield hard("ae.grade_after_end", f"This is after the end, {event.end}.", f"lines-{index}-date")
        if line.date.text in seen:
            yield hard("ae.grades_of_one_day", "Another line has this date.", f"lines-{index}-date")
        seen.add(line.date.text)


def _check_grades_together(event: AdverseEvent, lines: Sequence[AdverseEventGrade]) -> Iterator[Finding]:
    if not lines:
        yield hard("ae.no_grade", "Enter the grade at onset.")
        return
    if all(line.date != event.onset for line in lines):
        yield hard("ae.no_grade_at_onset", f"Enter the grade the event had at its onset, {event.onset}.")
    died = any(line.grade == 5 for line in lines)
    if died and event.outcome != Outcome.FATAL:
        yield hard("ae.grade_5_not_fatal", "An event of grade 5 has a fatal outcome.", "outcome")
    if event.outcome == Outcome.FATAL and not died:
        yield hard("ae.fatal_without_grade_5", "A fatal event has grade 5 from the day of death.", "outcome")


def check_dose(dose: DoseInterval) -> list[Finding]:
    return list(_check_dose(dose))


def _check_dose(dose: DoseInterval) -> Iterator[Finding]:
    event = dose.adverse_event
    if event is not None and event.patient_id != dose.patient_id:
        yield hard("dose.event_of_another", "This is not an adverse event of this patient.", "adverse_event")
    if dose.dose_reason == DoseReason.ADVERSE_EVENT and event is None:
        yield soft("dose.event_missing", "Which adverse event was the reason?", "adverse_event")
    if dose.dose_reason != DoseReason.ADVERSE_EVENT and event is not None:
        message = "An adverse event is named, but is not the reason."
        yield soft("dose.event_not_the_reason", message, "dose_reason")
    if dose.dose_reason == DoseReason.OTHER and not dose.dose_reason_text.strip():
        yield soft("dose.reason_in_words", "What was the reason?", "dose_reason_text")


def check_panel(panel: LabPanel) -> list[Finding]:
    return list(_check_panel(panel))


def _check_panel(panel: LabPanel) -> Iterator[Finding]:
    white_cells, *counted = map(panel.canonical, ("white_cells", "neutrophils", "lymphocytes"))
    parts = [count for count in counted if count is not None]
    if white_cells is not None and sum(parts) > white_cells:
        message = "Neutrophils and lymphocytes together are more than the white blood cells."
        yield soft("lab.more_than_white_cells", message, "white_cells")
