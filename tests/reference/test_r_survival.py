"""Survival estimates against R 4.2.2 with survival 3.5-3; the call is quoted above what it printed."""

import pytest

from analysis.domain.survival import KaplanMeier, kaplan_meier, logrank

# SYNTHETIC cohort: time to first and second progression and overall survival, in days.
TTP1_DAYS = [33, 42, 168, 102, 36, 252, 301, 210, 26, 28, 181, 119, 91, 79, 145]
TTP1_DAYS += [29, 21, 38, 41, 35, 15, 126, 385, 17, 108, 97, 84, 138, 112]
TTP1_EVENT = [days not in (26, 21, 15, 17) for days in TTP1_DAYS]
TTP2_DAYS = [30, 107, 35, 38, 112, 168, 91, 77, 84, 231, 98, 49, 40, 43, 54, 42, 126, 33, 138, 77]
TTP2_EVENT = [True] * 20
OS_DAYS = [253, 367, 763, 323, 568, 518, 982, 917, 26, 266, 627, 806, 504, 171, 322]
OS_DAYS += [132, 85, 113, 223, 82, 213, 490, 684, 51, 445, 125, 190, 585, 446]
OS_EVENT = [days not in (253, 982, 806, 684, 585, 446) for days in OS_DAYS]
CONTINUED = [number not in (1, 9, 17, 18, 19, 20, 21, 24, 26) for number in range(1, 30)]

COHORT = {
    "ttp1": (TTP1_DAYS, TTP1_EVENT),
    "ttp2": (TTP2_DAYS, TTP2_EVENT),
    "os": (OS_DAYS, OS_EVENT),
}

# R's own data set aml.
MAINTAINED = (
    [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
    [True, True, False, True, True, False, True, True, False, True, False],
)
NONMAINTAINED = (
    [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
    [True, True, True, True, True, False, True, True, True, True, True, True],
)


def summary_of(estimate: KaplanMeier) -> str:
    printed = (estimate.n, estimate.n_events, estimate.median, estimate.median_lower, estimate.median_upper)
    return " ".join("NA" if value is None else f"{value:g}" for value in printed)


# > survfit(Surv(days, event) ~ 1, conf.type = "log-log")
#       n events median 0.95LCL 0.95UCL
COHORT_MEDIANS = """
    ttp1 plain   | 29 25 102 42 138
    ttp1 log     | 29 25 102 79 145
    ttp1 log-log | 29 25 102 42 138
    ttp2 plain   | 20 20 77 42 107
    ttp2 log     | 20 20 77 43 112
    ttp2 log-log | 20 20 77 40 107
    os   plain   | 29 23 367 213 518
    os   log     | 29 23 367 223 627
    os   log-log | 29 23 367 190 518
"""


@pytest.mark.parametrize("row", COHORT_MEDIANS.strip().splitlines())
def test_cohort_medians_are_r_s_under_every_band(row: str) -> None:
    case, printed = row.split("|")
    endpoint, conf_type = case.split()
    days, events = COHORT[endpoint]
    assert summary_of(kaplan_meier(days, events, conf_type=conf_type)) == printed.strip()


def test_a_ninety_percent_band_gives_r_s_limits() -> None:
    # > survfit(Surv(ttp2, rep(1, 20)) ~ 1, conf.type = "log-log", conf.int = 0.9)
    #       n events median 0.9LCL 0.9UCL
    # [1,] 20     20     77     42     98
    assert summary_of(kaplan_meier(TTP2_DAYS, TTP2_EVENT, confidence=0.9)) == "20 20 77 42 98"


# > survfit(Surv(time, status) ~ x, data = aml, conf.type = "log")
AML_MEDIANS = """
    maintained    log     | 11 7 31 18 NA
    nonmaintained log     | 12 11 23 8 NA
    maintained    log-log | 11 7 31 13 NA
    nonmaintained log-log | 12 11 23 5 33
    maintained    plain   | 11 7 31 18 48
    nonmaintained plain   | 12 11 23 8 33
"""


@pytest.mark.parametrize("row", AML_MEDIANS.strip().splitlines())
def test_aml_medians_are_r_s(row: str) -> None:
    case, printed = row.split("|")
    group, conf_type = case.split()
    durations, events = {"maintained": MAINTAINED, "nonmaintained": NONMAINTAINED}[group]
    assert summary_of(kaplan_meier(durations, events, conf_type=conf_type)) == printed.strip()


# > f <- survfit(Surv(time, status) ~ 1, data = aml[aml$x == "Maintained", ], conf.type = ...)
# > s <- summary(f, censored = TRUE); cbind(s$time, s$n.risk, s$n.event, s$surv, s$lower, s$upper)
AML_LOG_BAND = """
      9 11 1 0.9090909091 0.75413384508 1.0000000000
     13 10 1 0.8181818182 0.61924898740 1.0000000000
     18  8 1 0.7159090909 0.48842628742 1.0000000000
     23  7 1 0.6136363636 0.37686705950 0.9991576002
     28  6 0 0.6136363636 0.37686705950 0.9991576002
     31  5 1 0.4909090909 0.25485995120 0.9455849552
     34  4 1 0.3681818182 0.15487711790 0.8752606781
     45  3 0 0.3681818182 0.15487711790 0.8752606781
     48  2 1 0.1840909091 0.03591789849 0.9435257695
    161  1 0 0.1840909091 0.03591789849 0.9435257695
"""
AML_LOG_LOG_BAND = """
      9 11 1 0.9090909091 0.50808020577 0.9866738227
     13 10 1 0.8181818182 0.44742861468 0.9511622286
     18  8 1 0.7159090909 0.35019038591 0.8990239742
     23  7 1 0.6136363636 0.26575204000 0.8352992433
     28  6 0 0.6136363636 0.26575204000 0.8352992433
     31  5 1 0.4909090909 0.16733090978 0.7533997904
     34  4 1 0.3681818182 0.09282957494 0.6570408324
     45  3 0 0.3681818182 0.09282957494 0.6570408324
     48  2 1 0.1840909091 0.01173848012 0.5250148427
    161  1 0 0.1840909091 0.01173848012 0.5250148427
"""
AML_PLAIN_BAND = """
      9 11 1 0.9090909091 0.73920433313 1.0000000000
     13 10 1 0.8181818182 0.59025505880 1.0000000000
     18  8 1 0.7159090909 0.44217077872 0.9896474031
     23  7 1 0.6136363636 0.31448249195 0.9127902353
     28  6 0 0.6136363636 0.31448249195 0.9127902353
     31  5 1 0.4909090909 0.16909620065 0.8127219812
     34  4 1 0.3681818182 0.04935666056 0.6870069758
     45  3 0 0.3681818182 0.04935666056 0.6870069758
     48  2 1 0.1840909091 0.00000000000 0.4849311627
    161  1 0 0.1840909091 0.00000000000 0.4849311627
"""


@pytest.mark.parametrize(
    ("conf_type", "printed"),
    [("log", AML_LOG_BAND), ("log-log", AML_LOG_LOG_BAND), ("plain", AML_PLAIN_BAND)],
)
def test_every_step_and_its_band_is_r_s(conf_type: str, printed: str) -> None:
    steps = kaplan_meier(*MAINTAINED, conf_type=conf_type).steps
    expected = [tuple(map(float, row.split())) for row in printed.strip().splitlines()]
    computed = [(s.time, s.n_risk, s.n_event, s.survival, s.lower, s.upper) for s in steps]
    assert computed == [pytest.approx(row, abs=6e-11) for row in expected]


# > t <- c(0, 0, 2, 2, 2, 5, 5, 9); e <- c(1, 0, 1, 1, 0, 1, 0, 0)
# > f <- survfit(Surv(t, e) ~ 1, conf.type = "log-log")
# > cbind(f$time, f$n.risk, f$n.event, f$n.censor, f$surv, f$lower, f$upper)
TIED_AND_AT_ZERO = """
    0 8 1 1 0.8750000000 0.38700001403 0.9813929659
    2 6 2 1 0.5833333333 0.18018889101 0.8440686917
    5 3 1 1 0.3888888889 0.06300281147 0.7242227555
    9 1 0 1 0.3888888889 0.06300281147 0.7242227555
"""


def test_ties_and_an_event_at_time_zero_are_counted_as_r_counts_them() -> None:
    estimate = kaplan_meier([0, 0, 2, 2, 2, 5, 5, 9], [True, False, True, True, False, True, False, False])
    expected = [tuple(map(float, row.split())) for row in TIED_AND_AT_ZERO.strip().splitlines()]
    computed = [
        (s.time, s.n_risk, s.n_event, s.n_censor, s.survival, s.lower, s.upper) for s in estimate.steps
    ]
    assert computed == [pytest.approx(row, abs=6e-11) for row in expected]
    #       n events median 0.95LCL 0.95UCL
    # [1,]  8      4      5       0      NA
    assert summary_of(estimate) == "8 4 5 0 NA"


# > summary(survfit(Surv(1:n, rep(1, n)) ~ 1, conf.type = "log-log"))$table[7:9]
#       n | median 0.95LCL 0.95UCL
UNCENSORED = """
     6 |  3.5  1 NA
     8 |  4.5  1  7
    14 |  7.5  3 11
    18 |  9.5  5 13
    20 | 10.5  5 15
    44 | 22.5 15 29
    58 | 29.5 22 37
    60 | 30.5 22 38
"""


@pytest.mark.parametrize("row", UNCENSORED.strip().splitlines())
def test_a_curve_at_one_half_has_its_median_midway_to_the_next_event(row: str) -> None:
    size, printed = row.split("|")
    n = int(size)
    estimate = kaplan_meier(range(1, n + 1), [True] * n)
    assert summary_of(estimate).split()[2:] == printed.split()


# Ranks of (lower limit, median, upper limit) in an uncensored sample.
# > summary(survfit(Surv(1:n, rep(1, n)) ~ 1, conf.type = ...))$table[c(8, 7, 9)]
ORDER_STATISTICS = """
    20 plain   |  6 10.5 15
    20 log     |  7 10.5 16
    20 log-log |  5 10.5 15
    25 plain   |  8 13   18
    25 log     |  9 13   19
    25 log-log |  8 13   18
    29 plain   | 10 15   20
    29 log     | 11 15   21
    29 log-log |  9 15   20
"""


@pytest.mark.parametrize("row", ORDER_STATISTICS.strip().splitlines())
def test_the_band_decides_which_ranks_limit_the_median(row: str) -> None:
    case, ranks = row.split("|")
    size, conf_type = case.split()
    n = int(size)
    estimate = kaplan_meier(range(1, n + 1), [True] * n, conf_type=conf_type)
    computed = [estimate.median_lower, estimate.median, estimate.median_upper]
    assert computed == [float(rank) for rank in ranks.split()]


def test_a_curve_that_ends_at_one_half_has_the_median_r_prints() -> None:
    # > survfit(Surv(c(1, 2, 3, 4), c(1, 1, 0, 0)) ~ 1)
    #      n events median 0.95LCL 0.95UCL
    # [1,] 4      2      2       1      NA
    estimate = kaplan_meier([1, 2, 3, 4], [True, True, False, False], conf_type="log")
    assert summary_of(estimate) == "4 2 2 1 NA"


def test_without_an_event_nothing_is_reached() -> None:
    # > survfit(Surv(1:4, rep(0, 4)) ~ 1)
    #      n events median 0.95LCL 0.95UCL
    # [1,] 4      0     NA      NA      NA
    assert summary_of(kaplan_meier([1, 2, 3, 4], [False] * 4, conf_type="log")) == "4 0 NA NA NA"


def test_numbers_at_risk_are_r_s() -> None:
    # > summary(survfit(Surv(ttp1, e1) ~ 1), times = c(0, 60, ..., 400), extend = TRUE)$n.risk
    times = [0, 60, 120, 180, 240, 300, 360, 385, 400]
    assert kaplan_meier(TTP1_DAYS, TTP1_EVENT).at_risk(times) == (29, 17, 9, 5, 3, 2, 1, 1, 0)


def test_logrank_of_aml_is_r_s() -> None:
    # > d <- survdiff(Surv(time, status) ~ x, data = aml); c(d$chisq, 1 - pchisq(d$chisq, 1)); d$exp
    # [1] 3.396388699 0.06533932204
    # [1] 10.68933599 7.310664008
    result = logrank(MAINTAINED, NONMAINTAINED)
    assert (result.chi_square, result.df, result.p) == pytest.approx(
        (3.396388699, 1, 0.06533932204), rel=1e-9
    )
    assert result.observed == (7, 11)
    assert result.expected == pytest.approx((10.68933599, 7.310664008), rel=1e-9)


def test_logrank_of_survival_by_continuation_is_r_s() -> None:
    # > d <- survdiff(Surv(os, eo) ~ continued); d$chisq; pchisq(d$chisq, 1, lower.tail = FALSE); d$obs; d$exp
    # [1] 20.82083414   5.043136576e-06   8 15   2.11767299 20.88232701
    stopped = [(d, e) for d, e, c in zip(OS_DAYS, OS_EVENT, CONTINUED, strict=True) if not c]
    continued = [(d, e) for d, e, c in zip(OS_DAYS, OS_EVENT, CONTINUED, strict=True) if c]
    result = logrank(tuple(zip(*stopped, strict=True)), tuple(zip(*continued, strict=True)))
    assert (result.chi_square, result.p) == pytest.approx((20.82083414, 5.043136576e-06), rel=1e-9)
    assert result.observed == (8, 15)
    assert result.expected == pytest.approx((2.11767299, 20.88232701), rel=1e-9)


def test_logrank_of_three_groups_is_r_s() -> None:
    # > g <- rep(1:3, length.out = 29); d <- survdiff(Surv(os, eo) ~ g)
    # > d$chisq; pchisq(d$chisq, 2, lower.tail = FALSE); d$obs; d$exp
    # [1] 0.9367597418   0.6260156734   7 8 8   8.450800222 8.495070195 6.054129583
    result = logrank(*((OS_DAYS[start::3], OS_EVENT[start::3]) for start in range(3)))
    assert (result.chi_square, result.df, result.p) == pytest.approx(
        (0.9367597418, 2, 0.6260156734), rel=1e-9
    )
    assert result.observed == (7, 8, 8)
    assert result.expected == pytest.approx((8.450800222, 8.495070195, 6.054129583), rel=1e-9)
