"""How far two readers agree: Cohen's kappa."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

NORMAL_975 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The pairs two readers gave, how many are equal, and kappa with the limits of its 95 % interval.

    ``kappa`` is None where there is no pair, or where both readers gave one and the same answer throughout:
    chance alone then explains all agreement. The limits are None with it; they are cut to [-1, 1].
    """

    pairs: int
    agreeing: int
    kappa: float | None = None
    lower: float | None = None
    upper: float | None = None


def compute_kappa(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return Cohen's kappa of two readers, unweighted, with its large-sample 95 % interval.

    Cohen, Educ Psychol Meas 1960;20:37; standard error for an interval: Fleiss, Cohen & Everitt, Psychol
    Bull 1969;72:323. Pairs of which a reader gave nothing must have been left out before. Agreement and its
    expectation are exact fractions; only the square root is not.
    """
    n = len(pairs)
    agreeing = sum(first == second for first, second in pairs)
    if n == 0:
        return Agreement(pairs=0, agreeing=0)
    cells = {cell: Fraction(count, n) for cell, count in Counter(pairs).items()}
    rows = {answer: Fraction(count, n) for answer, count in Counter(first for first, _ in pairs).items()}
    columns = {answer: Fraction(count, n) for answer, count in Counter(second for _, second in pairs).items()}
    expected = sum((share * columns.get(answer, Fraction(0)) for answer, share in rows.items()), Fraction(0))
    if expected == 1:
        return Agreement(pairs=n, agreeing=agreeing)
    kappa = (Fraction(agreeing, n) - expected) / (1 - expected)
    equal = sum(
        (
            cell * (1 - (rows[first] + columns[second]) * (1 - kappa)) ** 2
            for (first, second), cell in cells.items()
            if first == second
        ),
        Fraction(0),
    )
    unequal = sum(
        (
            cell * (columns.get(first, Fraction(0)) + rows.get(second, Fraction(0))) ** 2
            for (first, second), cell in cells.items()
            if first != second
        ),
        Fraction(0),
    )
    variance = (equal + (1 - kappa) ** 2 * unequal - (kappa - expected * (1 - kappa)) ** 2) / (
        n * (1 - expected) ** 2
    )
    margin = NORMAL_975 * sqrt(variance)
    return Agreement(
        pairs=n,
        agreeing=agreeing,
        kappa=float(kappa),
        lower=max(float(kappa) - margin, -1.0),
        upper=min(float(kappa) + margin, 1.0),
    )
