"""A finished run made by hand, so that its pages and files are tested without computing anything."""

from datetime import UTC, date, datetime
from typing import Any

from analysis.models import AnalysisRun, OutputKind, RunOutput, RunState
from analysis.outputs import (
    Box,
    Cell,
    Column,
    Dataset,
    DatasetColumn,
    Figure,
    Flow,
    Output,
    Point,
    Row,
    Table,
    canonical,
    content_of,
    fingerprint,
    title_of,
)
from analysis.settings import RunSettings
from casebook.extraction import begin_as_of
from tests.factories import Study
from trial.audit import acting

CUT_OFF = date(2014, 6, 1)
AS_OF = datetime(2015, 3, 1, 9, 30, tzinfo=UTC)
Why = dict[str, list[str]]


def make_run(study: Study, *, state: RunState = RunState.QUEUED, **values: Any) -> AnalysisRun:
    settings = RunSettings.from_protocol(study.version.protocol, values.pop("settings", {})).as_json()
    filled = {"cut_off": CUT_OFF, "as_of": AS_OF, "code_version": "test-1"} | values
    with acting(study.statistician):
        return AnalysisRun.objects.create(
            trial=study.trial,
            protocol_version=study.version,
            requested_by=study.statistician,
            settings=settings,
            state=state,
            **filled,
        )


def finished_run(study: Study, why: Why, **values: Any) -> AnalysisRun:
    """A run whose every cell, mark and box rests on these patients and forms."""
    with acting(study.statistician):
        as_of = values.pop("as_of", None) or begin_as_of()
    run = make_run(study, state=RunState.FINISHED, sha256="ab" * 32, progress=100, as_of=as_of, **values)
    with acting(study.statistician):
        for position, (name, kind, output) in enumerate(outputs_of(why), start=1):
            store(run, position, name, kind, output)
    return run


def store(run: AnalysisRun, position: int, name: str, kind: OutputKind, output: Output) -> RunOutput:
    content = content_of(output)
    return RunOutput.objects.create(
        run=run,
        name=name,
        position=position,
        kind=kind,
        title=title_of(output),
        content=content,
        sha256=fingerprint(canonical(content)),
    )


def outputs_of(why: Why) -> list[tuple[str, OutputKind, Output]]:
    return [
        ("flow", OutputKind.FLOW, flow(why)),
        ("table_1", OutputKind.TABLE, table(why)),
        ("os", OutputKind.FIGURE, figure(why)),
        ("adae", OutputKind.DATASET, dataset(why)),
    ]


def table(why: Why, *texts: str) -> Table:
    n = len(why)
    counted = Cell(text=f"{n} (100.0)", n=n, total=n, patients=list(why), why=why)
    return Table(
        title="Table 1. Baseline characteristics",
        population="Safety set",
        footnotes=["Percentages of the safety set."],
        columns=[Column(id="all", label="All patients", n=n), Column(id="p", label="P")],
        rows=[
            Row(id="sex", label="Sex, male", cells={"all": counted, "p": Cell(text="0.0431")}),
            Row(id="age/50 or more", label="≥ 50 years", level=1, cells={"all": counted}),
            *(
                Row(id=f"r{i}", label=text, cells={"all": Cell(text=text), "p": Cell(text="")})
                for i, text in enumerate(texts)
            ),
        ],
    )


def figure(why: Why) -> Figure:
    values = [
        {"day": day, "survival": 1 - day / 200, "point": f"day-{day}", "tip": f"Day {day}"}
        for day in (20, 100)
    ]
    x = {"field": "day", "type": "quantitative"}
    y = {"field": "survival", "type": "quantitative"}
    return Figure(
        title="Overall survival",
        spec={
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "description": "Overall survival, a curve of two steps.",
            "title": {"text": "Overall survival", "subtitle": "2 steps", "anchor": "start"},
            "data": {"values": values},
            "width": 400,
            "height": 200,
            "layer": [
                {"mark": {"type": "line", "interpolate": "step-after"}, "encoding": {"x": x, "y": y}},
                {
                    "mark": {"type": "point", "size": 60},
                    "encoding": {"x": x, "y": y, "tooltip": {"field": "tip"}},
                },
            ],
        },
        table=table(why),
        points=[Point(id=v["point"], label=v["tip"], patients=list(why), why=why) for v in values],
        footnotes=["Kaplan–Meier."],
    )


def flow(why: Why) -> Flow:
    everybody, first = list(why), list(why)[:1]
    return Flow(
        title="Patient flow",
        boxes=[
            Box(id="enrolled", label="Enrolled", patients=everybody, why=why),
            Box(id="left", label="Not treated", patients=first, why=why, parent="enrolled", side=True),
            Box(id="left-refused", label="Refused", patients=first, why=why, parent="left", side=True),
            Box(id="treated", label="Treated", patients=everybody[1:], why=why, parent="enrolled"),
        ],
        footnotes=["By imaging."],
    )


def dataset(why: Why) -> Dataset:
    columns = [("SUBJID", "Subject Identifier", "text"), ("AVAL", "Analysis Value", "integer")]
    columns.append(("SRCREF", "Source Form", "text"))
    return Dataset(
        name="ADAE",
        label="Adverse Events Analysis Dataset",
        structure="one record per subject per event",
        columns=[DatasetColumn(name=n, label=label, type=t, length=20) for n, label, t in columns],
        rows=[[number, 3, ref] for number, refs in why.items() for ref in refs],
    )
