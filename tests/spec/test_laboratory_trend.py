"""The figure of one analyte: what it draws from which day to which."""

from datetime import date
from decimal import Decimal

import pytest

from assessments.domain.laboratory_trend import TrendDose, TrendPoint, derive_thresholds, trend_figure

WORDS = {"description": "d", "value": "v", "dose": "mg"}


def point(day: str, value: str, lln: str = "-", uln: str = "-", baseline: str = "-") -> TrendPoint:
    numbers = [None if text == "-" else Decimal(text) for text in (lln, uln, baseline)]
    return TrendPoint(
        on=date.fromisoformat(day),
        value=Decimal(value),
        lln=numbers[0],
        uln=numbers[1],
        baseline=numbers[2],
        words=f"{day}: {value}",
        url=f"/{day}",
    )


CUTS = """
    analyte    | lln  | uln | baseline | grades
    alt        | 10   | 40  | -        | 2 120; 3 200; 4 800
    alt        | 10   | -   | -        |
    hemoglobin | 13.7 | -   | -        | 2 10.0; 3 8.0
    platelets  | -    | -   | -        | 2 75000; 3 50000; 4 25000
    creatinine | 0.6  | 1.0 | 0.8      | 2 1.20; 3 2.4; 4 6.0     the lower of ULN and baseline
    creatinine | 0.6  | 1.0 | -        | 2 1.50; 3 3.0; 4 6.0
    afp        | -    | 10  | -        |
    sodium     | 138  | 145 | -        | 2 150; 3 130; 3 155; 4 120; 4 160
"""


@pytest.mark.parametrize("line", CUTS.strip().splitlines()[1:])
def test_where_each_grade_begins(line):
    analyte, lln, uln, baseline, rest = (cell.strip() for cell in line.split("|"))
    expected = [tuple(cut.split()) for cut in rest.split("   ")[0].split("; ") if cut]
    found = derive_thresholds(analyte, point("2012-03-01", "1", lln, uln, baseline))
    assert sorted((cut.grade, cut.value) for cut in found) == [(int(g), Decimal(v)) for g, v in expected]


def layers(figure):
    return [layer["data"]["values"] for layer in figure["vconcat"][0]["layer"]]


def test_each_range_is_drawn_from_its_value_to_the_next_one():
    points = [
        point("2012-03-15", "50", "10", "45"),
        point("2012-03-01", "41", "10", "40"),
        point("2012-04-01", "9"),
    ]
    figure = trend_figure("alt", points, [], {}, words=WORDS)
    band, cuts, named, _, _, line, marks = layers(figure)
    assert [(v["start"], v["end"], v["low"], v["high"]) for v in band] == [
        ("2012-03-01", "2012-03-15", 10, 40),
        ("2012-03-15", "2012-04-01", 10, 45),
    ]
    assert [v["value"] for v in cuts] == []
    assert named == []
    assert line == marks
    assert marks[0] == {"start": "2012-03-15", "value": 50, "detail": "2012-03-15: 50", "href": "/2012-03-15"}


def test_a_grade_is_drawn_only_where_the_values_come_near_it_and_named_once():
    points = [point("2012-03-01", "41", "10", "40"), point("2012-03-15", "150", "10", "40")]
    _, cuts, named, *_ = layers(trend_figure("alt", points, [], {}, words=WORDS))
    assert [(v["text"], v["value"]) for v in cuts] == [("G3", 200), ("G2", 120)] * 2
    assert sorted((v["start"], v["text"]) for v in named) == [("2012-03-01", "G2"), ("2012-03-01", "G3")]


def test_a_side_without_a_limit_reaches_to_the_edge():
    low_only = trend_figure("platelets", [point("2012-03-01", "90000", "150000")], [], {}, words=WORDS)
    assert (layers(low_only)[0][0]["low"], layers(low_only)[0][0]["high"]) == (150000, 150000)
    high_only = trend_figure("afp", [point("2012-03-01", "12", "-", "10")], [], {}, words=WORDS)
    assert (layers(high_only)[0][0]["low"], layers(high_only)[0][0]["high"]) == (0, 10)


def test_doses_and_baselines_lie_on_the_same_days():
    doses = [
        TrendDose(
            start=date(2012, 2, 1), end=date(2012, 2, 28), mg_per_day=Decimal(800), words="first of February"
        )
    ]
    baselines = {"baseline": date(2012, 1, 10), "PD1": date(2012, 5, 1)}
    figure = trend_figure("alt", [point("2012-03-01", "41")], doses, baselines, words=WORDS)
    beneath = figure["vconcat"][1]
    assert beneath["data"]["values"] == [
        {"start": "2012-02-01", "end": "2012-02-29", "value": 800, "zero": 0, "detail": "first of February"}
    ]
    assert beneath["encoding"]["x"]["scale"]["domain"] == [
        {"year": 2012, "month": 1, "date": 3},
        {"year": 2012, "month": 5, "date": 8},
    ]
    assert [v["text"] for v in layers(figure)[3]] == ["baseline", "PD1"]


@pytest.mark.parametrize(("last", "form"), [("2012-06-01", "%Y-%m-%d"), ("2013-06-01", "%Y-%m")])
def test_the_days_of_a_short_course_are_named_one_by_one(last, form):
    figure = trend_figure("alt", [point("2012-03-01", "41"), point(last, "41")], [], {}, words=WORDS)
    assert figure["vconcat"][1]["encoding"]["x"]["axis"]["format"] == form
