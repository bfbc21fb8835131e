"""Two-group comparisons: what must hold whatever the counts, what is undefined, and the Monte-Carlo trap."""

import warnings
from decimal import Decimal
from itertools import permutations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.domain.comparisons import (
    ChiSquare,
    fisher_exact,
    fisher_mid_p,
    likelihood_ratio_chi_square,
    pearson_chi_square,
    student_t,
    wilcoxon_rank_sum,
)

COUNT = st.integers(0, 5)


@st.composite
def tables(draw, *, largest: int = 3) -> list[list[int]]:
    height, width = draw(st.integers(2, largest)), draw(st.integers(2, largest))
    table = draw(
        st.lists(st.lists(COUNT, min_size=width, max_size=width), min_size=height, max_size=height).filter(
            lambda cells: any(map(any, cells))
        )
    )
    return [list(row) for row in table]


def transposed(table: list[list[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*table, strict=True)]


@given(tables(), st.randoms())
def test_every_test_is_the_same_for_a_turned_or_reordered_table(table, random) -> None:
    shuffled = random.sample(table, len(table))
    for test in (fisher_exact, fisher_mid_p):
        assert test(transposed(table)) == test(table) == test(shuffled)
    for chi_square in (pearson_chi_square, likelihood_ratio_chi_square):
        assert chi_square(transposed(table)).p == pytest.approx(chi_square(table).p, abs=1e-12)
        assert chi_square(shuffled).p == pytest.approx(chi_square(table).p, abs=1e-12)


@given(tables(largest=2))
def test_fisher_of_two_by_two_agrees_with_scipy(table) -> None:
    assert fisher_exact(table) == pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-10)


@given(tables())
def test_an_empty_category_changes_nothing(table) -> None:
    widened = [[*row, 0] for row in table]
    assert fisher_exact(widened) == fisher_exact(table)
    assert pearson_chi_square(widened) == pearson_chi_square(table)
    assert likelihood_ratio_chi_square(widened) == likelihood_ratio_chi_square(table)


@given(tables())
def test_mid_p_lies_below_p_and_p_never_above_one(table) -> None:
    assert 0 < fisher_mid_p(table) < fisher_exact(table) <= 1


def test_fisher_of_larger_tables_is_enumerated_and_so_repeats_itself() -> None:
    etiology = [[5, 11, 4], [3, 2, 4]]
    repeated = {fisher_exact(etiology) for _ in range(5)}
    assert len(repeated) == 1
    assert repeated.pop() == pytest.approx(0.2019990005, rel=1e-9)


def test_fisher_by_hand() -> None:
    """The hypergeometric weights of a 2 x 2 table with margins 4, 5 and 3, 6."""
    table = [[3, 1], [0, 5]]
    weights = [comb(3, k) * comb(6, 4 - k) for k in range(4)]
    observed = weights[3]
    assert fisher_exact(table) == sum(w for w in weights if w <= observed) / comb(9, 4)
    assert fisher_mid_p(table) == (sum(w for w in weights if w <= observed) - observed / 2) / comb(9, 4)


def test_equally_likely_tables_count_in_spite_of_rounding() -> None:
    assert fisher_exact([[1, 4], [4, 1]]) == 2 * (comb(5, 1) * comb(5, 4) + 1) / comb(10, 5)


NOTHING_TO_TEST = [[[3, 0], [4, 0]], [[3, 4], [0, 0]], [[5, 0, 0], [2, 0, 0]]]


@pytest.mark.parametrize("table", NOTHING_TO_TEST)
def test_a_single_category_leaves_nothing_to_test(table) -> None:
    assert fisher_exact(table) == 1
    assert pearson_chi_square(table) == likelihood_ratio_chi_square(table) == ChiSquare(0.0, 0, 1.0)


def test_yates_takes_off_no_more_than_the_difference() -> None:
    # > chisq.test(rbind(c(14, 6), c(6, 3)))$p.value
    # [1] 1
    result = pearson_chi_square([[14, 6], [6, 3]], yates=True)
    assert (result.statistic, result.df, result.p) == (0, 1, 1)


def test_yates_is_refused_for_larger_tables() -> None:
    with pytest.raises(ValueError, match="2 x 2"):
        pearson_chi_square([[5, 11, 4], [3, 2, 4]], yates=True)


BAD_TABLES = [
    ([[1, 2]], "at least two rows"),
    ([[1], [2]], "at least two rows and two columns"),
    ([[1, 2], [3]], "all of the same length"),
    ([[1, -2], [3, 4]], "negative count"),
    ([[0, 0], [0, 0]], "without a patient"),
]


@pytest.mark.parametrize(("table", "message"), BAD_TABLES)
@pytest.mark.parametrize(
    "test", [fisher_exact, fisher_mid_p, pearson_chi_square, likelihood_ratio_chi_square]
)
def test_a_table_that_is_none_is_refused(test, table, message) -> None:
    with pytest.raises(ValueError, match=message):
        test(table)


MEASURES = st.lists(st.integers(-20, 20), min_size=2, max_size=12)


@given(MEASURES, MEASURES)
def test_t_agrees_with_scipy_and_changes_sign_with_the_groups(first, second) -> None:
    result, turned = student_t(first, second), student_t(second, first)
    if result is None or turned is None:
        assert result is turned is None
        assert len(set(first)) == len(set(second)) == 1
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        oracle = stats.ttest_ind(first, second)
    assert (result.statistic, result.p) == pytest.approx((oracle.statistic, oracle.pvalue), abs=1e-9)
    assert (turned.statistic, turned.p) == pytest.approx((-result.statistic, result.p))


def test_t_takes_decimals_as_they_are() -> None:
    tenths = student_t([Decimal("0.1"), Decimal("0.3")], [Decimal("0.2"), Decimal("0.7")])
    units = student_t([1, 3], [2, 7])
    assert tenths == units


def test_many_categories_in_two_groups_are_enumerated_quickly() -> None:
    table = [[3, 2], [4, 1], [0, 5], [2, 2], [6, 3], [1, 4], [5, 5], [2, 0]]
    # > fisher.test(rbind(c(3, 4, 0, 2, 6, 1, 5, 2), c(2, 1, 5, 2, 3, 4, 5, 0)))$p.value
    assert fisher_exact(table) == pytest.approx(0.106307226205, rel=1e-9)


UNDEFINED = [([], [1, 2]), ([1, 2], []), ([1], [2]), ([3, 3], [3, 3]), ([3, 3], [4, 4])]


@pytest.mark.parametrize(("first", "second"), UNDEFINED)
def test_t_is_undefined_without_variation_or_patients(first, second) -> None:
    assert student_t(first, second) is None


@given(st.lists(st.integers(0, 1000), unique=True, min_size=2, max_size=14), st.data())
def test_exact_rank_sum_agrees_with_scipy(values, data) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))
    result = wilcoxon_rank_sum(values[:cut], values[cut:])
    oracle = stats.mannwhitneyu(values[:cut], values[cut:], method="exact")
    assert result is not None
    assert result.exact
    assert (result.statistic, result.p) == pytest.approx((oracle.statistic, oracle.pvalue), abs=1e-12)


def test_exact_rank_sum_counts_every_arrangement() -> None:
    """Each of the ten ways to hand the ranks 1 to 5 to two and three patients."""
    for first in permutations(range(1, 6), 2):
        second = [rank for rank in range(1, 6) if rank not in first]
        result = wilcoxon_rank_sum(first, second)
        assert result is not None
        tail = min(sum(first), 12 - sum(first)) - 3
        assert result.p == pytest.approx(min(1, 2 * sum([1, 1, 2, 2][: tail + 1]) / 10))


@given(MEASURES, MEASURES)
def test_rank_sum_with_ties_agrees_with_scipy(first, second) -> None:
    result = wilcoxon_rank_sum(first, second)
    if result is None:
        assert len({*first, *second}) == 1
    elif not result.exact:
        oracle = stats.mannwhitneyu(first, second, method="asymptotic")
        assert result.statistic == oracle.statistic
        assert result.p == pytest.approx(oracle.pvalue, abs=1e-9)


@pytest.mark.parametrize(("first", "second"), [([], [1]), ([1], []), ([2, 2], [2])])
def test_rank_sum_is_undefined_without_variation_or_patients(first, second) -> None:
    assert wilcoxon_rank_sum(first, second) is None
