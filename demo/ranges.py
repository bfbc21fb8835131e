"""Reference ranges of the eight invented laboratories. SYNTHETIC, in the orders of magnitude of real ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from assessments.domain.laboratory import ANALYTES, convert
from demo.calendar import SITES

Limits = tuple[Decimal | None, Decimal | None]
IN_FORCE_FROM = date(2010, 4, 1)

BOTH = """
    white_cells      3300-8600     3500-9000     3600-8900
    neutrophils      1700-7000     1800-7500     1600-7200
    lymphocytes      1000-4000     1100-4500     900-4000
    platelets        158000-348000 150000-350000 130000-370000
    total_bilirubin  0.4-1.5       0.2-1.2       0.3-1.2
    albumin          4.1-5.1       3.9-4.9       3.8-5.2
    ast              13-30         10-40         12-35
    alt              10-42         5-45          6-40
    alp              106-322       115-359       100-340
    ggt              13-64         10-60         9-55
    pt_inr           0.85-1.15     0.90-1.13     0.80-1.20
    sodium           138-145       136-147       135-145
    potassium        3.6-4.8       3.5-5.0       3.4-4.9
    phosphate        2.7-4.6       2.5-4.5       2.4-4.7
    amylase          44-132        40-130        37-125
    lipase           13-53         11-60         9-55
    afp              -10.0         -10.0         -13.4
    dcp              -40           -40           -39
"""
MEN = """
    hemoglobin       13.7-16.8     13.5-17.5     14.0-17.0
    creatinine       0.65-1.07     0.60-1.10     0.61-1.04
"""
WOMEN = """
    hemoglobin       11.6-14.8     11.5-15.0     12.0-15.5
    creatinine       0.46-0.79     0.40-0.80     0.47-0.82
"""
REPORTED = {
    ("03", "platelets"): "10^3/uL",
    ("03", "white_cells"): "10^3/uL",
    ("06", "albumin"): "g/L",
    ("08", "hemoglobin"): "g/L",
}
"""Laboratories that report in another unit than the form's."""

NEW_METHODS = {
    ("01", "alt"): date(2012, 7, 1),
    ("04", "alp"): date(2012, 10, 1),
    ("02", "ggt"): date(2013, 4, 1),
}
"""From that day on the laboratory has other limits of this analyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A row of a laboratory's list, in its own unit; `valid_to` is the last day, None while in force."""

    site: str
    analyte: str
    sex: str
    unit: str
    lln: Decimal | None
    uln: Decimal | None
    valid_from: date
    valid_to: date | None

    def limits(self) -> Limits:
        """Both limits in the unit of the form."""
        low, high = (
            None if limit is None else convert(self.analyte, limit, unit=self.unit)
            for limit in (self.lln, self.uln)
        )
        return low, high


class Ranges:
    """All ranges, and the one that holds for a value."""

    def __init__(self) -> None:
        self.rows = tuple(_all_rows())

    def limits(self, site: str, analyte: str, on: date, sex: str) -> Limits:
        return next(
            row.limits()
            for row in self.rows
            if (row.site, row.analyte) == (site, analyte)
            and row.sex in ("", sex)
            and row.valid_from <= on <= (row.valid_to or date.max)
        )


def _all_rows() -> Iterator[Range]:
    for number, site in enumerate(SITES):
        for sex, table in (("", BOTH), ("M", MEN), ("F", WOMEN)):
            for line, text in enumerate(table.strip().splitlines()):
                analyte, *variants = text.split()
                yield from _rows(site, analyte, sex, variants, number + line)


def _rows(site: str, analyte: str, sex: str, variants: list[str], choice: int) -> Iterator[Range]:
    change = NEW_METHODS.get((site, analyte))
    yield _range(site, analyte, sex, variants[choice % 3], IN_FORCE_FROM, change)
    if change is not None:
        yield _range(site, analyte, sex, variants[(choice + 1) % 3], change, None)


def _range(site: str, analyte: str, sex: str, text: str, first: date, change: date | None) -> Range:
    unit = REPORTED.get((site, analyte), ANALYTES[analyte].unit)
    low, high = (
        convert(analyte, Decimal(part), unit=ANALYTES[analyte].unit, to=unit) if part else None
        for part in text.split("-")
    )
    return Range(
        site=site,
        analyte=analyte,
        sex=sex,
        unit=unit,
        lln=low,
        uln=high,
        valid_from=first,
        valid_to=change - timedelta(days=1) if change else None,
    )
