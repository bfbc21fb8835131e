"""Previous treatments of the carcinoma beside the answers about them, and beside the first dose."""

from datetime import date

import pytest

from casebook.domain.partial_dates import PartialDate
from patients.domain.hcc_history import (
    ANSWER_OF_KIND,
    HccTreatmentKind,
    PreviousTreatment,
    check_hcc_history,
)

FIRST_DOSE = date(2012, 3, 15)

# treatments with their dates | answers on baseline disease (name, or name=no; pretreated=no) | rule, of which
CASES = """
                                 |                    |
                                 | tace               |
    TACE 2011                    | tace               |
    TACE 2011                    |                    |
    TACE 2011                    | tace=no            | denied TACE
    TACE 2011                    | pretreated=no      | denied TACE
    TACE 2011                    | tace haic          | missing haic
    TACE 2011, RESECTION 2009    | tace resection     |
    TARGETED-THERAPY 2009        | other_treatment=no | denied TARGETED-THERAPY
    LIVER-TRANSPLANTATION 2009   | other_treatment    |
    TACE 2012-03-14              | tace               |
    TACE 2012-03-15              | tace               | not_previous TACE
    TACE 2013                    | tace               | not_previous TACE
    TACE 2012-03                 | tace               | undecided TACE
    TACE 2012                    | tace               | undecided TACE
    TACE UNK                     | tace               |
    TACE 2012-04, HAIC 2011      | tace=no            | denied TACE; not_previous TACE
"""


@pytest.mark.parametrize("row", CASES.strip("\n").splitlines())
def test_what_is_asked(row: str) -> None:
    listed, answered, expected = (cell.strip() for cell in row.split("|"))
    words = [one.split() for one in listed.split(",") if one.strip()]
    treatments = [
        PreviousTreatment(key=n, kind=HccTreatmentKind(kind.replace("-", " ")), start=PartialDate(start))
        for n, (kind, start) in enumerate(words)
    ]
    answers = {name.partition("=")[0]: not name.endswith("=no") for name in answered.split()}
    pretreated = answers.pop("pretreated", None)
    found = check_hcc_history(treatments, answers, pretreated=pretreated, first_dose=FIRST_DOSE)
    said = [
        f"{one.finding.rule_id.removeprefix('hcc_history.')} "
        + (one.finding.field if one.key is None else words[one.key][0])
        for one in found
    ]
    assert said == [one.strip() for one in expected.split(";") if one.strip()]
    assert not any(one.finding.is_hard for one in found)


def test_before_the_first_dose_every_treatment_may_be_previous() -> None:
    late = PreviousTreatment(key=1, kind=HccTreatmentKind.TACE, start=PartialDate("2013"))
    assert check_hcc_history([late], {}, pretreated=None, first_dose=None) == ()


def test_the_sentences_name_the_treatment() -> None:
    early = PreviousTreatment(key=1, kind=HccTreatmentKind.RESECTION, start=PartialDate("2012"))
    [open_question] = check_hcc_history([early], {}, pretreated=None, first_dose=FIRST_DOSE)
    assert open_question.finding.message == (
        "Whether Resection (2012) lies before the first dose on 2012-03-15 cannot be decided: "
        "the date is not exact enough."
    )


def test_every_kind_answers_a_question() -> None:
    assert set(ANSWER_OF_KIND) == set(HccTreatmentKind)
