"""Dose per day, periods, relative dose intensity, dose changes, and the protocol's dose rules.

A dosing log is written as days × mg per day from 1 January 2012, e.g. "14x800 7x0 9x400"; "7x-" is a week
without any record.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.dosing import (
    DoseChange,
    DoseInterval,
    DosingError,
    TreatmentPeriod,
    check_dose_rules,
    compute_rdi,
    derive_dose_changes,
    derive_exposure,
    derive_periods,
    derive_segments,
    round_percent,
)
from trial.domain.dosing import Frequency

DAY_0 = date(2012, 1, 1)


def day(number: int) -> date:
    return DAY_0 + timedelta(days=number)


def taken(daily_mg: int) -> tuple[Decimal, Frequency]:
    """How a daily dose is taken in this trial."""
    if daily_mg == 800:
        return Decimal(400), Frequency.BID
    return (Decimal(400), Frequency.QOD) if daily_mg == 200 else (Decimal(daily_mg), Frequency.QD)


def log_of(text: str) -> list[DoseInterval]:
    intervals, start = [], 0
    for part in text.split():
        days, dose = part.split("x")
        if dose != "-":
            mg, frequency = taken(int(dose))
            intervals.append(
                DoseInterval(start=day(start), end=day(start + int(days) - 1), mg=mg, frequency=frequency)
            )
        start += int(days)
    return intervals


def period(start: int, end: int, number: int = 1) -> TreatmentPeriod:
    return TreatmentPeriod(number=number, start=day(start), end=day(end))


def lines(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize(
    ("mg", "frequency", "daily"),
    [
        ("400", "BID", "800"),
        ("400", "QD", "400"),
        ("400", "QOD", "200"),
        ("200", "QD", "200"),
        ("0", "BID", "0"),
    ],
)
def test_the_daily_dose_is_the_dose_times_its_frequency(mg, frequency, daily):
    interval = DoseInterval(start=DAY_0, end=None, mg=Decimal(mg), frequency=Frequency(frequency))
    assert interval.daily_dose_mg == Decimal(daily)


def test_an_interval_that_ends_before_it_starts_is_refused():
    with pytest.raises(DosingError, match="The dose of 2012-01-02 ends before it starts, on 2012-01-01"):
        DoseInterval(start=day(1), end=day(0), mg=Decimal(400), frequency=Frequency.QD)


@pytest.mark.parametrize("mg", ["-1", "NaN", "Infinity"])
def test_a_dose_that_is_no_amount_is_refused(mg):
    with pytest.raises(DosingError, match=f"The dose of 2012-01-01 must be at least 0 mg, not {mg}"):
        DoseInterval(start=day(0), end=day(0), mg=Decimal(mg), frequency=Frequency.QD)


RDI = """
    log                    | days | RDI %
    14x800 7x0 9x400       | 30   | 61.67
    14x800 7x- 9x400       | 30   | 61.67     a gap is an interruption, as if 0 mg were written
    2x800 13x0             | 15   | 13.33     the smallest of Treatment 1
    19x200 19x0            | 38   | 12.50     the smallest of Treatment 2: below the 25 % of level -2
    42x800                 | 42   | 100.00
    10x200                 | 10   | 25.00
    10x800                 | 20   | 50.00     after the last record too
    5x- 5x800              | 10   | 50.00     and before the first
    30x800                 | 10   | 100.00    what is given after the period does not count
    -                      | 10   | 0.00
"""


@pytest.mark.parametrize("line", lines(RDI), ids=lambda line: line[0])
def test_rdi_is_the_dose_given_over_the_standard_dose_of_every_day(line):
    text, days, expected = line
    log = [] if text == "-" else log_of(text)
    assert str(round_percent(compute_rdi(log, day(0), day(int(days))))) == expected.split()[0]


def test_rdi_is_an_exact_fraction():
    assert compute_rdi(log_of("14x800 7x0 9x400"), day(0), day(30)) == Fraction(100 * 14_800, 24_000)


def test_rdi_against_another_standard_dose():
    assert compute_rdi(log_of("10x400"), day(0), day(10), standard_mg=400) == 100


def test_a_running_dose_counts_up_to_the_end_of_the_period():
    running = [DoseInterval(start=day(0), end=None, mg=Decimal(400), frequency=Frequency.BID)]
    assert compute_rdi(running, day(0), day(7)) == 100


def test_a_period_without_a_day_has_no_rdi():
    with pytest.raises(DosingError, match="Treatment 1 starts on 2012-01-01 and cannot end on 2012-01-01"):
        compute_rdi([], day(0), day(0))


@pytest.mark.parametrize(
    ("percent", "places", "rounded"),
    [("1/8", 2, "0.13"), ("1/3", 4, "0.3333"), ("200/3", 0, "67"), ("5/2", 0, "3"), ("100", 2, "100.00")],
)
def test_percentages_are_rounded_exactly_halves_up(percent, places, rounded):
    assert str(round_percent(Fraction(percent), places)) == rounded


PERIODS = """
    PD1 | PD2 | continued | dosing ended | periods
    30  | 70  | yes       | 70           | 0-30 30-70
    30  | -   | yes       | 55           | 0-30 30-55        discontinued during Treatment 2
    30  | -   | yes       | -            | 0-30 30-90        still on Treatment 2 at the cut-off
    30  | -   | no        | 30           | 0-30              Treatment 2 not entered
    30  | -   | yes       | 30           | 0-30              willing, but never treated again
    30  | 70  | yes       | 60           | 0-30 30-70        drug stopped before the second progression
    30  | -   | no        | 25           | 0-30              drug stopped before the first progression
    -   | -   | no        | 15           | 0-15              off before the first scan
    -   | -   | no        | -            | 0-90              still on Treatment 1 at the cut-off
    -   | -   | no        | 95           | 0-90              what lies after the cut-off does not count
"""


@pytest.mark.parametrize("line", lines(PERIODS), ids=" ".join)
def test_periods_end_at_progression_or_else_at_discontinuation(line):
    pd1, pd2, continued, ended, expected = line
    dates = [None if text == "-" else day(int(text)) for text in (pd1, pd2, ended)]
    periods = derive_periods(
        first_dose=day(0),
        first_progression=dates[0],
        second_progression=dates[1],
        continued=continued == "yes",
        dosing_end=dates[2],
        data_end=day(90),
    )
    spans = [text.split("-") for text in expected.split() if text[0].isdigit() and "-" in text]
    assert list(periods) == [period(int(a), int(b), n) for n, (a, b) in enumerate(spans, start=1)]


def test_a_patient_never_treated_has_no_period():
    nothing = {"first_progression": None, "second_progression": None, "dosing_end": None}
    assert derive_periods(first_dose=None, continued=False, data_end=day(90), **nothing) == ()


def test_a_progression_before_the_treatment_it_ends_is_refused():
    with pytest.raises(DosingError, match="Treatment 2 starts on 2012-01-31 and cannot end on 2012-01-11"):
        derive_periods(
            first_dose=day(0),
            first_progression=day(30),
            second_progression=day(10),
            continued=True,
            dosing_end=day(60),
            data_end=day(90),
        )


CHANGES = """
    log                            | period | steps, as day:from>to
    10x800                         | 0-10   |
    5x800 5x400                    | 0-10   | 5:800>400
    5x400 5x800                    | 0-10   | 5:400>800
    5x800 5x0 5x400                | 0-15   | 5:800>0 10:800>400   after a pause, against the dose before it
    5x800 5x- 5x800                | 0-15   | 5:800>0              resumed at the same dose: no further step
    5x400 5x0 5x800                | 0-15   | 5:400>0 10:400>800
    2x800 13x0                     | 0-15   | 2:800>0              never resumed, an interruption all the same
    2x800                          | 0-15   | 2:800>0
    3x800 2x800 5x400              | 0-10   | 5:800>400            two lines at one dose are one dose
    3x800 2x0 2x- 3x400            | 0-10   | 3:800>0 7:800>400    one pause, however it is recorded
    10x800 10x400                  | 0-10   |                      a step on the day of progression
    10x800 10x400                  | 10-20  |                      ... counts in neither period
    10x800 1x800 9x400             | 10-20  | 11:800>400
    5x800 10x0 5x400               | 10-20  |                      paused over progression: a late start
    10x800 5x- 5x400               | 10-20  |                      paused at progression: a late start
    10x800 5x- 2x400 3x200         | 10-20  | 17:400>200
    5x800 5x200 5x400 5x0 5x800    | 0-25   | 5:800>200 10:200>400 15:400>0 20:400>800
"""
WORDS = {"<": DoseChange.INCREASED, ">": DoseChange.REDUCED, "0": DoseChange.INTERRUPTED}


@pytest.mark.parametrize("line", lines(CHANGES), ids=lambda line: f"{line[0]} in {line[1]}")
def test_dose_changes_inside_a_period(line):
    text, span, expected = line
    start, end = (int(bound) for bound in span.split("-"))
    steps = derive_dose_changes(log_of(text), period(start, end))
    shown = [f"{(step.on - DAY_0).days}:{step.from_mg:.0f}>{step.to_mg:.0f}" for step in steps]
    assert shown == [word for word in expected.split() if ":" in word and ">" in word]
    for step in steps:
        sign = "0" if step.to_mg == 0 else "<" if step.from_mg < step.to_mg else ">"
        assert step.change is WORDS[sign]


def test_exposure_sums_up_a_period():
    exposure = derive_exposure(log_of("10x800 5x- 2x400 3x200 5x0"), period(10, 25, number=2))
    assert exposure.starting_dose_mg == 400
    assert exposure.total_mg == 2 * 400 + 3 * 200
    assert exposure.days_on_drug == 5
    assert exposure.rdi_percent == Fraction(100 * 1400, 15 * 800)
    assert exposure.has(DoseChange.REDUCED)
    assert exposure.has(DoseChange.INTERRUPTED)
    assert not exposure.has(DoseChange.INCREASED)


def test_exposure_without_a_dose():
    exposure = derive_exposure(log_of("10x800"), period(10, 20, number=2))
    assert (exposure.starting_dose_mg, exposure.days_on_drug, exposure.rdi_percent) == (None, 0, 0)
    assert exposure.steps == ()


def test_overlapping_lines_are_not_computed_through():
    log = [*log_of("10x800"), *log_of("9x- 5x400")]
    with pytest.raises(DosingError, match="The doses of 2012-01-01 and 2012-01-10 overlap"):
        derive_segments(log, start=day(0), end=day(20))


# SYNTHETIC patients of the demonstration cohort, with the figures their reconstruction was made to give.
COHORT = """
    patient | log                                    | T1    | RDI T1   | +-0 | T2     | start | RDI T2  | +-0
    SYN-001 | 2x800 2x0 16x400 13x200                | 0-33  | 40.1515  | -0  | -       |       |         |
    SYN-002 | 42x800 30x800                          | 0-42  | 100.0000 |    | 42-72   | 800   | 100.0000 |
    SYN-004 | 43x800 38x200 21x400 8x400 21x0 6x800  | 0-102 | 61.7647  | +-  | 102-137 | 400   | 28.5714 | +0
    SYN-005 | 5x800 11x0 18x400 2x200 19x200 19x0    | 0-36  | 40.2778  | -0  | 36-74   | 200   | 12.5000 | 0
    SYN-013 | 28x800 8x0 54x400 1x800 21x800 77x400  | 0-91  | 61.5385  | +-0 | 91-189  | 800   | 60.7143 | -
    SYN-014 | 79x800 2x800 47x400                    | 0-79  | 100.0000 |    | 79-128  | 800   | 52.0408 | -
    SYN-021 | 2x800 13x0                             | 0-15  | 13.3333  | 0   | -       |       |         |
    SYN-023 | 216x800 2x400 167x200 42x200           | 0-385 | 67.2078  | -   | 385-427 | 200   | 25.0000 |
"""


@pytest.mark.parametrize("line", lines(COHORT), ids=lambda line: line[0])
def test_patients_of_the_synthetic_cohort(line):
    _, text, *periods = line
    log = log_of(text)
    for span, start, rdi, flags in ((periods[0], "800", *periods[1:3]), tuple(periods[3:])):
        if span == "-":
            continue
        exposure = derive_exposure(log, period(*(int(bound) for bound in span.split("-"))))
        marks = {"+": DoseChange.INCREASED, "-": DoseChange.REDUCED, "0": DoseChange.INTERRUPTED}
        assert "".join(mark for mark, change in marks.items() if exposure.has(change)) == flags
        assert str(round_percent(exposure.rdi_percent, 4)) == rdi
        assert exposure.starting_dose_mg == int(start)


RULES = """
    log                                  | consent | findings
    10x800 10x400 10x200                 | 0       |
    10x800 30x0 10x800                   | 0       |
    10x800 31x- 10x800                   | 0       | late_restart 2012-02-11 after 31 days
    10x800 31x0                          | 0       |
    10x800 10x200 10x400 10x200 10x400   | 0       |
    5x800 5x400 5x800 5x400 5x800 5x400  | 0       | too_many_reductions 3. time on 2012-01-26
    10x800                               | 1       | before_consent given on 2012-01-02
    10x800                               | none    | before_consent not recorded
    10x0 10x800                          | 5       |
    10x1200                              | 0       | above_standard 1200 mg/day from 2012-01-01
    10x600                               | 0       | no_level 600 mg/day from 2012-01-01 is not a dose level
"""


@pytest.mark.parametrize("line", lines(RULES), ids=" ".join)
def test_departures_from_the_dose_rules(line):
    text, consent, expected = line
    findings = check_dose_rules(log_of(text), consent=None if consent == "none" else day(int(consent)))
    rules = [finding.rule_id.removeprefix("dosing.") for finding in findings]
    assert rules == expected.split()[:1]
    for finding in findings:
        assert " ".join(expected.split()[1:]) in finding.message
        assert finding.is_hard == (finding.rule_id == "dosing.before_consent")


def test_an_overlap_is_a_hard_finding_and_hides_the_steps():
    log = [*log_of("10x800 10x400 10x200"), *log_of("29x- 5x1200")]
    findings = check_dose_rules(log, consent=day(0))
    assert [finding.rule_id for finding in findings] == ["dosing.above_standard", "dosing.overlap"]
    assert [finding.is_hard for finding in findings] == [False, True]
    assert findings[1].message == "The dose of 2012-01-30 begins before the dose of 2012-01-21 has ended."


def test_a_running_line_overlaps_what_comes_after_it():
    running = DoseInterval(start=day(0), end=None, mg=Decimal(400), frequency=Frequency.BID)
    findings = check_dose_rules([*log_of("10x- 5x400"), running], consent=day(0))
    assert [finding.rule_id for finding in findings] == ["dosing.overlap"]


def test_a_running_last_line_is_judged_like_any_other():
    running = DoseInterval(start=day(50), end=None, mg=Decimal(400), frequency=Frequency.BID)
    findings = check_dose_rules([*log_of("10x800"), running], consent=day(0))
    assert [finding.rule_id for finding in findings] == ["dosing.late_restart"]


def test_an_empty_log_breaks_no_rule():
    assert check_dose_rules([], consent=None) == ()


doses = st.sampled_from([None, 0, 200, 400, 800])
logs = st.lists(st.tuples(st.integers(1, 20), doses), min_size=1, max_size=8)


def written(parts: list[tuple[int, int | None]]) -> str:
    return " ".join(f"{days}x{'-' if dose is None else dose}" for days, dose in parts)


@given(logs, st.integers(0, 30), st.integers(1, 60))
def test_rdi_agrees_with_adding_up_single_days(parts, start, length):
    daily = [dose or 0 for days, dose in parts for _ in range(days)] + [0] * 100
    expected = Fraction(100 * sum(daily[start : start + length]), 800 * length)
    assert compute_rdi(log_of(written(parts)), day(start), day(start + length)) == expected


@given(logs, st.integers(0, 30), st.integers(1, 60), st.randoms(use_true_random=False))
def test_segments_cover_the_period_without_gap_and_never_repeat_a_dose(parts, start, length, random):
    log = log_of(written(parts))
    random.shuffle(log)
    segments = derive_segments(log, start=day(start), end=day(start + length))
    bounds = [segment.start for segment in segments] + [segments[-1].end]
    assert bounds[0] == day(start)
    assert bounds[-1] == day(start + length)
    assert all(a.end == b.start for a, b in pairwise(segments))
    assert all(a.daily_dose_mg != b.daily_dose_mg for a, b in pairwise(segments))


@given(logs)
def test_a_gap_and_a_line_of_0_mg_mean_the_same(parts):
    as_zero = [(days, dose or 0) for days, dose in parts]
    as_gap = [(days, dose or None) for days, dose in parts]
    whole = period(0, sum(days for days, _ in parts))
    zero, gap = (derive_exposure(log_of(written(version)), whole) for version in (as_zero, as_gap))
    assert zero == gap


@given(logs)
def test_the_steps_lead_from_the_starting_dose_to_the_last(parts):
    exposure = derive_exposure(log_of(written(parts)), period(0, sum(days for days, _ in parts)))
    dose = exposure.starting_dose_mg
    for step in exposure.steps:
        assert step.from_mg == dose
        dose = step.to_mg or dose
    given_doses = [d for _, d in parts if d]
    assert dose == (given_doses[-1] if given_doses else None)
