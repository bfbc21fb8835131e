"""Comparisons and proportions against R 4.2.2; each call is quoted above the figures it printed."""

import pytest

from analysis.domain.comparisons import (
    fisher_exact,
    fisher_mid_p,
    likelihood_ratio_chi_square,
    pearson_chi_square,
    student_t,
    wilcoxon_rank_sum,
)
from analysis.domain.proportions import clopper_pearson

# > m <- rbind(continued, not_continued)
# > fisher.test(m)$p.value; chisq.test(m, correct = FALSE)$p.value; chisq.test(m)$p.value
# > G <- 2 * sum(ifelse(m > 0, m * log(m / e), 0)); pchisq(G, df, lower.tail = FALSE)
# Printed p, then Fisher, Pearson, Yates (2 x 2 only), likelihood ratio; mid-p is from the same enumeration.
BASELINE_TABLES = """
    sex             13/7    7/2   | 0.675  0.674903806838   0.49138704489    0.799264225274   0.483371278942
    etiology        5/11/4  3/2/4 | 0.228  0.2019990005     0.224439153206   -                0.213732559461
    ecog            14/6    6/3   | 0.396  1                0.857540804145   1                0.858032719284
    ecog-refitted   15/5    5/4   | 0.396  0.396249926985   0.295046367064   0.539671093994   0.302052453539
    child-pugh      12/8    5/4   | 1      1                0.822118216707   1                0.822421061236
    vascular        7/13    7/2   | 0.0502 0.0501749125437  0.0329436785972  0.0834261401373  0.0295467787004
    extrahepatic    4/16    3/6   | 0.642  0.642394187522   0.437588711899   0.758634728547   0.445843856235
    bclc-printed    9/10    1/9   | 0.107  0.0975677995168  0.0441829436004  0.109293232212   0.0324573021574
    bclc            9/11    1/8   | 0.107  0.107146526637   0.0756838436177  0.175716251685   0.0592503587753
    pretreatment    1/19    5/4   | 0.0055 0.00548187444739 0.0018752225226  0.00895220608806 0.00233779582404
    bilirubin       0/20    3/6   | 0.023  0.0229885057471  0.00639354726545 0.0386506327899  0.00512949411904
    three-by-three  3/1/2   0/4/1   2/2/5 | - 0.179918378835 0.100066147937  -                0.085554466204
    two-by-four     8/2/5/1 3/6/2/4 | -    0.0772990481356  0.0619857776074  -                0.0532345245373
"""
FISHER_REPRODUCES = {"sex", "child-pugh", "vascular", "extrahepatic", "bclc", "pretreatment", "bilirubin"}


def parsed(row: str) -> tuple[str, list[list[int]], list[str]]:
    case, figures = row.split("|")
    name, *groups = case.split()
    return name, [[int(count) for count in group.split("/")] for group in groups], figures.split()


@pytest.mark.parametrize("row", BASELINE_TABLES.strip().splitlines())
def test_every_p_of_a_table_of_counts_is_r_s(row: str) -> None:
    _, table, (_, fisher, pearson, yates, ratio) = parsed(row)
    assert fisher_exact(table) == pytest.approx(float(fisher), rel=1e-10)
    assert pearson_chi_square(table).p == pytest.approx(float(pearson), rel=1e-10)
    assert likelihood_ratio_chi_square(table).p == pytest.approx(float(ratio), rel=1e-10)
    if yates != "-":
        assert pearson_chi_square(table, yates=True).p == pytest.approx(float(yates), rel=1e-10)


@pytest.mark.parametrize("row", BASELINE_TABLES.strip().splitlines())
def test_the_published_p_is_fisher_s_exactly_where_the_counts_allow(row: str) -> None:
    name, table, (printed, *_) = parsed(row)
    if printed == "-":
        return
    digits = len(printed.partition(".")[2])
    refitted = name == "ecog-refitted"
    assert (round(fisher_exact(table), digits) == float(printed)) == (name in FISHER_REPRODUCES or refitted)


def test_tables_within_a_ten_millionth_of_the_observed_probability_count_as_in_r() -> None:
    # 14 and 20 in the first cell are all but equally likely here (relative difference 8.4e-8).
    # > fisher.test(rbind(c(20, 38), c(40, 106)))$p.value
    assert fisher_exact([[20, 38], [40, 106]]) == pytest.approx(0.3944449761955, rel=1e-10)


# Half the probability of the observed table less than Fisher's p, to four decimals.
# > p <- fisher.test(m)$p.value; p - dhyper(m[1, 1], sum(m[, 1]), sum(m[, 2]), sum(m[1, ])) / 2
MID_P = """
    sex          0.5356
    ecog         0.8375
    child-pugh   0.8471
    vascular     0.0322
    extrahepatic 0.5120
    bclc         0.0694
    pretreatment 0.0028
    bilirubin    0.0115
"""


@pytest.mark.parametrize("row", MID_P.strip().splitlines())
def test_mid_p_of_the_baseline_tables(row: str) -> None:
    wanted, p = row.split()
    tables = {name: table for name, table, _ in map(parsed, BASELINE_TABLES.strip().splitlines())}
    assert f"{fisher_mid_p(tables[wanted]):.4f}" == p


# > binom.test(k, n)$conf.int
INTERVALS = """
     3 29 | 0.0218637368299 0.273515197892
    17 29 | 0.389362791397  0.764759790247
     0 20 | 0               0.168433470983
     9 20 | 0.230577896776  0.684721866959
    14 29 | 0.294485582952  0.674685003639
     7 29 | 0.102983550773  0.435400345989
    19 29 | 0.456694272332  0.820616350765
     9 10 | 0.554983882972  0.997471421456
     8  9 | 0.517503485083  0.997190863253
    23 29 | 0.602753050773  0.920058151124
    25 29 | 0.683359390561  0.961105168705
     4 20 | 0.05733399705   0.436614002997
     6 20 | 0.118931590406  0.542789182276
    29 29 | 0.88055513093   1
     1  1 | 0.025           1
     0  1 | 0               0.975
"""


@pytest.mark.parametrize("row", INTERVALS.strip().splitlines())
def test_exact_intervals_are_r_s(row: str) -> None:
    case, limits = row.split("|")
    proportion = clopper_pearson(*map(int, case.split()))
    assert (proportion.lower, proportion.upper) == pytest.approx(tuple(map(float, limits.split())), rel=1e-10)


def test_a_ninety_percent_interval_is_r_s() -> None:
    # > binom.test(3, 29, conf.level = .9)$conf.int
    # [1] 0.0287955090987 0.2461390449561
    proportion = clopper_pearson(3, 29, confidence=0.9)
    assert (proportion.lower, proportion.upper) == pytest.approx(
        (0.0287955090987, 0.2461390449561), rel=1e-10
    )


# SYNTHETIC cohort: the 20 patients who continued beyond progression and the 9 who did not.
AGE = (
    [58, 84, 66, 61, 85, 70, 78, 84, 76, 84, 60, 75, 83, 65, 72, 73, 83, 86, 69, 67],
    [83, 84, 79, 52, 69, 62, 85, 59, 79],
)
AFP_CONTINUED = [33.5, 8.2, 89.7, 2536.2, 1.6, 90.4, 7.7, 47448.8, 87300.0, 2441.6]
AFP_CONTINUED += [19585.7, 532.8, 12281.6, 15441.4, 18.5, 179.0, 26.6, 119.9, 2262.8, 1025.7]
AFP = (AFP_CONTINUED, [10.4, 498.5, 1191.0, 2992.2, 6.3, 1.6, 15802.8, 157.0, 54.1])
DCP = (
    [80, 198000, 14, 3679, 7749, 61, 478, 7923, 25, 34, 115, 148, 9, 835, 157, 5099, 400, 19, 44074, 13],
    [4111.0, 550.0, 24.0, 101.0, 167000.0, 59.0, 27343.0, 223.5, 5020.0],
)

# > t.test(continued, not_continued, var.equal = TRUE); wilcox.test(continued, not_continued)$p.value
MEASURES = [
    ("age", AGE, 0.367205538263, 0.716328242417, 0.850125872287),
    ("AFP", AFP, 0.989589129352, 0.331161029698, 0.45064500664),
    ("DCP", DCP, -0.482952974916, 0.633022162278, 0.390153574561),
]


@pytest.mark.parametrize(("name", "groups", "t", "p", "rank_p"), MEASURES)
def test_t_and_rank_tests_of_the_cohort_are_r_s(name, groups, t, p, rank_p) -> None:
    student, rank_sum = student_t(*groups), wilcoxon_rank_sum(*groups)
    assert student is not None
    assert rank_sum is not None
    assert (student.statistic, student.df, student.p) == pytest.approx((t, 27, p), rel=1e-10)
    assert rank_sum.p == pytest.approx(rank_p, rel=1e-10)


def test_rank_sum_without_ties_is_r_s_exact_test() -> None:
    # > wilcox.test(a, b)
    # W = 12, p-value = 0.431818181818
    a, b = [1.1, 2.2, 3.3, 7.5, 9.1], [0.5, 4.4, 5.5, 6.1, 8.2, 10.3, 11.7]
    result = wilcoxon_rank_sum(a, b)
    assert result is not None
    assert result.exact
    assert (result.statistic, result.p) == pytest.approx((12, 0.431818181818), rel=1e-10)


def test_rank_sum_with_ties_is_r_s_normal_approximation() -> None:
    # > wilcox.test(c(1, 2, 2, 3, 5, 8), c(2, 4, 5, 5, 9, 12, 13))
    # W = 9, p-value = 0.0966705434067
    result = wilcoxon_rank_sum([1, 2, 2, 3, 5, 8], [2, 4, 5, 5, 9, 12, 13])
    assert result is not None
    assert not result.exact
    assert (result.statistic, result.p) == pytest.approx((9, 0.0966705434067), rel=1e-10)


def test_rank_sum_of_large_groups_is_r_s_normal_approximation() -> None:
    # > w <- wilcox.test(1:60, seq(20.5, 70.5, 1)); c(w$statistic, w$p.value)
    # [1] 820 2.68928174565e-05
    result = wilcoxon_rank_sum(range(1, 61), [value + 0.5 for value in range(20, 71)])
    assert result is not None
    assert not result.exact
    assert (result.statistic, result.p) == pytest.approx((820, 2.68928174565e-05), rel=1e-10)


def test_t_test_with_pooled_variance_is_r_s() -> None:
    # > t.test(c(1, 2, 2, 3, 5, 8), c(2, 4, 5, 5, 9, 12, 13), var.equal = TRUE)
    # t = -1.83304949848, df = 11, p-value = 0.0939743309334
    result = student_t([1, 2, 2, 3, 5, 8], [2, 4, 5, 5, 9, 12, 13])
    assert result is not None
    assert (result.statistic, result.df, result.p) == pytest.approx(
        (-1.83304949848, 11, 0.0939743309334), rel=1e-10
    )
