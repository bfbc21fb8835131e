"""The figures the trial's publication prints, beside what a run computes from the data.

What is computed is read from the outputs of the run. The verdict follows from rules over the two texts; where
a figure differs, the reason says what the printed one can come from.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from analysis.domain.descriptive import Measure, percentage, round_half_up
from analysis.models import AnalysisRun

FIGURES = Path(__file__).with_name("published.csv")
AGREES = "agrees"
DIFFERS = "differs"
MISPRINT = "misprint in the paper"
NOT_REPRODUCIBLE = "not reproducible from the printed counts"
NOT_COMPUTED = "not in the table"

FLOW = {
    "F1.01": "enrolled",
    "F1.02": "not_treated-patient-refused-before-the-first-dose",
    "F1.03": "treated",
    "F1.04": "off_before_first_pd-adverse-event-before-the-first-evaluation",
    "F1.05": "first_pd",
    "F1.06": "not_continued",
    "F1.07": "not_continued-performance-status-deteriorated",
    "F1.08": "not_continued-adverse-event",
    "F1.09": "not_continued-patient-refused",
    "F1.10": "continued",
    "F1.11": "second_pd",
}
IN_TEXT = {
    "X.rr1": ("responses", "rr", "t1"),
    "X.dcr1": ("responses", "dcr", "t1"),
    "X.rr2": ("responses", "rr", "t2"),
    "X.dcr2": ("responses", "dcr", "t2"),
    "X.ttp1": ("estimates", "ttp1", "median"),
    "X.ttp2": ("estimates", "ttp2", "median"),
    "X.os": ("estimates", "os", "median"),
    "X.bili": ("bilirubin", "bilirubin", "p"),
    "X.logit": ("logistic", "dose_increase", "multi_wald"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A printed figure: where it stands in the publication, its text, and a remark on how it was computed."""

    id: str
    source: str
    row: str
    column: str
    printed: str
    remark: str

    @property
    def place(self) -> tuple[str, str, str]:
        """The output, row and column of a run that hold it; a box of the flow has no column."""
        match self.id.split("."):
            case ["F1", _]:
                return "flow", FLOW[self.id], ""
            case ["T1", variable, column]:
                return "table_1", variable, column
            case ["T2", row, period]:
                return "table_2", row, f"t{period}"
            case ["T3", _, period, grade]:
                return "table_3", slugify(self.row), f"t{period}_{'any' if grade == 'any' else 'severe'}"
            case _:
                return IN_TEXT[self.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One row; `output`, `output_row`, `output_column` lead to the cell, `point` to the box of the flow."""

    id: str
    source: str
    row: str
    column: str
    printed: str
    computed: str
    verdict: str
    reason: str
    output: str
    output_row: str = ""
    output_column: str = ""
    point: str = ""


@cache
def figures() -> tuple[Figure, ...]:
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return tuple(Figure(**row) for row in csv.DictReader(file))


def compare(run: AnalysisRun) -> list[Comparison]:
    """Every published figure beside what the run computed."""
    contents = dict(run.outputs.exclude(kind="DATASET").values_list("name", "content"))
    results = Results(contents)
    computed = {figure.id: results.text(figure) for figure in figures()}
    return [_compared(figure, computed, results) for figure in figures()]


class Results:
    """The outputs of one run, by name, row and column."""

    def __init__(self, contents: Mapping[str, dict[str, Any]]) -> None:
        self.boxes = {box["id"]: box for box in contents.get("flow", {}).get("boxes", ())}
        self.cells = {
            (name, row["id"], column): cell
            for name, content in contents.items()
            for row in content.get("rows", ())
            for column, cell in row["cells"].items()
        }
        self.sizes = {
            (name, column["id"]): column["n"]
            for name, content in contents.items()
            for column in content.get("columns", ())
        }

    def text(self, figure: Figure) -> str:
        """What the run printed for this figure, in the words of the comparison."""
        name, row, column = figure.place
        if name == "flow":
            return str(self.boxes[row]["n"] if row in self.boxes else 0)
        cell = self.cells.get(figure.place)
        if cell is None:
            return NOT_COMPUTED
        if figure.id == "X.logit":
            return f"Wald {cell['text']}; likelihood ratio {self.cells[name, row, 'multi_lr']['text']}"
        test = self.cells.get((name, row, "test"))
        if column == "p" and test is not None and test["text"] == "t-test":
            return f"t-test p {cell['text']}"
        return str(cell["text"])

    def total(self, figure: Figure) -> int | None:
        """How many patients the figure counts among."""
        name, row, column = figure.place
        cell = self.cells.get((name, row, column), {})
        return cell.get("total") or self.sizes.get((name, column))

    def size(self, box: str) -> int:
        return int(self.boxes.get(box, {"n": 0})["n"])


def _compared(figure: Figure, computed: Mapping[str, str], results: Results) -> Comparison:
    name, row, column = figure.place
    verdict, reason = _judge(figure, computed, results)
    return Comparison(
        id=figure.id,
        source=figure.source,
        row=figure.row,
        column=figure.column,
        printed=figure.printed,
        computed=computed[figure.id],
        verdict=verdict,
        reason=" ".join(filter(None, (reason, "" if verdict == DIFFERS else figure.remark))),
        output=name,
        output_row="" if name == "flow" else row,
        output_column=column,
        point=row if name == "flow" else "",
    )


def _judge(figure: Figure, computed: Mapping[str, str], results: Results) -> tuple[str, str]:
    """The verdict on one figure, and the reason where the two differ."""
    mine = computed[figure.id]
    if agree(figure.printed, mine):
        return AGREES, ""
    total, enrolled = results.total(figure), results.size("enrolled")
    if total and divides_by(figure.printed, mine, enrolled):
        return (
            f"printed over {enrolled}",
            f"The printed percentage divides by the {enrolled} enrolled; the column holds {total} patients.",
        )
    if total and adds_up_to(figure.printed, mine, total) is False:
        printed = sum(map(int, figure.printed.split("/")))
        return MISPRINT, f"The printed counts add up to {printed}; the group holds {total} patients."
    if figure.id.endswith(".p") and _counts_agree(figure, computed):
        return NOT_REPRODUCIBLE, "The counts agree, the P does not."
    sizes = range(results.size("continued"), enrolled + 1)
    if figure.printed.endswith("%") and not _any_share(figure.printed, sizes):
        return MISPRINT, f"No count of {sizes[0]} to {enrolled} patients gives {figure.printed}."
    return DIFFERS, "The data of this run give another value."


def numbers(text: str) -> list[Decimal]:
    return [Decimal(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def agree(printed: str, computed: str) -> bool:
    """Whether the printed numbers are among the computed ones, in order, to as many digits as printed."""
    rest = iter(numbers(computed))
    return bool(numbers(printed)) and all(
        any(_rounds_to(mine, shown) for mine in rest) for shown in numbers(printed)
    )


def _rounds_to(mine: Measure, shown: Decimal) -> bool:
    exponent = shown.as_tuple().exponent
    return round_half_up(mine, -int(exponent)) == shown


def divides_by(printed: str, computed: str, total: int) -> bool:
    """Whether "count (percent)" agrees in its count and the percentage is that of `total` patients."""
    shown, mine = numbers(printed), numbers(computed)
    if "(" not in printed or len(shown) != 2 or not mine or shown[0] != mine[0]:
        return False
    share = percentage(int(shown[0]), total)
    return share is not None and _rounds_to(share, shown[1])


def adds_up_to(printed: str, computed: str, total: int) -> bool | None:
    """Whether counts by class (a/b/c) add up to the group, as the computed ones do; None without counts."""
    if "/" not in printed or sum(numbers(computed)) != total:
        return None
    return sum(numbers(printed)) == total


def _counts_agree(figure: Figure, computed: Mapping[str, str]) -> bool:
    row = figure.id.removesuffix("p")
    others = [other for other in figures() if other.id.startswith(row) and other.id != figure.id]
    return all(agree(other.printed, computed[other.id]) for other in others)


def _any_share(printed: str, sizes: Sequence[int]) -> bool:
    """Whether some count of some group of these sizes gives the printed percentage."""
    shown = numbers(printed)[0]
    return any(
        _rounds_to(share, shown)
        for n, count in product(sizes, range(max(sizes, default=0) + 1))
        if count <= n and (share := percentage(count, n)) is not None
    )
