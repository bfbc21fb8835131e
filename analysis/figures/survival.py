"""Kaplan-Meier figures: the curve with its band, censoring marks and the numbers at risk beneath."""

from collections.abc import Sequence
from typing import Any

from analysis.domain.descriptive import format_fixed
from analysis.domain.endpoints import Endpoint, TimeToEvent
from analysis.domain.survival import KaplanMeier, KaplanMeierStep
from analysis.facts import StudyFacts
from analysis.outputs import Cell, Column, Figure, Point, Row, Table
from analysis.tables.estimates import counted, estimate, left_out, median_text, of_records, why_of

BLUE = "#0072B2"
GREY = "#595959"
TICK_STEPS = (30, 60, 90, 120, 180, 365, 730)
MOST_TICKS = 10
WIDTH, HEIGHT = 640, 320
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
Datum = dict[str, Any]


def survival_figure(facts: StudyFacts, endpoint: Endpoint) -> Figure:
    records = facts.records[endpoint.paramcd]
    found = estimate(facts, records, facts.settings.conf_type)
    title = next(e.label for e in facts.protocol.endpoints if e.id == endpoint.paramcd)
    caption = (
        f"{len(records)} patients, {sum(r.event for r in records)} events; median {median_text(found)} days, "
        f"{facts.protocol.statistics.confidence_percent:f} % CI by the {facts.settings.conf_type} band"
    )
    return Figure(
        title=title,
        spec=_spec(endpoint, found, title, caption),
        table=_table(endpoint, found, records),
        points=[_point(step, records) for step in found.steps] if found else [],
        footnotes=[
            f"Kaplan-Meier from {endpoint.start.label}. {caption}. Marks on the curve: censored patients.",
            *left_out(facts, endpoint.paramcd),
            *([] if records else ["No patient of the analysis set has a time to show at this cut-off."]),
        ],
    )


def point_id(step: KaplanMeierStep) -> str:
    return f"day-{step.time:g}"


def _at(
    step: KaplanMeierStep, records: Sequence[TimeToEvent], *, event: bool | None = None
) -> list[TimeToEvent]:
    return [r for r in records if r.days == step.time and (event is None or r.event is event)]


def _point(step: KaplanMeierStep, records: Sequence[TimeToEvent]) -> Point:
    there = _at(step, records)
    return Point(
        id=point_id(step),
        label=_tip(step),
        patients=[record.patient_number for record in there],
        why=why_of(there),
    )


def _tip(step: KaplanMeierStep) -> str:
    happened = [f"{n} {word}" for n, word in ((step.n_event, "with event"), (step.n_censor, "censored")) if n]
    return f"Day {step.time:g}: {', '.join(happened)} of {step.n_risk}; {format_fixed(100 * step.survival)} %"


def _table(endpoint: Endpoint, found: KaplanMeier | None, records: Sequence[TimeToEvent]) -> Table:
    columns = (
        ("n_risk", "At risk"),
        ("n_event", "With event"),
        ("n_censor", "Censored"),
        ("survival", "Event-free, %"),
        ("lower", "Lower limit, %"),
        ("upper", "Upper limit, %"),
    )
    return Table(
        title=f"{endpoint.param}: every step of the curve",
        columns=[Column(id=id, label=label) for id, label in columns],
        rows=[_row(step, records) for step in found.steps] if found else [],
    )


def _row(step: KaplanMeierStep, records: Sequence[TimeToEvent]) -> Row:
    def percent(share: float | None) -> str:
        return format_fixed(None if share is None else 100 * share)

    at_risk = [record for record in records if record.days >= step.time]
    cells: dict[str, Cell] = {
        "n_risk": counted(at_risk),
        "n_event": counted(_at(step, records, event=True), among=at_risk),
        "n_censor": counted(_at(step, records, event=False), among=at_risk),
        "survival": of_records(percent(step.survival), _at(step, records)),
        "lower": of_records(percent(step.lower), _at(step, records)),
        "upper": of_records(percent(step.upper), _at(step, records)),
    }
    return Row(id=point_id(step), label=f"Day {step.time:g}", cells=cells)


def _spec(endpoint: Endpoint, found: KaplanMeier | None, title: str, caption: str) -> dict[str, Any]:
    ticks = _ticks(found.steps[-1].time if found else 0)
    x = {
        "field": "day",
        "type": "quantitative",
        "scale": {"domain": [0, ticks[-1]], "nice": False},
        "axis": {"title": f"Days from {endpoint.start.label}", "values": ticks, "format": "d", "grid": False},
    }
    return {
        "$schema": SCHEMA,
        "description": f"{title}. Kaplan-Meier curve: {caption}. The table beneath holds every step.",
        "title": {"text": title, "subtitle": caption, "anchor": "start", "subtitleColor": GREY},
        "vconcat": [
            {"width": WIDTH, "height": HEIGHT, "layer": _curve(found, x)},
            _numbers_at_risk(found, ticks),
        ],
        "resolve": {"scale": {"x": "shared"}},
        "config": {"font": "sans-serif", "view": {"stroke": None}},
    }


def _ticks(last: float) -> list[int]:
    step = next((s for s in TICK_STEPS if last <= s * MOST_TICKS), TICK_STEPS[-1])
    return [step * n for n in range(max(1, int(-(-last // step))) + 1)]


def _curve(found: KaplanMeier | None, x: Datum) -> list[Datum]:
    y = {
        "field": "survival",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": "Event-free", "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]},
    }
    steps = found.steps if found else ()
    curve = [
        {"day": 0.0, "survival": 1.0},
        *({"day": s.time, "survival": round(s.survival, 6)} for s in steps),
    ]
    marks = [
        {"day": s.time, "survival": round(s.survival, 6), "point": point_id(s), "tip": _tip(s)} for s in steps
    ]
    events = [mark for mark, s in zip(marks, steps, strict=True) if s.n_event]
    censored = [mark for mark, s in zip(marks, steps, strict=True) if s.n_censor]
    tip = {"field": "tip", "type": "nominal"}
    seen = {"tooltip": tip, "description": tip}
    return [
        {
            "data": {"values": _band(steps)},
            "mark": {"type": "area", "interpolate": "step-after", "color": BLUE, "opacity": 0.15},
            "encoding": {"x": x, "y": y | {"field": "lower"}, "y2": {"field": "upper"}},
        },
        {
            "data": {"values": [{"half": 0.5}]},
            "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 4]},
            "encoding": {"y": {"field": "half", "type": "quantitative"}},
        },
        {
            "data": {"values": curve},
            "mark": {"type": "line", "interpolate": "step-after", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": events},
            "mark": {"type": "point", "filled": True, "size": 45, "color": BLUE, "cursor": "pointer"},
            "encoding": {"x": x, "y": y} | seen,
        },
        {
            "data": {"values": censored},
            "mark": {
                "type": "point",
                "shape": "stroke",
                "angle": 90,
                "size": 160,
                "color": "black",
                "cursor": "pointer",
            },
            "encoding": {"x": x, "y": y} | seen,
        },
    ]


def _band(steps: Sequence[KaplanMeierStep]) -> list[Datum]:
    """The band under the curve; where it is undefined, at no survivors, it ends as it was."""
    lower = upper = 1.0
    band = [{"day": 0.0, "lower": lower, "upper": upper}]
    for step in steps:
        if step.lower is not None and step.upper is not None:
            lower, upper = round(step.lower, 6), round(step.upper, 6)
        band.append({"day": step.time, "lower": lower, "upper": upper})
    return band


def _numbers_at_risk(found: KaplanMeier | None, ticks: Sequence[int]) -> Datum:
    counts = found.at_risk(ticks) if found else [0] * len(ticks)
    return {
        "width": WIDTH,
        "height": 24,
        "title": {"text": "Patients at risk", "anchor": "start", "fontSize": 11, "fontWeight": "normal"},
        "data": {"values": [{"day": day, "n": n} for day, n in zip(ticks, counts, strict=True)]},
        "mark": {"type": "text", "color": GREY},
        "encoding": {
            "x": {"field": "day", "type": "quantitative", "axis": None, "scale": {"domain": [0, ticks[-1]]}},
            "text": {"field": "n", "type": "quantitative"},
        },
    }
