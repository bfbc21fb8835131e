"""The plan of the SYNTHETIC trial, made once, and its forms as they are in the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from demo.cohort import Subject, read_cohort
from demo.complete import complete
from demo.plan import Change, Entry, Plan

COHORT = read_cohort()
TREATED = tuple(subject for subject in COHORT if subject.start is not None)


@dataclass(frozen=True, slots=True)
class Form:
    """A form after its last change."""

    key: str
    values: Mapping[str, Any]
    links: Mapping[str, str]
    lines: tuple[Mapping[str, Any], ...]


class Casebooks:
    """All forms of the plan as they are in the end."""

    def __init__(self, plan: Plan) -> None:
        self.forms: dict[tuple[str, str, str], Form] = {}
        for step in plan.steps:
            place = (step.patient, step.form, step.key)
            before = self.forms.get(place)
            assert (before is None) == isinstance(step, Entry), place
            if before is None:
                self.forms[place] = Form(step.key, step.values, step.links, step.lines)
            elif isinstance(step, Change):
                lines = before.lines + (step.lines if step.form == "adverse-event" else ())
                self.forms[place] = Form(
                    step.key, {**before.values, **step.values}, {**before.links, **step.links}, lines
                )

    def of(self, subject: Subject, form: str) -> list[Form]:
        return [
            f for (patient, kind, _), f in self.forms.items() if (patient, kind) == (subject.number, form)
        ]

    def one(self, subject: Subject, form: str) -> Mapping[str, Any]:
        (found,) = self.of(subject, form)
        return found.values


@pytest.fixture(scope="session")
def plan() -> Plan:
    return complete()


@pytest.fixture(scope="session")
def casebooks(plan: Plan) -> Casebooks:
    return Casebooks(plan)
