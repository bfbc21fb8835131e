"""BCLC stage: derived, not derivable, or at odds with the entered one."""

from decimal import Decimal
from itertools import product

import pytest

from casebook.domain.findings import Severity
from patients.domain.bclc import BclcFacts, BclcStage, check_bclc, derive_bclc
from patients.domain.child_pugh import ChildPughClass

# "?" is missing; the last column is the stage, "?" for not derivable
STAGES = """
    nodules | mm   | invasion | spread | ECOG | Child-Pugh | stage
    1       | 20   | no       | no     | 0    | A          | 0
    1       | 20.1 | no       | no     | 0    | A          | A
    1       | 120  | no       | no     | 0    | A          | A
    1       | ?    | no       | no     | 0    | A          | ?     0 or A
    3       | 30   | no       | no     | 0    | B          | A
    2       | 15   | no       | no     | 0    | A          | A
    3       | 30.1 | no       | no     | 0    | A          | B
    4       | 10   | no       | no     | 0    | A          | B
    4       | ?    | no       | no     | 0    | A          | B
    3       | ?    | no       | no     | 0    | A          | ?     A or B
    ?       | 31   | no       | no     | 0    | A          | ?     one nodule is A, more are B
    ?       | 15   | no       | no     | 0    | A          | ?
    0       | ?    | no       | no     | 0    | A          | ?     no tumour to stage
    2       | 50   | yes      | no     | 0    | A          | C
    2       | 50   | no       | yes    | 0    | A          | C
    2       | 50   | no       | no     | 1    | A          | C
    2       | 50   | no       | no     | 2    | B          | C
    ?       | ?    | ?        | yes    | 0    | A          | C
    ?       | ?    | yes      | ?      | 2    | A          | C
    1       | 20   | ?        | no     | 0    | A          | ?
    1       | 20   | no       | no     | 3    | A          | D
    1       | 20   | no       | no     | 0    | C          | D
    ?       | ?    | ?        | ?      | 4    | ?          | D
    ?       | ?    | ?        | ?      | ?    | C          | D
    2       | 50   | yes      | no     | 0    | ?          | ?     C unless Child-Pugh is C
    2       | 50   | yes      | no     | ?    | A          | ?     C unless ECOG is 3 or 4
"""


def facts_of(row: str) -> tuple[BclcFacts, BclcStage | None]:
    cells = [cell.split()[0] for cell in row.split("|")]
    nodules, size, invasion, spread, ecog, liver, stage = (None if cell == "?" else cell for cell in cells)
    facts = BclcFacts(
        nodules=int(nodules) if nodules else None,
        largest_nodule_mm=Decimal(size) if size else None,
        vascular_invasion=invasion == "yes" if invasion else None,
        extrahepatic_spread=spread == "yes" if spread else None,
        ecog=int(ecog) if ecog else None,
        child_pugh_class=ChildPughClass(liver) if liver else None,
    )
    return facts, BclcStage(stage) if stage else None


ROWS = STAGES.strip().splitlines()[1:]


@pytest.mark.parametrize("row", ROWS)
def test_stage_is_derived_or_said_not_to_be_derivable(row: str) -> None:
    facts, stage = facts_of(row)
    derived = derive_bclc(facts)
    assert derived.stage is stage
    assert derived.reason.startswith("Not derivable") == (stage is None)


@pytest.mark.parametrize("row", ROWS)
def test_a_missing_fact_is_missed_only_where_the_stage_hangs_on_it(row: str) -> None:
    """Fill the gaps in every way: the stage is derivable exactly when all of them agree."""
    facts, stage = facts_of(row)
    if facts.nodules == 0:
        return
    gaps = {
        "nodules": (1, 2, 4),
        "largest_nodule_mm": (Decimal(20), Decimal(30), Decimal(31)),
        "vascular_invasion": (True, False),
        "extrahepatic_spread": (True, False),
        "ecog": (0, 1, 3),
        "child_pugh_class": tuple(ChildPughClass),
    }
    names = list(gaps)
    choices = [gaps[n] if getattr(facts, n) is None else (getattr(facts, n),) for n in names]
    stages = {
        derive_bclc(BclcFacts(**dict(zip(names, filling, strict=True)))).stage
        for filling in product(*choices)
    }
    assert stage is (stages.pop() if len(stages) == 1 else None)


def test_an_entered_stage_at_odds_with_the_data_is_queried() -> None:
    facts, _ = facts_of("2 | 50 | yes | no | 0 | A | C")
    finding = check_bclc(BclcStage.B, facts)
    assert finding is not None
    assert (finding.rule_id, finding.severity, finding.field) == ("BCLC-01", Severity.SOFT, "bclc_stage")
    assert finding.message == (
        "BCLC stage B is entered; the data give stage C "
        "(vascular invasion, extrahepatic spread, or ECOG 1 to 2)."
    )


@pytest.mark.parametrize("entered", [None, BclcStage.C])
def test_no_query_where_stages_agree_or_none_is_entered(entered: BclcStage | None) -> None:
    assert check_bclc(entered, facts_of("2 | 50 | yes | no | 0 | A | C")[0]) is None


def test_no_query_where_no_stage_can_be_derived() -> None:
    assert check_bclc(BclcStage.B, BclcFacts()) is None
