"""The patient flow and the Kaplan-Meier figures of the SYNTHETIC cohort."""

import json
from datetime import date

import pytest

from analysis.figures.survival import survival_figure
from analysis.flow import patient_flow
from patients.models import Visit
from tests.analysis.cohort import facts
from tests.analysis.test_tables import changed

FLOW = """
    enrolled                                                       30
      not_treated                                                   1
        not_treated-patient-refused-before-the-first-dose           1
    treated                                                        29
      off_before_first_pd                                           4
        off_before_first_pd-adverse-event-before-the-first-evaluation  4
    first_pd                                                       25
      not_continued                                                 5
        not_continued-adverse-event                                 2
        not_continued-performance-status-deteriorated               2
        not_continued-patient-refused                               1
    continued                                                      20
    second_pd                                                      20
"""


def boxes_of(cut_off: date | None = None) -> dict:
    return {box.id: box for box in patient_flow(facts(cut_off)).boxes}


def test_the_flow_is_that_of_the_publication():
    printed = [(name, int(n)) for name, n in (line.split() for line in FLOW.strip().splitlines())]
    assert [(box.id, box.n) for box in boxes_of().values()] == printed


@pytest.mark.parametrize(
    "cut_off", [None, date(2013, 6, 1), date(2012, 3, 1), date(2011, 8, 1), date(2011, 1, 1)]
)
def test_nobody_is_lost_between_two_boxes(cut_off):
    boxes = boxes_of(cut_off)
    for box in boxes.values():
        below = [b for b in boxes.values() if b.parent == box.id]
        if below:
            assert sorted(box.patients) == sorted(number for b in below for number in b.patients)
        assert list(box.why) == box.patients
        assert all(box.why.values())


def test_a_side_box_says_who_left_and_why():
    left = boxes_of()["not_continued-patient-refused"]
    assert (left.label, left.patients, left.parent, left.side) == (
        "Patient refused",
        ["SYN-001"],
        "not_continued",
        True,
    )
    assert left.why["SYN-001"][0].startswith("progression-decision/")


def test_a_patient_still_treated_at_the_cut_off_has_not_left_for_a_reason():
    left = boxes_of(date(2011, 8, 1))
    assert left["off_before_first_pd"].n == 2
    assert (
        left["off_before_first_pd-still-in-the-period-or-not-yet-recorded-before-the-first-evaluation"].n == 2
    )


def test_a_patient_without_a_safety_assessment_is_in_no_box_further_down():
    def unseen(row):
        return None if row.patient.number == "SYN-002" else row

    boxes = {box.id: box for box in patient_flow(facts(snapshot=changed(Visit, unseen))).boxes}
    assert boxes["not_treated-treated-no-safety-assessment-yet"].patients == ["SYN-002"]
    assert all(
        "SYN-002" not in boxes[name].patients for name in ("treated", "first_pd", "continued", "second_pd")
    )


@pytest.fixture(params=["TTP1", "TTP2", "OS"])
def drawn(request, study):
    endpoint = next(e for e in study.endpoints if e.paramcd == request.param)
    return survival_figure(study, endpoint), study.records[request.param]


def marks(figure) -> list[dict]:
    """The data of the layers whose marks lead somewhere: events, then censored patients."""
    return [layer["data"]["values"] for layer in figure.spec["vconcat"][0]["layer"][3:]]


def test_every_mark_leads_to_the_patients_of_its_day(drawn):
    figure, records = drawn
    points = {point.id: point for point in figure.points}
    assert len(points) == len(figure.points)
    for layer, event in zip(marks(figure), (True, False), strict=True):
        for datum in layer:
            there = {r.patient_number for r in records if r.days == datum["day"] and r.event is event}
            assert there <= set(points[datum["point"]].patients)
            assert there
    assert sorted(n for point in figure.points for n in point.patients) == sorted(
        r.patient_number for r in records
    )
    assert all(point.why[number] for point in figure.points for number in point.patients)


def test_the_table_beneath_holds_every_step(drawn):
    figure, records = drawn
    assert [row.id for row in figure.table.rows] == [point.id for point in figure.points]
    assert sum(row.cells["n_event"].n for row in figure.table.rows) == sum(r.event for r in records)
    assert sum(row.cells["n_censor"].n for row in figure.table.rows) == sum(not r.event for r in records)
    assert figure.table.rows[0].cells["n_risk"].n == len(records)


def test_the_curve_starts_with_everybody_and_its_band_holds_it(drawn):
    figure, _ = drawn
    band, _, curve = (layer["data"]["values"] for layer in figure.spec["vconcat"][0]["layer"][:3])
    assert curve[0] == {"day": 0.0, "survival": 1.0}
    assert [datum["day"] for datum in band] == [datum["day"] for datum in curve]
    for limits, point in zip(band, curve, strict=True):
        assert point["survival"] == 0 or limits["lower"] <= point["survival"] <= limits["upper"]


def test_numbers_at_risk_stand_under_their_ticks(drawn):
    figure, records = drawn
    ticks = figure.spec["vconcat"][0]["layer"][0]["encoding"]["x"]["axis"]["values"]
    beneath = figure.spec["vconcat"][1]["data"]["values"]
    assert [(d["day"], d["n"]) for d in beneath] == [(t, sum(r.days >= t for r in records)) for t in ticks]
    assert ticks[-1] >= max(r.days for r in records)
    assert 4 <= len(ticks) <= 11


def test_a_figure_can_be_drawn_without_anything_from_elsewhere(drawn):
    import vl_convert

    figure, _ = drawn
    text = json.dumps(figure.spec)
    assert "url" not in text
    assert figure.spec["description"]
    assert "Patients at risk" in vl_convert.vegalite_to_svg(text)


def test_a_figure_of_nobody_says_so():
    study = facts(date(2011, 1, 1))
    figure = survival_figure(study, study.endpoints[0])
    assert (figure.points, figure.table.rows) == ([], [])
    assert "No patient of the analysis set has a time to show at this cut-off." in figure.footnotes
    assert "median – days" in figure.spec["title"]["subtitle"]


@pytest.mark.parametrize("name", ["ttp1", "ttp2", "os"])
def test_every_number_of_a_curve_leads_to_its_patients(contents, name):
    for row in contents[name]["table"]["rows"]:
        for column, cell in row["cells"].items():
            assert cell["text"] == "–" or cell["patients"] or cell["rest"], (row["id"], column)
            assert all((cell["why"] | cell["rest"]).values())
        risk = row["cells"]["n_risk"]["patients"]
        for column in ("n_event", "n_censor"):
            cell = row["cells"][column]
            assert sorted([*cell["patients"], *cell["rest"]]) == sorted(risk)
