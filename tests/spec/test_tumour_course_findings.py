"""What is asked about or refused in lesions, scans and baselines."""

import pytest

from assessments.domain.lesions import LesionKind
from assessments.domain.mrecist import ResponseCriteria
from assessments.domain.tumour_course import derive_tumour_course
from assessments.domain.tumour_selection import check_target_selection
from casebook.domain.findings import Finding, Severity
from tests.spec.tumour_cases import course, lesion, measurement, overall, roles, rules, scan

SELECTIONS = """
    targets at baseline                  | findings
    T1=10                                | -
    T1=9.9                               | target_too_small
    T1=small                             | target_too_small
    T1=gone                              | target_too_small
    T1=?                                 | target_not_measured_at_baseline
    L1=15                                | -
    L1=14.9                              | target_too_small
    K1=20                                | -
    K1=19.9                              | target_too_small
    P1=10                                | -
    V1=30                                | target_not_measurable
    F1=30                                | target_not_measurable
    T1=20 T2=20                          | -
    T1=20 T2=20 T3=20                    | too_many_targets_in_organ
    T1=20 T2=20 P1=20 P2=20 L1=20        | -
    T1=20 T2=20 P1=20 P2=20 L1=20 L2=20  | too_many_targets
    V1=?                                 | target_not_measurable target_not_measured_at_baseline
"""


def rows(table: str) -> list[list[str]]:
    lines = table.strip().splitlines()[1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def names(findings: list[Finding]) -> list[str]:
    return [finding.rule_id.removeprefix("tumour.") for finding in findings]


@pytest.mark.parametrize("row", rows(SELECTIONS), ids=" ".join)
def test_targets_are_measurable_large_enough_and_few(row: list[str]) -> None:
    pairs = [word.split("=") for word in row[0].split()]
    targets = [(lesion(label), measurement(label, text)) for label, text in pairs]
    findings = check_target_selection(targets, period=2, scan_id="42")
    assert names(findings) == ([] if row[1] == "-" else row[1].split())
    for finding in findings:
        assert (finding.severity, finding.period, finding.scan_id) == (Severity.HARD, 2, "42")


def test_a_target_without_any_measurement_is_a_finding() -> None:
    (finding,) = check_target_selection([(lesion("T1"), None)])
    assert (finding.rule_id, finding.lesion_id) == ("tumour.target_not_measured_at_baseline", "T1")
    assert finding.message == "T1 is a target lesion but was not measured at this baseline."


def test_liver_targets_enhance_and_have_a_border() -> None:
    size = measurement("T1", "30")
    dark, blurred = lesion("T1", enhancing=False), lesion("T1", well_delineated=False)
    assert names(check_target_selection([(dark, size)])) == ["target_not_enhancing"]
    assert names(check_target_selection([(blurred, size)])) == ["target_ill_defined"]
    outside = lesion("T1", kind=LesionKind.EXTRANODAL, enhancing=False, well_delineated=False)
    assert check_target_selection([(outside, size)]) == []


def test_the_limits_of_a_selection_are_settings() -> None:
    criteria = ResponseCriteria(max_targets=2, max_targets_per_organ=1, min_target_mm=15)
    targets = [(lesion(label), measurement(label, "14")) for label in ("T1", "T2", "P1")]
    assert names(check_target_selection(targets, criteria=criteria)) == [
        *["target_too_small"] * 3,
        "too_many_targets",
        "too_many_targets_in_organ",
    ]


FINDINGS = """
    baseline and scans                     | first    | second, on | findings
    -7 T1=50; 42 T1=50                     | T1       |            | -
    -7 T1=50; -7 T1=50; 42 T1=50           | T1       |            | -   the baseline may be among the scans
    -7 T1=50; -8 T1=60                     | T1       |            | scan_not_after_baseline
    -7 T1=50; -7a T1=60                    | T1       |            | scan_not_after_baseline
    -7 T1=50; -6 T1=60                     | T1       |            | scan_before_first_dose
    -7 T1=50; -6 T1=60; -6a T1=60          | T1       |            | scan_before_first_dose scan_before_first_dose scans_on_same_date
    1 T1=50; 42 T1=50                      | T1       |            | baseline_after_first_dose
    -7 T1=50; 42 T1=50; 42a T1=50          | T1       |            | scans_on_same_date
    -7 T1=50; 42 T1=60                     | T1       |            | -
    -7 T1=50; 42 T1=60; 84 T1=60           | T1       |            | no_new_baseline
    -7 T1=50; 42 T1=50; 84 T1=50           | T1       | T1, 42     | new_baseline_without_pd
    -7 T1=50; 42 T1=60; 84 T1=60           | T1       | T1, 84     | selected_on_other_scan
    -7 T1=50 N1:present; 42 T1=60 N1:present; 84 T1=60 N1=20 | T1 / N1 | N1, 84 | selected_on_other_scan
    -7 T1=50; 42 T1=60 X1=9 +X1=9; 84 T1=60| T1       | T1 X1, 42  | target_too_small
    -7 T1=50; 42 T1=60                     | T1       | T1 T2, 42  | target_not_measured_at_baseline
    -7; 42                                 |          |            | no_lesion_selected
    -7 T1=50; 42 T1=50                     | T1 T1    |            | lesion_selected_twice
    -7 T1=50; 42 T1=50                     | T1 / T1  |            | lesion_selected_twice
    -7 V1=20; 42 V1=20                     | V1       |            | target_not_measurable
    -7 T1=50; 42 T1=50 +X1=?/typical       | T1       |            | new_lesion_not_measured
    -7 T1=50; 42 T1=50 +P1=?               | T1       |            | -
    -7 T1=50; 42 T1=50 +F1=?               | T1       |            | effusion_not_proven
    -7 T1=50; 42 T1=50 +F1=?/proven        | T1       |            | -
    -7 T1=50 F1:present; 42 T1=50 F1:worse | T1 / F1  |            | effusion_not_proven
    -7 T1=50 F1:present; 42 T1=50 F1:worse/proven | T1 / F1 |      | -
    -7 T1=50 F1:present; 42 T1=50 F1:present | T1 / F1 |           | -
    -7 T1=50 N1:present; 42 T1=50 N1:worse | T1 / N1  |            | -
    -7 T1=50; 42 T1=50 +T1=20              | T1       |            | new_lesion_at_baseline
    -7 T1=50; 42 T1=60; 84 T1=60 +T1=60    | T1       | T1, 42     | new_lesion_at_baseline
    -7 T1=50; 42 T1=50 +X1=15; 84 T1=60 X1=15; 126 T1=60 X1=15 +X1=15 | T1 | T1 X1, 84 | -
"""  # noqa: E501


@pytest.mark.parametrize("row", rows(FINDINGS), ids=" ".join)
def test_impossible_and_incomplete_input_is_said(row: list[str]) -> None:
    second, _, chosen_on = row[2].partition(",")
    result = course(row[0].replace(";", "\n"), first=row[1], second=second, chosen_on=chosen_on.strip())
    expected = row[3].split("  ")[0].split()
    assert rules(result) == ([] if expected == ["-"] else expected)
    assert all(finding.message.endswith(".") for finding in result.findings)


def test_scans_that_assess_nothing_are_not_read() -> None:
    result = course("-7 T1=50\n-8 T1=90\n-6 T1=90\n42 T1=50")
    assert overall(result) == "1: 42 SD"
    assert overall(course("0 T1=50\n0a T1=90\n42 T1=50")) == "1: 42 SD"


def test_a_scan_on_the_day_of_the_first_dose_is_read() -> None:
    assert overall(course("-7 T1=50\n0 T1=60")) == "1: 0 PD"


def test_a_scan_on_the_day_of_progression_is_not_in_the_second_period() -> None:
    result = course("-7 T1=50\n42a T1=60\n42b T1=90\n84 T1=60", second="T1", chosen_on="42a")
    assert overall(result) == "1: 42a PD, 42b PD; 2: 84 SD"
    assert result.time_points[1].after_progression


def test_a_missing_first_dose_is_said_once_there_are_scans() -> None:
    assert rules(course("-7 T1=50\n42 T1=50", first_dose=None)) == ["first_dose_missing"]
    assert rules(course("-7 T1=50", first_dose=None)) == []


def test_lesions_that_are_not_in_the_list_are_said_and_passed_over() -> None:
    result = course("-7 T1=50\n42 T1=50 Y9=20 +X9=15/typical Z9:worse", first="T1 T9", lesions=[lesion("T1")])
    assert overall(result) == "1: 42 SD"
    found = {(finding.rule_id, finding.lesion_id) for finding in result.findings}
    assert found == {("tumour.unknown_lesion", lesion_id) for lesion_id in ("X9", "T9", "Y9")}


def test_selection_on_another_scan_is_asked_once_for_each_scan() -> None:
    scans = [scan("-7 T1=50 T2=50"), scan("42 T1=50 T2=50")]
    result = derive_tumour_course(
        lesions=[lesion("T1"), lesion("T2")],
        baseline_scan=scans[0],
        scans=scans[1:],
        roles=roles(1, "42", "T1 T2"),
        first_dose_date=scans[0].date,
    )
    (finding,) = result.findings
    assert (finding.rule_id, finding.severity) == ("tumour.selected_on_other_scan", Severity.SOFT)
    assert finding.message == (
        "Lesions of period 1 were selected on another scan than its baseline of 2011-12-25."
    )


def test_a_choice_that_a_corrected_scan_leaves_without_progression_is_asked_about() -> None:
    (finding,) = course("-7 T1=50\n42 T1=50", second="T1", chosen_on="42").findings
    assert (finding.rule_id, finding.severity) == ("tumour.new_baseline_without_pd", Severity.SOFT)
