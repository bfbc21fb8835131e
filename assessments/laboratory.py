"""What is known of a laboratory value besides the value: range of its day, flag, grade, the one before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments.course import PatientCourse
from assessments.domain.ctcae import LAB_RULES, Direction
from assessments.domain.laboratory import (
    ANALYTES,
    Analyte,
    LabGrade,
    LabResult,
    convert,
    grade_panel,
    plain,
    unit_words,
)
from assessments.domain.laboratory_limits import CRITICAL_GRADE, DatedValue, check_delta
from assessments.models import DoseInterval, LabPanel, ReferenceRange
from assessments.selectors import ReferenceRanges
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import extract
from casebook.models import Patient
from patients.models import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedValue:
    """A result of a panel beside its site's range of that day, all in the unit of the entry.

    `baseline` is the last value by the first dose, None before treatment; `delta` asks about a move from the
    value before that is larger than an illness explains, and is empty where there is none.
    """

    analyte: Analyte
    value: Decimal | None
    unit: str
    reference: ReferenceRange | None
    lln: Decimal | None
    uln: Decimal | None
    grades: tuple[LabGrade, ...]
    baseline: Decimal | None
    delta: str = ""

    @property
    def canonical(self) -> Decimal | None:
        """The value in the unit of the trial's rules and tables."""
        return None if self.value is None else convert(self.analyte.field, self.value, unit=self.unit)

    @property
    def in_words(self) -> str:
        """The canonical value in at most six digits."""
        return "" if self.canonical is None else plain(self.canonical)

    @property
    def unit_words(self) -> str:
        return unit_words(self.unit)

    @property
    def flag(self) -> str:
        """H or L beyond the range, HH or LL from CTCAE grade 3 on that side, else empty."""
        if self.value is None:
            return ""
        for side, grade in self._critical_sides():
            if grade >= CRITICAL_GRADE:
                return side * 2
        if self.uln is not None and self.value > self.uln:
            return "H"
        return "L" if self.lln is not None and self.value < self.lln else ""

    def _critical_sides(self) -> list[tuple[str, int]]:
        sides = {Direction.HIGH: "H", Direction.LOW: "L"}
        return [(sides[LAB_RULES[grade.term].direction], grade.grade or 0) for grade in self.grades]

    @property
    def is_critical(self) -> bool:
        return len(self.flag) > 1

    @property
    def lacks_range(self) -> bool:
        """A value to be graded, and no range in force on its day."""
        return self.value is not None and self.reference is None and bool(self.analyte.terms)


class Laboratory:
    """The panels of one patient, judged by the ranges of the site. Reads nothing itself."""

    def __init__(
        self,
        panels: Sequence[LabPanel],
        ranges: ReferenceRanges,
        *,
        site_id: int,
        sex: str,
        birth: PartialDate | None,
        first_dose: date | None,
    ) -> None:
        self.panels = sorted(panels, key=lambda panel: panel.date)
        self.ranges, self.site_id, self.sex, self.birth = ranges, site_id, sex, birth
        self.first_dose = first_dose

    @classmethod
    def of_course(cls, course: PatientCourse, ranges: ReferenceRanges) -> "Laboratory":
        sex, birth = course.sex_and_birth
        site, first = course.patient.site_id, course.first_dose
        return cls(course.lab_panels, ranges, site_id=site, sex=sex, birth=birth, first_dose=first)

    def judge(self, panel: LabPanel, fields: Sequence[str] = tuple(ANALYTES)) -> dict[str, JudgedValue]:
        """These analytes of a panel, by field name."""
        results = {field: self._result(panel, field) for field in fields}
        baseline = self._baseline(panel, fields)
        grades = defaultdict(list)
        for grade in grade_panel((r for r, _ in results.values()), baseline=baseline.values()):
            grades[grade.analyte].append(grade)
        return {
            field: JudgedValue(
                analyte=ANALYTES[field],
                value=result.value,
                unit=result.unit,
                reference=reference,
                lln=result.lln,
                uln=result.uln,
                grades=tuple(grades[field]),
                baseline=_in_unit(baseline.get(field), result.unit),
                delta=self.delta(panel, field) or "",
            )
            for field, (result, reference) in results.items()
        }

    def limits(self, analyte: str, on: date, unit: str) -> tuple[Decimal | None, Decimal | None]:
        """The range of a day in a unit, None where none is stated."""
        found = self.ranges.find(self.site_id, analyte, on, self.sex, self.birth)
        return (None, None) if found is None else (found.lln_in(unit), found.uln_in(unit))

    def before(self, panel: LabPanel, field: str) -> LabPanel | None:
        """The last panel with a value of the analyte before the day of this one."""
        earlier = (p for p in reversed(self.panels) if p.pk != panel.pk and p.date < panel.date)
        return next((p for p in earlier if getattr(p, field) is not None), None)

    def delta(self, panel: LabPanel, field: str) -> str | None:
        """What to ask about the move from the value before; None where there is nothing to ask."""
        now = panel.canonical(field) if panel.date else None
        earlier = self.before(panel, field) if now is not None else None
        before = earlier.canonical(field) if earlier is not None else None
        if now is None or earlier is None or before is None:
            return None
        return check_delta(
            field, DatedValue(on=earlier.date, value=before), DatedValue(on=panel.date, value=now)
        )

    def _baseline(self, panel: LabPanel, fields: Sequence[str]) -> dict[str, LabResult]:
        """The last value of each analyte on or before the first dose; none for a panel of that time."""
        if self.first_dose is None or panel.date is None or panel.date <= self.first_dose:
            return {}
        before = [p for p in self.panels if p.date <= self.first_dose and p.pk != panel.pk]
        return {
            field: self._result(p, field)[0]
            for p in before
            for field in fields
            if getattr(p, field) is not None
        }

    def _result(self, panel: LabPanel, field: str) -> tuple[LabResult, ReferenceRange | None]:
        """The value as entered, with its limits in the unit of the entry."""
        unit = panel.unit_of(field)
        found = (
            self.ranges.find(self.site_id, field, panel.date, self.sex, self.birth) if panel.date else None
        )
        result = LabResult(
            analyte=field,
            value=getattr(panel, field),
            unit=unit,
            lln=found.lln_in(unit) if found else None,
            uln=found.uln_in(unit) if found else None,
        )
        return result, found


class PatientLaboratory(Laboratory):
    """What judging a patient's panels needs, read in two queries however many values there are."""

    def __init__(self, patient: Patient) -> None:
        snapshot = extract([patient], tables=(Consent, DoseInterval, LabPanel))
        consent = snapshot.row(patient, Consent)
        given = (dose.start for dose in snapshot.rows(patient, DoseInterval) if dose.mg > 0)
        super().__init__(
            snapshot.rows(patient, LabPanel),
            ReferenceRanges.of_sites(patient.site_id),
            site_id=patient.site_id,
            sex=consent.sex if consent else "",
            birth=consent.birth_date if consent else None,
            first_dose=min(given, default=None),
        )


def _in_unit(result: LabResult | None, unit: str) -> Decimal | None:
    if result is None or result.value is None:
        return None
    return convert(result.analyte, result.value, unit=result.unit, to=unit)
