"""What is known of a laboratory value besides the value: the site's range of that day, flag, grade."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone

from assessments.domain.ctcae import CTCAE_VERSION
from assessments.domain.ctcae_catalogue import CtcaeCatalogue
from assessments.domain.dosing import ONE_DAY
from assessments.domain.laboratory import ANALYTES, Analyte, LabGrade, LabResult, grade_panel
from assessments.models import CtcaeTerm, DoseInterval, LabPanel, RangeSex, ReferenceRange
from casebook.extraction import extract
from casebook.models import Patient
from patients.models import Consent
from trial.domain.protocol import Protocol
from trial.selectors import protocol_in_force


class ReferenceRanges:
    """Ranges read once and asked for many values."""

    def __init__(self, ranges: Iterable[ReferenceRange]) -> None:
        self._ranges: dict[tuple[int, str], list[ReferenceRange]] = defaultdict(list)
        for found in ranges:
            self._ranges[found.site_id, found.analyte].append(found)

    @classmethod
    def of_sites(cls, *site_ids: int) -> "ReferenceRanges":
        """Read with every save, so without the cost of building a statement anew."""
        table = ReferenceRange._meta.db_table
        return cls(
            ReferenceRange.objects.raw(f'SELECT * FROM "{table}" WHERE site_id = ANY(%s)', [[*site_ids]])
        )

    def find(self, site_id: int, analyte: str, on: date, sex: str = "") -> ReferenceRange | None:
        """The range in force on a day; one for the patient's sex goes before one for both."""
        in_force = [
            found
            for found in self._ranges[site_id, analyte]
            if found.valid_from <= on <= (found.valid_to or date.max) and found.sex in (RangeSex.BOTH, sex)
        ]
        return max(in_force, key=lambda found: found.sex, default=None)

    def missing_for(
        self, panels: Sequence[LabPanel], site_id: int, sex: str = ""
    ) -> Iterator[tuple[LabPanel, list[str]]]:
        """The panels with values that would be graded, had the site a range on their day; with which."""
        days = [panel.date for panel in panels]
        doubtful = [
            (field, analyte.name)
            for field, analyte in ANALYTES.items()
            if analyte.terms and not self._holds_throughout(site_id, field, days, sex)
        ]
        for panel in panels if doubtful else ():
            missing = [
                name
                for field, name in doubtful
                if getattr(panel, field) is not None and self.find(site_id, field, panel.date, sex) is None
            ]
            if missing:
                yield panel, missing

    def _holds_throughout(self, site_id: int, analyte: str, days: Sequence[date], sex: str) -> bool:
        """Whether one range is in force on all of these days."""
        return not days or any(
            found.valid_from <= min(days) and max(days) <= (found.valid_to or date.max)
            for found in self._ranges[site_id, analyte]
            if found.sex in (RangeSex.BOTH, sex)
        )


def range_for(site_id: int, analyte: str, on: date, sex: str = "") -> ReferenceRange | None:
    """The range of one value; for many values read `ReferenceRanges.of_sites` once."""
    return ReferenceRanges.of_sites(site_id).find(site_id, analyte, on, sex)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedValue:
    """A result of a panel beside its site's range of that day, both in the panel's unit.

    `flag` is HIGH, LOW or empty; `baseline` the last value by the first dose, None before treatment.
    """

    analyte: Analyte
    value: Decimal | None
    reference: ReferenceRange | None
    lln: Decimal | None
    uln: Decimal | None
    grades: tuple[LabGrade, ...]
    baseline: Decimal | None

    @property
    def flag(self) -> str:
        if self.value is None:
            return ""
        if self.uln is not None and self.value > self.uln:
            return "HIGH"
        return "LOW" if self.lln is not None and self.value < self.lln else ""

    @property
    def lacks_range(self) -> bool:
        """A value to be graded, and no range in force on its day."""
        return self.value is not None and self.reference is None and bool(self.analyte.terms)


class PatientLaboratory:
    """What judging a patient's panels needs, read in two queries however many values there are."""

    def __init__(self, patient: Patient, ranges: ReferenceRanges | None = None) -> None:
        self.site_id = patient.site_id
        self.ranges = ranges or ReferenceRanges.of_sites(patient.site_id)
        snapshot = extract([patient], tables=(Consent, DoseInterval, LabPanel))
        consent = snapshot.row(patient, Consent)
        given = (dose.start for dose in snapshot.rows(patient, DoseInterval) if dose.mg > 0)
        self.sex: str = consent.sex if consent else ""
        self.first_dose: date | None = min(given, default=None)
        self.panels: Sequence[LabPanel] = sorted(
            snapshot.rows(patient, LabPanel), key=lambda panel: panel.date
        )

    def judge(self, panel: LabPanel) -> dict[str, JudgedValue]:
        """Every analyte of a panel, by field name."""
        results = {field: self._result(panel, field) for field in ANALYTES}
        baseline = self._baseline(panel)
        grades = defaultdict(list)
        for grade in grade_panel((r for r, _ in results.values()), baseline=baseline.values()):
            grades[grade.analyte].append(grade)
        return {
            field: JudgedValue(
                analyte=ANALYTES[field],
                value=result.value,
                reference=reference,
                lln=result.lln,
                uln=result.uln,
                grades=tuple(grades[field]),
                baseline=baseline[field].value if field in baseline else None,
            )
            for field, (result, reference) in results.items()
        }

    def _baseline(self, panel: LabPanel) -> dict[str, LabResult]:
        """The last value of each analyte on or before the first dose; none for a panel of that time."""
        if self.first_dose is None or panel.date is None or panel.date <= self.first_dose:
            return {}
        before = [p for p in self.panels if p.date <= self.first_dose and p.pk != panel.pk]
        return {
            field: self._result(p, field)[0]
            for p in before
            for field in ANALYTES
            if getattr(p, field) is not None
        }

    def _result(self, panel: LabPanel, field: str) -> tuple[LabResult, ReferenceRange | None]:
        """The value with its limits in the panel's unit, which is the analyte's canonical one."""
        found = self.ranges.find(self.site_id, field, panel.date, self.sex) if panel.date else None
        result = LabResult(
            analyte=field,
            value=getattr(panel, field),
            unit=ANALYTES[field].unit,
            lln=found.canonical_lln if found else None,
            uln=found.canonical_uln if found else None,
        )
        return result, found


def protocol_now(site_id: int) -> Protocol | None:
    """The protocol in force at the site today; None while none is approved."""
    return protocol_in_force(site_id, timezone.localdate())


def ctcae_version_at(site_id: int) -> str:
    """The CTCAE version of the protocol in force at the site."""
    protocol = protocol_now(site_id)
    return protocol.adverse_events.ctcae_version if protocol else CTCAE_VERSION


class CtcaeTerms:
    """The terms of one version, found by name or synonym.

    Read as one text: a page offers all of them and needs the wording of one.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        sql = f"""
            SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.soc, t.term), '[]')::text
            FROM "{CtcaeTerm._meta.db_table}" t WHERE t.version = %s
        """
        with connection.cursor() as cursor:
            cursor.execute(sql, [version])
            self._stated: list[dict[str, Any]] = json.loads(cursor.fetchone()[0])

    @property
    def offered(self) -> Iterator[tuple[str, str]]:
        """Each term with its organ class, and each synonym with its term."""
        for stated in self._stated:
            yield stated["term"], stated["soc"]
            for synonym in stated["synonyms"]:
                yield synonym, stated["term"]

    @staticmethod
    def _row(stated: dict[str, Any]) -> CtcaeTerm:
        row = CtcaeTerm(**stated)
        row._state.adding = False
        return row

    @cached_property
    def _by_term(self) -> dict[str, dict[str, Any]]:
        return {stated["term"]: stated for stated in self._stated}

    @cached_property
    def _catalogue(self) -> CtcaeCatalogue:
        return CtcaeCatalogue(tuple(self._row(stated).facts for stated in self._stated))

    def find(self, name: str) -> CtcaeTerm | None:
        """The term of that name, else the one that has it as a synonym, whatever the case."""
        if name not in self._by_term:
            found = self._catalogue.find(name)
            if found is None:
                return None
            name = found.term
        return self._row(self._by_term[name])

    def near(self, name: str) -> list[str]:
        """Terms spelled much like the name, or whose synonym is."""
        names = {
            word.casefold(): stated["term"]
            for stated in self._stated
            for word in (stated["term"], *stated["synonyms"])
        }
        close = get_close_matches(name.casefold()[:100], names, n=6, cutoff=0.6)
        return list(dict.fromkeys(names[word] for word in close))[:3]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the dosing log, or (`dose` None) the days without the drug between two lines."""

    start: date
    end: date | None
    dose: DoseInterval | None

    @property
    def days(self) -> int | None:
        return None if self.end is None else (self.end - self.start).days + 1

    @property
    def is_interruption(self) -> bool:
        return self.dose is None or self.dose.mg == 0


def dosing_log(patient: Patient) -> list[LogLine]:
    """The log in date order, its gaps filled in as interruptions."""
    doses = DoseInterval.objects.filter(patient=patient).select_related("adverse_event").order_by("start")
    lines: list[LogLine] = []
    for dose in doses:
        last = lines[-1].end if lines else None
        if last is not None and last + ONE_DAY < dose.start:
            lines.append(LogLine(last + ONE_DAY, dose.start - ONE_DAY, None))
        lines.append(LogLine(dose.start, dose.end, dose))
    return lines
