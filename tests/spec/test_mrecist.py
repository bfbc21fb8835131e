"""mRECIST, target lesions and overall response, as truth tables."""

import csv
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from assessments.domain.mrecist import (
    MRECIST,
    NewLesion,
    NonTargetResponse,
    Response,
    ResponseCriteria,
    TargetResponse,
    is_pending,
    is_target_progression,
    overall_response,
    target_response,
    tenths,
)
from assessments.domain.tumour_target import (
    compute_change,
    explain_target_response,
    format_change,
    format_mm,
)

RECIST_1_1 = ResponseCriteria(pd_min_abs_mm=5)

TARGETS = """
    viable sums, mm       | mRECIST | RECIST 1.1
    100 70                | PR | PR     a fall of exactly 30 % is a response
    100 70.1              | SD | SD
    90 63                 | PR | PR     exact where binary fractions are not
    170 119               | PR | PR
    180 126               | PR | PR
    180 126.1             | SD | SD
    100 0                 | CR | CR
    100 100               | SD | SD
    100 50 60             | PD | PD     a rise of 20 % is counted from the nadir, not from baseline
    100 50 59.9           | PR | PR
    100 120               | PD | PD
    100 119.9             | SD | SD
    20 24                 | PD | SD     4 mm: RECIST 1.1 asks for 5 mm as well
    20 25                 | PD | PD
    25 29.9               | SD | SD
    25 30                 | PD | PD
    24.9 29.9             | PD | PD     5.0 mm and 20.08 %
    0.5 0.6               | PD | SD     no rise is too small
    100 0 3               | PD | PD     tumour is back after none was left
    100 0 0.1             | PD | PD
    100 0 0               | CR | CR
    100 60 80 71.9        | SD | SD     the nadir is the smallest sum, not the last
    100 60 80 72          | PD | PD
    100 40 48             | PD | PD     progression outranks a sum 52 % below baseline
    100 150 119.9         | SD | SD     the baseline is a nadir too
    0.1 0.1               | SD | SD
"""

NODES = """
    baseline nadir | other targets | node short axes | response
    60 20          | 0             | 9.9             | CR   every node under 10 mm
    60 20          | 0             | 10              | PR
    60 20          | 0.1           | 9.9             | PR
    60 5           | 0             | 8               | CR   a normal node growing from 5 to 8 mm is no PD
    60 5           | 0             | 10              | PD
    60 0           | 0             | 9               | CR
    60 0           | 0             | 9 9.9           | CR
    60 18          | 0             | 9 12            | PR
    60 17.5        | 0             | 9 12            | PD
    60 50          | 40            | 20              | PD
"""

NOT_MEASURED = """
    baseline nadir | measured now | node short axes | response
    100 100        | 119.9        |                 | NE
    100 100        | 120          |                 | PD   what was measured is already progression
    100 100        | 0            |                 | NE
    100 50         | 59.9         |                 | NE
    100 50         | 60           |                 | PD
    100 0          | 0            |                 | NE
    100 0          | 3            |                 | PD
    60 5           | 8            | 8               | NE   a normal node alone is no progression
    60 5           | 10           | 10              | PD
"""


def rows(table: str) -> list[list[str]]:
    """Return the cells of a text table without its heading; what follows in the last cell is a remark."""
    lines = [line for line in table.strip().splitlines()[1:] if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def lengths(text: str) -> list[int]:
    return [tenths(Decimal(length)) for length in text.split()]


@pytest.mark.parametrize("row", rows(TARGETS), ids=lambda row: row[0])
def test_targets_respond_to_the_sum_of_diameters(row: list[str]) -> None:
    *earlier, current = lengths(row[0])
    answers = [
        target_response(baseline=earlier[0], nadir=min(earlier), current=current, criteria=criteria)
        for criteria in (MRECIST, RECIST_1_1)
    ]
    assert answers == [row[1], row[2].split()[0]]


@pytest.mark.parametrize("row", rows(NODES), ids=" ".join)
def test_a_node_under_10_mm_is_normal(row: list[str]) -> None:
    baseline, nadir = lengths(row[0])
    nodes = lengths(row[2])
    current = sum(lengths(row[1])) + sum(nodes)
    assert (
        target_response(baseline=baseline, nadir=nadir, current=current, nodal_short_axes=nodes)
        == row[3].split()[0]
    )


@pytest.mark.parametrize("row", rows(NOT_MEASURED), ids=" ".join)
def test_a_target_that_was_not_measured_leaves_only_progression(row: list[str]) -> None:
    baseline, nadir = lengths(row[0])
    (current,) = lengths(row[1])
    answer = target_response(
        baseline=baseline,
        nadir=nadir,
        current=current,
        nodal_short_axes=lengths(row[2]),
        any_not_measured=True,
    )
    assert answer == row[3].split()[0]


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ({"baseline": -1, "nadir": -1, "current": 0}, "negative"),
        ({"baseline": 10, "nadir": 10, "current": -1}, "negative"),
        ({"baseline": 10, "nadir": 10, "current": 10, "nodal_short_axes": [-1]}, "negative"),
        ({"baseline": 10, "nadir": 11, "current": 10}, "nadir lies above"),
        ({"baseline": 10, "nadir": 10, "current": 10, "nodal_short_axes": [11]}, "nodes alone exceed"),
    ],
)
def test_impossible_sums_are_refused(sums: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        target_response(**sums)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sd_min_days": -1}, "sd_min_days is negative"),
        ({"pd_min_abs_mm": Decimal("-0.1")}, "pd_min_abs_mm is negative"),
        ({"pd_min_abs_mm": Decimal("0.05")}, "finer than a tenth"),
        ({"normal_node_below_mm": Decimal("9.99")}, "finer than a tenth"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ResponseCriteria(**settings)


def test_no_tumour_over_none_is_no_progression() -> None:
    assert not is_target_progression(nadir=0, current=0)
    assert is_target_progression(nadir=0, current=1)


def test_every_threshold_is_a_setting_of_the_protocol() -> None:
    criteria = ResponseCriteria(
        pr_decrease_percent=50, pd_increase_percent=Decimal("25.5"), normal_node_below_mm=Decimal("7.5")
    )

    def response(current: int, nodes: tuple[int, ...] = ()) -> TargetResponse:
        return target_response(
            baseline=1000, nadir=1000, current=current, nodal_short_axes=nodes, criteria=criteria
        )

    assert [response(501), response(500)] == ["SD", "PR"]
    assert [response(1254), response(1255)] == ["SD", "PD"]
    assert [response(75, (75,)), response(74, (74,))] == ["PR", "CR"]


def test_an_absolute_minimum_may_be_tenths_of_a_millimetre() -> None:
    criteria = ResponseCriteria(pd_min_abs_mm=Decimal("4.5"))
    responses = [
        target_response(baseline=200, nadir=200, current=current, criteria=criteria) for current in (244, 245)
    ]
    assert responses == ["SD", "PD"]


with (Path(__file__).parent / "data" / "mrecist_overall_response.csv").open(encoding="utf-8") as _file:
    OVERALL = list(csv.DictReader(_file))


@pytest.mark.parametrize("row", OVERALL, ids=lambda r: f"{r['target']},{r['non_target']},{r['new_lesion']}")
def test_overall_response_is_that_of_the_table(row: dict[str, str]) -> None:
    target, non_target, new = row["target"], row["non_target"], row["new_lesion"]
    overall = overall_response(TargetResponse(target), NonTargetResponse(non_target), NewLesion(new))
    assert overall is Response(row["overall"])
    assert is_pending(NewLesion(new), overall) == (new == "equivocal" and row["overall"] != "PD")


def test_the_table_holds_every_combination_once() -> None:
    combinations = [(row["target"], row["non_target"], row["new_lesion"]) for row in OVERALL]
    assert len(combinations) == 120
    assert set(combinations) == set(product(TargetResponse, NonTargetResponse, NewLesion))


def test_overall_response_takes_nothing_but_its_terms() -> None:
    with pytest.raises(ValueError, match="uCR"):
        overall_response("uCR", NonTargetResponse.CR, NewLesion.NO)  # type: ignore[arg-type]


EXPLANATIONS = """
    sums, mm     | not measured | sentence
    48 48 59.1   |       | +23.1 % over the nadir of 48 mm on 2012-03-12: PD.
    50 50 61.5   |       | +23 % over the nadir of 50 mm on 2012-03-12: PD.
    100 100 70   |       | -30 % from the baseline of 100 mm: PR.
    100 50 59.9  |       | -40.1 % from the baseline of 100 mm: PR.
    100 100 110  |       | +10 % from the baseline of 100 mm: SD.
    100 100 100  |       | 0 % from the baseline of 100 mm: SD.
    100 80.5 95  |       | -5 % from the baseline of 100 mm, +18 % over the nadir of 80.5 mm on 2012-03-12: SD.
    100 100 0    |       | No viable target tumour is left: CR.
    100 0 3      |       | 3 mm of viable tumour after none was left on 2012-03-12: PD.
    100 100 80   | T2    | Not measured: T2. Not every target was measured: NE.
    100 50 60    | T2 T3 | Not measured: T2, T3. The measured ones alone: +20 % over the nadir of 50 mm on 2012-03-12: PD.
"""  # noqa: E501


@pytest.mark.parametrize("row", rows(EXPLANATIONS), ids=lambda row: row[0])
def test_a_sentence_says_why(row: list[str]) -> None:
    baseline, nadir, current = lengths(row[0])
    evaluation = explain_target_response(
        baseline=baseline,
        nadir=nadir,
        current=current,
        nadir_date=date(2012, 3, 12),
        not_measured=row[1].split(),
    )
    assert evaluation.sentence == row[2]
    assert evaluation.response == row[2].rstrip(".").rsplit(" ", 1)[1]
    assert (evaluation.baseline, evaluation.nadir, evaluation.current) == (baseline, nadir, current)
    assert evaluation.is_complete == (not row[1])


def test_the_date_of_the_nadir_is_left_out_where_it_is_not_known() -> None:
    assert (
        explain_target_response(baseline=500, nadir=500, current=600).sentence
        == "+20 % over the nadir of 50 mm: PD."
    )


def test_nodes_are_named_in_a_complete_response() -> None:
    evaluation = explain_target_response(baseline=500, nadir=500, current=99, nodal_short_axes=[99])
    assert evaluation.sentence == "No viable target tumour is left and every target node is under 10 mm: CR."


def test_what_is_shown_reaches_a_threshold_only_where_the_rule_does() -> None:
    almost_pd = explain_target_response(baseline=2000, nadir=2000, current=2399)
    almost_pr = explain_target_response(baseline=3001, nadir=3001, current=2101)
    assert (almost_pd.response, almost_pd.change_from_nadir) == ("SD", Decimal("19.9"))
    assert (almost_pr.response, almost_pr.change_from_baseline) == ("SD", Decimal("-29.9"))


def test_figures_for_display() -> None:
    assert compute_change(5, 0) is None
    assert [format_change(Decimal(c)) for c in ("23.0", "-30.5", "0.0", "0.1")] == [
        "+23 %",
        "-30.5 %",
        "0 %",
        "+0.1 %",
    ]
    assert [format_mm(length) for length in (480, 485, 5, 0)] == ["48 mm", "48.5 mm", "0.5 mm", "0 mm"]
