"""Dose levels of the study drug and how a dose may be changed."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trial.domain.errors import require, require_at_most, require_text, require_unique


class Frequency(StrEnum):
    """How often a dose is taken, CDISC submission values."""

    BID = "BID"
    QD = "QD"
    QOD = "QOD"

    @property
    def per_day(self) -> Decimal:
        """Return the number of doses in a day; one every other day is a half."""
        return {Frequency.BID: Decimal(2), Frequency.QD: Decimal(1), Frequency.QOD: Decimal("0.5")}[self]


class AfterLastLevel(StrEnum):
    """What a further dose-limiting event means when no lower level is left."""

    DISCONTINUE = "discontinue"


MOST_MG = 2000
"""The largest single dose the dosing log takes, in mg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseLevel:
    """One rung: 0 is the standard dose, -1 the first reduction. ``mg_per_day`` is the average day's dose."""

    level: int
    label: str
    mg_per_dose: Decimal
    frequency: Frequency
    mg_per_day: Decimal

    def __post_init__(self) -> None:
        require(self.level <= 0, "must be 0 or negative", "level")
        require_text(self.label, 60, "label")
        require(self.mg_per_dose > 0, "must be above 0", "mg_per_dose")
        require_at_most(self.mg_per_dose, MOST_MG, "mg_per_dose")
        require(100 * self.mg_per_dose % 1 == 0, "must have at most 2 decimals", "mg_per_dose")
        daily = self.mg_per_dose * self.frequency.per_day
        message = f"{self.mg_per_dose} mg {self.frequency} is not {self.mg_per_day} mg a day"
        require(self.mg_per_day == daily, message, "mg_per_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dosing:
    """The drug, its levels from the standard downwards, and the rules of modification.

    ``start_level`` and ``re_escalate_up_to`` can only be the standard: no rule knows another one.
    ``reduce_for`` says in words what a dose is reduced for.
    """

    drug: str
    start_level: int
    max_reductions: int
    re_escalate_up_to: int
    reduce_for: str
    after_last_level: AfterLastLevel
    levels: tuple[DoseLevel, ...]

    def __post_init__(self) -> None:
        require_text(self.drug, 40, "drug")
        require_text(self.reduce_for, 200, "reduce_for")
        require(bool(self.levels), "at least one dose level is needed", "levels")
        numbers = tuple(rung.level for rung in self.levels)
        require_unique(numbers, "levels", "level")
        require_unique(tuple(rung.label for rung in self.levels), "levels", "label")
        for index, rung in enumerate(self.levels):
            message = f"levels are listed downwards from 0; {-index} is due here"
            require(rung.level == -index, message, "levels", index, "level")
        for index in range(1, len(self.levels)):
            falls = self.levels[index].mg_per_day < self.levels[index - 1].mg_per_day
            require(falls, "must be below the level before", "levels", index, "mg_per_day")
        self._check_standard(numbers)
        most = len(self.levels) - 1
        require(0 <= self.max_reductions <= most, f"must be 0 to {most}, as levels go", "max_reductions")

    def _check_standard(self, numbers: tuple[int, ...]) -> None:
        for key in ("start_level", "re_escalate_up_to"):
            require(getattr(self, key) in numbers, f"{getattr(self, key)} is not one of the levels", key)
        counted = "must be 0: relative dose intensity is counted from the standard dose"
        require(self.start_level == 0, counted, "start_level")
        unchecked = "must be 0: no rule holds a dose below the standard once it may rise again"
        require(self.re_escalate_up_to == 0, unchecked, "re_escalate_up_to")

    @property
    def standard_mg_per_day(self) -> Decimal:
        """Return the daily dose of level 0, the denominator of relative dose intensity."""
        return self.levels[0].mg_per_day

    def level_of(self, mg_per_day: Decimal) -> DoseLevel | None:
        """Return the level with this daily dose; None for a dose the protocol does not know (0 included)."""
        return next((rung for rung in self.levels if rung.mg_per_day == mg_per_day), None)
