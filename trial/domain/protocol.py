"""The trial as its protocol states it, read from a TOML file and checked against itself."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from trial.domain.analysis_plan import (
    AdverseEventRules,
    AdverseEventTable,
    AnalysisSet,
    Endpoint,
    Milestone,
    Period,
    Statistics,
)
from trial.domain.criteria import Criterion, CriterionKind
from trial.domain.dosing import Dosing
from trial.domain.errors import (
    InvalidValue,
    ProtocolError,
    require,
    require_at_most,
    require_code,
    require_text,
    require_unique,
)
from trial.domain.reading import read_table
from trial.domain.response import RebaselineRule, ResponseCriteria
from trial.domain.schedule import Schedule
from trial.domain.toml_lines import locate_keys, nearest_line

_AT_LINE = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)$")

Listed = TypeVar("Listed", Period, AnalysisSet, Endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDefinition:
    """A centre that takes part."""

    code: str
    name: str

    def __post_init__(self) -> None:
        require_code(self.code, 10, "code")
        require_text(self.name, 120, "name")


PERIODS = (
    (Milestone.FIRST_DOSE, Milestone.FIRST_PROGRESSION),
    (Milestone.FIRST_PROGRESSION, Milestone.SECOND_PROGRESSION),
)
"""Start and end of Treatment 1 and Treatment 2."""

_SAFETY = (Milestone.ENROLMENT, Milestone.FIRST_DOSE, Milestone.SAFETY_ASSESSMENT)
ANALYSED_SETS = {
    "safety": _SAFETY,
    "treatment_2": (*_SAFETY, Milestone.FIRST_PROGRESSION, Milestone.CONTINUATION),
}
"""The analysis sets whose patients are the denominators of Treatment 1 and 2, and what they have reached."""

CUT_OFFS = (date(1990, 1, 1), date(2100, 12, 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One version of a trial protocol.

    ``supersedes`` is the version this one amends, None for the first. ``cut_off`` is the clinical date
    after which events do not count in the primary analysis.
    """

    id: str
    title: str
    version: str
    supersedes: str | None = None
    registry_id: str
    primary_objective: str
    accrual_target: int
    cut_off: date
    sites: tuple[SiteDefinition, ...]
    schedule: Schedule
    dosing: Dosing
    response: ResponseCriteria
    periods: tuple[Period, ...]
    rebaseline: RebaselineRule
    adverse_events: AdverseEventRules
    adverse_event_table: AdverseEventTable
    statistics: Statistics
    analysis_sets: tuple[AnalysisSet, ...]
    endpoints: tuple[Endpoint, ...]
    eligibility: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        for key, longest in (("id", 40), ("title", 200), ("version", 20), ("registry_id", 40)):
            require_text(getattr(self, key), longest, key)
        require_text(self.primary_objective, 500, "primary_objective")
        if self.supersedes is not None:
            require_text(self.supersedes, 20, "supersedes")
        require(self.supersedes != self.version, "a version cannot supersede itself", "supersedes")
        require(self.accrual_target > 0, "must be above 0", "accrual_target")
        require_at_most(self.accrual_target, 100_000, "accrual_target")
        earliest, latest = CUT_OFFS
        message = f"must lie between {earliest} and {latest}"
        require(earliest <= self.cut_off <= latest, message, "cut_off")
        self._check_lists()
        self._check_periods()
        self._check_sets()
        self._check_endpoints()

    def _check_lists(self) -> None:
        require_unique(tuple(site.code for site in self.sites), "sites", "code")
        for key in ("periods", "analysis_sets", "endpoints", "eligibility"):
            entries = getattr(self, key)
            require(bool(entries), "at least one entry is needed", key)
            require_unique(tuple(entry.id for entry in entries), key, "id")
        require(bool(self.sites), "at least one entry is needed", "sites")
        require_unique(tuple(site.name for site in self.sites), "sites", "name")
        for key in ("periods", "analysis_sets", "endpoints"):
            require_unique(tuple(entry.label for entry in getattr(self, key)), key, "label")

    def _check_periods(self) -> None:
        two = "there are two treatment periods: up to the first progression, and from it to the second"
        require(len(self.periods) >= len(PERIODS), two, "periods")
        require(len(self.periods) == len(PERIODS), two, "periods", len(PERIODS))
        for index, (period, (start, end)) in enumerate(zip(self.periods, PERIODS, strict=True)):
            require(period.start is start, f"must be {start}: {two}", "periods", index, "start")
            require(period.end is end, f"must be {end}: {two}", "periods", index, "end")
        periods = {period.id: period for period in self.periods}
        for key in ("closes", "opens"):
            period = getattr(self.rebaseline, key)
            require(period in periods, f"“{period}” is not the id of a period", "rebaseline", key)
        closed, opened = periods[self.rebaseline.closes], periods[self.rebaseline.opens]
        message = f"period “{opened.id}” does not start where “{closed.id}” ends"
        require(opened.start is closed.end, message, "rebaseline", "opens")

    def _check_sets(self) -> None:
        ids = [analysis_set.id for analysis_set in self.analysis_sets]
        for needed, milestones in ANALYSED_SETS.items():
            require(needed in ids, f"an analysis set with the id “{needed}” is needed", "analysis_sets")
            message = f"must be {', '.join(milestones)}: tables and patient flow rest on it"
            reached = set(self.analysis_set(needed).requires)
            require(reached == set(milestones), message, "analysis_sets", ids.index(needed), "requires")

    def _check_endpoints(self) -> None:
        sets = {analysis_set.id for analysis_set in self.analysis_sets}
        for index, endpoint in enumerate(self.endpoints):
            message = f"“{endpoint.analysis_set}” is not the id of an analysis set"
            require(endpoint.analysis_set in sets, message, "endpoints", index, "analysis_set")
        ids = [endpoint.id for endpoint in self.endpoints]
        require("OS" in ids, "an endpoint with the id “OS” is needed", "endpoints")
        starts = (Milestone.ENROLMENT, Milestone.FIRST_DOSE)
        message = f"overall survival starts at {' or '.join(starts)}"
        survival = self.endpoint("OS")
        require(survival.start in starts, message, "endpoints", ids.index("OS"), "start")
        dead = survival.events == (Milestone.DEATH,)
        require(dead, "overall survival ends with death", "endpoints", ids.index("OS"), "events")

    @property
    def inclusion(self) -> tuple[Criterion, ...]:
        """Return the inclusion criteria in the protocol's order."""
        return tuple(c for c in self.eligibility if c.kind is CriterionKind.INCLUSION)

    @property
    def exclusion(self) -> tuple[Criterion, ...]:
        """Return the exclusion criteria in the protocol's order."""
        return tuple(c for c in self.eligibility if c.kind is CriterionKind.EXCLUSION)

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """Return the endpoint of this id; KeyError when the protocol has none."""
        return _by_id(self.endpoints, endpoint_id)

    def analysis_set(self, set_id: str) -> AnalysisSet:
        """Return the analysis set of this id; KeyError when the protocol has none."""
        return _by_id(self.analysis_sets, set_id)

    def period(self, period_id: str) -> Period:
        """Return the period of this id; KeyError when the protocol has none."""
        return _by_id(self.periods, period_id)


def parse_protocol(text: str) -> Protocol:
    """Return the protocol a TOML text defines; ``ProtocolError`` names the key and line of what is wrong."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as broken:
        raise _syntax_error(str(broken), text) from None
    try:
        return read_table(Protocol, table)
    except InvalidValue as wrong:
        line = nearest_line(locate_keys(text), wrong.path)
        raise ProtocolError(wrong.message, path=wrong.path, line=line) from None


def check_superseded(text: str, known: Collection[str]) -> None:
    """Raise ``ProtocolError`` where a text amends a version that is none of those known."""
    superseded = parse_protocol(text).supersedes
    if superseded is not None and superseded not in known:
        path = ("supersedes",)
        message = f"there is no version “{superseded}” here"
        raise ProtocolError(message, path=path, line=nearest_line(locate_keys(text), path))


def _syntax_error(message: str, text: str) -> ProtocolError:
    """Return the reader's complaint with its line; a complaint about the end of the text has the last one."""
    place = _AT_LINE.search(message)
    if place is None:
        return ProtocolError(f"not valid TOML: {message}", line=max(1, len(text.splitlines())))
    said = message[: place.start()]
    return ProtocolError(f"not valid TOML: {said} (column {place.group(2)})", line=int(place.group(1)))


def _by_id(entries: tuple[Listed, ...], wanted: str) -> Listed:
    return {entry.id: entry for entry in entries}[wanted]
