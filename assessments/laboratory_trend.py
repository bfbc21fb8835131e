"""One analyte of one patient over time, read off the course: for the figure and for its table."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.course import PatientCourse, patient_course
from assessments.domain.laboratory import ANALYTES, Analyte, convert, plain
from assessments.domain.laboratory_trend import TrendDose, TrendPoint, trend_figure
from assessments.hints import limits
from assessments.laboratory import JudgedValue, Laboratory
from assessments.models import LabPanel
from assessments.selectors import ReferenceRanges, protocol_now
from casebook.extraction import extract
from casebook.models import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """A line of the table: the value as entered, and as the figure draws it."""

    panel: LabPanel
    judged: JudgedValue
    point: TrendPoint

    @property
    def limits(self) -> str:
        return limits(self.point.lln, self.point.uln)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryTrend:
    analyte: Analyte
    number: str
    rows: tuple[TrendRow, ...]
    doses: tuple[TrendDose, ...]
    baselines: dict[str, date]

    def figure(self) -> dict[str, Any] | None:
        """None without a value."""
        if not self.rows:
            return None
        name, unit = self.analyte.name, self.analyte.written
        words = {
            "description": _("%(name)s of %(number)s over time: the table beneath holds the same facts.")
            % {"name": name, "number": self.number},
            "value": f"{name}, {unit}" if unit else name,
            "dose": _("mg/day"),
        }
        points = [row.point for row in self.rows]
        return trend_figure(self.analyte.field, points, self.doses, self.baselines, words=words)


def laboratory_trend(patient: Patient, analyte: str) -> LaboratoryTrend:
    """Read in a few queries, however many panels there are."""
    today = timezone.localdate()
    course = patient_course(extract([patient]), patient, protocol_now(patient.site_id), data_end=today)
    laboratory = Laboratory.of_course(course, ReferenceRanges.of_sites(patient.site_id))
    measured = [panel for panel in laboratory.panels if getattr(panel, analyte) is not None]
    return LaboratoryTrend(
        analyte=ANALYTES[analyte],
        number=patient.number,
        rows=tuple(_row(panel, laboratory.judge(panel, [analyte])[analyte], patient) for panel in measured),
        doses=tuple(_doses(course)),
        baselines=dict(_baselines(course)),
    )


def _row(panel: LabPanel, judged: JudgedValue, patient: Patient) -> TrendRow:
    field = judged.analyte.field
    value, lln, uln, baseline = (
        None if number is None else convert(field, number, unit=judged.unit)
        for number in (judged.value, judged.lln, judged.uln, judged.baseline)
    )
    assert value is not None
    point = TrendPoint(
        on=panel.date,
        value=value,
        lln=lln,
        uln=uln,
        baseline=baseline,
        words=f"{panel.date}: {plain(value)} {judged.analyte.written}".rstrip(),
        url=reverse("casebook:edit", args=[patient.number, "laboratory", panel.pk]),
    )
    return TrendRow(panel=panel, judged=judged, point=point)


def _doses(course: PatientCourse) -> list[TrendDose]:
    """The dosing log; a dose that goes on is drawn up to the last day on which anything is known."""
    last = course.treatment_end or course.last_known_alive
    found = []
    for dose in course.doses:
        until = dose.end or _("going on")
        found.append(
            TrendDose(
                start=dose.start,
                end=max(dose.end or last or dose.start, dose.start),
                mg_per_day=dose.daily_dose_mg,
                words=f"{dose.start} – {until}: {plain(dose.daily_dose_mg)} {_('mg/day')}",
            )
        )
    return found


def _baselines(course: PatientCourse) -> list[tuple[str, date]]:
    """The first dose, against which grades are compared, and both tumour baselines."""
    tumour = course.tumour
    days = [
        (_("baseline"), tumour.period1.baseline_date if tumour else None),
        (_("first dose"), course.first_dose),
        (_("PD1 = new baseline") if tumour and tumour.period2 else _("PD1"), course.pd1_date),
    ]
    return [(name, day) for name, day in days if day is not None]
