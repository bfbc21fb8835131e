"""What the pages read of runs, and the places in an output that a number leads from."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from analysis.models import AnalysisRun, OutputKind, RunOutput
from analysis.outputs import Why

IN_ORDER = (OutputKind.FLOW, OutputKind.TABLE, OutputKind.FIGURE, OutputKind.DATASET)


def runs() -> QuerySet[AnalysisRun]:
    return AnalysisRun.objects.select_related("trial", "protocol_version", "requested_by")


def get_run(pk: int) -> AnalysisRun:
    run = runs().filter(pk=pk).first()
    if run is None:
        raise Http404("There is no such run.")
    return run


def contents_of(run: AnalysisRun) -> list[RunOutput]:
    """The outputs of a run without what is in them, in their order."""
    return list(run.outputs.defer("content"))


def get_output(run: AnalysisRun, name: str, *kinds: OutputKind) -> RunOutput:
    """An output of a run, of one of these kinds where kinds are named."""
    output = run.outputs.filter(name=name, kind__in=kinds or OutputKind.values).first()
    if output is None:
        raise Http404("This run has no such output.")
    output.run = run
    return output


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A number or a mark of an output, with the patients behind it and the forms it rests on for each.

    `rest` are the other patients of those it is counted among.
    """

    what: str
    text: str
    patients: list[str]
    why: Why = field(default_factory=dict)
    rest: Why = field(default_factory=dict)


def table_of(output: RunOutput) -> dict[str, Any]:
    """The table of an output: its own, or the one under a figure."""
    content: dict[str, Any] = output.content
    if output.kind == OutputKind.FIGURE:
        content = content["table"]
    return content


def cell_of(output: RunOutput, row_id: str, column_id: str) -> Place:
    table = table_of(output)
    row = next((row for row in table.get("rows", ()) if row["id"] == row_id), None)
    column = next((column for column in table.get("columns", ()) if column["id"] == column_id), None)
    if row is None or column is None or column_id not in row["cells"]:
        raise Http404("This table has no such cell.")
    cell = row["cells"][column_id]
    what = f"{row['label']} · {column['label']}"
    rest = cell.get("rest", {})
    return Place(what=what, text=cell["text"], patients=cell["patients"], why=cell["why"], rest=rest)


def point_of(output: RunOutput, point_id: str) -> Place:
    """A mark of a figure, or a box of the patient flow."""
    found = next((p for p in _points(output) if p["id"] == point_id), None)
    if found is None:
        raise Http404("This figure has no such mark.")
    count = len(found["patients"])
    return Place(
        what=found["label"],
        text=f"{count} patient" if count == 1 else f"{count} patients",
        patients=found["patients"],
        why=found["why"],
        rest=_others_above(output, found),
    )


def _others_above(output: RunOutput, box: dict[str, Any]) -> Why:
    """Of a box of the patient flow: the patients of the box above who are not in it."""
    above = next((p for p in _points(output) if p["id"] == box.get("parent")), None)
    if above is None:
        return {}
    return {number: forms for number, forms in above["why"].items() if number not in box["patients"]}


def _points(output: RunOutput) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = output.content.get("points", output.content.get("boxes", []))
    return points
