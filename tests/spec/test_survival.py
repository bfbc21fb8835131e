"""Kaplan-Meier and log-rank: exactness, the median rule, bad input, and two oracles."""

from fractions import Fraction
from math import exp, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from analysis.domain.survival import (
    BANDS,
    HALF_TOLERANCE,
    beta_quantile,
    chi_square_tail,
    kaplan_meier,
    logrank,
    normal_quantile,
    normal_two_sided,
    t_two_sided,
)

FOLLOW_UP = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)
Z = 1.959963984540054


def columns(patients: list[tuple[int, bool]]) -> tuple[list[int], list[bool]]:
    return [days for days, _ in patients], [event for _, event in patients]


def naive_survival(patients: list[tuple[int, bool]], time: int) -> Fraction:
    """The product limit, read off the definition patient by patient."""
    survival = Fraction(1)
    for day in sorted({days for days, event in patients if event and days <= time}):
        at_risk = [days for days, _ in patients if days >= day]
        died = [days for days, event in patients if event and days == day]
        survival *= 1 - Fraction(len(died), len(at_risk))
    return survival


@given(FOLLOW_UP)
def test_survival_is_the_product_limit_exactly(patients: list[tuple[int, bool]]) -> None:
    for step in kaplan_meier(*columns(patients)).steps:
        assert step.survival_exact == naive_survival(patients, int(step.time))
        assert step.survival == float(step.survival_exact)


@given(FOLLOW_UP)
def test_survival_agrees_with_lifelines(patients: list[tuple[int, bool]]) -> None:
    oracle = KaplanMeierFitter().fit(*columns(patients)).survival_function_["KM_estimate"]
    for step in kaplan_meier(*columns(patients)).steps:
        assert step.survival == pytest.approx(oracle.loc[step.time], abs=1e-12)


@given(FOLLOW_UP)
def test_the_log_log_band_agrees_with_lifelines(patients: list[tuple[int, bool]]) -> None:
    oracle = KaplanMeierFitter().fit(*columns(patients)).confidence_interval_
    for step in kaplan_meier(*columns(patients)).steps:
        if step.lower is not None:
            assert (step.lower, step.upper) == pytest.approx(tuple(oracle.loc[step.time]), abs=1e-9)


@given(FOLLOW_UP, st.sampled_from(sorted(BANDS)))
def test_every_patient_leaves_once_and_the_curve_only_falls(
    patients: list[tuple[int, bool]], conf_type: str
) -> None:
    estimate = kaplan_meier(*columns(patients), conf_type=conf_type)
    assert sum(step.n_event + step.n_censor for step in estimate.steps) == len(patients) == estimate.n
    assert estimate.n_events == sum(event for _, event in patients)
    survival = [step.survival_exact for step in estimate.steps]
    assert survival == sorted(survival, reverse=True)
    assert estimate.at_risk([step.time for step in estimate.steps]) == tuple(s.n_risk for s in estimate.steps)


@given(FOLLOW_UP, st.sampled_from(sorted(BANDS)))
def test_the_band_holds_the_curve_and_stays_between_0_and_1(
    patients: list[tuple[int, bool]], conf_type: str
) -> None:
    for step in kaplan_meier(*columns(patients), conf_type=conf_type).steps:
        undefined = step.survival_exact == 0 or (conf_type == "log-log" and step.survival_exact == 1)
        assert (step.lower is None, step.upper is None) == (undefined, undefined)
        if step.lower is not None and step.upper is not None:
            assert 0 <= step.lower <= step.survival + 1e-12
            assert step.survival - 1e-12 <= step.upper <= 1


@given(FOLLOW_UP)
def test_the_median_is_where_the_exact_curve_crosses_one_half(patients: list[tuple[int, bool]]) -> None:
    estimate = kaplan_meier(*columns(patients))
    below = [step.time for step in estimate.steps if step.survival_exact < Fraction(1, 2)]
    level = [step.time for step in estimate.steps if step.survival_exact == Fraction(1, 2)]
    if level:
        assert estimate.median == ((level[0] + below[0]) / 2 if below else level[0])
    else:
        assert estimate.median == (below[0] if below else None)


@given(FOLLOW_UP, st.integers(1, 9))
def test_a_change_of_unit_changes_only_the_times(patients: list[tuple[int, bool]], factor: int) -> None:
    days, events = columns(patients)
    one, other = kaplan_meier(days, events), kaplan_meier([factor * day for day in days], events)
    assert [step.survival_exact for step in one.steps] == [step.survival_exact for step in other.steps]
    assert other.median == (None if one.median is None else pytest.approx(factor * one.median))


@pytest.mark.parametrize("n", [6, 8, 14, 18, 20, 44, 58, 60])
def test_lifelines_floating_median_is_late_where_ours_is_midway(n: int) -> None:
    estimate = kaplan_meier(range(1, n + 1), [True] * n)
    assert KaplanMeierFitter().fit(range(1, n + 1)).median_survival_time_ == n / 2 + 1
    assert estimate.median == n / 2 + 0.5
    assert estimate.steps[n // 2 - 1].survival_exact == Fraction(1, 2)


def test_bands_by_hand() -> None:
    """Two of four die at day 1: S = 1/2, Greenwood's sum 2 / (4 x 2)."""
    half_width = Z * sqrt(0.25)
    expected = {
        "plain": (max(0.0, 0.5 - 0.5 * half_width), 0.5 + 0.5 * half_width),
        "log": (0.5 * exp(-half_width), min(1.0, 0.5 * exp(half_width))),
        "log-log": (0.5 ** exp(-half_width / log(0.5)), 0.5 ** exp(half_width / log(0.5))),
    }
    for conf_type, limits in expected.items():
        step = kaplan_meier([1, 1, 2, 2], [True, True, False, False], conf_type=conf_type).steps[0]
        assert (step.lower, step.upper) == pytest.approx(limits, rel=1e-12)


def test_a_limit_within_r_s_tolerance_of_one_half_counts_as_one_half() -> None:
    from analysis.domain.survival import _time_at_half

    curve = [(1.0, 0.9), (2.0, 0.5 + HALF_TOLERANCE / 2), (3.0, None), (5.0, 0.2)]
    assert _time_at_half(curve, tolerance=HALF_TOLERANCE) == 3.5
    assert _time_at_half([(1.0, 0.9), (2.0, 0.5 + 2 * HALF_TOLERANCE)], tolerance=HALF_TOLERANCE) is None


def test_all_censored_reaches_nothing() -> None:
    estimate = kaplan_meier([3, 5], [False, False])
    assert (estimate.median, estimate.median_lower, estimate.median_upper) == (None, None, None)
    assert [step.survival_exact for step in estimate.steps] == [1, 1]


def test_everybody_dying_on_day_zero() -> None:
    estimate = kaplan_meier([0, 0], [True, True])
    assert (estimate.median, estimate.median_lower, estimate.median_upper) == (0, None, None)


def test_patients_censored_at_a_death_are_at_risk_of_it() -> None:
    assert kaplan_meier([5, 5], [True, False]).steps[0].survival_exact == Fraction(1, 2)


BAD_INPUT = [
    ([], [], "log-log", "no patient to estimate from"),
    ([1, 2], [True], "log-log", "2 durations were given with 1 event indicators"),
    ([1, -2], [True, True], "log-log", "not -2"),
    ([1, float("nan")], [True, True], "log-log", "not nan"),
    ([1, float("inf")], [True, True], "log-log", "not inf"),
    ([1, 2], [True, True], "logit", "conf_type is 'logit'; it must be one of plain, log, log-log"),
]


@pytest.mark.parametrize(("durations", "events", "conf_type", "message"), BAD_INPUT)
def test_bad_input_is_refused_in_words(durations, events, conf_type, message) -> None:
    with pytest.raises(ValueError, match=message):
        kaplan_meier(durations, events, conf_type=conf_type)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_level_is_a_fraction(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        kaplan_meier([1], [True], confidence=confidence)


GROUPS = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=12), min_size=2, max_size=4
)


def comparable(groups: list[list[tuple[int, bool]]]) -> bool:
    first_event = min((days for group in groups for days, event in group if event), default=None)
    return (
        first_event is not None
        and sum(any(days >= first_event for days, _ in group) for group in groups) >= 2
    )


@settings(max_examples=25, deadline=None)
@given(GROUPS.filter(comparable), st.randoms())
def test_logrank_does_not_depend_on_the_order_of_the_groups(groups, random) -> None:
    order = list(range(len(groups)))
    random.shuffle(order)
    one = logrank(*map(columns, groups))
    other = logrank(*(columns(groups[index]) for index in order))
    assert other.chi_square == pytest.approx(one.chi_square, abs=1e-7)
    assert other.df == one.df
    assert other.expected == pytest.approx([one.expected[index] for index in order])


@settings(max_examples=25, deadline=None)
@given(GROUPS.filter(comparable))
def test_logrank_expects_as_many_events_as_there_were(groups) -> None:
    result = logrank(*map(columns, groups))
    assert sum(result.expected) == pytest.approx(sum(result.observed))
    assert 0 <= result.p <= 1


def test_logrank_agrees_with_lifelines_on_three_groups() -> None:
    groups = [([1, 3, 5, 7], [1, 1, 0, 1]), ([2, 3, 8, 9], [1, 0, 1, 1]), ([4, 6, 6, 10], [1, 1, 1, 0])]
    oracle = multivariate_logrank_test(
        [day for days, _ in groups for day in days],
        [index for index in range(3) for _ in range(4)],
        [event for _, events in groups for event in events],
    )
    result = logrank(*groups)
    assert (result.chi_square, result.p) == pytest.approx((oracle.test_statistic, oracle.p_value))


def test_groups_that_all_die_on_one_day_do_not_differ() -> None:
    result = logrank(([1, 1], [True, True]), ([1], [True]))
    assert (result.chi_square, result.df, result.p) == (0, 1, 1)


def test_a_group_gone_before_the_first_event_takes_no_part() -> None:
    early = ([0, 1], [False, False])
    first, second = ([2, 4, 6], [True, True, False]), ([3, 5, 7], [True, True, True])
    with_early, without = logrank(first, early, second), logrank(first, second)
    assert (with_early.chi_square, with_early.df) == (without.chi_square, 1)
    assert (with_early.observed, with_early.expected[1]) == ((2, 0, 3), 0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([], "at least two groups"),
        ([([1, 2], [True, True])], "at least two groups"),
        ([([1, 2], [False, False]), ([3], [False])], "at least two groups"),
        ([([1], [True]), ([], [])], "no patient"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(groups, message) -> None:
    with pytest.raises(ValueError, match=message):
        logrank(*groups)


def test_distributions_at_known_points() -> None:
    # > pchisq(3.841458821, 1, lower = FALSE); 2 * pt(-2.228138852, 10); 2 * pnorm(-1.959963985)
    assert chi_square_tail(3.841458821, 1) == pytest.approx(0.05, abs=1e-9)
    assert t_two_sided(2.228138852, 10) == pytest.approx(0.05, abs=1e-9)
    assert t_two_sided(-2.228138852, 10) == pytest.approx(0.05, abs=1e-9)
    assert normal_two_sided(-1.959963985) == pytest.approx(0.05, abs=1e-9)
    assert normal_quantile(0.95) == pytest.approx(Z, abs=1e-14)
    # > qbeta(0.025, 3, 27)
    assert beta_quantile(0.025, 3, 27) == pytest.approx(0.0218637368299, rel=1e-10)
