"""SYNTHETIC laboratory values: each grade before treatment, at the adverse events, and between them.

A value is drawn from the band of values that have exactly the wanted CTCAE grade by the ranges of the
patient's laboratory on that day, so that values and adverse events never contradict each other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments.domain.ctcae import LAB_RULES, Direction, Limit
from assessments.domain.laboratory import ANALYTES
from demo.calendar import Calendar
from demo.cohort import Baseline, Subject
from demo.courses import Course
from demo.plan import Chance
from demo.ranges import Ranges

ANALYTE_OF = {term: analyte.field for analyte in ANALYTES.values() for term in analyte.terms}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an analyte behaves in these patients: its unit of writing, the extremes drawn, its grades at
    baseline.

    A grade is drawn from `grades`, one sign each; the width is how far values stray from the patient's own.
    """

    step: Decimal
    lowest: Decimal
    highest: Decimal
    width: int
    grades: str = "0"


def _manner(step: str, lowest: str, highest: str, width: int, grades: str = "0") -> Manner:
    return Manner(
        step=Decimal(step), lowest=Decimal(lowest), highest=Decimal(highest), width=width, grades=grades
    )


GRADED: Mapping[str, Manner] = {
    "hemoglobin": _manner("0.1", "6.9", "15.5", 8, "00011111"),
    "platelets": _manner("1000", "28000", "230000", 14, "0011111122"),
    "total_bilirubin": _manner("0.1", "0.4", "6.8", 3, "00000001"),
    "albumin": _manner("0.1", "2.4", "4.4", 3, "0011111"),
    "ast": _manner("1", "18", "260", 14, "00111111112"),
    "alt": _manner("1", "14", "390", 14, "0000111111"),
    "alp": _manner("1", "180", "640", 40, "00011111"),
    "ggt": _manner("1", "18", "210", 20, "00111112"),
    "pt_inr": _manner("0.01", "0.95", "1.45", 5, "00001"),
    "sodium": _manner("0.1", "138.0", "144.9", 15),
    "potassium": _manner("0.01", "3.65", "4.75", 30),
    "phosphate": _manner("0.1", "2.8", "4.4", 4),
    "amylase": _manner("1", "48", "120", 14),
    "lipase": _manner("1", "15", "50", 10),
}


def baseline_grades(subject: Subject) -> dict[str, int]:
    """The grade before treatment of each term with an event or a manner; below the event's own grade."""
    worst = {event.term: event.worst_grade for event in subject.events}
    found: dict[str, int] = {}
    for field, manner in GRADED.items():
        drawn = int(Chance(subject.number, "grade", field).choice(manner.grades))
        for term in ANALYTES[field].terms:
            found[term] = min(drawn, worst.get(term, 5) - 1)
    found["Hypoalbuminemia"] = _albumin_grade(subject, found["Hypoalbuminemia"])
    if child_pugh_point(subject) == "bilirubin":
        found["Blood bilirubin increased"] = 1
    elif subject.baseline and subject.baseline.child_pugh_score == 5:
        found["Blood bilirubin increased"] = min(found["Blood bilirubin increased"], 1)
    return found


def _albumin_grade(subject: Subject, drawn: int) -> int:
    """Two Child-Pugh points are albumin of 2.8 to 3.5 g/dL: hypoalbuminemia of grade 1 everywhere."""
    return 1 if child_pugh_point(subject) == "albumin" else drawn


def child_pugh_point(subject: Subject) -> str:
    """What gives a score of 6 its sixth point; empty where the score is 5."""
    if subject.baseline is None or subject.baseline.child_pugh_score == 5:
        return ""
    terms = {event.term for event in subject.events}
    possible = [
        ("albumin", "Hypoalbuminemia", 5),
        ("ascites", "Ascites", 3),
        ("bilirubin", "Blood bilirubin increased", 1),
    ]
    ways = [way for way, term, weight in possible if term not in terms for _ in range(weight)]
    return Chance(subject.number, "child-pugh").choice(ways)


class Laboratory:
    """All panels of one patient."""

    def __init__(
        self,
        subject: Subject,
        site: str,
        sex: str,
        calendar: Calendar,
        courses: Iterable[Course],
        ranges: Ranges,
    ) -> None:
        self.subject, self.site, self.sex, self.calendar, self.ranges = subject, site, sex, calendar, ranges
        self.before = baseline_grades(subject)
        self.events = {course.row.term: course for course in courses if course.row.term in LAB_RULES}
        self.home = {field: Chance(subject.number, "home", field).randint(25, 75) for field in GRADED}

    def panels(self) -> Iterator[tuple[date, dict[str, Decimal]]]:
        """Every sample with its values, the one of screening first."""
        creatinine = self._creatinine()
        for number, day in enumerate((self.calendar.blood, *self.calendar.visits)):
            chance = Chance(self.subject.number, "panel", day.isoformat())
            values = {field: self._value(field, day, chance) for field in GRADED}
            if number == 0:
                values |= self._for_child_pugh(values)
            values |= _white_cells(chance)
            values["creatinine"] = (
                creatinine if number < 2 else creatinine - Decimal(chance.randint(0, 9)) / 100
            )
            if number % 2 == 0 or number == 1:
                values |= self._markers(number, chance)
            yield day, values

    def _value(self, field: str, day: date, chance: Chance) -> Decimal:
        grade = next((self._grade(term, day) for term in ANALYTES[field].terms if self._grade(term, day)), 0)
        low, high = band(field, grade, self.ranges.limits(self.site, field, day, self.sex))
        width = GRADED[field].width
        centre = low + (high - low) * self.home[field] // 100
        return min(max(centre + chance.randint(-width, width), low), high) * GRADED[field].step

    def _grade(self, term: str, day: date) -> int:
        course = self.events.get(term)
        return max(course.grade_on(day) if course else 0, self.before[term])

    def _for_child_pugh(self, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """The first sample gives the Child-Pugh points of the baseline form, and is eligible."""
        point = child_pugh_point(self.subject)
        albumin, bilirubin = values["albumin"], values["total_bilirubin"]
        return {
            "albumin": min(albumin, Decimal("3.5")) if point == "albumin" else max(albumin, Decimal("3.6")),
            "total_bilirubin": Decimal("2.0") if point == "bilirubin" else min(bilirubin, Decimal("1.9")),
        }

    def _creatinine(self) -> Decimal:
        """Any later value above this one would be an adverse event: it is the highest of the patient."""
        _, uln = self.ranges.limits(self.site, "creatinine", self.calendar.blood, self.sex)
        assert uln is not None
        return uln - Decimal(Chance(self.subject.number, "creatinine").randint(2, 18)) / 100

    def _markers(self, number: int, chance: Chance) -> dict[str, Decimal]:
        """Tumour markers: those of the baseline form first, then going their own way."""
        baseline = baseline_of(self.subject)
        drift = 100 if number == 0 else chance.randint(55, 190)
        return {"afp": _share(baseline.afp, drift), "dcp": _share(baseline.dcp, drift)}


def band(field: str, grade: int, limits: tuple[Decimal | None, Decimal | None]) -> tuple[int, int]:
    """The lowest and highest value of a grade, counted in the steps in which the analyte is written.

    Sodium and potassium are graded on both sides and are always of grade 0 here.
    """
    manner = GRADED[field]
    low, high = _up(manner.lowest / manner.step), int(manner.highest / manner.step)
    for direction, of_grade, threshold in _cuts(field, limits):
        beyond = of_grade <= grade  # the value lies beyond this cut, else on its good side or on it
        steps = threshold / manner.step
        if direction is Direction.HIGH:
            low, high = (max(low, int(steps) + 1), high) if beyond else (low, min(high, int(steps)))
        else:
            low, high = (low, min(high, _up(steps) - 1)) if beyond else (max(low, _up(steps)), high)
    if low > high:
        raise ValueError(f"no value of {field} has grade {grade}")
    return low, high


def _cuts(
    field: str, limits: tuple[Decimal | None, Decimal | None]
) -> Iterator[tuple[Direction, int, Decimal]]:
    """Each cut of the analyte's terms: the side it looks at, its grade, and the value it is made at."""
    for rule in (LAB_RULES[term] for term in ANALYTES[field].terms):
        for cut in rule.cuts:
            if cut.limit is Limit.FIXED:
                yield rule.direction, cut.grade, cut.fixed[ANALYTES[field].unit]
            elif cut.limit is not Limit.BASELINE:
                limit = limits[1] if cut.limit is Limit.ULN else limits[0]
                assert limit is not None
                yield rule.direction, cut.grade, cut.multiple * limit


def _up(number: Decimal) -> int:
    return -int(-number // 1)


def _share(value: Decimal, percent: int) -> Decimal:
    return max((value * percent / 100).quantize(Decimal("0.1")), Decimal("0.5"))


def _white_cells(chance: Chance) -> dict[str, Decimal]:
    """Never below any of the laboratories' limits."""
    neutrophils, lymphocytes = chance.randint(200, 390) * 10, chance.randint(115, 180) * 10
    return {
        "neutrophils": Decimal(neutrophils),
        "lymphocytes": Decimal(lymphocytes),
        "white_cells": Decimal(neutrophils + lymphocytes + chance.randint(50, 90) * 10),
    }


INVENTED = Baseline(
    age=71,
    sex="M",
    etiology="HCV",
    ecog=0,
    child_pugh_score=5,
    vascular_invasion=False,
    extrahepatic_spread=False,
    bclc="B",
    afp=Decimal("64.2"),
    dcp=Decimal("212.0"),
    pretreated=True,
)
"""The baseline of the patient who refused before the first dose: in no figure, hence in no table."""


def baseline_of(subject: Subject) -> Baseline:
    return subject.baseline or INVENTED
