"""Exact intervals: the definition by binomial tails, the ends, and the empty set of patients."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.domain.proportions import clopper_pearson


def at_least(count: int, n: int, p: float) -> float:
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(count, n + 1))


@settings(deadline=None)
@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_limits_leave_half_the_error_in_each_binomial_tail(counts: tuple[int, int]) -> None:
    count, n = counts
    proportion = clopper_pearson(count, n)
    assert proportion.lower is not None
    assert proportion.upper is not None
    assert proportion.lower <= count / n <= proportion.upper
    if count:
        assert at_least(count, n, proportion.lower) == pytest.approx(0.025, rel=1e-9)
    if count < n:
        assert 1 - at_least(count + 1, n, proportion.upper) == pytest.approx(0.025, rel=1e-9)


@settings(deadline=None)
@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_counting_the_others_mirrors_the_interval(counts: tuple[int, int]) -> None:
    count, n = counts
    one, other = clopper_pearson(count, n), clopper_pearson(n - count, n)
    assert (1 - other.upper, 1 - other.lower) == pytest.approx((one.lower, one.upper), abs=1e-12)


def test_percentages_are_exact_and_their_limits_scaled() -> None:
    proportion = clopper_pearson(3, 29)
    assert proportion.percent == Fraction(300, 29)
    assert proportion.percent_lower == pytest.approx(2.18637368299)
    assert proportion.percent_upper == pytest.approx(27.3515197892)


def test_nobody_to_divide_by_gives_no_percentage_and_no_limits() -> None:
    proportion = clopper_pearson(0, 0)
    assert (proportion.percent, proportion.lower, proportion.upper) == (None, None, None)
    assert (proportion.percent_lower, proportion.percent_upper) == (None, None)


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_counts_that_are_no_proportion_are_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{count} of {n} is not a proportion"):
        clopper_pearson(count, n)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_level_is_a_fraction(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        clopper_pearson(3, 29, confidence=confidence)
