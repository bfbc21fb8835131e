"""Making cells: what is printed, whom it counts, and the forms it rests on."""

from collections.abc import Callable, Iterable, Sequence

from analysis.domain.descriptive import format_count_percent
from analysis.facts import Subject
from analysis.outputs import Cell, Why

Reasons = Callable[[Subject], list[str]]


def why(subjects: Iterable[Subject], reasons: Reasons) -> Why:
    return {subject.number: reasons(subject) for subject in subjects}


def value_cell(
    text: str,
    subjects: Sequence[Subject],
    reasons: Reasons,
    *,
    n: int | None = None,
    total: int | None = None,
) -> Cell:
    """A statistic over these patients."""
    return Cell(
        text=text, n=n, total=total, patients=[s.number for s in subjects], why=why(subjects, reasons)
    )


def count_cell(subjects: Sequence[Subject], total: int, reasons: Reasons) -> Cell:
    """How many of `total`, with the percentage: 21 (72.4)."""
    n = len(subjects)
    return value_cell(format_count_percent(n, total), subjects, reasons, n=n, total=total)
