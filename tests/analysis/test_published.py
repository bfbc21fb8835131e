"""Every published figure, computed from the SYNTHETIC cohort and judged by rule."""

import csv
import json
from copy import deepcopy
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analysis.models import AnalysisRun
from analysis.published import (
    AGREES,
    DIFFERS,
    NOT_COMPUTED,
    Comparison,
    adds_up_to,
    agree,
    compare,
    divides_by,
)
from tests.analysis.conftest import Contents
from tests.factories import make_study
from trial.audit import acting
from trial.models import Person
from trial.services import add_protocol_version

EXPECTED = {
    row["id"]: row
    for row in csv.DictReader(
        (Path(__file__).parents[1] / "reference/published_recomputed.csv").read_text().splitlines()
    )
}


def compared(contents: dict[str, Any]) -> dict[str, Comparison]:
    """The comparison of outputs that no database holds."""
    stored = [(name, content) for name, content in contents.items() if not name.startswith("ad")]
    outputs = SimpleNamespace(exclude=lambda **_: SimpleNamespace(values_list=lambda *_: stored))
    return {row.id: row for row in compare(SimpleNamespace(outputs=outputs))}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def rows(contents: Contents) -> dict[str, Comparison]:
    return compared(dict(contents))


def test_there_are_158_published_figures(rows):
    assert list(rows) == list(EXPECTED)
    assert len(rows) == 158


@pytest.mark.parametrize("figure", EXPECTED)
def test_the_computed_value_and_the_verdict_are_those_of_the_reference(rows, figure):
    assert (rows[figure].computed, rows[figure].verdict) == (
        EXPECTED[figure]["recomputed"],
        EXPECTED[figure]["verdict"],
    )


def test_what_does_not_agree_has_a_reason(rows):
    assert all(row.reason for row in rows.values() if row.verdict != AGREES)
    assert rows["T2.increase.1"].reason == (
        "The printed percentage divides by the 30 enrolled; the column holds 29 patients."
    )
    assert rows["T1.bclc.continued"].reason.startswith(
        "The printed counts add up to 19; the group holds 20 patients."
    )
    assert rows["X.dcr1"].reason.startswith("No count of 20 to 30 patients gives 58.7 %.")


def test_every_figure_leads_to_the_cell_or_box_it_was_computed_in(rows, contents):
    for row in rows.values():
        if row.point:
            assert row.output == "flow"
        else:
            found = {r["id"]: r["cells"] for r in contents[row.output]["rows"]}
            assert row.output_column in found[row.output_row]


def test_other_data_give_another_verdict(contents):
    other = deepcopy(dict(contents))
    cells = {row["id"]: row["cells"] for row in other["table_1"]["rows"]}
    cells["sex"]["all"]["text"] = "19/10"
    cells["sex"]["p"]["text"] = "0.5000"
    other["table_3"]["rows"] = [row for row in other["table_3"]["rows"] if row["id"] != "proteinuria"]
    other["flow"]["boxes"] = [box for box in other["flow"]["boxes"] if box["id"] != "not_continued"]
    rows = compared(other)
    assert (rows["T1.sex.all"].verdict, rows["T1.sex.p"].verdict) == (DIFFERS, DIFFERS)
    assert rows["T1.sex.p"].reason == "The data of this run give another value."
    assert (rows["T3.20.2.any"].computed, rows["T3.20.2.any"].verdict) == (NOT_COMPUTED, DIFFERS)
    assert rows["F1.06"].computed == "0"


AGREEMENT = """
    printed      | computed              | agree
    0.675        | 0.6749                | yes     rounded to as many digits as printed
    0.674        | 0.6749                | no
    12 (41)      | 12 (41.4)             | yes
    8 (27)       | 8 (27.6)              | no      27.6 rounds to 28
    10.3 %       | 3/29 = 10.3 (2.2-27)  | yes     found in its place
    0.024        | Wald 0.0236; LR 0.008 | yes
    75 (52-86)   | 75 (52-86)            | yes
    75 (52-86)   | 75 (86-52)            | no      the order counts
    1            | 1.0000                | yes
    0/9/10       | 0/9/11                | no
    102 (42-138) | NR (NR-NR)            | no
    none         | 3                     | no      nothing printed to compare
"""


@pytest.mark.parametrize("row", AGREEMENT.strip().splitlines()[1:])
def test_numbers_agree_to_the_printed_digits(row):
    printed, computed, answer = (part.strip() for part in row.split("|"))
    assert agree(printed, computed) is answer.startswith("yes")


@pytest.mark.parametrize(
    ("printed", "computed", "total", "answer"),
    [
        ("7 (23.3)", "7 (24.1)", 30, True),
        ("7 (23.3)", "7 (24.1)", 29, False),
        ("7 (23.3)", "8 (27.6)", 30, False),
        ("23.3 %", "7 (24.1)", 30, False),
        ("7 (23.3)", "7 (24.1)", 0, False),
    ],
)
def test_a_percentage_can_be_told_from_its_denominator(printed, computed, total, answer):
    assert divides_by(printed, computed, total) is answer


@pytest.mark.parametrize(
    ("printed", "computed", "answer"),
    [("0/9/10", "0/9/11", False), ("0/8/12", "0/9/11", True), ("7", "8", None), ("1/2/3", "0/9/10", None)],
)
def test_counts_that_do_not_add_up_to_the_group_are_seen(printed, computed, answer):
    assert adds_up_to(printed, computed, 20) is answer


# The command, on the demonstration trial


def command(*options: str) -> str:
    out = StringIO()
    call_command("compare_published", *options, stdout=out)
    return out.getvalue()


def test_the_command_prints_every_figure_of_the_demonstration_trial(demo_database):
    rows = json.loads(command("--format", "json"))
    assert [row["id"] for row in rows] == list(EXPECTED)
    assert [row["computed"] for row in rows] == [row["recomputed"] for row in EXPECTED.values()]
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in EXPECTED.values()]
    assert {frozenset(row) for row in rows} == {frozenset({"id", "printed", "computed", "verdict", "reason"})}
    table = command("--format", "table").splitlines()
    assert table[0].startswith("SYNTHETIC data. Run ")
    assert "cut-off 2014-06-01" in table[0]
    assert table[-1] == "139 of 158 agree."
    with acting(Person.objects.get(email="statistician@demo.invalid")):
        [run] = AnalysisRun.objects.all()  # the second time the finished run was there
    assert command("--run", str(run.pk)).splitlines()[0] == table[0]


def test_a_run_that_is_not_there_is_named(demo_database):
    with pytest.raises(CommandError, match=r"There is no finished run 99\."):
        command("--run", "99")


def test_without_a_statistician_nothing_can_be_compared(db):
    with pytest.raises(CommandError, match="Nobody here may run analyses"):
        command()


def test_an_empty_trial_is_compared_too(db):
    make_study()
    rows = json.loads(command("--format", "json"))
    assert {row["verdict"] for row in rows if row["id"] == "F1.01"} == {DIFFERS}


def test_a_cut_off_still_to_come_is_said(db):
    study = make_study()
    amended = study.version.definition.replace('version = "1.0"', 'version = "2.0"')
    with acting(study.administrator):
        add_protocol_version(study.trial, amended.replace("cut_off = 2014-06-01", "cut_off = 2099-12-31"))
    with pytest.raises(CommandError, match=r"The cut-off is still to come\."):
        command()
