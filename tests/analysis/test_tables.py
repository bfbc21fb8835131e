"""Tables of the SYNTHETIC cohort, and what they say where data are missing, few or contradictory."""

import copy
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from analysis.outputs import Cell
from analysis.settings import RunSettings, SettingsError
from analysis.tables.adverse_events import adverse_event_table, counted_grade, is_related
from analysis.tables.baseline import age_at_consent, baseline_table
from analysis.tables.estimates import estimates_table
from analysis.tables.exposure import mean_range
from analysis.tables.logistic import logistic_table
from analysis.tables.responses import best_response, response_table
from assessments.models import AdverseEvent, AdverseEventGrade, ImagingRead
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import Snapshot
from patients.models import BaselineDisease, Consent, Death
from tests.analysis.cohort import cohort_snapshot, day, facts, form, protocol
from tests.analysis.conftest import contents_of, texts

TABLES = ("table_1", "table_2", "table_3", "responses", "estimates", "logistic", "bilirubin")


def changed(model, change) -> Snapshot:
    """The cohort with every row of a model replaced by what `change` makes of a copy; None leaves it out."""
    whole = cohort_snapshot()
    rows = []
    for patient in whole.patients:
        for (kind, owner), found in whole._rows.items():
            if owner == patient.pk:
                rows += [
                    made
                    for row in found
                    if (made := change(copy.copy(row)) if kind is model else row) is not None
                ]
    return Snapshot(whole.patients, rows)


def added(*rows, to: str) -> Snapshot:
    whole = cohort_snapshot()
    patient = next(p for p in whole.patients if p.number == to)
    for row in rows:
        row.patient = patient
    return Snapshot(whole.patients, [*(r for found in whole._rows.values() for r in found), *rows])


def cells_of(content) -> list[tuple[str, str, dict]]:
    return [(row["id"], column, cell) for row in content["rows"] for column, cell in row["cells"].items()]


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_cell_for_every_column(contents, name):
    content = contents[name]
    ids = [column["id"] for column in content["columns"]]
    assert all(set(row["cells"]) == set(ids) for row in content["rows"])
    assert len({row["id"] for row in content["rows"]}) == len(content["rows"])


@pytest.mark.parametrize("name", TABLES)
def test_every_patient_of_a_cell_has_the_forms_it_rests_on(contents, name):
    for row, column, cell in cells_of(contents[name]):
        assert list(cell["why"]) == cell["patients"], (row, column)
        assert all("/" in reference for refs in cell["why"].values() for reference in refs)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("cut_off", [None, date(2012, 3, 1), date(2011, 8, 1)])
def test_every_printed_number_leads_to_patients_and_to_forms(name, cut_off):
    """A count of nobody leads to those it is counted among."""
    content = contents_of(facts(cut_off))[name]
    sizes = {column["id"]: column["n"] for column in content["columns"]}
    of_nobody = {row for row, column, cell in cells_of(content) if column == "n" and cell["n"] == 0}
    for row, column, cell in cells_of(content):
        behind = cell["why"] | cell["rest"]
        if any(map(str.isdigit, cell["text"])) and sizes[column] != 0 and row not in of_nobody:
            assert behind, (row, column, cell["text"])
        assert all(behind.values()), (row, column)


@pytest.mark.parametrize("name", TABLES)
def test_a_cell_and_the_rest_of_its_denominator_are_different_patients(contents, study, name):
    sets = {"t1": study.safety, "t2": study.treatment_2, "all": study.safety}
    sets |= {"continued": study.treatment_2, "not_continued": study.not_continued}
    for row, column, cell in cells_of(contents[name]):
        assert not set(cell["patients"]) & set(cell["rest"]), (row, column)
        if cell["total"] is not None:
            assert cell["total"] == len(cell["patients"]) + len(cell["rest"]), (row, column)
        whole = sets.get(column.split("_any")[0].split("_severe")[0])
        if whole is not None and name != "logistic":
            assert {*cell["patients"], *cell["rest"]} == {subject.number for subject in whole}


def test_those_left_out_of_an_endpoint_stand_beside_its_patients():
    partly = changed(Death, lambda row: _partly(row) if row.patient.number == "SYN-002" else row)
    rows = {row.id: row.cells for row in estimates_table(facts(snapshot=partly)).rows}
    assert (rows["os"]["n"].text, list(rows["os"]["n"].rest)) == ("28", ["SYN-002"])
    assert all(reference for reference in rows["os"]["n"].rest.values())
    assert {*rows["os"]["events"].patients, *rows["os"]["events"].rest} == set(rows["os"]["n"].patients)


def _partly(row: Death) -> Death:
    row.date = PartialDate("2012-07")
    return row


@pytest.mark.parametrize("name", TABLES)
def test_a_count_is_the_number_of_its_patients(contents, name):
    for row, column, cell in cells_of(contents[name]):
        if cell["n"] is not None:
            assert cell["n"] == len(cell["patients"]), (row, column)
            assert cell["text"].split()[0].split("/")[0] == str(cell["n"])
            assert cell["total"] is None or cell["n"] <= cell["total"]


@pytest.mark.parametrize(("name", "empty"), [("table_2", False), ("table_3", True), ("responses", True)])
def test_a_counted_patient_has_a_form_behind_it(contents, name, empty):
    for row, column, cell in cells_of(contents[name]):
        if cell["n"] and row != "ne":
            assert all(cell["why"].values()), (row, column)


def test_patients_of_a_period_are_treated_in_it(contents, study):
    sets = {"t1": {s.number for s in study.safety}, "t2": {s.number for s in study.treatment_2}}
    for name in ("table_2", "table_3", "responses"):
        for row, column, cell in cells_of(contents[name]):
            assert set(cell["patients"]) <= sets[column[:2]], (name, row, column)


def test_severe_events_are_events(contents):
    for row in contents["table_3"]["rows"]:
        for period in ("t1", "t2"):
            assert set(row["cells"][f"{period}_severe"]["patients"]) <= set(
                row["cells"][f"{period}_any"]["patients"]
            )


def test_best_responses_add_up_to_the_patients_treated(contents):
    rows = {row["id"]: row["cells"] for row in contents["responses"]["rows"]}
    for period, n in (("t1", 29), ("t2", 20)):
        assert sum(rows[r][period]["n"] for r in ("cr", "pr", "sd", "pd", "ne")) == n
        assert rows["dcr"][period]["n"] == sum(rows[r][period]["n"] for r in ("cr", "pr", "sd"))


def test_the_groups_of_table_1_are_the_safety_set(contents):
    columns = {column["id"]: column["n"] for column in contents["table_1"]["columns"]}
    assert columns == {"all": 29, "continued": 20, "not_continued": 9, "p": None, "test": None}


# Table 1


def test_patients_without_a_value_are_left_out_of_the_row_and_counted_in_a_footnote():
    def unknown(row):
        if row.patient.number in ("SYN-002", "SYN-003"):
            row.afp, row.etiology, row.vascular_invasion = None, "", None
        return row

    table = baseline_table(facts(snapshot=changed(BaselineDisease, unknown)))
    rows = {row.id: row.cells for row in table.rows}
    assert len(rows["afp"]["all"].patients) == 27
    assert sum(map(int, rows["etiology"]["all"].text.split("/"))) == 27
    assert "AFP, ng/mL, median (range): not known for 2, who are left out of the row." in table.footnotes
    assert sum(note.endswith("left out of the row.") for note in table.footnotes) == 3


def test_without_any_baseline_form_table_1_prints_dashes():
    table = baseline_table(facts(snapshot=changed(BaselineDisease, lambda row: None)))
    rows = {row.id: row.cells for row in table.rows}
    assert (rows["afp"]["all"].text, rows["afp"]["p"].text, rows["bclc"]["p"].text) == ("–", "–", "–")
    assert rows["bclc"]["all"].text == "0/0/0"


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("1940-06-15", 71),
        ("1940-06-16", 71),
        ("1940-06-17", 70),
        ("1940", None),
        ("1940-05", 71),
        ("UNK", None),
    ],
)
def test_age_is_known_where_every_day_of_the_birth_date_gives_it(birth, age):
    def born(row):
        row.consent_date, row.birth_date = date(2011, 6, 16), PartialDate(birth)
        return row

    study = facts(snapshot=changed(Consent, born))
    assert age_at_consent(study.subjects[0]) == age


# Table 2


@pytest.mark.parametrize(
    ("values", "printed"),
    [
        ([800, 800], "800"),
        ([Decimal(200), Decimal(800)], "500 (200-800)"),
        ([], "–"),
        ([None, 400], "400"),
    ],
)
def test_a_range_is_printed_only_where_there_is_one(values, printed):
    assert mean_range(values) == printed


def test_an_increase_leads_to_the_doses_before_and_after_it(contents, study):
    [row] = [row for row in contents["table_2"]["rows"] if row["id"] == "increase"]
    for number, references in row["cells"]["t1"]["why"].items():
        course = next(s.course for s in study.subjects if s.number == number)
        doses = [d for d in course.doses if f"dosing/{d.pk}" in references]
        assert len(doses) >= 2
        assert any(a.daily_dose_mg < b.daily_dose_mg for a, b in pairwise(doses))


# Table 3


def event(onset: str, *grades: tuple[str, int], causality: str = "PROBABLE", term: str = "Mucositis oral"):
    row = form(
        AdverseEvent, term_id=f"4.03 {term}", onset=PartialDate(onset), causality=causality, serious=False
    )
    lines = [
        form(AdverseEventGrade, adverse_event_id=row.pk, date=PartialDate(on), grade=grade)
        for on, grade in grades
    ]
    return [row, *lines]


@pytest.mark.parametrize(
    ("causality", "related"),
    [("UNRELATED", False), ("UNLIKELY", False), ("POSSIBLE", True), ("DEFINITE", True), ("", True)],
)
def test_what_was_judged_unrelated_does_not_count(causality, related):
    study = facts(snapshot=added(*event("2011-08-01", ("2011-08-01", 3), causality=causality), to="SYN-002"))
    subject = next(s for s in study.subjects if s.number == "SYN-002")
    [found] = [e for e in subject.course.adverse_events if e.facts.term == "Mucositis oral"]
    assert is_related(found, protocol().adverse_events) is related
    assert counted_grade(subject, found, 1, study) == (3 if related else None)


# SYN-002: first dose 2011-07-20, first progression 2011-08-31, last dose 2011-09-29
PERIODS = """
    grades                       | Treatment 1 | Treatment 2
    2011-07-19 3                 | -           | -            before the first dose
    2011-07-20 3                 | 3           | -
    2011-08-30 1                 | 1           | -
    2011-08-31 2                 | -           | 2            from the day of progression on
    2011-08-30 1, 2011-09-02 3   | 1           | 3            it ran over progression and rose
    2011-08-30 3, 2011-09-02 2   | 3           | -            it ran over progression and fell
    2011-10-29 2                 | -           | 2            30 days after the last dose
    2011-10-30 2                 | -           | -
    2011-10 2                    | -           | 2            perhaps within the 30 days: it counts
"""


@pytest.mark.parametrize("row", PERIODS.strip().splitlines()[1:])
def test_the_period_an_event_counts_in(row):
    grades, first, rest = (part.strip() for part in row.split("|"))
    lines = [(line.split()[0], int(line.split()[1])) for line in grades.split(", ")]
    study = facts(snapshot=added(*event(lines[0][0], *lines), to="SYN-002"))
    subject = next(s for s in study.subjects if s.number == "SYN-002")
    [found] = [e for e in subject.course.adverse_events if e.facts.term == "Mucositis oral"]
    counted = [counted_grade(subject, found, period, study) for period in (1, 2)]
    expected = [None if text == "-" else int(text) for text in (first, rest.split()[0])]
    assert counted == expected


SHARES = """
    patients grade | shown
    2        1     | no       2 of 29 is 6.9 %
    3        1     | yes      3 of 29 is 10.3 %
    1        3     | no       3.4 %
    2        3     | yes      6.9 %
"""


@pytest.mark.parametrize("row", SHARES.strip().splitlines()[1:])
def test_a_term_is_shown_from_its_shares_on(row):
    (patients, grade), shown = row.split("|")[0].split(), row.split("|")[1]
    snapshot = cohort_snapshot()
    for number in ("SYN-009", "SYN-017", "SYN-021")[: int(patients)]:
        start = next(s.history.first_dose for s in facts().subjects if s.number == number)
        rows = event(start.isoformat(), (start.isoformat(), int(grade)))
        patient = next(p for p in snapshot.patients if p.number == number)
        for line in rows:
            line.patient = patient
        snapshot = Snapshot(snapshot.patients, [*(r for f in snapshot._rows.values() for r in f), *rows])
    ids = [r.id for r in adverse_event_table(facts(snapshot=snapshot)).rows]
    assert ("mucositis-oral" in ids) is shown.strip().startswith("yes")


def test_events_that_cannot_be_placed_or_read_are_counted_in_a_footnote():
    unplaced = event("2011", ("2011", 2))
    unreadable = event("2011-08-01")
    notes = adverse_event_table(facts(snapshot=added(*unplaced, *unreadable, to="SYN-002"))).footnotes
    refs = [f"adverse-event/{rows[0].pk}" for rows in (unplaced, unreadable)]
    open_period = "Events whose dates leave the period open, counted only where their grade rose: 1"
    assert f"{open_period} (SYN-002 {refs[0]})." in notes
    said = "Left out, because its entries contradict each other: SYN-002, Mucositis oral"
    assert f"{said} ({refs[1]}): no grade is entered." in notes


# Responses, estimates, logistic regression


def test_patients_without_a_scan_are_not_evaluable_and_stay_in_the_denominator():
    study = facts(snapshot=changed(ImagingRead, lambda row: None))
    assert {best_response(s, 1).value for s in study.safety} == {"NE"}
    rows = texts({"columns": [{"id": "t1"}], "rows": [_plain(r) for r in response_table(study).rows]})
    assert rows["ne"] == ["29 (100.0)"]
    assert rows["rr"] == ["0/29 = 0.0 (0.0-11.9)"]


def _plain(row) -> dict:
    return {"id": row.id, "cells": {name: {"text": cell.text} for name, cell in row.cells.items()}}


def test_an_earlier_least_duration_makes_stable_disease_of_two_more():
    counts = {
        days: sum(best_response(s, 2).value == "SD" for s in facts(sd_min_days=days).treatment_2)
        for days in (0, 36, 42)
    }
    assert counts == {0: 11, 36: 9, 42: 9}


def test_survival_counts_from_the_day_the_run_asks_for(study):
    enrolled, dosed = (
        {r.patient_number: r for r in s.records["OS"]} for s in (study, facts(os_origin="first_dose"))
    )
    assert enrolled.keys() == dosed.keys()
    first_doses = {s.number: s.history.first_dose for s in study.subjects}
    assert all(record.start_date == first_doses[number] for number, record in dosed.items())
    assert all(dosed[n].date == enrolled[n].date and dosed[n].days <= enrolled[n].days for n in dosed)


@pytest.mark.parametrize(
    ("band", "ttp1", "overall"),
    [
        ("log-log", "102 (42-138)", "367 (190-518)"),
        ("plain", "102 (42-138)", "367 (213-518)"),
        ("log", "102 (79-145)", "367 (223-627)"),
    ],
)
def test_the_median_is_printed_with_the_band_of_the_run(band, ttp1, overall):
    rows = {row.id: row.cells for row in estimates_table(facts(conf_type=band)).rows}
    assert (rows["ttp1"]["median"].text, rows["os"]["median"].text) == (ttp1, overall)
    assert rows["ttp1"]["log"].text == "102 (79-145)"


def test_a_contradictory_history_is_left_out_with_its_reason():
    def moved(row):
        if row.patient.number == "SYN-003":
            row.date = day(date(2012, 1, 1))
        return row

    notes = estimates_table(facts(snapshot=changed(Death, moved))).footnotes
    [said] = [note for note in notes if note.startswith("OS, SYN-003 left out: contradiction: ")]
    assert "death" in said


def test_the_screen_lets_two_factors_through(contents):
    rows = texts(contents["logistic"])
    together = [name for name, cells in rows.items() if cells[4]]
    assert together == ["response_1", "dose_increase"]
    assert rows["dose_increase"][4:8] == ["21.00 (1.50-293.25)", "0.0236", "0.0086", "0.0144"]
    assert rows["response_1"][0:2] == ["not finite", "–"]
    assert rows["response_1"][8] == "separates the outcome: its Wald test means nothing"


def test_factors_that_cannot_be_estimated_say_so():
    def alike(row):
        row.ecog, row.afp = 0, Decimal(0)
        return row

    table = logistic_table(facts(snapshot=changed(BaselineDisease, alike)))
    rows = {row.id: row.cells for row in table.rows}
    for factor in ("ecog", "afp"):
        assert rows[factor]["remark"].text == "cannot be estimated: too few patients, or all alike"
        assert rows[factor]["uni_lr"].text == "–"
        assert rows[factor]["multi_lr"] == Cell(text="")


def test_with_nobody_in_treatment_2_nothing_is_estimated():
    table = logistic_table(facts(date(2011, 8, 1)))
    assert {row.cells["uni_or"].text for row in table.rows} == {"–"}


@pytest.mark.parametrize("cut_off", [date(2011, 1, 1), date(2011, 7, 6), date(2011, 8, 31), date(2012, 2, 1)])
def test_a_trial_that_has_only_begun_gives_every_output(cut_off):
    contents = contents_of(facts(cut_off))
    assert list(contents) == list(contents_of(facts()))
    assert contents["table_1"]["columns"][0]["n"] == len(facts(cut_off).safety)


# Settings


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"conf_type": "wald"}, "conf_type"),
        ({"os_origin": "birth"}, "os_origin"),
        ({"sd_min_days": "six weeks"}, "sd_min_days"),
        ({"sd_min_days": -1}, "sd_min_days"),
        ({"pd_min_abs_mm": "5,0"}, "pd_min_abs_mm"),
        ({"pd_min_abs_mm": "NaN"}, "pd_min_abs_mm"),
        ({"pd_min_abs_mm": "0.05"}, "pd_min_abs_mm"),
        ({"alpha": 0.1}, "alpha"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given, name):
    with pytest.raises(SettingsError) as refused:
        RunSettings.from_protocol(protocol(), given)
    assert refused.value.name == name


def test_settings_survive_being_stored():
    chosen = RunSettings.from_protocol(
        protocol(), {"pd_min_abs_mm": "5.0", "sd_min_days": "28", "conf_type": ""}
    )
    assert RunSettings.from_protocol(protocol(), chosen.as_json()) == chosen
    assert chosen.conf_type == "log-log"
