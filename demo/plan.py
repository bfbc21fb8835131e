"""What the coordinators will do, day by day, as plain frozen data: forms entered, changed and asked about."""

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

SEED = "rebaseline demonstration trial, SYNTHETIC"

ON_ONE_DAY = (
    "consent",
    "screening",
    "baseline-disease",
    "hcc-treatment",
    "medical-history",
    "visit",
    "vital-signs",
    "laboratory",
    "imaging",
    "adverse-event",
    "concomitant-medication",
    "eligibility-decision",
    "enrolment",
    "progression-decision",
    "dosing",
    "discontinuation",
    "survival-follow-up",
    "death",
)
"""The order of one day's work."""


def frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a coordinator does to one form; `key` names the form among the patient's own.

    `values` are by field name; `links` name another form of the patient by its key; `lines` are the rows
    entered with it.
    """

    on: date
    patient: str
    form: str
    key: str
    values: Mapping[str, Any] = field(default_factory=lambda: frozen({}))
    links: Mapping[str, str] = field(default_factory=lambda: frozen({}))
    lines: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Step):
    """A form entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Step):
    """Fields of an entered form changed, or lines added, for a reason."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A monitor's query on a field; answered and closed where there are words for it."""

    on: date
    patient: str
    form: str
    key: str
    field: str
    text: str
    answer: str = ""
    closing_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole trial: which patient is treated where, every step in order, the monitors' questions."""

    sites: Mapping[str, str]
    steps: tuple[Step, ...]
    questions: tuple[Question, ...]

    def as_text(self) -> str:
        """One line per step or question; the same plan gives the same bytes."""
        work: list[Step | Question] = [*self.steps, *self.questions]
        rows = [{"sites": dict(self.sites)}, *map(_plain, work)]
        return "".join(json.dumps(row, sort_keys=True, default=str) + "\n" for row in rows)


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """By day, then patient, then as one day's work goes: a dose ends before the next one begins."""

    def moment(step: Step) -> tuple[date, str, int, bool]:
        changes_come_first = step.form == "dosing"
        return (
            step.on,
            step.patient,
            ON_ONE_DAY.index(step.form),
            isinstance(step, Change) != changes_come_first,
        )

    return tuple(sorted(steps, key=moment))


class Chance(random.Random):
    """Chance of one subject matter of one patient: it does not shift when another draws more often.

    Whole numbers only, so that no rounding can differ between machines.
    """

    def __init__(self, *about: str) -> None:
        super().__init__("/".join((SEED, *about)))

    def one_in(self, n: int) -> bool:
        return self.randrange(n) == 0


def _plain(step: Step | Question) -> dict[str, Any]:
    names = step.__dataclass_fields__
    values = {name: getattr(step, name) for name in names}
    return {"kind": type(step).__name__} | {name: _unfrozen(value) for name, value in values.items()}


def _unfrozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _unfrozen(item) for key, item in value.items()}
    return [_unfrozen(item) for item in value] if isinstance(value, tuple) else value
