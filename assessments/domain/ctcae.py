"""CTCAE v4.03 grades of laboratory values.

Every limit is passed strictly: a value exactly at a cut takes the lower grade. The highest grade whose
condition holds wins, also where a site's lower limit of normal lies below a fixed cut (a neutrophil count of
1.45 is grade 2 although the site's LLN is 1.4), as in pharmaverse admiral's published grading metadata.
A laboratory value alone is never grade 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

CTCAE_VERSION = "4.03"


class LabGradingError(ValueError):
    """A laboratory value that the CTCAE table cannot be applied to."""


class UnknownTermError(LabGradingError):
    """The term has no laboratory grading rule."""


class UnknownUnitError(LabGradingError):
    """The term is not graded in this unit."""


class Direction(StrEnum):
    """Which side of the reference range the term looks at."""

    HIGH = "HIGH"
    LOW = "LOW"


class Limit(StrEnum):
    """What a cut is measured against."""

    FIXED = "FIXED"
    LLN = "LLN"
    ULN = "ULN"
    BASELINE = "BASELINE"


@dataclass(frozen=True, slots=True)
class Cut:
    """One branch of one grade: beyond a fixed value per unit, or beyond a multiple of a limit."""

    grade: int
    limit: Limit
    multiple: Decimal = Decimal(1)
    fixed: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabRule:
    """The grading rule of one CTCAE term: its side, the units it is stated in, its cuts from grade 4 down."""

    direction: Direction
    units: tuple[str, ...]
    cuts: tuple[Cut, ...]


ENZYME_UNITS = ("U/L", "IU/L", "ukat/L")
ELECTROLYTE_UNITS = ("mmol/L", "mEq/L")
COUNT_SCALES = MappingProxyType(
    {
        "10^9/L": Decimal(1),
        "10^3/uL": Decimal(1),
        "10^4/uL": Decimal("0.1"),
        "/uL": Decimal(1000),
        "/mm3": Decimal(1000),
    }
)


def _graded(cuts_from_grade: int, text: str) -> list[tuple[int, Decimal]]:
    """Read one cut per grade; "-" is a grade that the term does not have."""
    cells = enumerate(text.split(), start=cuts_from_grade)
    return [(grade, Decimal(cell)) for grade, cell in cells if cell != "-"]


def _multiples(units: tuple[str, ...], text: str, limit: Limit = Limit.ULN) -> LabRule:
    cuts = tuple(Cut(grade, limit, multiple) for grade, multiple in reversed(_graded(1, text)))
    return LabRule(Direction.HIGH, units, cuts)


def _fixed(direction: Direction, cuts_by_unit: Mapping[str, str]) -> LabRule:
    """Grade 1 beyond the limit of normal, grades 2 to 4 beyond fixed values stated per unit."""
    first_limit = Limit.ULN if direction is Direction.HIGH else Limit.LLN
    by_grade: dict[int, dict[str, Decimal]] = {}
    for unit, text in cuts_by_unit.items():
        for grade, cut in _graded(2, text):
            by_grade.setdefault(grade, {})[unit] = cut
    fixed = (Cut(grade, Limit.FIXED, fixed=by_grade[grade]) for grade in sorted(by_grade, reverse=True))
    return LabRule(direction, tuple(cuts_by_unit), (*fixed, Cut(1, first_limit)))


def _count(text: str) -> LabRule:
    """Cell counts: cuts in 10^9/L, scaled exactly to the other units in use."""
    cuts = {
        unit: " ".join(str(Decimal(cell) * scale) for cell in text.split())
        for unit, scale in COUNT_SCALES.items()
    }
    return _fixed(Direction.LOW, cuts)


def _electrolyte(direction: Direction, text: str) -> LabRule:
    return _fixed(direction, dict.fromkeys(ELECTROLYTE_UNITS, text))


def _creatinine() -> LabRule:
    """Above a multiple of the ULN or of the patient's baseline; grade 4 has no baseline branch."""
    units = ("mg/dL", "umol/L")
    cuts = _multiples(units, "1 1.5 3 6").cuts + _multiples(units, "1 1.5 3", Limit.BASELINE).cuts
    return LabRule(Direction.HIGH, units, tuple(sorted(cuts, key=lambda cut: -cut.grade)))


HYPOKALEMIA = "Hypokalemia"
INR_INCREASED = "INR increased"

LAB_RULES: Mapping[str, LabRule] = MappingProxyType(
    {
        "Alanine aminotransferase increased": _multiples(ENZYME_UNITS, "1 3 5 20"),
        "Aspartate aminotransferase increased": _multiples(ENZYME_UNITS, "1 3 5 20"),
        "Alkaline phosphatase increased": _multiples(ENZYME_UNITS, "1 2.5 5 20"),
        "GGT increased": _multiples(ENZYME_UNITS, "1 2.5 5 20"),
        "Blood bilirubin increased": _multiples(("mg/dL", "umol/L"), "1 1.5 3 10"),
        "Creatinine increased": _creatinine(),
        "Serum amylase increased": _multiples(ENZYME_UNITS, "1 1.5 2 5"),
        "Lipase increased": _multiples(ENZYME_UNITS, "1 1.5 2 5"),
        INR_INCREASED: _multiples(("ratio",), "1 1.5 2.5 -"),
        "Anemia": _fixed(Direction.LOW, {"g/dL": "10.0 8.0 -", "g/L": "100 80 -", "mmol/L": "6.2 4.9 -"}),
        "Platelet count decreased": _count("75 50 25"),
        "Neutrophil count decreased": _count("1.5 1.0 0.5"),
        "White blood cell decreased": _count("3.0 2.0 1.0"),
        "Lymphocyte count decreased": _count("0.8 0.5 0.2"),
        "Hypoalbuminemia": _fixed(Direction.LOW, {"g/dL": "3 2 -", "g/L": "30 20 -"}),
        "Hypophosphatemia": _fixed(Direction.LOW, {"mg/dL": "2.5 2.0 1.0", "mmol/L": "0.8 0.6 0.3"}),
        "Hyponatremia": _electrolyte(Direction.LOW, "- 130 120"),
        "Hypernatremia": _electrolyte(Direction.HIGH, "150 155 160"),
        HYPOKALEMIA: _electrolyte(Direction.LOW, "- 3.0 2.5"),
        "Hyperkalemia": _electrolyte(Direction.HIGH, "5.5 6.0 7.0"),
    }
)


def grade_lab(
    term: str,
    value: Decimal | None,
    unit: str,
    *,
    lln: Decimal | None,
    uln: Decimal | None,
    baseline: Decimal | None = None,
    anticoagulated: bool = False,
    symptomatic: bool = True,
) -> int | None:
    """Return the CTCAE v4.03 grade (0 to 4) of a laboratory value, or None where it cannot be graded.

    `lln`, `uln` and `baseline` are in the unit of the value. A missing value is not gradable. A missing limit
    of normal is not gradable either, unless a fixed cut decides without it. Creatinine without a baseline is
    graded by the ULN alone.

    `anticoagulated`: INR is then judged against the patient's baseline instead of the ULN (not gradable
    without one). `symptomatic`: potassium below the LLN is grade 2 with symptoms and grade 1 without; unless
    the investigator has said that there are none, the worse is taken.
    """
    rule = _rule(term, unit)
    for name, number in (("value", value), ("LLN", lln), ("ULN", uln), ("baseline", baseline)):
        _refuse_impossible(name, number)
    if value is None:
        return None
    replaced_uln = baseline if term == INR_INCREASED and anticoagulated else uln
    limits = {Limit.LLN: lln, Limit.ULN: replaced_uln, Limit.BASELINE: baseline}
    grade = _highest_grade(rule, value, unit, limits)
    return 2 if grade == 1 and term == HYPOKALEMIA and symptomatic else grade


def is_worse_than_baseline(grade: int | None, baseline_grade: int | None) -> bool | None:
    """Tell whether a laboratory grade is worse than before treatment, so that it can be treatment-emergent.

    Grade 0 is never worse. Where either grade is missing and matters, the answer is None (cannot be told).
    """
    if grade == 0:
        return False
    if grade is None or baseline_grade is None:
        return None
    return grade > baseline_grade


def _rule(term: str, unit: str) -> LabRule:
    rule = LAB_RULES.get(term)
    if rule is None:
        raise UnknownTermError(f"“{term}” has no laboratory grading rule in CTCAE {CTCAE_VERSION}.")
    if unit not in rule.units:
        raise UnknownUnitError(f"“{term}” is graded in {', '.join(rule.units)}, not in “{unit}”.")
    return rule


def _refuse_impossible(name: str, number: Decimal | None) -> None:
    if number is not None and (not number.is_finite() or number < 0):
        raise LabGradingError(f"The {name} must be a number of at least 0, not {number}.")


def _highest_grade(
    rule: LabRule, value: Decimal, unit: str, limits: Mapping[Limit, Decimal | None]
) -> int | None:
    """Go down from the worst grade; a grade that cannot be ruled out makes the value not gradable."""
    for cut in rule.cuts:
        threshold = cut.fixed[unit] if cut.limit is Limit.FIXED else limits[cut.limit]
        if threshold is None:
            if cut.limit is Limit.BASELINE:
                continue
            return None
        threshold *= cut.multiple
        if value > threshold if rule.direction is Direction.HIGH else value < threshold:
            return cut.grade
    return 0
