"""The patient flow as a drawing: boxes under each other, those who left beside the way between them."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.figures.survival import GREY, SCHEMA

WIDTH, MAIN, SIDE_FROM = 660, 270, 310
LINE, PAD, GAP = 15, 9, 16
RAIL = MAIN // 2
MAIN_CHARACTERS, SIDE_CHARACTERS, NOTE_CHARACTERS = 40, 44, 118
INK = "#1f2933"
Datum = dict[str, Any]
StoredBox = Mapping[str, Any]


@dataclass(slots=True)
class Drawing:
    """Marks in pixels, y downwards from the top."""

    rects: list[Datum]
    texts: list[Datum]
    lines: list[Datum]
    heads: list[Datum]
    y: int = 0

    def text(self, x: int, y: int, text: str, *, align: str = "left", bold: bool = False) -> None:
        look = {"align": align, "weight": "bold" if bold else "normal"}
        self.texts.append({"x": x, "y": y, "text": text} | look)

    def line(self, x: int, y: int, x2: int, y2: int) -> None:
        """A line with the head of an arrow at its end."""
        self.lines.append({"x": x, "y": y, "x2": x2, "y2": y2})
        down = x == x2
        tip = {"x": x2, "y": y2 - 4, "shape": "triangle-down"}
        self.heads.append(tip if down else {"x": x2 - 4, "y": y2, "shape": "triangle-right"})


def flow_spec(content: Mapping[str, Any]) -> dict[str, Any]:
    """The stored flow of a run as a Vega-Lite specification, its footnotes beneath."""
    boxes: Sequence[StoredBox] = content["boxes"]
    drawing = Drawing([], [], [], [])
    below: dict[str, int] = {}
    for box in boxes:
        if not box["side"]:
            _draw_step(drawing, box, boxes, below)
    notes = [line for note in content["footnotes"] for line in textwrap.wrap(note, NOTE_CHARACTERS)]
    top = drawing.y + LINE
    remarks = [{"x": 0, "y": top + LINE * index, "text": note} for index, note in enumerate(notes)]
    height = top + LINE * len(notes)
    return {
        "$schema": SCHEMA,
        "description": "Patient flow. " + "; ".join(f"{box['label']}: {box['n']}" for box in boxes),
        "width": WIDTH,
        "height": height,
        "layer": list(_layers(drawing, remarks, height)),
        "config": {"font": "sans-serif", "view": {"stroke": None}},
    }


def _draw_step(drawing: Drawing, box: StoredBox, boxes: Sequence[StoredBox], below: dict[str, int]) -> None:
    """A box on the way down, its arrow from the box before, and beside the way on those who left it."""
    top = drawing.y
    if box["parent"] in below:
        drawing.line(RAIL, below[box["parent"]], RAIL, top)
    lines = textwrap.wrap(box["label"], MAIN_CHARACTERS)
    bottom = top + 2 * PAD + LINE * (len(lines) + 1)
    drawing.rects.append({"x": 0, "y": top, "x2": MAIN, "y2": bottom})
    for index, line in enumerate(lines):
        drawing.text(RAIL, top + PAD + LINE * index + LINE // 2, line, align="center")
    drawing.text(RAIL, bottom - PAD - LINE // 2, f"n = {box['n']}", align="center", bold=True)
    below[box["id"]] = drawing.y = bottom
    goes_on = any(_children(boxes, box, side=False))
    for left in _children(boxes, box, side=True):
        drawing.y += GAP
        middle = _draw_left(drawing, left, boxes)
        if not goes_on:
            drawing.lines.append({"x": RAIL, "y": bottom, "x2": RAIL, "y2": middle})
    drawing.y += GAP + PAD


def _draw_left(drawing: Drawing, box: StoredBox, boxes: Sequence[StoredBox]) -> int:
    """Those who left, one line for each reason, and the arrow to them; returns where the arrow begins."""
    top, y = drawing.y, drawing.y + PAD
    for entry, indent in ((box, 0), *((reason, 14) for reason in _children(boxes, box, side=True))):
        drawing.text(WIDTH - 10, y + LINE // 2, f"n = {entry['n']}", align="right", bold=not indent)
        for line in textwrap.wrap(entry["label"], SIDE_CHARACTERS - indent // 5):
            drawing.text(SIDE_FROM + 10 + indent, y + LINE // 2, line, bold=not indent)
            y += LINE
    bottom = y + PAD
    drawing.rects.append({"x": SIDE_FROM, "y": top, "x2": WIDTH, "y2": bottom})
    middle = top + PAD + LINE // 2
    drawing.line(RAIL, middle, SIDE_FROM, middle)
    drawing.y = bottom
    return middle


def _children(boxes: Sequence[StoredBox], parent: StoredBox, *, side: bool) -> Iterator[StoredBox]:
    return (box for box in boxes if box["parent"] == parent["id"] and box["side"] is side)


def _layers(drawing: Drawing, remarks: Sequence[Datum], height: int) -> Iterator[Datum]:
    place = {
        "x": _position("x", WIDTH, reverse=False),
        "y": _position("y", height, reverse=True),
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
    }
    at = {name: place[name] for name in ("x", "y")}
    yield {
        "data": {"values": drawing.lines},
        "mark": {"type": "rule", "aria": False, "color": GREY},
        "encoding": place,
    }
    yield {
        "data": {"values": drawing.rects},
        "mark": {"type": "rect", "aria": False, "fill": "white", "stroke": GREY, "strokeWidth": 1.2},
        "encoding": place,
    }
    yield {
        "data": {"values": drawing.heads},
        "mark": {"type": "point", "aria": False, "filled": True, "size": 60, "color": GREY, "opacity": 1},
        "encoding": at | {"shape": {"field": "shape", "type": "nominal", "scale": None}},
    }
    for align in ("left", "center", "right"):
        for weight in ("normal", "bold"):
            found = [text for text in drawing.texts if (text["align"], text["weight"]) == (align, weight)]
            yield _text(found, at, {"align": align, "fontWeight": weight, "fontSize": 12, "color": INK})
    yield _text(remarks, at, {"align": "left", "fontSize": 10, "color": GREY})


def _text(values: Sequence[Datum], at: Datum, look: Datum) -> Datum:
    return {
        "data": {"values": [{name: value[name] for name in ("x", "y", "text")} for value in values]},
        "mark": {"type": "text", "aria": False, "baseline": "middle"} | look,
        "encoding": at | {"text": {"field": "text", "type": "nominal"}},
    }


def _position(name: str, end: int, *, reverse: bool) -> Datum:
    scale = {"domain": [0, end], "nice": False, "zero": False, "reverse": reverse}
    return {"field": name, "type": "quantitative", "scale": scale, "axis": None}
