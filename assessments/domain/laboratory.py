"""The laboratory analytes of the trial: units, conversions, and the CTCAE terms they are graded by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from assessments.domain.ctcae import (
    COUNT_SCALES,
    ELECTROLYTE_UNITS,
    ENZYME_UNITS,
    UnknownUnitError,
    grade_lab,
    is_worse_than_baseline,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRatio:
    """So many canonical units are so many reported ones, e.g. 1 g/dL is 10 g/L."""

    canonical: Decimal = Decimal(1)
    reported: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """One laboratory test: our field name, and the units accepted from a site's laboratory.

    `term_low` and `term_high` are the CTCAE terms of a value below and above the reference range; None means
    that this side is not graded from the value (the tumour markers: neither side).
    """

    field: str
    name: str
    unit: str
    ratios: Mapping[str, UnitRatio]
    term_low: str | None = None
    term_high: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(term for term in (self.term_low, self.term_high) if term is not None)

    @property
    def written(self) -> str:
        """The canonical unit as laboratories print it."""
        return unit_words(self.unit)

    @property
    def units(self) -> tuple[str, ...]:
        """The accepted units, the canonical one first."""
        return tuple(self.ratios)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResult:
    """One reported result with the site's reference range of that day, all in the reported unit.

    `value` None: not measured. `lln` or `uln` None: the laboratory states no such limit.
    """

    analyte: str
    value: Decimal | None
    unit: str
    lln: Decimal | None = None
    uln: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabGrade:
    """The CTCAE grade of one result for one term, beside the grade of the same test before treatment.

    `grade`, `baseline_grade` None: cannot be graded. `is_worse` None: cannot be told.
    """

    analyte: str
    term: str
    grade: int | None
    baseline_grade: int | None
    is_worse: bool | None


def _analyte(
    field: str, name: str, units: Mapping[str, UnitRatio], low: str | None = None, high: str | None = None
) -> Analyte:
    ratios = MappingProxyType(dict(units))
    return Analyte(
        field=field, name=name, unit=next(iter(ratios)), ratios=ratios, term_low=low, term_high=high
    )


def _same(*units: str) -> Mapping[str, UnitRatio]:
    """Units that differ in name only."""
    return dict.fromkeys(units, UnitRatio())


def _pair(canonical: str, reported: str, *, one_is: str) -> Mapping[str, UnitRatio]:
    """A canonical unit and a second one, with the number of the second that makes one of the first."""
    return {canonical: UnitRatio(), reported: UnitRatio(reported=Decimal(one_is))}


_COUNT = {
    unit: UnitRatio(canonical=COUNT_SCALES["/mm3"], reported=COUNT_SCALES[unit])
    for unit in ("/mm3", "/uL", "10^3/uL", "10^4/uL", "10^9/L")
}
# One unit of an enzyme turns over one micromole a minute, so that 1 µkat/L is 60 U/L, exactly.
_ENZYME = {unit: UnitRatio() for unit in ENZYME_UNITS} | {"ukat/L": UnitRatio(canonical=Decimal(60))}
_ELECTROLYTE = _same(*ELECTROLYTE_UNITS)
_GRAMS = _pair("g/dL", "g/L", one_is="10")
# Hemoglobin in mmol/L counts the monomer (Fe), 16 114 g/mol. Bilirubin, creatinine and phosphate: the
# conventional factors of clinical chemistry (AMA Manual of Style, SI conversions). All exact by convention.
_HEMOGLOBIN = {**_GRAMS, "mmol/L": UnitRatio(reported=Decimal("0.6206"))}
_BILIRUBIN = _pair("mg/dL", "umol/L", one_is="17.1")
_CREATININE = _pair("mg/dL", "umol/L", one_is="88.4")
_PHOSPHATE = _pair("mg/dL", "mmol/L", one_is="0.323")

ANALYTES: Mapping[str, Analyte] = MappingProxyType(
    {
        analyte.field: analyte
        for analyte in (
            _analyte("hemoglobin", "Hemoglobin", _HEMOGLOBIN, low="Anemia"),
            _analyte("white_cells", "White blood cells", _COUNT, low="White blood cell decreased"),
            _analyte("neutrophils", "Neutrophils", _COUNT, low="Neutrophil count decreased"),
            _analyte("lymphocytes", "Lymphocytes", _COUNT, low="Lymphocyte count decreased"),
            _analyte("platelets", "Platelets", _COUNT, low="Platelet count decreased"),
            _analyte("total_bilirubin", "Total bilirubin", _BILIRUBIN, high="Blood bilirubin increased"),
            _analyte("albumin", "Albumin", _GRAMS, low="Hypoalbuminemia"),
            _analyte(
                "ast", "Aspartate aminotransferase", _ENZYME, high="Aspartate aminotransferase increased"
            ),
            _analyte("alt", "Alanine aminotransferase", _ENZYME, high="Alanine aminotransferase increased"),
            _analyte("alp", "Alkaline phosphatase", _ENZYME, high="Alkaline phosphatase increased"),
            _analyte("ggt", "Gamma-glutamyl transferase", _ENZYME, high="GGT increased"),
            _analyte("creatinine", "Creatinine", _CREATININE, high="Creatinine increased"),
            _analyte("pt_inr", "Prothrombin time, INR", _same("ratio"), high="INR increased"),
            _analyte("sodium", "Sodium", _ELECTROLYTE, low="Hyponatremia", high="Hypernatremia"),
            _analyte("potassium", "Potassium", _ELECTROLYTE, low="Hypokalemia", high="Hyperkalemia"),
            _analyte("phosphate", "Phosphate", _PHOSPHATE, low="Hypophosphatemia"),
            _analyte("amylase", "Amylase", _ENZYME, high="Serum amylase increased"),
            _analyte("lipase", "Lipase", _ENZYME, high="Lipase increased"),
            _analyte("afp", "Alpha-fetoprotein", _same("ng/mL", "ug/L")),
            _analyte("dcp", "Des-gamma-carboxy prothrombin (PIVKA-II)", _same("mAU/mL")),
        )
    }
)


def convert(analyte: str, value: Decimal, *, unit: str, to: str | None = None) -> Decimal:
    """Return a value in another unit of the same analyte; without `to`, in the canonical unit.

    The result is exact where it has a decimal expansion of at most 28 digits, else correctly rounded
    to 28, so that comparing it with a protocol limit gives the same answer as exact arithmetic.
    """
    target = to or ANALYTES[analyte].unit
    source_ratio, target_ratio = _ratio(analyte, unit), _ratio(analyte, target)
    if target == unit:
        return value
    return (value * source_ratio.canonical * target_ratio.reported) / (
        source_ratio.reported * target_ratio.canonical
    )


WRITTEN = MappingProxyType(
    {"/mm3": "/mm³", "/uL": "/µL", "10^3/uL": "10³/µL", "10^4/uL": "10⁴/µL", "10^9/L": "10⁹/L", "ratio": ""}
)


def unit_words(unit: str) -> str:
    """A unit as laboratories print it; a ratio has none."""
    return WRITTEN.get(unit, f"µ{unit[1:]}" if unit.startswith("u") else unit)


def plain(number: Decimal) -> str:
    """At most six significant digits: a value converted from another unit may have 28."""
    shown = f"{number.normalize():f}"
    return shown if len(shown) <= 7 else f"{Decimal(f'{number:.6g}'):f}"


def grade_panel(
    results: Iterable[LabResult],
    *,
    baseline: Iterable[LabResult] = (),
    anticoagulated: bool = False,
    symptomatic_hypokalemia: bool = True,
) -> tuple[LabGrade, ...]:
    """Grade every result of a panel for each of its CTCAE terms, in the unit in which it was reported.

    `baseline` is the patient's last panel before treatment: it gives the grade to compare with, and the
    baseline value for creatinine and for the INR of an anticoagulated patient. Analytes without a CTCAE term
    give no row.
    """
    before = {result.analyte: result for result in baseline}
    flags = {"anticoagulated": anticoagulated, "symptomatic": symptomatic_hypokalemia}
    return tuple(
        _grade(result, term, before.get(result.analyte), flags)
        for result in results
        for term in ANALYTES[result.analyte].terms
    )


def _grade(result: LabResult, term: str, before: LabResult | None, flags: Mapping[str, bool]) -> LabGrade:
    baseline_value = None
    baseline_grade = None
    if before is not None and before.value is not None:
        baseline_value = convert(result.analyte, before.value, unit=before.unit, to=result.unit)
        baseline_grade = grade_lab(
            term, before.value, before.unit, lln=before.lln, uln=before.uln, baseline=before.value, **flags
        )
    grade = grade_lab(
        term, result.value, result.unit, lln=result.lln, uln=result.uln, baseline=baseline_value, **flags
    )
    return LabGrade(
        analyte=result.analyte,
        term=term,
        grade=grade,
        baseline_grade=baseline_grade,
        is_worse=is_worse_than_baseline(grade, baseline_grade),
    )


def _ratio(analyte: str, unit: str) -> UnitRatio:
    ratio = ANALYTES[analyte].ratios.get(unit)
    if ratio is None:
        accepted = ", ".join(ANALYTES[analyte].units)
        raise UnknownUnitError(f"{ANALYTES[analyte].name} is reported in {accepted}, not in “{unit}”.")
    return ratio
