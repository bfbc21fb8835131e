"""From baseline to the first progression, the new baseline, and on to the second."""

from decimal import Decimal

import pytest

from assessments.domain.lesions import LesionMeasurement, MeasurementState
from assessments.domain.mrecist import ResponseCriteria, SdReference
from tests.spec.tumour_cases import course, day_of, on, overall, rules

TWO_PERIODS = """
    -7  T1=60 T2=40 N1:present
    42  T1=40 T2=30 N1:present
    84  T1=45 T2=35 N1:present
    126 T1=50 T2=37 N1:present +X1=15/typical
    168 T1=50 X1=16 N1:present
    210 T1=60 X1=20 N1:present
"""


def test_the_first_progression_becomes_the_new_baseline() -> None:
    result = course(TWO_PERIODS, first="T1 T2 / N1", second="T1 X1 / N1", chosen_on="126")
    assert overall(result) == "1: 42 PR, 84 SD, 126 PD; 2: 168 SD, 210 PD"
    assert (result.pd1.date, result.pd2.date) == (on(126), on(210))
    assert (result.bor1, result.bor2) == ("PR", "SD")
    assert [period.baseline_sum for period in result.periods] == [1000, 650]
    assert [period.baseline_scan_id for period in result.periods] == ["-7", "126"]
    assert [period.reference_date for period in result.periods] == [on(0), on(126)]
    assert [period.baseline_date for period in result.periods] == [on(-7), on(126)]
    assert result.period2.target_ids == ("T1", "X1")
    assert result.period2.non_target_ids == ("N1",)
    assert result.findings == ()
    assert result.back_datings == ()


def test_each_time_point_carries_its_figures_and_says_why() -> None:
    result = course(TWO_PERIODS, first="T1 T2 / N1", second="T1 X1 / N1", chosen_on="126")
    first, second, third, fourth, _ = result.time_points
    assert (first.sum_of_diameters, first.target.baseline, first.target.nadir) == (700, 1000, 1000)
    assert (second.sum_of_diameters, second.target.nadir, second.target.nadir_date) == (800, 700, on(42))
    assert second.target.change_from_nadir == Decimal("14.2")
    assert second.read_by == "reader"
    assert (third.target_response, third.non_target_response, third.new_lesion) == ("PD", "IR/SD", "yes")
    assert third.explanation == (
        "+24.2 % over the nadir of 70 mm on 2012-02-12: PD.",
        "Viable tumour persists in non-target N1: IR/SD.",
        "New lesion X1 of 15 mm shows the typical pattern.",
        "Overall response: PD.",
    )
    assert (fourth.period, fourth.target.baseline, fourth.target.nadir_date) == (2, 650, on(126))
    assert fourth.explanation[2] == "No new lesion."


def test_the_second_period_never_looks_back_at_the_nadir_of_the_first() -> None:
    result = course("-7 T1=100\n42 T1=40\n84 T1=48\n126 T1=50", second="T1", chosen_on="84")
    assert overall(result) == "1: 42 PR, 84 PD; 2: 126 SD"


def test_without_a_new_baseline_later_scans_stay_in_the_first_period() -> None:
    result = course("-7 T1=50\n42 T1=60\n84 T1=20")
    assert overall(result) == "1: 42 PD, 84 PR"
    assert [point.after_progression for point in result.time_points] == [False, True]
    assert (result.pd1.date, result.pd2, result.bor1, result.bor2) == (on(42), None, "PD", None)
    assert result.period1.last_assessment_date == on(42)
    assert rules(result) == ["no_new_baseline"]


def test_scans_after_the_second_progression_count_for_nothing() -> None:
    result = course("-7 T1=50\n42 T1=60\n84 T1=72\n126 T1=0", second="T1", chosen_on="42")
    assert overall(result) == "1: 42 PD; 2: 84 PD, 126 CR"
    assert (result.bor2, result.pd2.date) == ("PD", on(84))
    assert result.period2.last_assessment_date == on(84)
    assert result.time_points[-1].after_progression


def test_a_patient_without_scans_has_no_progression() -> None:
    result = course("-7 T1=50")
    assert (result.pd1, result.pd2, result.bor1, result.bor2) == (None, None, "NE", None)
    assert result.period1.last_assessment_date is None
    assert result.time_points == ()


def test_a_new_baseline_without_later_scans_is_not_evaluable() -> None:
    result = course("-7 T1=50\n42 T1=60", second="T1", chosen_on="42")
    assert (result.bor2, result.pd2, result.period2.last_assessment_date) == ("NE", None, None)


TARGETS = """
    baseline and later scans                             | targets    | responses
    -7 T1=50 T2=50; 42 T1=40 T2=?                        | T1 T2      | NE
    -7 T1=50 T2=50; 42 T1=40                             | T1 T2      | NE   not recorded is not measured
    -7 T1=50 T2=50; 42 T1=120 T2=?                       | T1 T2      | PD
    -7 T1=50 T2=50; 42 T1=10 T2=?; 84 T1=50 T2=50        | T1 T2      | NE SD   half a sum is no nadir
    -7 T1=50 T2=50; 42 T1=30 T2=small                    | T1 T2      | PR
    -7 T1=50; 42 T1=small; 84 T1=5.9; 126 T1=6           | T1         | PR PR PD   too small counts 5 mm
    -7 T1=50; 42 T1=gone; 84 T1=small                    | T1         | CR PD
    -7 T1=50 L1=20; 42 T1=gone L1=9.9                    | T1 L1      | CR
    -7 T1=50 L1=20; 42 T1=gone L1=10                     | T1 L1      | PR
    -7 T1=50 L1=20; 42 T1=gone L1=5; 84 T1=gone L1=8     | T1 L1      | CR CR
    -7 T1=50 L1=20; 42 T1=gone L1=8; 84 T1=2 L1=8        | T1 L1      | CR PD
    -7 T1=50 P1=20; 42 T1=gone P1=9                      | T1 P1      | PR   only nodes may be normal in size
    -7 T1=? T2=50; 42 T1=50 T2=99                        | T1 T2      | NE   no sum at baseline
    -7 N1:present; 42 N1:present                         | /N1        | NON-CR/NON-PD
    -7 N1:present; 42 N1:gone                            | /N1        | CR
    -7; 42                                               |            | NED
    -7 T1=50 N1:present; 42 T1=gone N1:present           | T1 / N1    | PR
    -7 T1=50 N1:present; 42 T1=gone N1:gone              | T1 / N1    | CR
    -7 T1=50 N1:present; 42 T1=gone N1:?                 | T1 / N1    | PR
    -7 T1=50 N1:present; 42 T1=gone                      | T1 / N1    | PR   not recorded is not evaluated
    -7 T1=50 N1:present; 42 T1=10 N1:worse               | T1 / N1    | PD
    -7 N1:present N2:present; 42 N1:present N2:?         | /N1 N2     | NON-CR/NON-PD   it persists in one
    -7 N1:present N2:present; 42 N1:gone N2:?            | /N1 N2     | NE
    -7 N1:present N2:present; 42 N1:? N2:worse           | /N1 N2     | PD
    -7 T1=50 F1:present; 42 T1=50 F1:worse               | T1 / F1    | SD   more fluid without cytology
    -7 T1=50 F1:present; 42 T1=50 F1:worse/proven        | T1 / F1    | PD
    -7 T1=50; 42 T1=50 unread                            | T1         | NE
    -7 T1=50; 42 T1=60 unread                            | T1         | PD
"""


def rows(table: str) -> list[list[str]]:
    lines = table.strip().splitlines()[1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


@pytest.mark.parametrize("row", rows(TARGETS), ids=lambda row: row[0])
def test_lesions_are_read_scan_by_scan(row: list[str]) -> None:
    result = course(row[0].replace(";", "\n"), first=row[1])
    expected = row[2].split("  ")[0].split()
    assert [point.overall for point in result.time_points] == expected


def test_what_was_not_measured_is_named() -> None:
    (point,) = course("-7 T1=50 T2=50\n42 T1=40 T2=?", first="T1 T2").time_points
    assert point.sum_of_diameters is None
    assert (point.target.current, point.target.is_complete) == (400, False)
    assert point.explanation == (
        "Not measured: T2. Not every target was measured: NE.",
        "There is no non-target lesion.",
        "No new lesion.",
        "Overall response: NE.",
    )


def test_a_missing_baseline_sum_is_said() -> None:
    result = course("-7 T1=?\n42 T1=40")
    (point,) = result.time_points
    assert point.explanation[0] == "The sum at baseline is not known: NE."
    assert (point.sum_of_diameters, point.target.nadir) == (400, None)
    assert rules(result) == ["target_not_measured_at_baseline"]


STABLE_FROM = """
    first dose | counted from  | scans                             | best
    0          | FIRST DOSE    | -7 T1=50; 41 T1=50; 84 T1=60      | PD
    0          | FIRST DOSE    | -7 T1=50; 42 T1=50; 84 T1=60      | SD
    0          | BASELINE SCAN | -7 T1=50; 35 T1=50; 84 T1=60      | SD
    0          | BASELINE SCAN | -7 T1=50; 34 T1=50; 84 T1=60      | PD
    none       | FIRST DOSE    | -7 T1=50; 35 T1=50; 84 T1=60      | SD
"""


@pytest.mark.parametrize("row", rows(STABLE_FROM), ids=" ".join)
def test_stable_disease_counts_from_the_reference_of_the_protocol(row: list[str]) -> None:
    result = course(
        row[2].replace(";", "\n"),
        first_dose=None if row[0] == "none" else int(row[0]),
        criteria=ResponseCriteria(sd_reference=SdReference(row[1])),
    )
    assert result.bor1 == row[3]


def test_stable_disease_of_the_second_period_counts_from_its_new_baseline() -> None:
    text = "-7 T1=50\n42 T1=60\n{day} T1=60\n200 T1=90"
    bests = [course(text.format(day=day), second="T1", chosen_on="42").bor2 for day in (83, 84)]
    assert bests == ["PD", "SD"]


def test_nothing_counts_towards_best_response_after_other_therapy() -> None:
    text = "-7 T1=50\n42 T1=50\n84 T1=10"
    assert [course(text, other_therapy=day).bor1 for day in (83, 84)] == ["SD", "PR"]


def test_the_last_assessment_is_the_last_scan_that_could_be_evaluated() -> None:
    result = course("-7 T1=50\n42 T1=50\n84 T1=?\n126 T1=50 unread")
    assert day_of(result.period1.last_assessment_date) == 42


def test_settings_of_the_protocol_reach_the_reading() -> None:
    text = "-7 T1=20\n42 T1=24"
    assert course(text).pd1 is not None
    assert course(text, criteria=ResponseCriteria(pd_min_abs_mm=5)).pd1 is None
    small = course("-7 T1=20\n42 T1=small", criteria=ResponseCriteria(too_small_to_measure_mm=4))
    assert small.time_points[0].sum_of_diameters == 40


def test_a_measurement_contradicts_itself_or_counts() -> None:
    with pytest.raises(ValueError, match="negative"):
        LesionMeasurement(lesion_id=1, diameter=-1)
    with pytest.raises(ValueError, match="ABSENT has a diameter"):
        LesionMeasurement(lesion_id=1, state=MeasurementState.ABSENT, diameter=0)
    assert LesionMeasurement(lesion_id=1).contribution() is None


def test_a_lesion_new_at_progression_may_be_measured_for_the_new_baseline() -> None:
    text = "-7 T1=50\n42 T1=50 {again}+X1=18/typical\n84 X1=15"
    sums = [
        course(text.format(again=again), second="X1", chosen_on="42").period2.baseline_sum
        for again in ("", "X1=17 ")
    ]
    assert sums == [180, 170]


def test_the_nadir_is_dated_when_it_was_first_reached() -> None:
    result = course("-7 T1=50\n42 T1=40\n84 T1=40\n126 T1=41")
    assert result.time_points[-1].target.nadir_date == on(42)
