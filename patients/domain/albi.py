"""ALBI, the albumin-bilirubin grade of liver function."""

from dataclasses import dataclass
from decimal import Decimal

UMOL_PER_MG_DL_BILIRUBIN = Decimal("17.1")

_GRADE_1_UP_TO = Decimal("-2.60")
_GRADE_2_UP_TO = Decimal("-1.39")


@dataclass(frozen=True, slots=True)
class Albi:
    """The unrounded linear predictor and its grade 1, 2 or 3."""

    score: Decimal
    grade: int


def compute_albi(bilirubin: Decimal | None, albumin: Decimal | None) -> Albi | None:
    """Return 0.66 · log10(bilirubin in µmol/L) − 0.085 · albumin in g/L, with its grade.

    Bilirubin is given in mg/dL (1 mg/dL = 17.1 µmol/L) and albumin in g/dL. None when either is missing;
    ``ValueError`` when either is not above 0. Source: Johnson 2015, J Clin Oncol 33:550.
    """
    if bilirubin is None or albumin is None:
        return None
    if bilirubin <= 0 or albumin <= 0:
        raise ValueError("bilirubin and albumin must be above 0")
    umol_per_litre = bilirubin * UMOL_PER_MG_DL_BILIRUBIN
    grams_per_litre = albumin * 10
    score = Decimal("0.66") * umol_per_litre.log10() - Decimal("0.085") * grams_per_litre
    return Albi(score, classify_albi(score))


def classify_albi(score: Decimal) -> int:
    """Return grade 1 up to −2.60, grade 2 up to −1.39, both included, and grade 3 above."""
    if score <= _GRADE_1_UP_TO:
        return 1
    return 2 if score <= _GRADE_2_UP_TO else 3
