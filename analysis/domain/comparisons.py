"""Two-group comparisons of a baseline table: Fisher, chi-square, Student and Wilcoxon.

Counts are tables of rows (categories) by columns (groups) or the other way round: every test here is the same
under transposition. Fisher's probabilities are summed exactly over all tables with the observed margins.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, log, prod, sqrt

from analysis.domain.descriptive import Measure, exact
from analysis.domain.survival import chi_square_tail, normal_two_sided, t_two_sided

Table = Sequence[Sequence[int]]

FISHER_TOLERANCE = Fraction(1, 10**7)
"""Tables this little (relatively) above the observed probability count as equally likely, as in R."""

EXACT_RANK_LIMIT = 50
"""Groups smaller than this get the exact rank-sum distribution when there is no tie, as in R."""


@dataclass(frozen=True, slots=True)
class ChiSquare:
    statistic: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class TTest:
    statistic: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class RankSum:
    """`statistic` is W (the first group's rank sum less its minimum); `exact` tells which p-value was
    computed.
    """

    statistic: float
    p: float
    exact: bool


def fisher_exact(table: Table) -> float:
    """Return the two-sided p of Fisher's exact test of an r x c table (Freeman-Halton).

    It is the probability of all tables with these margins that are no more likely than the one observed. A
    table whose margins leave only one possibility gives 1.
    """
    total, no_likelier, _ = _fisher_counts(table)
    return float(Fraction(no_likelier, total))


def fisher_mid_p(table: Table) -> float:
    """Return the mid-p of Fisher's exact test: the observed table counts with half its probability."""
    total, no_likelier, observed = _fisher_counts(table)
    return float(Fraction(2 * no_likelier - observed, 2 * total))


def _fisher_counts(table: Table) -> tuple[int, int, int]:
    """Return the numbers of arrangements: all, those of tables no likelier than the observed, and its own.

    The table is turned so that its shorter side is the rows, which keeps the enumeration small.
    """
    _check_table(table)
    columns = list(map(tuple, table)) if len(table) > len(table[0]) else list(zip(*table, strict=True))
    rows = tuple(map(sum, zip(*columns, strict=True)))
    observed = prod(_arrangements(column) for column in columns)
    weights = _table_weights(rows, list(map(sum, columns)))
    limit = observed * (1 + FISHER_TOLERANCE)
    no_likelier = sum(weight * tables for weight, tables in weights.items() if weight <= limit)
    return sum(weight * tables for weight, tables in weights.items()), no_likelier, observed


def _table_weights(rows: tuple[int, ...], columns: Sequence[int]) -> Counter[int]:
    """Return how many tables with these margins have each weight (arrangements of patients giving the
    table).
    """
    states: dict[tuple[int, ...], Counter[int]] = {rows: Counter({1: 1})}
    for column in columns:
        following: dict[tuple[int, ...], Counter[int]] = {}
        for left, weights in states.items():
            for cells in _fillings(column, left):
                ways = _arrangements(cells)
                target = following.setdefault(
                    tuple(a - b for a, b in zip(left, cells, strict=True)), Counter()
                )
                for weight, tables in weights.items():
                    target[weight * ways] += tables
        states = following
    return states[(0,) * len(rows)]


def _fillings(total: int, capacities: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every way to spread `total` over cells, none above its capacity; together they hold enough."""
    first, rest = capacities[0], capacities[1:]
    if not rest:
        yield (total,)
        return
    for cell in range(max(0, total - sum(rest)), min(first, total) + 1):
        for others in _fillings(total - cell, rest):
            yield (cell, *others)


def _arrangements(cells: Sequence[int]) -> int:
    """Return the multinomial coefficient of a column."""
    return prod(comb(sum(cells[: index + 1]), cell) for index, cell in enumerate(cells))


def pearson_chi_square(table: Table, *, yates: bool = False) -> ChiSquare:
    """Return Pearson's chi-square test; `yates` takes up to 0.5 off each difference and is for 2 x 2 tables.

    Empty rows and columns are left out. Where fewer than two rows or columns remain there is nothing to test:
    statistic 0, no degrees of freedom, p = 1.
    """
    cells, df, shape = _expected_cells(table)
    if yates and shape != (2, 2):
        raise ValueError("Yates' correction is for 2 x 2 tables only")
    gap = min(Fraction(1, 2), *(abs(seen - expected) for seen, expected in cells)) if yates else Fraction(0)
    statistic = sum(((abs(seen - expected) - gap) ** 2 / expected for seen, expected in cells), Fraction(0))
    return _chi_square(float(statistic), df)


def likelihood_ratio_chi_square(table: Table) -> ChiSquare:
    """Return the likelihood-ratio chi-square test (G). Empty rows and columns are left out."""
    cells, df, _ = _expected_cells(table)
    return _chi_square(2 * sum(seen * log(seen / expected) for seen, expected in cells if seen), df)


def _chi_square(statistic: float, df: int) -> ChiSquare:
    return ChiSquare(statistic, df, chi_square_tail(statistic, df)) if df else ChiSquare(0.0, 0, 1.0)


def _expected_cells(table: Table) -> tuple[list[tuple[int, Fraction]], int, tuple[int, int]]:
    """Return (observed, expected) of every cell, the degrees of freedom and the shape without empty
    margins.
    """
    _check_table(table)
    rows = [row for row in table if any(row)]
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    total = sum(map(sum, rows))
    cells = [
        (row[index], Fraction(sum(row) * sum(column), total))
        for row in zip(*columns, strict=True)
        for index, column in enumerate(columns)
    ]
    return cells, (len(rows) - 1) * (len(columns) - 1), (len(rows), len(columns))


def _check_table(table: Table) -> None:
    if len(table) < 2 or any(len(row) != len(table[0]) or len(row) < 2 for row in table):
        raise ValueError("a table of counts needs at least two rows and two columns, all of the same length")
    if any(count < 0 for row in table for count in row):
        raise ValueError("a table of counts cannot hold a negative count")
    if not any(map(any, table)):
        raise ValueError("a table of counts without a patient cannot be tested")


def student_t(first: Sequence[Measure], second: Sequence[Measure]) -> TTest | None:
    """Return Student's two-sample t-test with pooled variance, first minus second.

    None where it is undefined: an empty group, fewer than three values in all, or no variation.
    """
    df = len(first) + len(second) - 2
    if not first or not second or df < 1:
        return None
    first_mean, first_squares = _mean_and_squares(first)
    second_mean, second_squares = _mean_and_squares(second)
    pooled = (first_squares + second_squares) / df
    if pooled == 0:
        return None
    variance = pooled * (Fraction(1, len(first)) + Fraction(1, len(second)))
    statistic = float(first_mean - second_mean) / sqrt(variance)
    return TTest(statistic, df, t_two_sided(statistic, df))


def _mean_and_squares(values: Sequence[Measure]) -> tuple[Fraction, Fraction]:
    fractions = [exact(value) for value in values]
    mean = sum(fractions, Fraction(0)) / len(fractions)
    return mean, sum(((value - mean) ** 2 for value in fractions), Fraction(0))


def wilcoxon_rank_sum(first: Sequence[Measure], second: Sequence[Measure]) -> RankSum | None:
    """Return the two-sided Wilcoxon rank-sum (Mann-Whitney) test.

    Exact without ties and with fewer than 50 values in each group; otherwise the normal approximation with
    continuity correction and the variance corrected for ties, as R's wilcox.test. None where it is
    undefined: an empty group, or all values equal.
    """
    if not first or not second or len({*first, *second}) == 1:
        return None
    above = sum(a > b for a in first for b in second)
    equal = sum(a == b for a in first for b in second)
    statistic = Fraction(2 * above + equal, 2)
    ties = Counter([*first, *second]).values()
    if max(ties) == 1 and max(len(first), len(second)) < EXACT_RANK_LIMIT:
        return RankSum(float(statistic), _exact_rank_p(above, len(first), len(second)), exact=True)
    return RankSum(
        float(statistic), _approximate_rank_p(statistic, len(first), len(second), ties), exact=False
    )


def _exact_rank_p(statistic: int, m: int, n: int) -> float:
    """Return twice the smaller tail of W, at most 1; W is symmetric about m n / 2."""
    counts = _rank_sum_counts(m, n)
    tail = sum(counts[: min(statistic, m * n - statistic) + 1])
    return float(min(Fraction(1), Fraction(2 * tail, comb(m + n, m))))


def _rank_sum_counts(m: int, n: int) -> list[int]:
    """Return the number of rankings giving W = 0, 1, ... m n: the coefficients of the Gaussian binomial."""
    counts = [1] + [0] * (m * n)
    for part in range(1, m + 1):
        for total in range(m * n, n + part - 1, -1):
            counts[total] -= counts[total - n - part]
        for total in range(part, m * n + 1):
            counts[total] += counts[total - part]
    return counts


def _approximate_rank_p(statistic: Fraction, m: int, n: int, ties: Iterable[int]) -> float:
    distance = max(Fraction(0), abs(statistic - Fraction(m * n, 2)) - Fraction(1, 2))
    tied = Fraction(sum(size**3 - size for size in ties), (m + n) * (m + n - 1))
    return normal_two_sided(float(distance) / sqrt(Fraction(m * n, 12) * (m + n + 1 - tied)))
