"""Logistic regression for small samples: Wald, likelihood-ratio and Firth's penalised inference side by side.

When a covariate (or a combination of them) separates the patients with the outcome from those without, its
maximum-likelihood coefficient is infinite and its Wald p-value means nothing. The likelihood ratio and
Firth's penalised likelihood (Firth 1993, Biometrika 80:27; Heinze and Schemper 2002, Stat Med 21:2409)
still do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from analysis.domain.survival import chi_square_tail, normal_quantile, normal_two_sided

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

INTERCEPT = "(Intercept)"
MAX_ITERATIONS = 200
MAX_FIRTH_ITERATIONS = 5000
MAX_FIRTH_STEP = 5.0
CONVERGED_STEP = 1e-9
"""Steps below this, in standard deviations of the covariate, end the iteration."""
FLAT_GAIN = 1e-10
"""A long step that gains less log-likelihood than this walks on a plateau: the top is at infinity."""
DIVERGING_STEP = 1e-3
DIVERGING_ERROR = 1e3
"""An unfinished coefficient still moving this much, or this uncertain, is running off to infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticTerm:
    """One coefficient (log odds ratio per unit of the covariate).

    Estimate, standard error, odds ratio and Wald p are None where the coefficient is infinite
    (`separated`). The likelihood-ratio and Firth tests are those of dropping this term from the model, on
    one degree of freedom.
    """

    name: str
    separated: bool
    coefficient: float | None
    std_error: float | None
    wald_p: float | None
    lr_chi_square: float
    lr_p: float
    firth_coefficient: float
    firth_chi_square: float
    firth_p: float

    @property
    def odds_ratio(self) -> float | None:
        return None if self.coefficient is None else _exp(self.coefficient)

    def odds_ratio_limits(self, confidence: float = 0.95) -> tuple[float, float] | None:
        """The Wald limits."""
        if self.coefficient is None or self.std_error is None:
            return None
        half_width = normal_quantile(confidence) * self.std_error
        return _exp(self.coefficient - half_width), _exp(self.coefficient + half_width)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticModel:
    """A fitted model; `terms` start with the intercept. `log_likelihood` is its supremum under separation."""

    n: int
    n_events: int
    log_likelihood: float
    terms: tuple[LogisticTerm, ...]

    @property
    def separated(self) -> tuple[str, ...]:
        """The names of the terms whose coefficient is infinite."""
        return tuple(term.name for term in self.terms if term.separated)

    def term(self, name: str) -> LogisticTerm:
        return next(term for term in self.terms if term.name == name)


@dataclass(frozen=True, slots=True)
class _Data:
    """Responses as 0 and 1, and the design with its columns divided by `scale`."""

    response: Vector
    design: Matrix
    scale: Vector


@dataclass(frozen=True, slots=True)
class _State:
    """The (penalised) log-likelihood at some coefficients, with its score and the information to step by."""

    log_likelihood: float
    score: Vector
    information: Matrix


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where a climb ended: at a top unless `flat`, which is separation."""

    coefficients: Vector
    state: _State
    last_step: Vector
    flat: bool


def logistic_regression(outcomes: Sequence[bool], covariates: Mapping[str, Sequence[float]]) -> LogisticModel:
    """Return the logistic regression of `outcomes` on `covariates` with an intercept.

    Patients with a missing value are left out by the caller, who reports how many. A covariate that is
    constant or a combination of the others cannot be estimated and raises ValueError.
    """
    data = _prepare(outcomes, covariates)
    every = list(range(len(covariates) + 1))
    fit = _maximise(data, every, penalised=False)
    firth = _maximise(data, every, penalised=True)
    diverging = _diverging(fit)
    names = (INTERCEPT, *covariates)
    return LogisticModel(
        n=len(outcomes),
        n_events=int(data.response.sum()),
        log_likelihood=fit.state.log_likelihood,
        terms=tuple(_term(data, fit, firth, diverging, index, name) for index, name in enumerate(names)),
    )


def _prepare(outcomes: Sequence[bool], covariates: Mapping[str, Sequence[float]]) -> _Data:
    n = len(outcomes)
    for name, values in covariates.items():
        if len(values) != n:
            raise ValueError(f"covariate {name} has {len(values)} values for {n} outcomes")
    columns = [[1.0] * n, *covariates.values()]
    design = np.array(columns, dtype=np.float64).T
    if not np.isfinite(design).all():
        raise ValueError("a covariate holds a value that is not a finite number")
    scale = np.array([1.0, *(np.std(design[:, 1:], axis=0) if n else [])])
    if n == 0 or not scale.all() or np.linalg.matrix_rank(design / scale) < len(columns):
        raise ValueError(
            f"the {n} patients cannot tell {', '.join(covariates) or 'an intercept'} apart: a covariate is "
            "constant or a combination of the others"
        )
    return _Data(np.array([1.0 if outcome else 0.0 for outcome in outcomes]), design / scale, scale)


def _maximise(data: _Data, free: Sequence[int], *, penalised: bool) -> _Fit:
    """Climb by Fisher scoring, halving steps that lose ground; coefficients not in `free` stay 0."""
    coefficients = step = np.zeros(data.design.shape[1])
    state = _evaluate(data, coefficients, penalised=penalised)
    for _ in range(MAX_FIRTH_ITERATIONS if penalised else MAX_ITERATIONS):
        try:
            step = _scoring_step(state, free, longest=MAX_FIRTH_STEP if penalised else inf)
        except np.linalg.LinAlgError:
            return _Fit(coefficients, state, step, flat=True)
        following = _evaluate(data, coefficients + step, penalised=penalised)
        while following.log_likelihood < state.log_likelihood - 1e-9:
            step /= 2
            following = _evaluate(data, coefficients + step, penalised=penalised)
        gain = following.log_likelihood - state.log_likelihood
        coefficients, state = coefficients + step, following
        length = np.max(np.abs(step), initial=0.0)
        flat = not penalised and bool(gain < FLAT_GAIN and length > DIVERGING_STEP)
        if flat or length < CONVERGED_STEP:
            return _Fit(coefficients, state, step, flat)
    raise ArithmeticError("the likelihood has no top that could be reached")


def _scoring_step(state: _State, free: Sequence[int], *, longest: float) -> Vector:
    step = np.zeros_like(state.score)
    step[free] = np.linalg.solve(state.information[np.ix_(free, free)], state.score[free])
    length = float(np.max(np.abs(step), initial=0.0))
    return step * (longest / length) if length > longest else step


def _evaluate(data: _Data, coefficients: Vector, *, penalised: bool) -> _State:
    """Return the state at these coefficients.

    Firth's penalty adds to every patient half an event and half a non-event times the patient's leverage; the
    information to step by is that of the patients so augmented.
    """
    logit = data.design @ coefficients
    probability = np.exp(-np.logaddexp(0.0, -logit))
    weights = probability * (1 - probability)
    information = data.design.T @ (data.design * weights[:, None])
    log_likelihood = float(np.sum(data.response * logit - np.logaddexp(0.0, logit)))
    residual = data.response - probability
    if penalised:
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0:
            return _State(-inf, data.design.T @ residual, information)
        log_likelihood += float(log_determinant) / 2
        inner = np.linalg.solve(information, data.design.T)
        leverage = weights * np.einsum("ij,ji->i", data.design, inner)
        residual = residual + leverage * (0.5 - probability)
        information = data.design.T @ (data.design * (weights * (1 + leverage))[:, None])
    return _State(log_likelihood, data.design.T @ residual, information)


def _diverging(fit: _Fit) -> list[bool]:
    """Tell which coefficients are infinite: those still moving on the plateau, or known to no precision."""
    if not fit.flat:
        return [False] * len(fit.coefficients)
    moving = np.abs(fit.last_step) > DIVERGING_STEP
    return [bool(flag) for flag in moving | (_standard_errors(fit.state.information) > DIVERGING_ERROR)]


def _standard_errors(information: Matrix) -> Vector:
    """Return the standard errors, infinite where the information has run out of digits."""
    try:
        variances = np.diag(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        return np.full(len(information), inf)
    return np.sqrt(np.where(variances > 0, variances, inf))


def _term(
    data: _Data, fit: _Fit, firth: _Fit, diverging: Sequence[bool], index: int, name: str
) -> LogisticTerm:
    others = [column for column in range(len(diverging)) if column != index]
    lr = _twice_the_gain(fit, _maximise(data, others, penalised=False))
    firth_lr = _twice_the_gain(firth, _maximise(data, others, penalised=True))
    coefficient = std_error = None
    if not diverging[index]:
        coefficient = float(fit.coefficients[index] / data.scale[index])
        std_error = float(_standard_errors(fit.state.information)[index] / data.scale[index])
    return LogisticTerm(
        name=name,
        separated=diverging[index],
        coefficient=coefficient,
        std_error=std_error,
        wald_p=normal_two_sided(coefficient / std_error) if coefficient is not None and std_error else None,
        lr_chi_square=lr,
        lr_p=chi_square_tail(lr, 1),
        firth_coefficient=float(firth.coefficients[index] / data.scale[index]),
        firth_chi_square=firth_lr,
        firth_p=chi_square_tail(firth_lr, 1),
    )


def _twice_the_gain(full: _Fit, reduced: _Fit) -> float:
    return max(0.0, 2 * (full.state.log_likelihood - reduced.state.log_likelihood))


def _exp(value: float) -> float:
    return exp(value) if value < 709 else inf
