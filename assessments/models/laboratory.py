"""One blood sample's results."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models

from casebook.models import Crf
from casebook.models.backstop import backed_up


def _result(label: str, digits: int, places: int, low: str, high: str) -> Any:
    """A nullable result; beyond `low` and `high` it cannot be true (these are not the limits of normal)."""
    return models.DecimalField(
        label,
        max_digits=digits,
        decimal_places=places,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal(low)), AtMost(Decimal(high))],
    )


@backed_up
class LabPanel(Crf):
    """The results of one day, each in the unit of its label; empty is "not measured"."""

    date = models.DateField("date of the sample")
    hemoglobin = _result("hemoglobin, g/dL", 3, 1, "1.0", "25.0")
    white_cells = _result("white blood cells, /mm³", 6, 0, "0", "500000")
    neutrophils = _result("neutrophils, /mm³", 6, 0, "0", "400000")
    lymphocytes = _result("lymphocytes, /mm³", 6, 0, "0", "400000")
    platelets = _result("platelets, /mm³", 7, 0, "0", "3000000")
    total_bilirubin = _result("total bilirubin, mg/dL", 4, 2, "0", "80.00")
    albumin = _result("albumin, g/dL", 3, 2, "0.50", "8.00")
    ast = _result("AST, U/L", 6, 1, "0", "50000.0")
    alt = _result("ALT, U/L", 6, 1, "0", "50000.0")
    alp = _result("ALP, U/L", 6, 1, "0", "20000.0")
    ggt = _result("GGT, U/L", 6, 1, "0", "20000.0")
    creatinine = _result("creatinine, mg/dL", 4, 2, "0.05", "40.00")
    pt_inr = _result("prothrombin time, INR", 4, 2, "0.50", "20.00")
    sodium = _result("sodium, mmol/L", 4, 1, "80.0", "220.0")
    potassium = _result("potassium, mmol/L", 4, 2, "1.00", "15.00")
    phosphate = _result("phosphate, mg/dL", 4, 2, "0.10", "30.00")
    amylase = _result("amylase, U/L", 6, 1, "0", "50000.0")
    lipase = _result("lipase, U/L", 6, 1, "0", "50000.0")
    afp = _result("AFP, ng/mL", 10, 2, "0", "20000000.00")
    dcp = _result("DCP (PIVKA-II), mAU/mL", 10, 2, "0", "20000000.00")

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "laboratory panel"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_laboratory_panel_per_day",
                violation_error_message="Laboratory values of this day are already entered.",
            )
        ]

    def __str__(self) -> str:
        return f"laboratory values of {self.date}"
