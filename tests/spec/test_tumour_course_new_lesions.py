"""New lesions: size, pattern, confirmation, and the progression that is dated back to the first sight.

``+X1=14`` is a new liver lesion of 14 mm without the typical pattern (notation: tumour_cases).
"""

import pytest

from assessments.domain.tumour_new_lesions import classify_new_lesion
from tests.spec.tumour_cases import course, day_of, lesion, new_lesion, overall, rules

FINDINGS = """
    new lesion           | smallest before | it is
    +X1=10/typical       |     | yes            10 mm with the typical pattern is carcinoma
    +X1=9.9/typical      |     | no             under 10 mm it is recorded
    +X1=9.9/proven       |     | no
    +X1=10               |     | equivocal
    +X1=40               |     | equivocal      size alone proves nothing
    +X1=10/proven        |     | yes
    +X1=20               | 10  | yes            grown by 10 mm
    +X1=19.9             | 10  | equivocal
    +X1=16               | 6   | yes            grown by 10 mm from a lesion that was only recorded
    +X1=?/typical        |     | not_evaluated
    +P1=4/unequivocal    |     | yes            outside the liver no size is asked
    +P1=?/unequivocal    |     | yes
    +P1=30               |     | equivocal
    +P1=30               | 5   | equivocal      growth confirms only in the liver
    +P1=4/proven         |     | yes
    +L1=15/unequivocal   |     | yes
    +V1=?/unequivocal    |     | yes
    +V1=?                |     | equivocal
    +F1=?                |     | no             fluid needs cytology
    +F1=?/unequivocal    |     | no
    +F1=?/proven         |     | yes
"""


def rows(table: str) -> list[list[str]]:
    lines = table.strip().splitlines()[1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


@pytest.mark.parametrize("row", rows(FINDINGS), ids=" ".join)
def test_a_new_lesion_is_what_its_size_and_pattern_make_it(row: list[str]) -> None:
    label, text = row[0][1:].split("=")
    smallest = int(row[1]) * 10 if row[1] else None
    status, sentence = classify_new_lesion(lesion(label), new_lesion(label, text), smallest)
    assert status == row[2].split()[0]
    assert label in sentence


COURSES = """
    scans (baseline T1=50 on day -7)                             | new lesions by scan
    42 T1=50 +X1=15/typical                                      | yes
    42 T1=50 +X1=15; 84 T1=50                                    | equivocal no
    42 T1=50 +X1=15; 84 T1=50 +X1=16                             | equivocal equivocal
    42 T1=50 +X1=15; 84 T1=50 +X1=16/typical                     | yes yes      dated back to its first sight
    42 T1=50 +X1=15; 84 T1=50; 126 T1=50 +X1=25                  | yes no yes   confirmed by growth
    42 T1=50 +X1=15; 84 T1=50 +X1=12; 126 T1=50 +X1=22           | yes yes yes  grown from its smallest
    42 T1=50 +X1=8; 84 T1=50 +X1=12/typical                      | no yes       a lesion under 10 mm is not dated back
    42 T1=50 +X1=8; 84 T1=50 +X1=12; 126 T1=50 +X1=13/typical    | no yes yes   to the first scan with 10 mm
    42 T1=50 +X1=?; 84 T1=50 +X1=12/typical                      | not_evaluated yes
    42 T1=50 +X1=?; 84 T1=50 +X1=12                              | not_evaluated equivocal
    42 T1=50 +X1=15/typical; 84 T1=50 +X1=15                     | yes equivocal
    42 T1=50 +P1=5; 84 T1=50 +P1=8/unequivocal                   | yes yes
    42 T1=50 +X1=15 +X2=12/typical                               | yes          one is enough
    42 T1=50 +X1=15 +X2=?                                        | not_evaluated
    42 T1=50 +X1=15 +X2=8                                        | equivocal
    42 T1=50 +X1=15 unread                                       | not_evaluated
    42 T1=50 +X1=15/typical unread                               | yes
    42 T1=50 +X1=15 +X2=12; 84 T1=50 +X2=12/typical              | yes yes
"""  # noqa: E501


@pytest.mark.parametrize("row", rows(COURSES), ids=lambda row: row[0])
def test_new_lesions_are_followed_from_scan_to_scan(row: list[str]) -> None:
    result = course("-7 T1=50\n" + row[0].replace(";", "\n"))
    assert [point.new_lesion for point in result.time_points] == row[1].split("  ")[0].split()


def test_an_equivocal_lesion_leaves_the_response_pending() -> None:
    (point,) = course("-7 T1=50\n42 T1=gone +X1=15").time_points
    assert (point.overall, point.pending) == ("PR", True)
    assert point.explanation[-2:] == (
        "New lesion X1 of 15 mm is atypical: equivocal.",
        "Overall response: PR, pending the equivocal new lesion.",
    )


def test_progression_is_not_pending() -> None:
    (point,) = course("-7 T1=50\n42 T1=60 +X1=15").time_points
    assert (point.overall, point.pending) == ("PD", False)


BACK_DATED = """
    -7  T1=50
    42  T1=50 X1=15 +X1=15
    84  T1=60 X1=16
    126 T1=60 X1=17 +X1=17/typical
    168 T1=59 X1=18
    210 T1=90 X1=18
"""


def test_a_confirmation_after_progression_moves_progression_and_baseline_back() -> None:
    result = course(BACK_DATED, second="T1 X1", chosen_on="84")
    assert overall(result) == "1: 42 PD; 2: 84 SD, 126 SD, 168 SD, 210 PD"
    assert (day_of(result.pd1.date), day_of(result.pd2.date)) == (42, 210)
    assert (result.bor1, result.bor2) == ("PD", "SD")
    assert (result.period2.baseline_scan_id, result.period2.baseline_sum) == ("42", 650)
    (dated,) = result.back_datings
    assert (dated.lesion_id, dated.first_scan_id, dated.confirming_scan_id) == ("X1", "42", "126")
    assert (day_of(dated.first_date), day_of(dated.confirming_date)) == (42, 126)
    sentence = "New lesion X1, equivocal here, was confirmed on 2012-05-06."
    assert sentence in result.pd1.explanation
    assert rules(result) == ["selected_on_other_scan"]
    assert result.findings[0].scan_id == "84"


def test_without_the_confirmation_progression_stays_where_it_was() -> None:
    result = course(BACK_DATED.replace("+X1=17/typical", ""), second="T1 X1", chosen_on="84")
    assert day_of(result.pd1.date) == 84
    assert result.back_datings == ()


def test_a_lesion_equivocal_at_progression_is_not_new_in_the_second_period() -> None:
    result = course(
        "-7 T1=50\n42 T1=60 +X1=15\n84 T1=60 +X1=16/typical\n126 T1=72 +X1=17/typical",
        second="T1",
        chosen_on="42",
    )
    assert overall(result) == "1: 42 PD; 2: 84 SD, 126 PD"
    assert [point.new_lesion for point in result.time_points] == ["yes", "no", "no"]


def test_a_lesion_gone_at_progression_is_new_when_it_comes_back() -> None:
    text = "-7 T1=50 N1:present\n42 T1=60 N1:{state}\n84 T1=60 +N1=15/typical"
    found = {
        state: course(text.format(state=state), first="T1 / N1", second="T1", chosen_on="42").pd2
        for state in ("gone", "present", "?")
    }
    assert {state: pd2 is not None for state, pd2 in found.items()} == {
        "gone": True,
        "present": False,
        "?": False,
    }


def test_a_lesion_of_the_first_period_not_recorded_at_progression_is_not_new() -> None:
    result = course(
        "-7 T1=50 N1:present\n42 T1=60\n84 T1=60 +N1=15/typical", first="T1 / N1", second="T1", chosen_on="42"
    )
    assert result.pd2 is None


def test_a_lesion_new_in_the_second_period_is_dated_back_within_it() -> None:
    result = course(
        "-7 T1=50\n42 T1=60\n84 T1=60 +X1=15\n126 T1=60\n168 T1=60 +X1=25",
        second="T1",
        chosen_on="42",
    )
    assert overall(result) == "1: 42 PD; 2: 84 PD, 126 SD, 168 PD"
    assert [dated.first_scan_id for dated in result.back_datings] == ["84"]


def test_a_lesion_seen_on_the_baseline_scan_is_never_new() -> None:
    result = course("-7 T1=50 +X1=15\n42 T1=50 +X1=30/typical")
    assert overall(result) == "1: 42 SD"
    assert rules(result) == []


def test_a_lesion_chosen_at_a_baseline_is_not_new_even_where_its_record_is_missing() -> None:
    assert course("-7 T1=50\n42 T1=50 +N1=15/typical", first="T1 / N1").pd1 is None
    text = "-7 T1=50\n42 T1=60\n84 T1=60 +N1=15/typical"
    assert course(text, second="T1 / N1", chosen_on="42").pd2 is None
    assert course(text, second="T1", chosen_on="42").pd2 is not None
