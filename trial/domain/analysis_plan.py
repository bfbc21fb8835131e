"""What the protocol says is analysed: periods, sets of patients, endpoints, tables and intervals."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trial.domain.errors import require, require_at_most, require_code, require_distinct, require_text
from trial.domain.schedule import LONGEST_DAYS


class Milestone(StrEnum):
    """Days and facts that periods, sets and endpoints are defined by, in the order of a patient's course."""

    CONSENT = "consent"
    ENROLMENT = "enrolment"
    FIRST_DOSE = "first_dose"
    SAFETY_ASSESSMENT = "safety_assessment"
    FIRST_PROGRESSION = "first_progression"
    CONTINUATION = "continuation"
    SECOND_PROGRESSION = "second_progression"
    LAST_TUMOUR_ASSESSMENT = "last_tumour_assessment"
    TREATMENT_DISCONTINUATION = "treatment_discontinuation"
    LAST_CONTACT = "last_contact"
    DEATH = "death"


STARTS = (
    Milestone.CONSENT,
    Milestone.ENROLMENT,
    Milestone.FIRST_DOSE,
    Milestone.FIRST_PROGRESSION,
    Milestone.CONTINUATION,
    Milestone.SECOND_PROGRESSION,
)
"""Milestones that happen on one day, from which time can be counted."""

RESERVED_NAMES = (
    *("flow", "responses", "estimates", "logistic", "bilirubin", "adsl", "adtte", "adrs", "adae", "adex"),
    *("tables", "published", "progress", "restart"),
)
"""Names of a run's own outputs and pages, which an endpoint cannot have: its id becomes such a name."""


class BandTransform(StrEnum):
    """Scale on which the Kaplan–Meier confidence band is built."""

    PLAIN = "plain"
    LOG = "log"
    LOG_LOG = "log-log"


class ProportionInterval(StrEnum):
    """Method of the confidence interval of a proportion."""

    CLOPPER_PEARSON = "clopper-pearson"


class Causality(StrEnum):
    """Attribution of an adverse event to the study drug, five levels."""

    UNRELATED = "UNRELATED"
    UNLIKELY = "UNLIKELY"
    POSSIBLE = "POSSIBLE"
    PROBABLE = "PROBABLE"
    DEFINITE = "DEFINITE"


class CtcaeVersion(StrEnum):
    """Edition of the Common Terminology Criteria for Adverse Events."""

    V4_03 = "4.03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of treatment, from the day of ``start`` up to but not including the day of ``end``."""

    id: str
    label: str
    start: Milestone
    end: Milestone

    def __post_init__(self) -> None:
        require_text(self.id, 20, "id")
        require_text(self.label, 40, "label")
        require(self.end is not self.start, "must differ from start", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSet:
    """The patients who have reached every milestone of ``requires``."""

    id: str
    label: str
    requires: tuple[Milestone, ...]

    def __post_init__(self) -> None:
        require_text(self.id, 20, "id")
        require_text(self.label, 60, "label")
        require(bool(self.requires), "at least one milestone is needed", "requires")
        require_distinct(self.requires, "requires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A time to event: where time starts, what ends it, and until when a patient without it is followed.

    The earliest of ``events`` is the event. Without one, the patient is censored at the first of ``censors``
    that is known, in the order given.
    """

    id: str
    label: str
    start: Milestone
    events: tuple[Milestone, ...]
    censors: tuple[Milestone, ...]
    analysis_set: str

    def __post_init__(self) -> None:
        require_code(self.id, 8, "id")
        capitals = self.id[0].isalpha() and self.id == self.id.upper()
        require(capitals, "must be in capitals, the first of them a letter", "id")
        taken = f"“{self.id}” is the name of another output or page of a run"
        require(self.id.lower() not in RESERVED_NAMES, taken, "id")
        require_text(self.label, 50, "label")
        require(bool(self.events), "at least one event is needed", "events")
        require(bool(self.censors), "at least one censoring source is needed", "censors")
        require(self.start not in self.events, "must not be one of the events", "start")
        require(self.start in STARTS, f"must be one of {', '.join(STARTS)}", "start")
        for index, censor in enumerate(self.censors):
            require(censor not in self.events, f"“{censor}” is an event already", "censors", index)
        self._check_order("events", self.events)
        self._check_order("censors", self.censors)

    def _check_order(self, key: str, milestones: tuple[Milestone, ...]) -> None:
        require_distinct(milestones, key)
        course = tuple(Milestone)
        for index, milestone in enumerate(milestones):
            early = f"“{milestone}” comes before the start, {self.start}"
            require(course.index(milestone) >= course.index(self.start), early, key, index)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventRules:
    """Which adverse events count: the edition that grades them, the window after the last dose, relation."""

    ctcae_version: CtcaeVersion
    window_days: int
    related: tuple[Causality, ...]

    def __post_init__(self) -> None:
        require(self.window_days >= 0, "must not be negative", "window_days")
        require_at_most(self.window_days, LONGEST_DAYS, "window_days")
        require(bool(self.related), "at least one level is needed", "related")
        require_distinct(self.related, "related")
        for index, level in enumerate(self.related):
            require(level is not Causality.UNRELATED, f"“{level}” is not related", "related", index)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventTable:
    """Which terms get a row: either share of the set reached in any period; ``always_show`` in any case."""

    any_grade_percent: Decimal
    severe_percent: Decimal
    severe_from_grade: int
    related_only: bool
    always_show: tuple[str, ...]

    def __post_init__(self) -> None:
        for key in ("any_grade_percent", "severe_percent"):
            require(getattr(self, key) > 0, "must be above 0", key)
            require_at_most(getattr(self, key), 100, key)
        require(2 <= self.severe_from_grade <= 5, "must be a grade from 2 to 5", "severe_from_grade")
        require_distinct(self.always_show, "always_show")
        for index, term in enumerate(self.always_show):
            require_text(term, 200, "always_show", index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Conventions of the intervals; the confidence level in percent."""

    confidence_percent: Decimal
    band: BandTransform
    proportion_interval: ProportionInterval

    def __post_init__(self) -> None:
        require(50 <= self.confidence_percent < 100, "must lie between 50 and 100", "confidence_percent")
