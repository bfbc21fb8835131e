"""What a laboratory value cannot be, and how far it may move from one sample to the next before one asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from assessments.domain.laboratory import ANALYTES, convert, plain, unit_words

WHOLE_UNITS = ("/mm3", "/uL")
"""Units in which nobody counts fractions: a fraction there is a value in another unit."""

CRITICAL_GRADE = 3
"""From this CTCAE grade on a value is flagged LL or HH [D]."""

DELTA_WITHIN_DAYS = 42
"""A value is compared with the one before it only if that is at most so many days old [D]."""


def _limits(text: str) -> Mapping[str, tuple[Decimal, Decimal]]:
    rows = (line.split() for line in text.strip().splitlines())
    return MappingProxyType({field: (Decimal(low), Decimal(high)) for field, low, high in rows})


PLAUSIBLE = _limits(
    """
    hemoglobin       1     25
    white_cells      0     500000
    neutrophils      0     400000
    lymphocytes      0     400000
    platelets        0     3000000
    total_bilirubin  0     80
    albumin          0.5   8
    ast              0     50000
    alt              0     50000
    alp              0     20000
    ggt              0     20000
    creatinine       0.05  40
    pt_inr           0.5   20
    sodium           80    220
    potassium        1     15
    phosphate        0.1   30
    amylase          0     50000
    lipase           0     50000
    afp              0     20000000
    dcp              0     20000000
    """
)
"""In the canonical unit: beyond these a value cannot be true (these are not the limits of normal) [D]."""


def plausible_in(analyte: str, unit: str) -> tuple[Decimal, Decimal]:
    """The lowest and the highest value that can be true, in an accepted unit of the analyte."""
    canonical = ANALYTES[analyte].unit
    low, high = (convert(analyte, limit, unit=canonical, to=unit) for limit in PLAUSIBLE[analyte])
    return low, high


def check_plausible(analyte: str, value: Decimal, unit: str) -> str | None:
    """Say why a value as entered cannot be true in its unit; None where it can."""
    low, high = plausible_in(analyte, unit)
    words = unit_words(unit)
    if not low <= value <= high:
        return f"{plain(low)} to {plain(high)} {words} is possible. Is it another unit?".replace("  ", " ")
    if unit in WHOLE_UNITS and value != value.to_integral_value():
        return f"Cells per {words.removeprefix('/')} are a whole number. Is it another unit?"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaLimit:
    """How far a value may move: by an amount in the canonical unit, or by a factor up or down."""

    amount: Decimal | None = None
    factor: Decimal | None = None

    def is_passed(self, before: Decimal, now: Decimal) -> bool:
        """Whether the move is larger than the limit (a move as large as it is not)."""
        if self.amount is not None:
            return abs(now - before) > self.amount
        assert self.factor is not None
        low, high = sorted((before, now))
        return high > self.factor * low


def _deltas(text: str) -> Mapping[str, DeltaLimit]:
    found = {}
    for line in text.strip().splitlines():
        field, limit = line.split()
        by_factor = limit.startswith("x")
        found[field] = (
            DeltaLimit(factor=Decimal(limit[1:])) if by_factor else DeltaLimit(amount=Decimal(limit))
        )
    return MappingProxyType(found)


DELTA_LIMITS = _deltas(
    """
    hemoglobin       4
    white_cells      x5
    neutrophils      x10
    lymphocytes      x5
    platelets        x4
    total_bilirubin  x8
    albumin          1.5
    ast              x12
    alt              x12
    alp              x5
    ggt              x8
    creatinine       x3
    pt_inr           x2
    sodium           15
    potassium        2
    phosphate        x3
    amylase          x8
    lipase           x8
    afp              x100
    dcp              x100
    """
)
"""Moves that a wrong unit, another patient's sample or a slip of the pen make more often than an illness [D].

Each is wide enough for a liver that fails: the question is whether the number is this patient's, not whether
the patient is well. The tumour markers rise tenfold by themselves.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedValue:
    """A value in the canonical unit, and the day of its sample."""

    on: date
    value: Decimal


def check_delta(analyte: str, before: DatedValue, now: DatedValue) -> str | None:
    """Ask about a move beyond the analyte's limit from the value before; None where there is nothing to ask.

    Without a limit, or with a value before that is older than DELTA_WITHIN_DAYS, nothing is asked.
    """
    limit = DELTA_LIMITS.get(analyte)
    if limit is None or (now.on - before.on).days > DELTA_WITHIN_DAYS:
        return None
    if not limit.is_passed(before.value, now.value):
        return None
    reached = f"{plain(now.value)} {unit_words(ANALYTES[analyte].unit)}".rstrip()
    moved = f"{ANALYTES[analyte].name} went from {plain(before.value)} on {before.on} to {reached}"
    return f"{moved}: are value, unit and patient right?"
