"""Cohen's kappa against published examples, and what it must be whatever the readers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.agreement import compute_kappa


def pairs(table: list[list[int]]) -> list[tuple[str, str]]:
    return [
        (f"answer {row}", f"answer {column}")
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]


def test_the_textbook_example_of_two_raters_and_three_diagnoses() -> None:
    """Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, chapter 18: .89, .68, SE .087."""
    found = compute_kappa(pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert (found.pairs, found.agreeing) == (100, 89)
    assert found.kappa == pytest.approx(0.6765, abs=5e-5)
    standard_error = (found.upper - found.kappa) / 1.959964
    assert standard_error == pytest.approx(0.0877, abs=1e-3)


def test_a_table_of_two_by_two_by_hand() -> None:
    """20 5 / 10 15: agreement 0.70, by chance 0.50, kappa 0.40.

    By hand: variance = (0.4·(1 - 1.1·0.6)² + 0.3·(1 - 0.9·0.6)² + 0.36·(0.1·1.1² + 0.2·0.9²)
    - (0.4 - 0.5·0.6)²) / (50·0.25) = 0.016128, standard error 0.126996.
    """
    found = compute_kappa(pairs([[20, 5], [10, 15]]))
    assert found.kappa == pytest.approx(0.4)
    assert (found.upper - found.kappa) / 1.959964 == pytest.approx(BY_HAND**0.5, rel=1e-9)


BY_HAND = (
    0.4 * (1 - 1.1 * 0.6) ** 2
    + 0.3 * (1 - 0.9 * 0.6) ** 2
    + 0.36 * (0.1 * (0.6 + 0.5) ** 2 + 0.2 * (0.4 + 0.5) ** 2)
    - (0.4 - 0.5 * 0.6) ** 2
) / (50 * 0.25)


def test_no_pair_and_one_answer_throughout_have_no_kappa() -> None:
    assert compute_kappa([]).kappa is None
    found = compute_kappa([("SD", "SD")] * 4)
    assert (found.pairs, found.agreeing, found.kappa, found.lower) == (4, 4, None, None)


ANSWERS = st.sampled_from(["CR", "PR", "SD", "PD", "NE"])


@given(st.lists(st.tuples(ANSWERS, ANSWERS), min_size=1, max_size=40))
def test_it_is_the_same_from_either_reader_and_one_only_where_they_always_agree(
    given_pairs: list[tuple[str, str]],
) -> None:
    found = compute_kappa(given_pairs)
    turned = compute_kappa([(second, first) for first, second in given_pairs])
    assert found == turned
    if found.kappa is not None:
        assert -1 <= found.lower <= found.kappa <= found.upper <= 1
        assert (found.kappa == 1) == (found.agreeing == found.pairs)
