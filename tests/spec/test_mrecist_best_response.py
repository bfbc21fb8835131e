"""Best overall response of a treatment period, as truth tables; `42:SD` is SD on day 42."""

from datetime import date, timedelta

import pytest

from assessments.domain.mrecist import Response, ResponseCriteria, best_overall_response

START = date(2012, 1, 1)

BEST = """
    overall responses by day              | best
                                          | NE    no assessment
    42:NE                                 | NE
    42:PD                                 | PD
    30:PD                                 | PD
    42:SD                                 | SD    the first day on which SD counts
    41:SD                                 | NE    an early SD and nothing else
    41:SD 84:PD                           | PD    an early SD only, then PD
    41:SD 84:SD 126:PD                    | SD
    41:SD 84:NE                           | NE
    30:PR                                 | PR    a response has no least duration
    30:CR                                 | CR
    42:SD 84:PR 126:CR 168:PD             | CR
    42:PR 84:SD 126:PD                    | PR
    42:PD 84:PR                           | PD    nothing counts after the first PD
    42:SD 84:PD 126:CR                    | SD
    84:PD 42:SD                           | SD    in any order
    41:NON-CR/NON-PD                      | NE
    42:NON-CR/NON-PD                      | NON-CR/NON-PD
    42:NON-CR/NON-PD 84:SD                | SD
    42:NON-CR/NON-PD 84:PD                | NON-CR/NON-PD
    42:NE 84:PD                           | PD
    42:NED 84:PD                          | PD
    42:NED 84:NE                          | NED
"""

CONFIRMED = """
    overall responses by day              | best when CR and PR need confirmation after 28 days
    42:PR                                 | SD    not confirmed
    41:PR                                 | NE    not confirmed, and too early for SD
    41:PR 84:PD                           | PD
    42:PR 69:PR                           | SD    27 days later
    42:PR 70:PR                           | PR
    42:PR 69:PR 84:PR                     | PR
    42:PR 70:CR                           | PR
    42:PR 70:SD 98:PR                     | SD
    42:CR 70:CR                           | CR
    42:CR 70:PR 98:PR                     | PR    PR after CR confirms no CR; the two PR confirm each other
    42:PR 50:CR 84:PR                     | SD    PR after CR
    42:PR 60:NE 84:PR                     | PR    one unevaluable scan between
    42:PR 60:NE 70:NE 84:PR               | SD    two are too many
    42:CR 84:NE                           | SD
    42:PR 84:PD                           | SD
"""

OTHER_THERAPY = """
    overall responses by day | other therapy from day | best
    42:SD 84:PR              | 84                     | PR    on the day itself a scan still counts
    42:SD 84:PR              | 83                     | SD
    42:SD 84:PR              | 41                     | NE
    42:SD 84:PR              | 85                     | PR
"""


def rows(table: str) -> list[list[str]]:
    lines = table.strip("\n").splitlines()[1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip()]


def assessments(text: str) -> list[tuple[date, Response]]:
    pairs = [pair.split(":") for pair in text.split()]
    return [(START + timedelta(days=int(day)), Response(response)) for day, response in pairs]


@pytest.mark.parametrize("row", rows(BEST), ids=" ".join)
def test_the_best_response_up_to_progression_counts(row: list[str]) -> None:
    assert best_overall_response(assessments(row[0]), reference_date=START) == row[1].split()[0]


@pytest.mark.parametrize("row", rows(CONFIRMED), ids=" ".join)
def test_a_protocol_may_ask_for_confirmation(row: list[str]) -> None:
    best = best_overall_response(
        assessments(row[0]), reference_date=START, criteria=ResponseCriteria(confirmation_required=True)
    )
    assert best == row[1].split()[0]


@pytest.mark.parametrize("row", rows(OTHER_THERAPY), ids=" ".join)
def test_nothing_counts_after_other_therapy_began(row: list[str]) -> None:
    best = best_overall_response(
        assessments(row[0]),
        reference_date=START,
        new_therapy_date=START + timedelta(days=int(row[1])),
    )
    assert best == row[2].split()[0]


def test_the_least_duration_of_stable_disease_is_a_setting() -> None:
    early = assessments("28:SD 56:PD")
    bests = [
        best_overall_response(early, reference_date=START, criteria=ResponseCriteria(sd_min_days=days))
        for days in (28, 29)
    ]
    assert bests == ["SD", "PD"]
