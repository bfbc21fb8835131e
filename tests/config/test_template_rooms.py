"""A room's templates take from shared templates, their own room and rooms below it, as its code does."""

import re
from collections.abc import Iterator

import pytest

from config.state import ROOT

TEMPLATES = ROOT / "templates"
HEIGHT = {
    **{"trial": 0, "casebook": 1, "patients": 2, "assessments": 3},
    **{"documents": 4, "monitoring": 5, "analysis": 5},
}
SHARED = {".", "bootstrap5", "account", "allauth"}
TAKES = re.compile(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")


def taken() -> Iterator[tuple[str, str]]:
    """Each template with each one it includes or extends."""
    for template in TEMPLATES.rglob("*.html"):
        for name in TAKES.findall(template.read_text()):
            yield template.relative_to(TEMPLATES).as_posix(), name


def room(name: str) -> str:
    return name.split("/")[0] if "/" in name else "."


def leans_upwards(template: str, name: str) -> bool:
    """Shared templates may take from the lowest room only: what every page shows of the trial."""
    here, there = room(template), room(name)
    if there in SHARED or here == there:
        return False
    return HEIGHT[there] >= HEIGHT.get(here, 1)


def test_no_template_leans_on_a_room_above_or_beside_its_own() -> None:
    assert [f"{a} takes {b}" for a, b in taken() if leans_upwards(a, b)] == []


def test_every_room_with_templates_has_its_height() -> None:
    rooms = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert rooms <= set(HEIGHT) | SHARED


@pytest.mark.parametrize(
    ("template", "name", "upwards"),
    [
        ("trial/person.html", "casebook/_errors.html", True),
        ("monitoring/dashboard.html", "analysis/_table.html", True),
        ("analysis/run.html", "casebook/_chip.html", False),
        ("base.html", "trial/_header.html", False),
        ("base.html", "casebook/_chip.html", True),
        ("trial/person.html", "_errors.html", False),
    ],
)
def test_what_leaning_upwards_means(template: str, name: str, upwards: bool) -> None:
    assert leans_upwards(template, name) is upwards
