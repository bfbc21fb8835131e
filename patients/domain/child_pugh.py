"""Child-Pugh score of liver function."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_POINTS_BILIRUBIN = (Decimal("2"), Decimal("3"))
_POINTS_ALBUMIN = (Decimal("2.8"), Decimal("3.5"))
_POINTS_INR = (Decimal("1.7"), Decimal("2.3"))
_POINTS_PT_PERCENT = (Decimal("40"), Decimal("70"))
_POINTS_PT_SECONDS = (Decimal("4"), Decimal("6"))


class Ascites(StrEnum):
    """Ascites as Child-Pugh tells it apart."""

    NONE = "NONE"
    MILD = "MILD"
    MODERATE_TO_SEVERE = "MODERATE TO SEVERE"


class ChildPughClass(StrEnum):
    """A: 5 to 6 points, B: 7 to 9, C: 10 to 15."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPughFacts:
    """The five components; ``None`` is not (yet) known.

    Bilirubin in mg/dL, albumin in g/dL, encephalopathy as its grade (0 none to 4). Coagulation is any one
    of INR, prothrombin activity in % and prolongation of the prothrombin time in seconds; where several are
    known, the first of these is used.
    """

    bilirubin: Decimal | None = None
    albumin: Decimal | None = None
    inr: Decimal | None = None
    pt_percent: Decimal | None = None
    pt_prolonged_seconds: Decimal | None = None
    ascites: Ascites | None = None
    encephalopathy_grade: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPugh:
    """Points of each component (1 to 3), ``None`` for one that is missing."""

    bilirubin: int | None
    albumin: int | None
    coagulation: int | None
    ascites: int | None
    encephalopathy: int | None

    @property
    def points(self) -> dict[str, int | None]:
        """Return the points by the name of the component."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the components that are not known."""
        return tuple(name for name, points in self.points.items() if points is None)

    @property
    def score(self) -> int | None:
        """Return the sum, 5 to 15; None while a component is missing."""
        known = [points for points in self.points.values() if points is not None]
        return None if self.missing else sum(known)

    @property
    def child_pugh_class(self) -> ChildPughClass | None:
        """Return class A, B or C; None while a component is missing."""
        return None if self.score is None else classify_child_pugh(self.score)


def classify_child_pugh(score: int) -> ChildPughClass:
    """Return the class of a score from 5 to 15."""
    if not 5 <= score <= 15:
        raise ValueError(f"a Child-Pugh score lies between 5 and 15, not {score}")
    if score <= 6:
        return ChildPughClass.A
    return ChildPughClass.B if score <= 9 else ChildPughClass.C


def compute_child_pugh(facts: ChildPughFacts) -> ChildPugh:
    """Return the points of each component.

    A value on a boundary (bilirubin 2.0 and 3.0 mg/dL, albumin 2.8 and 3.5 g/dL, INR 1.7 and 2.3,
    prothrombin 40 and 70 %, 4 and 6 s) scores 2. A missing component stays missing; nothing is assumed
    normal. Source: Pugh 1973, in the form with INR.
    """
    return ChildPugh(
        bilirubin=_rising(facts.bilirubin, _POINTS_BILIRUBIN),
        albumin=_falling(facts.albumin, _POINTS_ALBUMIN),
        coagulation=_coagulation(facts),
        ascites=None if facts.ascites is None else 1 + list(Ascites).index(facts.ascites),
        encephalopathy=_encephalopathy(facts.encephalopathy_grade),
    )


def _coagulation(facts: ChildPughFacts) -> int | None:
    if facts.inr is not None:
        return _rising(facts.inr, _POINTS_INR)
    if facts.pt_percent is not None:
        return _falling(facts.pt_percent, _POINTS_PT_PERCENT)
    return _rising(facts.pt_prolonged_seconds, _POINTS_PT_SECONDS)


def _rising(value: Decimal | None, cuts: tuple[Decimal, Decimal]) -> int | None:
    """Return 1 below the lower cut, 3 above the upper one, 2 between and on them."""
    if value is None:
        return None
    lower, upper = cuts
    return 1 if value < lower else 3 if value > upper else 2


def _falling(value: Decimal | None, cuts: tuple[Decimal, Decimal]) -> int | None:
    """Return 3 below the lower cut, 1 above the upper one, 2 between and on them."""
    points = _rising(value, cuts)
    return None if points is None else 4 - points


def _encephalopathy(grade: int | None) -> int | None:
    if grade is None:
        return None
    if not 0 <= grade <= 4:
        raise ValueError(f"a grade of encephalopathy lies between 0 and 4, not {grade}")
    return 1 if grade == 0 else 2 if grade <= 2 else 3
