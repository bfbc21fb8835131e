"""Dose levels of the study drug and how a dose may be changed."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from trial.domain.errors import require, require_text, require_unique


class Frequency(StrEnum):
    """How often a dose is taken, CDISC submission values."""

    BID = "BID"
    QD = "QD"
    QOD = "QOD"

    @property
    def per_day(self) -> Fraction:
        """Return the number of doses in a day; one every other day is a half."""
        return {Frequency.BID: Fraction(2), Frequency.QD: Fraction(1), Frequency.QOD: Fraction(1, 2)}[self]


class AfterLastLevel(StrEnum):
    """What a further dose-limiting event means when no lower level is left."""

    DISCONTINUE = "discontinue"
    INTERRUPT = "interrupt"


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
        require(self.mg_per_dose > 0, "must be above 0", "mg_per_dose")
        daily = Fraction(self.mg_per_dose) * self.frequency.per_day
        message = f"{self.mg_per_dose} mg {self.frequency} is not {self.mg_per_day} mg a day"
        require(Fraction(self.mg_per_day) == daily, message, "mg_per_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dosing:
    """The drug, its levels from the standard downwards, and the rules of modification."""

    drug: str
    start_level: int
    max_reductions: int
    re_escalate_up_to: int
    reduce_for: str
    after_last_level: AfterLastLevel
    levels: tuple[DoseLevel, ...]

    def __post_init__(self) -> None:
        require_text(self.drug, 40, "drug")
        require(bool(self.levels), "at least one dose level is needed", "levels")
        numbers = tuple(rung.level for rung in self.levels)
        require_unique(numbers, "levels", "level")
        for index, rung in enumerate(self.levels):
            message = f"levels are listed downwards from 0; {-index} is due here"
            require(rung.level == -index, message, "levels", index, "level")
        for index in range(1, len(self.levels)):
            falls = self.levels[index].mg_per_day < self.levels[index - 1].mg_per_day
            require(falls, "must be below the level before", "levels", index, "mg_per_day")
        for key in ("start_level", "re_escalate_up_to"):
            require(getattr(self, key) in numbers, f"{getattr(self, key)} is not one of the levels", key)
        most = len(self.levels) - 1
        require(0 <= self.max_reductions <= most, f"must be 0 to {most}, as levels go", "max_reductions")

    @property
    def standard_mg_per_day(self) -> Decimal:
        """Return the daily dose of level 0, the denominator of relative dose intensity."""
        return self.levels[0].mg_per_day

    def level_of(self, mg_per_day: Decimal) -> DoseLevel | None:
        """Return the level with this daily dose; None for a dose the protocol does not know (0 included)."""
        return next((rung for rung in self.levels if rung.mg_per_day == mg_per_day), None)
