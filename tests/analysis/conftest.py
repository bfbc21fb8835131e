"""What a run computes of the SYNTHETIC cohort, once: in memory, and on the demonstration trial."""

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.engine import steps
from analysis.facts import StudyFacts
from analysis.outputs import content_of
from tests.analysis.cohort import facts

Contents = Mapping[str, dict[str, Any]]


def contents_of(facts: StudyFacts) -> Contents:
    """Every output by name, as it would be stored."""
    return {step.name: content_of(step.make(facts)) for step in steps(facts, {})}


def texts(content: dict[str, Any]) -> dict[str, list[str]]:
    """The printed rows of a table by row id, in the order of its columns."""
    return {
        row["id"]: [row["cells"][column["id"]]["text"] for column in content["columns"]]
        for row in content["rows"]
    }


@pytest.fixture(scope="session")
def study() -> StudyFacts:
    return facts()


@pytest.fixture(scope="session")
def contents(study: StudyFacts) -> Contents:
    return contents_of(study)
