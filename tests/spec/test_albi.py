"""ALBI: score and grade, boundaries included in the better grade."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.domain.albi import classify_albi, compute_albi

# bilirubin mg/dL, albumin g/dL, score to four places, grade
SCORES = """
    0.6 4.5 -3.1576 1
    1.0 4.0 -2.5862 2
    1.0 4.1 -2.6712 1
    2.0 3.0 -1.5375 2
    3.0 2.4 -0.9113 3
"""

GRADES = """
    -2.6000000000000000001 1
    -2.60                  1
    -2.5999999999999999999 2
    -1.3900000000000000001 2
    -1.39                  2
    -1.3899999999999999999 3
    0                      3
"""


@pytest.mark.parametrize("row", SCORES.strip().splitlines())
def test_score_and_grade(row: str) -> None:
    bilirubin, albumin, score, grade = row.split()
    albi = compute_albi(Decimal(bilirubin), Decimal(albumin))
    assert albi is not None
    assert albi.score.quantize(Decimal("0.0001")) == Decimal(score)
    assert albi.grade == int(grade)


@pytest.mark.parametrize("row", GRADES.strip().splitlines())
def test_a_score_on_a_boundary_has_the_better_grade(row: str) -> None:
    score, grade = row.split()
    assert classify_albi(Decimal(score)) == int(grade)


@pytest.mark.parametrize(("bilirubin", "albumin"), [(None, "4"), ("1", None), (None, None)])
def test_a_missing_value_gives_no_grade(bilirubin: str | None, albumin: str | None) -> None:
    known = [None if text is None else Decimal(text) for text in (bilirubin, albumin)]
    assert compute_albi(*known) is None


@pytest.mark.parametrize(("bilirubin", "albumin"), [("0", "4"), ("-1", "4"), ("1", "0"), ("1", "-4")])
def test_a_value_that_cannot_be_measured_is_refused(bilirubin: str, albumin: str) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        compute_albi(Decimal(bilirubin), Decimal(albumin))


positive = st.decimals("0.1", "30", places=1)


@given(positive, positive, st.decimals("0.1", "1", places=1))
def test_more_bilirubin_or_less_albumin_is_worse(bilirubin: Decimal, albumin: Decimal, step: Decimal) -> None:
    here, jaundiced = compute_albi(bilirubin, albumin + step), compute_albi(bilirubin + step, albumin + step)
    starved = compute_albi(bilirubin, albumin)
    assert here is not None
    assert jaundiced is not None
    assert starved is not None
    assert here.score < jaundiced.score
    assert here.score < starved.score
    assert here.grade <= min(jaundiced.grade, starved.grade)
