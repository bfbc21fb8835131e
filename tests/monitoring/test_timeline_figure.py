"""The figure of one patient's course: what each lane draws, from which day to which."""

import json
from datetime import date
from typing import Any

import pytest

from monitoring.domain.timeline import GRADE_COLOURS, Lane, TimelineItem, free_rows, timeline_figure

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
    bars, words = lanes(ITEMS)[Lane.ADVERSE_EVENT]["layer"]
    assert bars["encoding"]["color"]["scale"]["domain"] == [1, 2, 3, 4, 5]
    assert len(set(GRADE_COLOURS.values())) == 5
    assert words["encoding"]["text"] == {"field": "text"}


def test_there_is_a_line_for_each_adverse_event() -> None:
    many = [item(Lane.ADVERSE_EVENT, "2012-02-01", text=f"{n}") for n in range(20)]
    assert lanes([])[Lane.ADVERSE_EVENT]["height"] == 24
    assert lanes(many)[Lane.ADVERSE_EVENT]["height"] == 300
    assert len({value["row"] for value in lanes(many)[Lane.ADVERSE_EVENT]["data"]["values"]}) == 20


def test_without_items_the_figure_still_holds_together() -> None:
    figure = timeline_figure([], until=UNTIL, title="T-1")
    assert json.loads(json.dumps(figure))["description"].startswith("Timeline of T-1")
    assert [drawing["data"]["values"] for drawing in figure["vconcat"]] == [[], [], [], []]


LABELS = """
    labels by day                            | rows at ten pixels a day
                                             |
    1:consent                                | 0
    1:consent 2:enrolled                     | 0 1              a day's ten pixels hold no word
    1:consent 2:enrolled 3:dose              | 0 1 2
    1:consent 31:enrolled                    | 0 0              a month's three hundred do
    1:a 1:b                                  | 0 1
    1:consent 2:dose 9:PD1                   | 0 1 0
"""


@pytest.mark.parametrize(("labels", "rows"), [line.split("|") for line in LABELS.strip().splitlines()[1:]])
def test_no_label_covers_another(labels: str, rows: str) -> None:
    items = [
        item(Lane.MILESTONE, f"2012-01-{int(day):02}", text=text)
        for day, text in (label.split(":") for label in labels.split())
    ]
    assert free_rows(items, per_day=10) == [int(row) for row in rows.split("  ")[0].split()]
