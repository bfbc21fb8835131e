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
    among: Sequence[Subject] = (),
    others: Reasons | None = None,
    n: int | None = None,
    total: int | None = None,
) -> Cell:
    """A statistic over these patients; beside them the others of `among`, with the forms of `others`."""
    counted = {subject.number for subject in subjects}
    rest = [subject for subject in among if subject.number not in counted]
    return Cell(
        text=text,
        n=n,
        total=total,
        patients=[s.number for s in subjects],
        why=why(subjects, reasons),
        rest=why(rest, others or reasons),
    )


def count_cell(
    subjects: Sequence[Subject], among: Sequence[Subject], reasons: Reasons, others: Reasons
) -> Cell:
    """How many of `among`, with the percentage: 21 (72.4)."""
    n, total = len(subjects), len(among)
    text = format_count_percent(n, total)
    return value_cell(text, subjects, reasons, among=among, others=others, n=n, total=total)


def either(first: Reasons, second: Reasons) -> Reasons:
    """The forms of the first; of the second where the first names none."""
    return lambda subject: first(subject) or second(subject)
