"""One blood sample's results, as the site's laboratory reported them."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Floor

from assessments.domain.laboratory import ANALYTES, convert, unit_words
from assessments.domain.laboratory_limits import WHOLE_UNITS, check_plausible, plausible_in
from casebook.models import Crf, MeasuredField, UnitField
from casebook.models.backstop import Backstop, backed_up

HIGHEST = Decimal(20_000_000)
"""No value is higher in any unit; what each unit lets through, `check_plausible` says."""


def _result(label: str) -> Any:
    """A nullable result, its digits as the laboratory printed them."""
    return MeasuredField(
        label,
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal(0)), AtMost(HIGHEST)],
    )


def _unit(analyte: str, label: str) -> Any:
    """The unit of a result. What was entered before units could be chosen is in the canonical one."""
    units = ANALYTES[analyte].units
    return UnitField(
        f"unit of {label}",
        of=analyte,
        max_length=10,
        choices=[(unit, unit_words(unit) or "–") for unit in units],
        default=units[0],
    )


def _possible(analyte: str) -> Q:
    """Not measured, or within what can be true in the unit of the entry."""
    found = Q(**{f"{analyte}__isnull": True})
    for unit in ANALYTES[analyte].units:
        low, high = plausible_in(analyte, unit)
        in_unit = Q(**{f"{analyte}_unit": unit, f"{analyte}__gte": low, f"{analyte}__lte": high})
        if unit in WHOLE_UNITS:
            in_unit &= Q(**{analyte: Floor(F(analyte))})
        found |= in_unit
    return found


@backed_up
class LabPanel(Crf):
    """The results of one day, each as entered and in the unit entered; empty is "not measured".

    `canonical` gives a result in the unit in which the trial's rules and tables are written.
    """

    date = models.DateField("date of the sample")
    hemoglobin = _result("hemoglobin")
    hemoglobin_unit = _unit("hemoglobin", "hemoglobin")
    white_cells = _result("white blood cells")
    white_cells_unit = _unit("white_cells", "white blood cells")
    neutrophils = _result("neutrophils")
    neutrophils_unit = _unit("neutrophils", "neutrophils")
    lymphocytes = _result("lymphocytes")
    lymphocytes_unit = _unit("lymphocytes", "lymphocytes")
    platelets = _result("platelets")
    platelets_unit = _unit("platelets", "platelets")
    total_bilirubin = _result("total bilirubin")
    total_bilirubin_unit = _unit("total_bilirubin", "total bilirubin")
    albumin = _result("albumin")
    albumin_unit = _unit("albumin", "albumin")
    ast = _result("AST")
    ast_unit = _unit("ast", "AST")
    alt = _result("ALT")
    alt_unit = _unit("alt", "ALT")
    alp = _result("ALP")
    alp_unit = _unit("alp", "ALP")
    ggt = _result("GGT")
    ggt_unit = _unit("ggt", "GGT")
    creatinine = _result("creatinine")
    creatinine_unit = _unit("creatinine", "creatinine")
    pt_inr = _result("prothrombin time, INR")
    pt_inr_unit = _unit("pt_inr", "prothrombin time, INR")
    sodium = _result("sodium")
    sodium_unit = _unit("sodium", "sodium")
    potassium = _result("potassium")
    potassium_unit = _unit("potassium", "potassium")
    phosphate = _result("phosphate")
    phosphate_unit = _unit("phosphate", "phosphate")
    amylase = _result("amylase")
    amylase_unit = _unit("amylase", "amylase")
    lipase = _result("lipase")
    lipase_unit = _unit("lipase", "lipase")
    afp = _result("AFP")
    afp_unit = _unit("afp", "AFP")
    dcp = _result("DCP (PIVKA-II)")
    dcp_unit = _unit("dcp", "DCP (PIVKA-II)")

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "laboratory panel"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_laboratory_panel_per_day",
                violation_error_message="Laboratory values of this day are already entered.",
            ),
            *(Backstop(condition=_possible(a), name=f"lab_panel_{a}_is_possible") for a in ANALYTES),
        ]

    def __str__(self) -> str:
        return f"laboratory values of {self.date}"

    def unit_of(self, analyte: str) -> str:
        unit: str = getattr(self, f"{analyte}_unit")
        return unit

    def canonical(self, analyte: str) -> Decimal | None:
        """The result in the analyte's canonical unit; None where it was not measured."""
        value: Decimal | None = getattr(self, analyte)
        return None if value is None else convert(analyte, value, unit=self.unit_of(analyte))

    def clean(self) -> None:
        said = {}
        for analyte, known in ANALYTES.items():
            value, unit = getattr(self, analyte), self.unit_of(analyte)
            if (
                isinstance(value, Decimal)
                and value.is_finite()
                and 0 <= value <= HIGHEST
                and unit in known.ratios
            ):
                message = check_plausible(analyte, value, unit)
                if message is not None:
                    said[analyte] = message
        if said:
            raise ValidationError(said)
