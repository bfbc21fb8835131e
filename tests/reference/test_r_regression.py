"""Logistic regression against R 4.2.2; each call is quoted above the figures it printed."""

import pytest

from analysis.domain.regression import INTERCEPT, logistic_regression

# SYNTHETIC: 20 patients of Treatment 2; disease control, dose increased, first evaluation not progression.
DISEASE_CONTROL = [True] * 9 + [False] * 11
INCREASED = [1] * 7 + [0, 0, 1] + [0] * 10
NOT_PD = [1] * 16 + [0] * 4


def test_dose_increase_has_r_s_wald_and_likelihood_ratio_p() -> None:
    # > f <- glm(sd ~ inc + notpd, family = binomial); coef(summary(f)); drop1(f, test = "LRT")
    #                 Estimate       Std. Error           z value        Pr(>|z|)
    # inc        3.04452243772    1.34518541827  2.26327344645240 0.0236188381092
    # LRT 6.90436973884 1.81610662972   Pr(>Chi) 0.00859853320509 0.177777415058
    model = logistic_regression(DISEASE_CONTROL, {"increase": INCREASED, "not PD": NOT_PD})
    increase, not_pd = model.term("increase"), model.term("not PD")
    assert (increase.coefficient, increase.std_error, increase.wald_p) == pytest.approx(
        (3.04452243772, 1.34518541827, 0.0236188381092), rel=1e-9
    )
    assert (increase.lr_chi_square, increase.lr_p) == pytest.approx(
        (6.90436973884, 0.00859853320509), rel=1e-7
    )
    assert (not_pd.lr_chi_square, not_pd.lr_p) == pytest.approx((1.81610662972, 0.177777415058), rel=1e-6)


def test_a_separating_covariate_has_no_wald_p() -> None:
    # R warns "fitted probabilities numerically 0 or 1 occurred" and prints
    # notpd 17.46745622085 3261.31940299867  0.00535594772005 0.9957265924370
    model = logistic_regression(DISEASE_CONTROL, {"increase": INCREASED, "not PD": NOT_PD})
    assert model.separated == (INTERCEPT, "not PD")
    term = model.term("not PD")
    assert (term.coefficient, term.std_error, term.wald_p) == (None, None, None)
    assert (term.odds_ratio, term.odds_ratio_limits()) == (None, None)


# The penalised likelihood was maximised in R by a general optimiser, with and without each coefficient:
# > pl <- function(b, X, y) {e <- X %*% b; p <- plogis(e); I <- t(X) %*% (X * as.vector(p * (1 - p)))
# +   sum(y * e - log1p(exp(e))) + determinant(I)$modulus / 2}
# > o <- optim(rep(0, 3), function(b) -pl(b, X, y), method = "BFGS", control = list(reltol = 1e-16))
# > g <- function(b) {bb <- rep(0, 3); bb[-j] <- b; -pl(bb, X, y)}
# > r <- optim(rep(0, 2), g, method = "BFGS", control = list(reltol = 1e-16)); 2 * (r$value - o$value)
FIRTH = """
    (Intercept) | -2.19722467699 3.68064207168  0.0550476480062
    increase    |  2.56494949894 5.98535456495  0.0144251425903
    not PD      |  1.24171317674 0.662245328779 0.415768375199
"""


@pytest.mark.parametrize("row", FIRTH.strip().splitlines())
def test_firth_estimates_and_profile_p_are_those_of_an_optimiser_in_r(row: str) -> None:
    name, figures = row.split("|")
    coefficient, chi_square, p = map(float, figures.split())
    model = logistic_regression(DISEASE_CONTROL, {"increase": INCREASED, "not PD": NOT_PD})
    term = model.term(name.strip())
    assert term.firth_coefficient == pytest.approx(coefficient, abs=2e-6)
    assert (term.firth_chi_square, term.firth_p) == pytest.approx((chi_square, p), rel=1e-9)


# R's own data set mtcars.
AM = [1] * 3 + [0] * 14 + [1] * 3 + [0] * 5 + [1] * 7
WT = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25, 5.424]
WT += [5.345, 2.2, 1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78]
HP = [110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215, 230, 66, 52, 65]
HP += [97, 150, 150, 245, 175, 66, 91, 113, 264, 175, 335, 109]


def test_two_continuous_covariates_are_r_s() -> None:
    # > f <- glm(am ~ wt + hp, data = mtcars, family = binomial); coef(summary(f)); logLik(f)
    # (Intercept) 18.8662987172041 7.4435580602053  2.53458071592 0.01125819871661
    # wt          -8.0834751824446 3.0686751130547 -2.63419061472 0.00843381259971
    # hp           0.0362555960822 0.0177341536508  2.04439393028 0.04091464645903
    # -5.02955523613
    # > drop1(f, test = "LRT"):  31.1684551533 9.11697433518   2.36579428061e-08 0.00253248481199
    model = logistic_regression(AM, {"wt": WT, "hp": HP})
    assert (model.n, model.n_events, model.separated) == (32, 13, ())
    assert model.log_likelihood == pytest.approx(-5.02955523613, rel=1e-10)
    printed = {
        INTERCEPT: (18.8662987172041, 7.4435580602053, 0.01125819871661),
        "wt": (-8.0834751824446, 3.0686751130547, 0.00843381259971),
        "hp": (0.0362555960822, 0.0177341536508, 0.04091464645903),
    }
    # R stops at a relative change of the deviance of 1e-8, hence the tolerance.
    for term in model.terms:
        assert (term.coefficient, term.std_error, term.wald_p) == pytest.approx(printed[term.name], rel=1e-5)
    wt, hp = model.term("wt"), model.term("hp")
    assert (wt.lr_chi_square, wt.lr_p) == pytest.approx((31.1684551533, 2.36579428061e-08), rel=1e-8)
    assert (hp.lr_chi_square, hp.lr_p) == pytest.approx((9.11697433518, 0.00253248481199), rel=1e-8)


def test_firth_with_continuous_covariates_is_that_of_an_optimiser_in_r() -> None:
    # The optimiser above on model.matrix(am ~ wt + hp): 25.8422960038 3.70480432964e-07,
    # 7.28219616127 0.00696413426979; its own convergence on unscaled covariates limits the agreement.
    model = logistic_regression(AM, {"wt": WT, "hp": HP})
    assert model.term("wt").firth_chi_square == pytest.approx(25.8422960038, rel=1e-4)
    assert model.term("hp").firth_chi_square == pytest.approx(7.28219616127, rel=1e-4)


# R's own data set infert, as counts of (spontaneous, induced): controls, cases.
INFERT = """
    0 0 60  7
    1 0 25 22
    2 0 11 18
    0 1 33 12
    1 1 11  5
    2 1  1  6
    0 2 20  9
    1 2  4  4
"""


def test_grouped_covariates_are_r_s() -> None:
    # > f <- glm(case ~ spontaneous + induced, data = infert, family = binomial); coef(summary(f))
    # (Intercept) -1.707860071360 0.267709465632 -6.37952814753 1.77634435731e-10
    # spontaneous  1.197205035293 0.211643273000  5.65671196784 1.54300385238e-08
    # induced      0.418129395048 0.205627444696  2.03343184888 4.20089123741e-02
    # > drop1(f, test = "LRT"):  36.4867534522 4.14965159431   1.53707299408e-09 0.0416430914373
    outcomes, spontaneous, induced = [], [], []
    for row in INFERT.strip().splitlines():
        first, second, controls, cases = map(int, row.split())
        outcomes += [False] * controls + [True] * cases
        spontaneous += [first] * (controls + cases)
        induced += [second] * (controls + cases)
    model = logistic_regression(outcomes, {"spontaneous": spontaneous, "induced": induced})
    printed = {
        INTERCEPT: (-1.707860071360, 0.267709465632, 1.77634435731e-10),
        "spontaneous": (1.197205035293, 0.211643273000, 1.54300385238e-08),
        "induced": (0.418129395048, 0.205627444696, 4.20089123741e-02),
    }
    for term in model.terms:
        assert (term.coefficient, term.std_error, term.wald_p) == pytest.approx(printed[term.name], rel=1e-6)
    lr = [model.term(name).lr_p for name in ("spontaneous", "induced")]
    assert lr == pytest.approx([1.53707299408e-09, 0.0416430914373], rel=1e-7)
