"""Child-Pugh: points of each component at its boundaries, score and class."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.domain.child_pugh import (
    Ascites,
    ChildPughClass,
    ChildPughFacts,
    classify_child_pugh,
    compute_child_pugh,
)

POINTS = """
    bilirubin            | 1.9  | 1
    bilirubin            | 2.0  | 2
    bilirubin            | 3.0  | 2
    bilirubin            | 3.01 | 3
    albumin              | 3.51 | 1
    albumin              | 3.5  | 2
    albumin              | 2.8  | 2
    albumin              | 2.79 | 3
    inr                  | 1.69 | 1
    inr                  | 1.7  | 2
    inr                  | 2.3  | 2
    inr                  | 2.31 | 3
    pt_percent           | 70.1 | 1
    pt_percent           | 70   | 2
    pt_percent           | 40   | 2
    pt_percent           | 39.9 | 3
    pt_prolonged_seconds | 3.9  | 1
    pt_prolonged_seconds | 4    | 2
    pt_prolonged_seconds | 6    | 2
    pt_prolonged_seconds | 6.1  | 3
"""

GOOD = ChildPughFacts(
    bilirubin=Decimal(1), albumin=Decimal(4), inr=Decimal(1), ascites=Ascites.NONE, encephalopathy_grade=0
)


@pytest.mark.parametrize("row", POINTS.strip().splitlines())
def test_a_value_on_a_boundary_scores_2(row: str) -> None:
    name, value, points = (cell.strip() for cell in row.split("|"))
    scored = compute_child_pugh(ChildPughFacts(**{name: Decimal(value)})).points
    component = name if name in scored else "coagulation"
    assert scored == dict.fromkeys(scored) | {component: int(points)}


@pytest.mark.parametrize(("ascites", "points"), list(zip(Ascites, (1, 2, 3), strict=True)))
def test_points_of_ascites(ascites: Ascites, points: int) -> None:
    assert compute_child_pugh(ChildPughFacts(ascites=ascites)).ascites == points


@pytest.mark.parametrize(("grade", "points"), [(0, 1), (1, 2), (2, 2), (3, 3), (4, 3)])
def test_points_of_encephalopathy(grade: int, points: int) -> None:
    assert compute_child_pugh(ChildPughFacts(encephalopathy_grade=grade)).encephalopathy == points


@pytest.mark.parametrize("grade", [-1, 5])
def test_a_grade_of_encephalopathy_that_does_not_exist_is_refused(grade: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 4"):
        compute_child_pugh(ChildPughFacts(encephalopathy_grade=grade))


def test_inr_comes_before_prothrombin_activity_and_time() -> None:
    facts = ChildPughFacts(inr=Decimal(1), pt_percent=Decimal(30), pt_prolonged_seconds=Decimal(9))
    assert compute_child_pugh(facts).coagulation == 1
    facts = ChildPughFacts(pt_percent=Decimal(30), pt_prolonged_seconds=Decimal(1))
    assert compute_child_pugh(facts).coagulation == 3


@pytest.mark.parametrize(("score", "letter"), [(5, "A"), (6, "A"), (7, "B"), (9, "B"), (10, "C"), (15, "C")])
def test_class_of_a_score(score: int, letter: str) -> None:
    assert classify_child_pugh(score) is ChildPughClass(letter)


@pytest.mark.parametrize("score", [4, 16])
def test_a_score_that_does_not_exist_has_no_class(score: int) -> None:
    with pytest.raises(ValueError, match="between 5 and 15"):
        classify_child_pugh(score)


def test_a_good_liver_scores_5_and_is_class_a() -> None:
    scored = compute_child_pugh(GOOD)
    assert (scored.score, scored.child_pugh_class, scored.missing) == (5, ChildPughClass.A, ())


def test_without_one_component_there_is_no_score_and_no_class() -> None:
    scored = compute_child_pugh(ChildPughFacts(bilirubin=Decimal(1), inr=Decimal(1)))
    assert (scored.score, scored.child_pugh_class) == (None, None)
    assert scored.missing == ("albumin", "ascites", "encephalopathy")


values = st.decimals("0.1", "20", places=2)


@given(values, values, values, st.sampled_from(Ascites), st.integers(0, 4))
def test_every_score_lies_between_5_and_15(
    bilirubin: Decimal, albumin: Decimal, inr: Decimal, ascites: Ascites, grade: int
) -> None:
    facts = ChildPughFacts(
        bilirubin=bilirubin, albumin=albumin, inr=inr, ascites=ascites, encephalopathy_grade=grade
    )
    score = compute_child_pugh(facts).score
    assert score is not None
    assert 5 <= score <= 15
