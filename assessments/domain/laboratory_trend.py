"""One analyte of one patient over time as a Vega-Lite figure: values, range, grades, doses, baselines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assessments.domain.ctcae import LAB_RULES, Limit
from assessments.domain.laboratory import ANALYTES

INK, BAND, DOSE, ALARM = "#1c2a33", "#d6e8dc", "#9db8cc", "#a8322a"
WIDTH, HEIGHT, DOSE_HEIGHT = 860, 260, 60
END = {"field": "end", "type": "temporal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """A value in the canonical unit, with the range of its day and the baseline of its grades in the same."""

    on: date
    value: Decimal
    lln: Decimal | None
    uln: Decimal | None
    baseline: Decimal | None
    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendDose:
    """Days on one dose, both included; `mg_per_day` 0 is an interruption."""

    start: date
    end: date
    mg_per_day: Decimal
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The value beyond which a CTCAE grade begins, on one day."""

    on: date
    grade: int
    value: Decimal


def derive_thresholds(analyte: str, point: TrendPoint) -> Iterator[Threshold]:
    """The cuts of grades 2 to 4 that can be told on the day of a value, in the canonical unit.

    Grade 1 begins at the range. A cut whose limit or baseline is missing is left out; a grade with two cuts
    (creatinine: ULN and baseline) has the one that is passed first.
    """
    limits = {Limit.LLN: point.lln, Limit.ULN: point.uln, Limit.BASELINE: point.baseline}
    unit = ANALYTES[analyte].unit
    found: dict[tuple[str, int], Decimal] = {}
    for term in ANALYTES[analyte].terms:
        for cut in LAB_RULES[term].cuts:
            limit = cut.fixed[unit] if cut.limit is Limit.FIXED else limits[cut.limit]
            if limit is not None and cut.grade > 1:
                value = limit * cut.multiple
                found[term, cut.grade] = min(value, found.get((term, cut.grade), value))
    for (_, grade), value in found.items():
        yield Threshold(on=point.on, grade=grade, value=value)


def trend_figure(
    analyte: str,
    points: Sequence[TrendPoint],
    doses: Sequence[TrendDose],
    baselines: Mapping[str, date],
    *,
    words: Mapping[str, str],
) -> dict[str, Any]:
    """The figure of at least one point; `baselines` are named days, `words` the texts of the axes."""
    days = [point.on for point in points] + [*baselines.values()]
    days += [day for dose in doses for day in (dose.start, dose.end)]
    first, last = min(days) - timedelta(days=7), max(days) + timedelta(days=7)
    domain = [{"year": day.year, "month": day.month, "date": day.day} for day in (first, last)]
    shown = "%Y-%m" if last - first > timedelta(days=180) else "%Y-%m-%d"
    axis = {"title": None, "format": shown, "tickCount": 8, "labelOverlap": True, "grid": True}
    x = {"field": "start", "type": "temporal", "scale": {"domain": domain}, "axis": axis}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": words["description"],
        "background": "white",
        "config": {"view": {"stroke": "#d3dbe1"}, "axis": {"labelColor": INK, "gridColor": "#e6ebee"}},
        "vconcat": [
            {
                "width": WIDTH,
                "height": HEIGHT,
                "layer": [
                    _band(points, last, x, words),
                    *_cuts(analyte, points, last, x, words),
                    *_baselines(baselines, x),
                    *_values(points, x, words),
                ],
            },
            _doses(doses, x, words),
        ],
        "spacing": 6,
    }


def _y(words: Mapping[str, str], field: str = "value") -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": words["value"],
        "scale": {"zero": False},
    }


def _spans(points: Sequence[TrendPoint], last: date) -> Iterator[tuple[TrendPoint, date]]:
    """Each point with the day up to which what is known of it is drawn: that of the next."""
    ordered = sorted(points, key=lambda point: point.on)
    yield from zip(ordered, [*(point.on for point in ordered[1:]), last], strict=True)


def _band(
    points: Sequence[TrendPoint], last: date, x: Mapping[str, Any], words: Mapping[str, str]
) -> dict[str, Any]:
    """The range; a side that the laboratory does not state ends at the highest value or at 0."""
    highest = max(max(point.value, point.lln or 0, point.uln or 0) for point in points)
    values = [
        {
            "start": str(point.on),
            "end": str(end),
            "low": float(point.lln or 0),
            "high": float(point.uln if point.uln is not None else highest),
        }
        for point, end in _spans(points, last)
        if point.lln is not None or point.uln is not None
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "color": BAND, "opacity": 0.7, "clip": True},
        "encoding": {
            "x": x,
            "x2": END,
            "y": _y(words, "low"),
            "y2": {"field": "high", "type": "quantitative"},
        },
    }


def _cuts(
    analyte: str, points: Sequence[TrendPoint], last: date, x: Mapping[str, Any], words: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The grades that the values come near to: a cut far above everything would flatten the rest."""
    highest = 2 * max(max(point.value, point.uln or 0) for point in points)
    values = [
        {"start": str(cut.on), "end": str(end), "value": float(cut.value), "text": f"G{cut.grade}"}
        for point, end in _spans(points, last)
        for cut in derive_thresholds(analyte, point)
        if cut.value <= highest
    ]
    encoding = {"x": x, "y": _y(words)}
    firsts: dict[tuple[Any, Any], dict[str, Any]] = {(v["text"], v["value"]): v for v in reversed(values)}
    return [
        {
            "data": {"values": values},
            "mark": {"type": "rule", "color": ALARM, "strokeDash": [4, 3], "clip": True},
            "encoding": encoding | {"x2": END},
        },
        {
            "data": {"values": list(firsts.values())},
            "mark": {"type": "text", "color": ALARM, "align": "left", "dx": 2, "dy": -6, "fontSize": 10},
            "encoding": encoding | {"text": {"field": "text"}},
        },
    ]


def _baselines(baselines: Mapping[str, date], x: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = {"values": [{"start": str(day), "text": name} for name, day in baselines.items()]}
    text = {"type": "text", "color": INK, "align": "left", "dx": 3, "dy": 10, "fontSize": 11}
    return [
        {"data": data, "mark": {"type": "rule", "color": INK, "strokeDash": [2, 2]}, "encoding": {"x": x}},
        {"data": data, "mark": text, "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "text"}}},
    ]


def _values(points: Sequence[TrendPoint], x: Mapping[str, Any], words: Mapping[str, str]) -> list[Any]:
    data = {
        "values": [
            {"start": str(p.on), "value": float(p.value), "detail": p.words, "href": p.url} for p in points
        ]
    }
    encoding = {"x": x, "y": _y(words)}
    marks = {"href": {"field": "href"}, "tooltip": {"field": "detail", "type": "nominal"}}
    return [
        {"data": data, "mark": {"type": "line", "color": INK, "strokeWidth": 1}, "encoding": encoding},
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": 50, "color": INK},
            "encoding": encoding | marks,
        },
    ]


def _doses(doses: Sequence[TrendDose], x: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    values = [
        {
            "start": str(dose.start),
            "end": str(dose.end + timedelta(days=1)),
            "value": float(dose.mg_per_day),
            "zero": 0,
            "detail": dose.words,
        }
        for dose in doses
    ]
    return {
        "width": WIDTH,
        "height": DOSE_HEIGHT,
        "data": {"values": values},
        "mark": {"type": "rect", "color": DOSE},
        "encoding": {
            "x": x,
            "x2": END,
            "y": {"field": "value", "type": "quantitative", "title": words["dose"], "scale": {"zero": True}},
            "y2": {"field": "zero", "type": "quantitative"},
            "tooltip": {"field": "detail", "type": "nominal"},
        },
    }
