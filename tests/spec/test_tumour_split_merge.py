"""Lesions that split into parts or merge with others: the sum stays that of the tumour (RECIST 1.1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.domain.lesions import LesionMeasurement, MeasurementState
from tests.spec.tumour_cases import course, overall, rules

TARGETS = """
    scans after the baseline -7 T1=40 T2=20 N1:present L1=18             | sums | overall
    42 T1=split T1.1=20 T1.2=10 T2=20 L1=18 N1:present                   | 680  | 42 SD
    42 T1=split T1.1=10 T1.2=small T2=10 L1=18 N1:present                | 430  | 42 PR
    42 T1=split T1.1=30 T1.2=30 T2=20 L1=18 N1:present                   | 980  | 42 PD
    42 T1=split T1.1=gone T1.2=gone T2=gone L1=9 N1:gone                 | 90   | 42 CR
    42 T1=split T1.1=20 T1.2=? T2=20 L1=18 N1:present                    | None | 42 NE
    42 T1=split T2=20 L1=18 N1:present                                   | None | 42 NE
    42 T1=50 T2>T1 L1=18 N1:present                                      | 680  | 42 SD
    42 T1=80 T2>T1 L1=18 N1:present                                      | 980  | 42 PD
    42 T1=gone T2>T1 L1=gone N1:gone                                     | 0    | 42 CR
    42 T1=? T2>T1 L1=18 N1:present                                       | None | 42 NE
    42 T1=50 T2>N1 N1:present L1=18                                      | None | 42 NE
    42 T1>T2 T2>T1 L1=18 N1:present                                      | None | 42 NE
    42 T1=50 T2>L1 L1>T1 N1:present                                      | 500  | 42 PR
    42 T1=split T1.1=20 T1.2=18 T2>T1.1 L1=18 N1:present                 | 560  | 42 SD
    42 T1=split T1.1=34 T1.2>T1.1 T2=20 L1=18 N1:present                 | 720  | 42 SD
    42 T1=split T1.1=20 T1.2=10 T2=20 L1=18; 84 T1=split T1.1=20 T2=20 L1=18 | 680 None | 42 SD, 84 NE
    42 T1=split T1.1=9 T1.2=9 T2=20 L1=18 N1:present; 84 T1=25 T2=20 L1=18 N1:present | 560 630 | 42 SD, 84 SD
    42 T1=split T1.1=9 T1.2=9 T2=9 L1=9; 84 T1=split T1.1=9 T1.2=9 T1.3=9 T2=9 L1=9 | 360 450 | 42 PR, 84 PD
"""

NON_TARGETS = """
    scans after the baseline -7 T1=40 N1:present N2:present              | non-target
    42 T1=40 N1=split N1.1:present N1.2:gone N2:gone                     | IR/SD
    42 T1=40 N1=split N1.1:gone N1.2:gone N2:gone                        | CR
    42 T1=40 N1=split N1.1:worse N1.2:gone N2:gone                       | PD
    42 T1=40 N1=split N1.1:? N1.2:gone N2:gone                           | NE
    42 T1=40 N1=split N2:gone                                            | NE
    42 T1=40 N1>N2 N2:gone                                               | CR
    42 T1=40 N1>N2 N2:present                                            | IR/SD
    42 T1=40 N1>T1 N2:gone                                               | CR
    42 T1=40 N1>X1 N2:gone +X1=8                                         | NE
"""

FINDINGS = """
    scan                                                                 | finding
    42 T1=split T1.1=20 T1.2=20 T2=20                                    |
    42 T1=50 T2>T1                                                       |
    42 T1=split T1.1=20 T2=20                                            | split_without_parts T1
    42 T1=split T2=20                                                    | split_without_parts T1
    42 T1=40 T1.1=20 T2=20                                               | part_without_split T1.1
    42 T1=50 T2>N1 N1:present                                            | merged_elsewhere T2
    42 T1>T2 T2>T1                                | merged_elsewhere T1, merged_elsewhere T2
    42 T1=50 T2=20 N1>X1 +X1=8                                           | merged_elsewhere N1
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def with_parts_in_both_lists(text: str) -> str:
    """A part of a non-target is given with a measurement too, as every reading of a form is."""
    words = [[w, f"{w.partition(':')[0]}=gone"] if "." in w and ":" in w else [w] for w in text.split(" ")]
    return " ".join(word for pair in words for word in pair)


@pytest.mark.parametrize(("text", "sums", "responses"), rows(TARGETS), ids=lambda cell: cell[:60])
def test_targets_that_split_or_merge(text: str, sums: str, responses: str) -> None:
    scans = "-7 T1=40 T2=20 N1:present L1=18\n" + text.replace("; ", "\n")
    result = course(scans, first="T1 T2 L1 / N1")
    assert overall(result) == f"1: {responses}"
    assert [str(point.sum_of_diameters) for point in result.time_points] == sums.split()


@pytest.mark.parametrize(("text", "response"), rows(NON_TARGETS), ids=lambda cell: cell[:60])
def test_non_targets_that_split_or_merge(text: str, response: str) -> None:
    scans = "-7 T1=40 N1:present N2:present\n" + with_parts_in_both_lists(text)
    result = course(scans, first="T1 / N1 N2")
    assert result.time_points[0].non_target_response == response


@pytest.mark.parametrize(("text", "finding"), rows(FINDINGS), ids=lambda cell: cell[:60])
def test_what_is_wrong_with_them_is_said(text: str, finding: str) -> None:
    result = course(f"-7 T1=40 T2=20 N1:present\n{text}", first="T1 T2 / N1")
    found = [f"{f.rule_id.removeprefix('tumour.')} {f.lesion_id}" for f in result.findings]
    assert ", ".join(found) == finding
    assert all(f.is_hard and f.scan_id == "42" for f in result.findings)


def test_why_it_counts_so_is_said() -> None:
    result = course(
        """
        -7 T1=40 T2=20 T3=12
        42 T1=split T1.1=20 T1.2=14.5 T2>T3 T3=30
        84 T1=split T1.1=? T1.2=9 T2=1 T3=30
        """,
        first="T1 T2 T3",
    )
    first, second = result.time_points
    assert first.explanation[:3] == (
        "T1 has split: 20 mm + 14.5 mm = 34.5 mm.",
        "T2 has merged with T3 and is measured with it.",
        "-10.4 % from the baseline of 72 mm: SD.",
    )
    assert second.explanation[0] == "T1 has split; not every part was measured."


def test_the_parts_are_lesions_of_their_own_from_the_new_baseline_on() -> None:
    result = course(
        """
        -7 T1=40
        42 T1=split T1.1=30 T1.2=30
        84 T1.1=30 T1.2=20 T1.2:present
        126 T1.1=36 T1.2=gone T1.2:gone
        """,
        first="T1",
        second="T1.1 / T1.2",
        chosen_on="42",
    )
    assert overall(result) == "1: 42 PD; 2: 84 SD, 126 PD"
    assert rules(result) == []
    assert result.period2 is not None
    assert result.period2.baseline_sum == 300


def test_a_part_is_never_a_new_lesion_of_the_next_period() -> None:
    result = course(
        "-7 T1=40\n42 T1=split T1.1=30 T1.2=30\n84 T1.1=30 T1.2=gone",
        first="T1",
        second="T1.1",
        chosen_on="42",
    )
    assert overall(result) == "1: 42 PD; 2: 84 SD"


SIZES = st.integers(0, 90)


@settings(deadline=None)
@given(st.lists(st.tuples(SIZES, SIZES, SIZES), min_size=1, max_size=5))
def test_splitting_and_merging_never_change_what_a_sum_amounts_to(sizes: list[tuple[int, int, int]]) -> None:
    """The same tissue as two lesions, with one of them in two parts, and with one measured in the other."""
    ways = ("T1={0} T2={3}", "T1=split T1.1={1} T1.2={2} T2={3}", "T1={4} T2>T1")
    told = set()
    for way in ways:
        lines = [
            f"{42 * (n + 1)} " + way.format(a + b, a, b, c, a + b + c) for n, (a, b, c) in enumerate(sizes)
        ]
        told.add(overall(course("\n".join(["-7 T1=60 T2=30", *lines]), first="T1 T2")))
    assert len(told) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"state": MeasurementState.MERGED},
        {"state": MeasurementState.MEASURED, "merged_into": "T2"},
        {"state": MeasurementState.SPLIT, "diameter": 10},
    ],
)
def test_a_measurement_that_contradicts_itself_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"merged names|has a diameter"):
        LesionMeasurement(lesion_id="T1", **values)
