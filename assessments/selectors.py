"""What the pages and checks of assessments read: reference ranges, CTCAE terms, the dosing log."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone

from assessments.domain.ctcae import CTCAE_VERSION
from assessments.domain.ctcae_catalogue import CtcaeCatalogue
from assessments.domain.dosing import ONE_DAY
from assessments.domain.laboratory import ANALYTES
from assessments.domain.reference_ranges import Gap, RangeSpan, ages_on, find_gaps
from assessments.models import CtcaeTerm, DoseInterval, LabPanel, RangeSex, ReferenceRange
from casebook.domain.partial_dates import PartialDate
from casebook.models import Patient
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

    def find(
        self, site_id: int, analyte: str, on: date, sex: str = "", birth: PartialDate | None = None
    ) -> ReferenceRange | None:
        """The range in force on a day for a patient; one for the patient's sex goes before one for both.

        A range of an age band is found only where every day the birth date can mean lies in it.
        """
        in_force = [
            found
            for found in self._ranges[site_id, analyte]
            if found.valid_from <= on <= (found.valid_to or date.max)
            and found.sex in (RangeSex.BOTH, sex)
            and (found.is_for_all_ages or ages_on(on, birth).within(found.age_from, found.age_to))
        ]
        return max(in_force, key=lambda found: found.sex, default=None)

    def unit_at(self, site_id: int, analyte: str, on: date | None) -> str:
        """The unit in which the site's laboratory reports: of its range of the day, else of its last one."""
        known = self._ranges[site_id, analyte]
        if not known:
            return ANALYTES[analyte].unit
        begun = [found for found in known if on is None or found.valid_from <= on]
        return max(begun or known, key=lambda found: found.valid_from).unit

    def missing_for(
        self, panels: Sequence[LabPanel], site_id: int, sex: str = "", birth: PartialDate | None = None
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
                if getattr(panel, field) is not None
                and self.find(site_id, field, panel.date, sex, birth) is None
            ]
            if missing:
                yield panel, missing

    def _holds_throughout(self, site_id: int, analyte: str, days: Sequence[date], sex: str) -> bool:
        """Whether one range for all ages is in force on all of these days."""
        return not days or any(
            found.valid_from <= min(days) and max(days) <= (found.valid_to or date.max)
            for found in self._ranges[site_id, analyte]
            if found.is_for_all_ages and found.sex in (RangeSex.BOTH, sex)
        )


def range_gaps(ranges: Iterable[ReferenceRange]) -> list[tuple[str, str, Gap]]:
    """Site code, analyte and the days, sexes and ages without a range since the site's first one."""
    grouped: dict[tuple[str, str], list[RangeSpan]] = defaultdict(list)
    for found in ranges:
        grouped[found.site.code, ANALYTES[found.analyte].name].append(found.span)
    today = timezone.localdate()
    return [(*key, gap) for key, spans in sorted(grouped.items()) for gap in find_gaps(spans, until=today)]


def range_for(
    site_id: int, analyte: str, on: date, sex: str = "", birth: PartialDate | None = None
) -> ReferenceRange | None:
    """The range of one value; for many values read `ReferenceRanges.of_sites` once."""
    return ReferenceRanges.of_sites(site_id).find(site_id, analyte, on, sex, birth)


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
