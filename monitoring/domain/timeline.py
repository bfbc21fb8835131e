"""The course of one patient as a figure: doses, scans, adverse events, baselines, progressions, death.

The figure is a Vega-Lite specification (a plain dict); the same items make the table beneath it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

# Told apart by people with any colour vision, and never by colour alone: each mark also carries its words.
GRADE_COLOURS = {1: "#bdd7e7", 2: "#6baed6", 3: "#f16913", 4: "#a63603", 5: "#3f0f00"}
INK = "#1c2a33"
WIDTH = 860
# With a type of its own: without one Vega-Lite misreads the days of the scale there and warns in the console.
END = {"field": "end", "type": "temporal"}
LABEL_LETTER, SMALL_LETTER, LABEL_MARGIN = 6.5, 5.0, 16.0


class Lane(StrEnum):
    """The rows of the figure, from the top."""

    MILESTONE = "milestones"
    VISIT = "visits"
    SCAN = "scans"
    DOSE = "dose"
    ADVERSE_EVENT = "adverse events"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """Something that happened on a day, or from a day through another (`end` inclusive, None: still going
    on).

    `text` is what a mark is labelled with, `detail` the sentence of the table; `url` leads to the form.
    `level` is the dose in mg a day, or the grade of an adverse event.
    """

    lane: Lane
    start: date
    end: date | None
    text: str
    detail: str
    url: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """The days the figure shows, and how they lie on its WIDTH pixels."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """Pixels from the left edge."""
        return (day - self.first).days * WIDTH / (self.last - self.first).days

    @property
    def scale(self) -> dict[str, Any]:
        days = (self.first, self.last)
        return {"domain": [{"year": day.year, "month": day.month, "date": day.day} for day in days]}


def timeline_figure(items: Sequence[TimelineItem], *, until: date, title: str) -> dict[str, Any]:
    """The figure up to the day `until`; adverse events get a line each, in order of onset."""
    first = min((item.start for item in items), default=until)
    span = Span(first - timedelta(days=7), until + timedelta(days=7))
    axis = {"title": None, "format": "%Y-%m", "tickCount": 8, "labelOverlap": True, "grid": True}
    x = {"field": "start", "type": "temporal", "scale": span.scale, "axis": axis}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": f"Timeline of {title}: the table beneath holds the same facts.",
        "background": "white",
        "config": {"view": {"stroke": "#d3dbe1"}, "axis": {"labelColor": INK, "gridColor": "#e6ebee"}},
        "vconcat": [
            _named(_lane(items, Lane.MILESTONE), x, until, span, shape="diamond"),
            _named(_lane(items, Lane.VISIT), x, until, span, shape="cross"),
            _scans(_lane(items, Lane.SCAN), x, until, span),
            _doses(_lane(items, Lane.DOSE), x, until),
            _adverse_events(_lane(items, Lane.ADVERSE_EVENT), x, until, span),
        ],
        "spacing": 6,
    }


def _lane(items: Iterable[TimelineItem], lane: Lane) -> list[TimelineItem]:
    return sorted((item for item in items if item.lane is lane), key=lambda item: (item.start, item.detail))


def _day(day: date) -> str:
    """A day as the figure takes it; with a time, so that no browser moves it by its time zone."""
    return f"{day.isoformat()}T00:00:00"


def _values(items: Sequence[TimelineItem], until: date) -> list[dict[str, Any]]:
    return [
        {
            "start": _day(item.start),
            "end": _day((item.end or until) + timedelta(days=1)),
            "text": item.text,
            "detail": item.detail,
            "href": item.url,
            "level": item.level,
            "row": f"{index:03}",
        }
        for index, item in enumerate(items)
    ]


def _again(encoding: dict[str, Any]) -> dict[str, Any]:
    """The same encoding for a further layer: the scale is said once, by the first."""
    return encoding | {"x": {key: value for key, value in encoding["x"].items() if key != "scale"}}


def _tooltip() -> dict[str, Any]:
    return {"field": "detail", "type": "nominal"}


def label_beside(at: float, text: str) -> tuple[str, float, float]:
    """The side of a mark its label stands on, and the pixels both take: right, where the figure has room."""
    long = LABEL_MARGIN + LABEL_LETTER * len(text)
    return ("right", at, at + long) if at + long <= WIDTH else ("left", at - long, at + LABEL_MARGIN)


def label_of_bar(begins: float, ends: float, text: str) -> str:
    """The side of a bar its label stands on: left, unless only the right has room for it."""
    long = LABEL_MARGIN + SMALL_LETTER * len(text)
    return "right" if begins < long and ends + long <= WIDTH else "left"


def free_rows(places: Iterable[tuple[float, float]]) -> list[int]:
    """The row of each label, from the pixels it takes: the lowest one whose labels have ended before it."""
    ends: list[float] = []
    rows = []
    for begins, stops in places:
        row = next((index for index, end in enumerate(ends) if end <= begins), len(ends))
        ends[row : row + 1] = [stops]
        rows.append(row)
    return rows


def _labels(encoding: dict[str, Any], *, right_at: dict[str, Any] | None = None, **mark: Any) -> list[Any]:
    """A layer of texts for each side of their marks; those at the right may stand at another place."""
    text = encoding | {"text": {"field": "text"}}
    sides = {"left": (text, "right", -1), "right": (text | (right_at or {}), "left", 1)}
    return [
        {
            "transform": [{"filter": {"field": "side", "equal": side}}],
            "mark": {"type": "text", "color": INK, **mark, "align": align, "dx": away * mark["dx"]},
            "encoding": encoded,
        }
        for side, (encoded, align, away) in sides.items()
    ]


def _named(
    items: Sequence[TimelineItem], x: dict[str, Any], until: date, span: Span, *, shape: str
) -> dict[str, Any]:
    """Names beside marks, in as many rows as it takes for none to cover another."""
    places = [label_beside(span.at(item.start), item.text) for item in items]
    rows = free_rows(place[1:] for place in places)
    top = max(rows, default=0)
    values = [
        value | {"height": row, "side": side}
        for value, row, (side, *_) in zip(_values(items, until), rows, places, strict=True)
    ]
    y = {"field": "height", "type": "quantitative", "axis": None, "scale": {"domain": [-0.7, top + 0.7]}}
    marks = {"x": x | {"axis": None}, "y": y, "href": {"field": "href"}, "tooltip": _tooltip()}
    return {
        "width": WIDTH,
        "height": 20 * (top + 1) + 6,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "point", "shape": shape, "filled": True, "size": 60, "color": INK},
                "encoding": marks,
            },
            *_labels(_again(marks), dx=7, fontSize=11),
        ],
    }


def _scans(items: Sequence[TimelineItem], x: dict[str, Any], until: date, span: Span) -> dict[str, Any]:
    encoding = {"x": x | {"axis": None}, "href": {"field": "href"}, "tooltip": _tooltip()}
    sides = [label_beside(span.at(item.start), item.text)[0] for item in items]
    return {
        "width": WIDTH,
        "height": 34,
        "data": {
            "values": [v | {"side": side} for v, side in zip(_values(items, until), sides, strict=True)]
        },
        "layer": [
            {"mark": {"type": "rule", "color": "#82919c"}, "encoding": encoding},
            *_labels(_again(encoding), dx=4, fontSize=12, fontWeight="bold"),
        ],
    }


def _doses(items: Sequence[TimelineItem], x: dict[str, Any], until: date) -> dict[str, Any]:
    """Height is the dose; days without a bar are interruptions."""
    y = {"field": "level", "type": "quantitative", "title": "mg/day", "scale": {"domain": [0, 900]}}
    return {
        "width": WIDTH,
        "height": 90,
        "data": {"values": _values(items, until)},
        "mark": {"type": "bar", "color": "#7fa9bd", "stroke": INK, "strokeWidth": 0.6},
        "encoding": {
            "x": x | {"axis": None},
            "x2": END,
            "y": y | {"axis": {"values": [200, 400, 800]}},
            "y2": {"datum": 0},
            "href": {"field": "href"},
            "tooltip": _tooltip(),
        },
    }


def _adverse_events(
    items: Sequence[TimelineItem], x: dict[str, Any], until: date, span: Span
) -> dict[str, Any]:
    row = {"field": "row", "type": "ordinal", "axis": None}
    shared = {"x": x, "y": row, "href": {"field": "href"}, "tooltip": _tooltip()}
    colour = {
        "field": "level",
        "type": "ordinal",
        "scale": {"domain": list(GRADE_COLOURS), "range": list(GRADE_COLOURS.values())},
        "legend": {"title": "worst grade", "orient": "bottom"},
    }
    sides = [label_of_bar(span.at(item.start), span.at(item.end or until), item.text) for item in items]
    return {
        "width": WIDTH,
        "height": max(24, 15 * len(items)),
        "data": {
            "values": [v | {"side": side} for v, side in zip(_values(items, until), sides, strict=True)]
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": 11},
                "encoding": shared | {"x2": END, "color": colour},
            },
            *_labels(_again(shared), right_at={"x": END}, dx=4, fontSize=10),
        ],
    }
