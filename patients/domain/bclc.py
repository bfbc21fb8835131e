"""Barcelona Clinic Liver Cancer stage, derived from what it is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from casebook.domain.findings import Finding, Severity
from patients.domain.child_pugh import ChildPughClass

Answer = bool | None


class BclcStage(StrEnum):
    """0 very early, A early, B intermediate, C advanced, D terminal."""

    ZERO = "0"
    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class BclcFacts:
    """What the stage rests on; ``None`` is not known. The largest nodule in mm."""

    nodules: int | None = None
    largest_nodule_mm: Decimal | None = None
    vascular_invasion: bool | None = None
    extrahepatic_spread: bool | None = None
    ecog: int | None = None
    child_pugh_class: ChildPughClass | None = None


@dataclass(frozen=True, slots=True)
class BclcDerivation:
    """The derived stage, or ``None`` with the reason why none can be derived."""

    stage: BclcStage | None
    reason: str


def derive_bclc(facts: BclcFacts) -> BclcDerivation:
    """Return the stage, asked from the worst to the best as the algorithm excludes them in turn.

    D: ECOG above 2 or Child-Pugh C. C: vascular invasion, extrahepatic spread, or ECOG 1 or 2 (the reading
    before 2022). 0: one nodule of at most 20 mm. A: one nodule, or at most three of at most 30 mm.
    B: every other multinodular disease. A missing fact makes the stage not derivable only where the
    answer hangs on it. Source: Reig 2022, J Hepatol 76:681, with the earlier reading of ECOG 1 to 2.
    """
    for stage, applies, reason in _STAGES:
        answer = applies(facts)
        if answer is None:
            return BclcDerivation(None, f"Not derivable: what decides about stage {stage} is missing.")
        if answer:
            return BclcDerivation(stage, reason)
    return BclcDerivation(None, "Not derivable: no nodule, invasion or spread is recorded.")


def check_bclc(entered: BclcStage | None, facts: BclcFacts) -> Finding | None:
    """Return a query when the stage entered by the site differs from the derived one; else None."""
    derived = derive_bclc(facts)
    if entered is None or derived.stage is None or entered is derived.stage:
        return None
    message = f"BCLC stage {entered} is entered; the data give stage {derived.stage} ({derived.reason})."
    return Finding("BCLC-01", Severity.SOFT, message, "bclc_stage")


def _either(*answers: Answer) -> Answer:
    """Return True if any answer is yes, else None if any is unknown, else False."""
    return True if True in answers else None if None in answers else False


def _both(one: Answer, two: Answer) -> Answer:
    """Return False if either answer is no, else None if either is unknown, else True."""
    return False if False in (one, two) else None if None in (one, two) else True


def _is_terminal(facts: BclcFacts) -> Answer:
    liver = None if facts.child_pugh_class is None else facts.child_pugh_class is ChildPughClass.C
    return _either(None if facts.ecog is None else facts.ecog > 2, liver)


def _is_advanced(facts: BclcFacts) -> Answer:
    symptoms = None if facts.ecog is None else facts.ecog > 0
    return _either(facts.vascular_invasion, facts.extrahepatic_spread, symptoms)


def _counts(facts: BclcFacts, least: int, most: int | None = None) -> Answer:
    if facts.nodules is None:
        return None
    return facts.nodules >= least and (most is None or facts.nodules <= most)


def _at_most(facts: BclcFacts, limit_mm: int) -> Answer:
    return None if facts.largest_nodule_mm is None else facts.largest_nodule_mm <= limit_mm


def _is_very_early(facts: BclcFacts) -> Answer:
    return _both(_counts(facts, 1, 1), _at_most(facts, 20))


def _is_early(facts: BclcFacts) -> Answer:
    return _either(_counts(facts, 1, 1), _both(_counts(facts, 1, 3), _at_most(facts, 30)))


_STAGES: tuple[tuple[BclcStage, Callable[[BclcFacts], Answer], str], ...] = (
    (BclcStage.D, _is_terminal, "ECOG above 2 or Child-Pugh C"),
    (BclcStage.C, _is_advanced, "vascular invasion, extrahepatic spread, or ECOG 1 to 2"),
    (BclcStage.ZERO, _is_very_early, "one nodule of at most 20 mm"),
    (BclcStage.A, _is_early, "one nodule, or at most three of at most 30 mm"),
    (BclcStage.B, lambda facts: _counts(facts, 2), "multinodular"),
)
