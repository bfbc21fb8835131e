"""Kaplan-Meier estimation and the log-rank test, and the one door to lifelines and scipy.

The survival function is kept as an exact fraction: in floating point a curve that stands at one half may
come out as 0.5000000000000002, and the median then jumps to the next event (lifelines does so for 6, 8, 14,
18, 20 or 44 uncensored patients). The libraries are heavy to import and are loaded only where a figure asks
for them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt
from statistics import NormalDist
from typing import TypeVar

HALF_TOLERANCE = 2.0**-26
"""How near one half a confidence limit counts as one half: R's tolerance, the square root of its epsilon."""

Value = TypeVar("Value", Fraction, float)
Limits = tuple[float, float] | None
Band = Callable[[float, float], Limits]


@dataclass(frozen=True, slots=True)
class KaplanMeierStep:
    """One distinct follow-up time and the estimate just after it.

    `n_risk` counts patients followed to `time` or beyond. The limits are None where the band is undefined: at
    S = 0, and for the log-log band also at S = 1.
    """

    time: float
    n_risk: int
    n_event: int
    n_censor: int
    survival_exact: Fraction
    lower: float | None
    upper: float | None

    @property
    def survival(self) -> float:
        return float(self.survival_exact)


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """A product-limit estimate with its pointwise confidence band; times in the unit of the durations."""

    conf_type: str
    median: float | None
    median_lower: float | None
    median_upper: float | None
    steps: tuple[KaplanMeierStep, ...]

    @property
    def n(self) -> int:
        return self.steps[0].n_risk

    @property
    def n_events(self) -> int:
        return sum(step.n_event for step in self.steps)

    def at_risk(self, times: Iterable[float]) -> tuple[int, ...]:
        """Return the number still followed just before each time, as printed under a survival figure."""
        return tuple(
            sum(step.n_event + step.n_censor for step in self.steps if step.time >= time) for time in times
        )


@dataclass(frozen=True, slots=True)
class LogRank:
    """A log-rank comparison; observed and expected events in the order of the groups."""

    chi_square: float
    df: int
    p: float
    observed: tuple[int, ...]
    expected: tuple[float, ...]


def kaplan_meier(
    durations: Sequence[float],
    events: Sequence[bool],
    *,
    conf_type: str = "log-log",
    confidence: float = 0.95,
) -> KaplanMeier:
    """Return the Kaplan-Meier estimate, its median and the confidence limits of the median.

    `durations` are non-negative and share one unit; `events` says whether each ended in the event
    (otherwise it is censored, after the events of the same time). `conf_type` names the band on the
    survival function: plain, log or log-log, with Greenwood's variance. A median or limit that the curve or
    band never reaches is None. The median is the first time with S < 1/2; where S equals 1/2 it is the
    midpoint to the next event, and the limits follow the same rule on the band, as R's print.survfit does
    (survival 3.5).
    """
    if conf_type not in BANDS:
        raise ValueError(f"conf_type is {conf_type!r}; it must be one of {', '.join(BANDS)}")
    _check_follow_up(durations, events)
    steps = tuple(_steps(durations, events, BANDS[conf_type], normal_quantile(confidence)))
    return KaplanMeier(
        conf_type=conf_type,
        median=_time_at_half([(step.time, step.survival_exact) for step in steps], tolerance=0),
        median_lower=_time_at_half([(step.time, step.lower) for step in steps], tolerance=HALF_TOLERANCE),
        median_upper=_time_at_half([(step.time, step.upper) for step in steps], tolerance=HALF_TOLERANCE),
        steps=steps,
    )


def _check_follow_up(durations: Sequence[float], events: Sequence[bool]) -> None:
    if len(durations) != len(events):
        raise ValueError(f"{len(durations)} durations were given with {len(events)} event indicators")
    if len(durations) == 0:
        raise ValueError("no patient to estimate from: the list of durations is empty")
    for duration in durations:
        if not 0 <= duration < float("inf"):
            raise ValueError(f"a duration must be a finite number of 0 or more, not {duration}")


def _steps(
    durations: Sequence[float], events: Sequence[bool], band: Band, z: float
) -> Iterable[KaplanMeierStep]:
    n_risk, survival, greenwood = len(durations), Fraction(1), 0.0
    for time, n_event, n_censor in _tally(durations, events):
        survival *= Fraction(n_risk - n_event, n_risk)
        limits: Limits = None
        if survival:
            greenwood += n_event / (n_risk * (n_risk - n_event))
            limits = band(float(survival), z * sqrt(greenwood))
        lower, upper = limits or (None, None)
        yield KaplanMeierStep(time, n_risk, n_event, n_censor, survival, lower, upper)
        n_risk -= n_event + n_censor


def _tally(durations: Sequence[float], events: Sequence[bool]) -> list[tuple[float, int, int]]:
    """Return (time, events, censorings) of every distinct time, in order."""
    counts: dict[float, list[int]] = {}
    for duration, event in zip(durations, events, strict=True):
        counts.setdefault(duration, [0, 0])[0 if event else 1] += 1
    return [(time, *counts[time]) for time in sorted(counts)]  # type: ignore[misc]


def _plain_band(survival: float, half_width: float) -> Limits:
    return max(survival - survival * half_width, 0.0), min(survival + survival * half_width, 1.0)


def _log_band(survival: float, half_width: float) -> Limits:
    return survival * exp(-half_width), min(survival * exp(half_width), 1.0)


def _log_log_band(survival: float, half_width: float) -> Limits:
    if survival == 1:
        return None
    theta = half_width / log(survival)
    return survival ** exp(-theta), survival ** exp(theta)


BANDS: dict[str, Band] = {"plain": _plain_band, "log": _log_band, "log-log": _log_log_band}


def _time_at_half(curve: Iterable[tuple[float, Value | None]], *, tolerance: float) -> float | None:
    """Return the time at which a falling curve passes one half; undefined points are passed over.

    A curve that stands at one half to its end passes it where it first gets there.
    """
    half = Fraction(1, 2)
    reached = [(time, value) for time, value in curve if value is not None and value - half <= tolerance]
    if not reached:
        return None
    first_time, first_value = reached[0]
    if half - first_value > tolerance:
        return first_time
    next_time = next((time for time, value in reached if value < first_value), None)
    return first_time if next_time is None else (first_time + next_time) / 2


def logrank(*groups: tuple[Sequence[float], Sequence[bool]]) -> LogRank:
    """Return the k-sample log-rank test of (durations, events) pairs.

    A group without a patient at risk at any event carries no information and takes no part, so that the
    degrees of freedom are one less than the informative groups (as R's survdiff). Fewer than two
    informative groups cannot be compared and raise ValueError.
    """
    for durations, events in groups:
        _check_follow_up(durations, events)
    expected = _expected_events(groups)
    informative = [group for group, count in zip(groups, expected, strict=True) if count > 0]
    if len(informative) < 2:
        raise ValueError("a log-rank test needs at least two groups with patients at risk at an event")
    chi_square = _logrank_statistic(informative)
    df = len(informative) - 1
    return LogRank(
        chi_square=chi_square,
        df=df,
        p=chi_square_tail(chi_square, df),
        observed=tuple(sum(map(bool, events)) for _, events in groups),
        expected=tuple(float(count) for count in expected),
    )


def _expected_events(groups: Sequence[tuple[Sequence[float], Sequence[bool]]]) -> list[Fraction]:
    pooled_durations = [duration for durations, _ in groups for duration in durations]
    pooled_events = [event for _, events in groups for event in events]
    expected = [Fraction(0)] * len(groups)
    for time, n_event, _ in _tally(pooled_durations, pooled_events):
        n_risk = [sum(duration >= time for duration in durations) for durations, _ in groups]
        for index, count in enumerate(n_risk):
            expected[index] += Fraction(n_event * count, sum(n_risk))
    return expected


def _logrank_statistic(groups: Sequence[tuple[Sequence[float], Sequence[bool]]]) -> float:
    from lifelines.statistics import multivariate_logrank_test

    result = multivariate_logrank_test(
        [duration for durations, _ in groups for duration in durations],
        [index for index, (durations, _) in enumerate(groups) for _ in durations],
        [bool(event) for _, events in groups for event in events],
    )
    return float(result.test_statistic)


def chi_square_tail(statistic: float, df: int) -> float:
    """Return P(chi-square with `df` degrees of freedom >= statistic)."""
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def t_two_sided(statistic: float, df: int) -> float:
    """Return the two-sided p-value of Student's t."""
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(statistic)))


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors a two-sided interval of this confidence reaches to each side."""
    if not 0 < confidence < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, not at {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def normal_two_sided(z: float) -> float:
    """Return the two-sided p-value of a standard normal deviate."""
    from scipy.special import ndtr

    return 2 * float(ndtr(-abs(z)))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the quantile of the beta distribution with shapes `a` and `b`."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, probability))
