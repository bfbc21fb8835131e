"""Logistic regression: statsmodels as oracle, separation detected exactly, units and bad input."""

from math import inf, log

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.domain import regression
from analysis.domain.regression import INTERCEPT, logistic_regression

PATIENT = st.tuples(st.booleans(), st.integers(0, 1), st.integers(-3, 3))
PATIENTS = st.lists(PATIENT, min_size=6, max_size=25)


def fitted(patients):
    outcomes, arm, score = zip(*patients, strict=True)
    assume(np.linalg.matrix_rank(np.column_stack([np.ones(len(arm)), arm, score])) == 3)
    return logistic_regression(outcomes, {"arm": arm, "score": score})


def is_separated(patients) -> bool:
    """Albert and Anderson: some direction fits nobody worse and somebody better (a linear programme)."""
    outcomes, arm, score = (np.array(column, dtype=float) for column in zip(*patients, strict=True))
    signed = np.column_stack([np.ones(len(arm)), arm, score]) * (2 * outcomes - 1)[:, None]
    best = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(arm)), bounds=[(-1, 1)] * 3)
    return -best.fun > 1e-7


@given(PATIENTS)
def test_separation_is_found_exactly_where_it_is(patients) -> None:
    assert bool(fitted(patients).separated) == is_separated(patients)


@given(PATIENTS)
def test_estimates_agree_with_statsmodels_where_they_exist(patients) -> None:
    model = fitted(patients)
    assume(not model.separated)
    outcomes, arm, score = (np.array(column, dtype=float) for column in zip(*patients, strict=True))
    oracle = sm.Logit(outcomes, np.column_stack([np.ones(len(arm)), arm, score])).fit(disp=0, maxiter=200)
    assert model.log_likelihood == pytest.approx(oracle.llf, abs=1e-8)
    for index, term in enumerate(model.terms):
        assert term.coefficient == pytest.approx(oracle.params[index], abs=1e-5)
        assert term.std_error == pytest.approx(oracle.bse[index], rel=1e-4)
        assert term.wald_p == pytest.approx(oracle.pvalues[index], abs=1e-5)


@given(PATIENTS)
def test_firth_is_finite_whatever_the_separation_and_shrinks(patients) -> None:
    model = fitted(patients)
    for term in model.terms:
        assert abs(term.firth_coefficient) < 50
        assert 0 <= term.firth_p <= 1
        assert 0 <= term.lr_p <= 1


@settings(deadline=None, max_examples=30)
@given(PATIENTS, st.sampled_from([0.001, 10, 1000]))
def test_a_change_of_unit_changes_only_the_coefficient(patients, factor) -> None:
    model = fitted(patients)
    rescaled = fitted([(outcome, arm, score * factor) for outcome, arm, score in patients])
    one, other = model.term("score"), rescaled.term("score")
    assert other.firth_coefficient * factor == pytest.approx(one.firth_coefficient, abs=1e-6)
    assert (other.lr_p, other.firth_p) == pytest.approx((one.lr_p, one.firth_p), abs=1e-6)
    assert model.separated == rescaled.separated


def test_one_binary_covariate_gives_the_odds_ratio_of_the_table() -> None:
    """Odds 6/2 against 3/9: ratio 9, variance of its logarithm 1/6 + 1/2 + 1/3 + 1/9."""
    outcomes = [True] * 6 + [False] * 2 + [True] * 3 + [False] * 9
    term = logistic_regression(outcomes, {"exposed": [1] * 8 + [0] * 12}).term("exposed")
    assert term.odds_ratio == pytest.approx(9)
    error = (1 / 6 + 1 / 2 + 1 / 3 + 1 / 9) ** 0.5
    assert term.std_error == pytest.approx(error)
    lower, upper = term.odds_ratio_limits() or (0, 0)
    assert (log(lower), log(upper)) == pytest.approx((log(9) - 1.959964 * error, log(9) + 1.959964 * error))


def test_firth_of_one_binary_covariate_adds_half_a_patient_to_each_cell() -> None:
    outcomes = [True] * 6 + [False] * 0 + [True] * 3 + [False] * 9
    term = logistic_regression(outcomes, {"exposed": [1] * 6 + [0] * 12}).term("exposed")
    assert term.separated
    assert term.firth_coefficient == pytest.approx(log((6.5 / 0.5) / (3.5 / 9.5)), abs=1e-8)


def test_complete_separation_leaves_no_wald_figure_at_all() -> None:
    model = logistic_regression(
        [False] * 3 + [True] * 3, {"x": [1, 2, 3, 4, 5, 6], "noise": [1, 0, 1, 1, 0, 1]}
    )
    assert model.separated == (INTERCEPT, "x", "noise")
    assert model.log_likelihood == pytest.approx(0, abs=1e-6)


def test_all_patients_with_the_outcome_separate_the_intercept() -> None:
    model = logistic_regression([True] * 6, {"x": [1, 2, 3, 4, 5, 6]})
    assert INTERCEPT in model.separated
    assert model.term("x").lr_p == pytest.approx(1, abs=1e-3)


def test_without_covariates_the_intercept_is_the_log_odds() -> None:
    term = logistic_regression([True] * 9 + [False] * 11, {}).term(INTERCEPT)
    assert term.coefficient == pytest.approx(log(9 / 11))


def test_an_odds_ratio_beyond_all_numbers_is_infinite() -> None:
    outcomes = [True, False, True, False, True, True, True, False]
    tiny = [value * 1e-4 for value in (3, 1, 2, 2.5, 4, 5, 4.5, 1.5)]
    term = logistic_regression(outcomes, {"tiny": tiny}).term("tiny")
    assert not term.separated
    assert term.odds_ratio == inf


def test_one_extreme_patient_does_not_upset_the_climb() -> None:
    # > y <- c(rep(1, 10), rep(0, 11)); x <- c(10:19, 0:9, 2000)
    # > f <- glm(y ~ x, family = binomial, control = list(maxit = 100, epsilon = 1e-14)); f$coef; logLik(f)
    #  0.01235317657260 -0.00183240000997   -13.9805037775
    model = logistic_regression([True] * 10 + [False] * 11, {"x": [*range(10, 20), *range(10), 2000]})
    assert [term.coefficient for term in model.terms] == pytest.approx([0.01235317657260, -0.00183240000997])
    assert model.log_likelihood == pytest.approx(-13.9805037775, rel=1e-11)


def test_steps_that_lose_ground_are_halved_until_they_gain() -> None:
    model = logistic_regression(
        [True, False, False, False, False, True],
        {"a": [0.18, 4825.52, 1.86, 8.61, 1.53, 0.01], "b": [1, 0, 1, 1, 1, 1]},
    )
    assert model.separated
    assert all(0 < term.firth_p <= 1 for term in model.terms)


def test_a_place_without_information_is_no_place_to_step_to() -> None:
    data = regression._prepare([True, False, True], {"x": [1, 2, 4]})
    assert regression._evaluate(data, np.array([0.0, 5000.0]), penalised=True).log_likelihood == -inf


def test_separation_by_far_and_near_patients_is_followed_as_far_as_the_digits_go() -> None:
    model = logistic_regression([False] * 4 + [True] * 4, {"x": [1, 1e3, 2e3, 3e3, 3.001e3, 1e5, 1e6, 1e7]})
    assert model.separated == (INTERCEPT, "x")
    assert model.term("x").lr_chi_square == pytest.approx(16 * log(2), abs=1e-2)


EXTREMES = [
    ([True, False, True, True, True], [3174.73, 0.0, 0.51, 0.07, 55.85], [1, 1, 1, 1, 0]),
    ([True, False, True, False, True], [0.47, 0.4, 0.12, 4221792.27, 0.02], [0, 1, 1, 0, 1]),
    ([False, True, True, False, False], [0.0, 4312.68, 45.23, 55.79, 0.17], [0, 1, 0, 0, 1]),
]


@pytest.mark.parametrize(("outcomes", "marker", "arm"), EXTREMES)
def test_where_the_digits_run_out_the_coefficient_is_called_infinite(outcomes, marker, arm) -> None:
    model = logistic_regression(outcomes, {"marker": marker, "arm": arm})
    assert model.separated
    assert all(0 <= term.firth_p <= 1 for term in model.terms)


BAD_INPUT = [
    ([True, False], {"x": [1]}, "covariate x has 1 values for 2 outcomes"),
    ([True, False, True], {"x": [1, 2, float("nan")]}, "not a finite number"),
    ([True, False, True], {"x": [1, 1, 1]}, "constant or a combination"),
    ([True, False, True], {"x": [1, 2, 3], "y": [2, 4, 6]}, "x, y"),
    ([True, False], {"x": [1, 2], "y": [0, 5]}, "constant or a combination"),
    ([], {}, "an intercept"),
]


@pytest.mark.parametrize(("outcomes", "covariates", "message"), BAD_INPUT)
def test_what_cannot_be_estimated_is_refused_in_words(outcomes, covariates, message) -> None:
    with pytest.raises(ValueError, match=message):
        logistic_regression(outcomes, covariates)


@pytest.mark.parametrize("limit", ["MAX_ITERATIONS", "MAX_FIRTH_ITERATIONS"])
def test_an_unfinished_climb_is_never_reported(monkeypatch, limit) -> None:
    monkeypatch.setattr(regression, limit, 1)
    with pytest.raises(ArithmeticError, match="no top that could be reached"):
        logistic_regression([True, False, True, False, True], {"x": [3, 1, 1, 2, 5]})
