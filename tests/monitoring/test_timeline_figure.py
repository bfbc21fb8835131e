"""The figure of one patient's course: what each lane draws, from which day to which."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.timeline import (
    GRADE_COLOURS,
    WIDTH,
    Lane,
    TimelineItem,
    free_rows,
    label_beside,
    label_of_bar,
    timeline_figure,
)

UNTIL = date(2012, 6, 30)


def item(lane: Lane, start: str, end: str | None = None, *, text: str = "x", level: int = 0) -> TimelineItem:
    return TimelineItem(
        lane=lane,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end) if end else None,
        text=text,
        detail=f"{text} in words",
        url=f"/form/{text}/",
        level=level,
    )


ITEMS = [
    item(Lane.ADVERSE_EVENT, "2012-03-01", None, text="Diarrhea 3", level=3),
    item(Lane.ADVERSE_EVENT, "2012-02-01", "2012-02-10", text="Alopecia 1", level=1),
    item(Lane.DOSE, "2012-01-20", "2012-02-20", text="800", level=800),
    item(Lane.SCAN, "2012-03-05", "2012-03-05", text="SD"),
    item(Lane.MILESTONE, "2012-01-20", "2012-01-20", text="first dose"),
    item(Lane.MILESTONE, "2012-01-10", "2012-01-10", text="consent"),
]


def lanes(items: list[TimelineItem]) -> dict[Lane, dict[str, Any]]:
    figure = timeline_figure(items, until=UNTIL, title="T-1")
    return dict(zip(Lane, figure["vconcat"], strict=True))


def drawn(items: list[TimelineItem], lane: Lane) -> list[tuple[str, str, str]]:
    return [(v["text"], v["start"][:10], v["end"][:10]) for v in lanes(items)[lane]["data"]["values"]]


def test_each_lane_holds_its_items_in_order_of_their_first_day() -> None:
    assert [row[0] for row in drawn(ITEMS, Lane.MILESTONE)] == ["consent", "first dose"]
    assert [row[0] for row in drawn(ITEMS, Lane.SCAN)] == ["SD"]
    assert [row[0] for row in drawn(ITEMS, Lane.ADVERSE_EVENT)] == ["Alopecia 1", "Diarrhea 3"]


def test_a_bar_covers_its_last_day_and_one_that_goes_on_the_last_day_known() -> None:
    assert drawn(ITEMS, Lane.DOSE) == [("800", "2012-01-20", "2012-02-21")]
    assert drawn(ITEMS, Lane.ADVERSE_EVENT) == [
        ("Alopecia 1", "2012-02-01", "2012-02-11"),
        ("Diarrhea 3", "2012-03-01", "2012-07-01"),
    ]


def test_every_lane_shares_one_axis_of_time_with_a_week_to_spare() -> None:
    for lane, drawing in lanes(ITEMS).items():
        encoding = drawing.get("encoding") or drawing["layer"][0]["encoding"]
        assert encoding["x"]["scale"]["domain"] == [
            {"year": 2012, "month": 1, "date": 3},
            {"year": 2012, "month": 7, "date": 7},
        ], lane


def test_every_mark_leads_to_its_form_and_says_what_it_is() -> None:
    for drawing in lanes(ITEMS).values():
        for layer in drawing.get("layer", [drawing]):
            assert layer["encoding"]["href"] == {"field": "href"}
            assert layer["encoding"]["tooltip"]["field"] == "detail"
        for value in drawing["data"]["values"]:
            assert (value["href"], value["detail"]) == (
                f"/form/{value['text']}/",
                f"{value['text']} in words",
            )


def test_a_grade_is_told_by_words_as_well_as_by_colour() -> None:
    bars, *words = lanes(ITEMS)[Lane.ADVERSE_EVENT]["layer"]
    assert bars["encoding"]["color"]["scale"]["domain"] == [1, 2, 3, 4, 5]
    assert len(set(GRADE_COLOURS.values())) == 5
    assert [layer["encoding"]["text"] for layer in words] == [{"field": "text"}] * 2


def test_there_is_a_line_for_each_adverse_event() -> None:
    many = [item(Lane.ADVERSE_EVENT, "2012-02-01", text=f"{n}") for n in range(20)]
    assert lanes([])[Lane.ADVERSE_EVENT]["height"] == 24
    assert lanes(many)[Lane.ADVERSE_EVENT]["height"] == 300
    assert len({value["row"] for value in lanes(many)[Lane.ADVERSE_EVENT]["data"]["values"]}) == 20


def test_without_items_the_figure_still_holds_together() -> None:
    figure = timeline_figure([], until=UNTIL, title="T-1")
    assert json.loads(json.dumps(figure))["description"].startswith("Timeline of T-1")
    assert [drawing["data"]["values"] for drawing in figure["vconcat"]] == [[] for _ in Lane]


LABELS = """
    labels by day                            | rows at ten pixels a day
                                             |
    1:consent                                | 0
    1:consent 2:enrolled                     | 0 1              a day's ten pixels hold no word
    1:consent 2:enrolled 3:dose              | 0 1 2
    1:consent 31:enrolled                    | 0 0              a month's three hundred do
    1:a 1:b                                  | 0 1
    1:consent 2:dose 9:PD1                   | 0 1 0
    60:PD2 86:death                          | 0 0              at the edge the label stands left of its mark
    80:off 86:death                          | 0 1              where another one may stand already
"""


@pytest.mark.parametrize(("labels", "rows"), [line.split("|") for line in LABELS.strip().splitlines()[1:]])
def test_no_label_covers_another(labels: str, rows: str) -> None:
    parts = [label.split(":") for label in labels.split()]
    places = [label_beside(10.0 * int(day), text)[1:] for day, text in parts]
    assert free_rows(places) == [int(row) for row in rows.split("  ")[0].split()]


@given(st.floats(0, WIDTH), st.text("abc", min_size=1, max_size=40))
def test_a_label_stays_inside_the_figure_at_the_right(at: float, text: str) -> None:
    side, begins, stops = label_beside(at, text)
    assert begins <= at <= stops
    assert side == "left" or stops <= WIDTH


BARS = """
    from to  letters | side
    400  500 20      | left
    0    300 20      | right    there is no room at the left
    0    850 20      | left     nor at the right
    60   300 20      | right
    120  300 20      | left
"""


@pytest.mark.parametrize(("bar", "side"), [line.split("|") for line in BARS.strip().splitlines()[1:]])
def test_the_label_of_a_bar_stands_where_there_is_room(bar: str, side: str) -> None:
    begins, ends, letters = (int(part) for part in bar.split())
    assert label_of_bar(begins, ends, "x" * letters) == side.split()[0]


def test_each_text_is_drawn_once_on_its_side() -> None:
    late = item(Lane.MILESTONE, "2012-07-03", text="a death at the very end")
    for lane, drawing in lanes([*ITEMS, late]).items():
        texts = [layer for layer in drawing.get("layer", []) if layer["mark"]["type"] == "text"]
        if lane is not Lane.DOSE:
            assert [layer["transform"][0]["filter"]["equal"] for layer in texts] == ["left", "right"]
            assert [layer["mark"]["align"] for layer in texts] == ["right", "left"]
            assert {value["side"] for value in drawing["data"]["values"]} <= {"left", "right"}
    [*_, last] = lanes([*ITEMS, late])[Lane.MILESTONE]["data"]["values"]
    assert (last["text"], last["side"]) == ("a death at the very end", "left")
