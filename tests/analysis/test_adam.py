"""The ADaM-shaped data sets: their specification, their records, and the way back to their sources."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from analysis.adam.events import adae
from analysis.adam.exposures import adex
from analysis.adam.responses import adrs
from analysis.adam.spec import ADSL, SPECS, DatasetSpec, SpecificationError, build
from analysis.adam.subjects import adsl
from assessments.models import DoseInterval, ImagingRead
from casebook.domain.partial_dates import PartialDate
from patients.models import Death, SurvivalFollowUp
from tests.analysis.cohort import facts, form
from tests.analysis.test_tables import added, changed, event

NAMES = ("adsl", "adtte", "adrs", "adae", "adex")
KEYS = {
    "adsl": ("USUBJID",),
    "adtte": ("USUBJID", "PARAMCD"),
    "adrs": ("USUBJID", "ASEQ"),
    "adae": ("USUBJID", "AESEQ"),
    "adex": ("USUBJID", "ASEQ"),
}


def records_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    names = [column["name"] for column in content["columns"]]
    return [dict(zip(names, row, strict=True)) for row in content["rows"]]


@pytest.fixture(scope="module")
def data(contents) -> dict[str, list[dict[str, Any]]]:
    return {name: records_of(contents[name]) for name in NAMES}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_names_and_labels_fit_what_a_transport_file_can_hold(spec: DatasetSpec):
    names = [variable.name for variable in spec.variables]
    assert len(names) == len(set(names))
    assert len(spec.label) <= 40
    for variable in spec.variables:
        assert variable.name.isupper()
        assert len(variable.name) <= 8, variable.name
        assert len(variable.label) <= 40, variable.label
        assert variable.label.isascii()
        assert variable.type in ("text", "integer", "float", "date")
        assert variable.origin in ("Assigned", "Derived", "Predecessor", "Collected")


def test_a_variable_of_one_name_has_one_label_and_type():
    meanings: dict[str, set[tuple[str, str]]] = {}
    for spec in SPECS:
        for variable in spec.variables:
            meanings.setdefault(variable.name, set()).add((variable.type, variable.label))
    assert {name for name, kinds in meanings.items() if len(kinds) > 1} == {"AVAL"}, (
        "whole or not by data set"
    )


@pytest.mark.parametrize("name", NAMES)
def test_records_have_unique_keys(data, name):
    keys = Counter(tuple(record[key] for key in KEYS[name]) for record in data[name])
    assert keys
    assert set(keys.values()) == {1}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SITEID", "x" * 11), ("AGE", "83"), ("AGE", True), ("AFPBL", "10.4"), ("SEX", 1), ("AFPBL", False)],
)
def test_a_value_that_does_not_fit_is_refused_and_never_cut(variable, value):
    with pytest.raises(SpecificationError, match=f"ADSL.{variable} cannot hold"):
        build(ADSL, [{variable: value}])


def test_an_unknown_variable_is_refused():
    with pytest.raises(SpecificationError, match="ADSL has no variable WEIGHT"):
        build(ADSL, [{"WEIGHT": 60}])


def test_values_are_stored_by_type():
    names = [variable.name for variable in ADSL.variables]
    [row] = build(ADSL, [{"AFPBL": Decimal("10.40"), "TRTSDT": date(2012, 1, 2), "SEX": "", "DCPBL": 3}]).rows
    record = dict(zip(names, row, strict=True))
    assert (record["AFPBL"], record["TRTSDT"], record["SEX"], record["DCPBL"]) == (
        10.4,
        "2012-01-02",
        None,
        3.0,
    )
    assert type(record["DCPBL"]) is float


def test_adsl_has_one_record_per_patient_with_the_analysis_sets(data):
    assert len(data["adsl"]) == 30
    for name, n in (("ENRLFL", 30), ("SAFFL", 29), ("FASFL", 29), ("TRT2FL", 20), ("DTHFL", 23)):
        assert sum(record[name] == "Y" for record in data["adsl"]) == n, name


def test_treatment_periods_of_adsl_follow_each_other(data):
    for record in data["adsl"]:
        if record["AP02SDT"]:
            assert record["AP01EDT"] < record["AP02SDT"] == record["PD1DT"]
            assert record["AP02SDT"] <= record["TR02SDT"] <= record["TR02EDT"] <= record["AP02EDT"]
            assert record["TRT02A"] == "Sorafenib"
        else:
            assert record["TRT02P"] is None
        if record["TRTSDT"]:
            assert record["TRTSDT"] == record["AP01SDT"] == record["TR01SDT"] <= record["TR01EDT"]
            assert (record["TR02EDT"] or record["TR01EDT"]) == record["TRTEDT"]


def test_the_end_of_treatment_and_study(data):
    assert Counter(record["EOTSTT"] for record in data["adsl"]) == {
        "COMPLETED": 20,
        "DISCONTINUED": 9,
        None: 1,
    }
    assert Counter(record["EOSSTT"] for record in data["adsl"]) == {"DISCONTINUED": 23, "ONGOING": 7}
    for record in data["adsl"]:
        assert bool(record["DCTREAS"]) == (record["EOTSTT"] != "COMPLETED")


def test_a_patient_lost_to_follow_up_is_discontinued_for_that():
    def lost(row):
        row.status = "LOST TO FOLLOW-UP"
        return row

    records = list(_records(adsl(facts(snapshot=changed(SurvivalFollowUp, lost)))))
    assert Counter(record["DCSREAS"] for record in records) == {"DEATH": 23, "LOST TO FOLLOW-UP": 6, None: 1}


def test_a_death_of_unknown_day_is_no_date():
    def partly(row):
        row.date = PartialDate(row.date.text[:7])
        return row

    records = list(_records(adsl(facts(snapshot=changed(Death, partly)))))
    assert {record["DTHDT"] for record in records} == {None}
    assert Counter(record["DTHFL"] for record in records) == {"Y": 23, None: 7}


def _records(dataset) -> Iterator[dict[str, Any]]:
    names = [column.name for column in dataset.columns]
    return (dict(zip(names, row, strict=True)) for row in dataset.rows)


def test_adtte_counts_the_start_day_as_day_1_and_codes_events_as_0(data):
    assert Counter(record["PARAMCD"] for record in data["adtte"]) == {"TTP1": 29, "TTP2": 20, "OS": 29}
    for record in data["adtte"]:
        days = date.fromisoformat(record["ADT"]) - date.fromisoformat(record["STARTDT"])
        assert record["AVAL"] == days / timedelta(1) + 1
        assert (record["CNSR"] == 0) == (record["CNSDTDSC"] is None)
        assert record["EVNTDESC"]


def test_every_source_of_adtte_is_a_record_with_that_date(data):
    by_subject = {record["USUBJID"]: record for record in data["adsl"]}
    scans = {(r["USUBJID"], r["ASEQ"]): r for r in data["adrs"]}
    for record in data["adtte"]:
        if record["SRCDOM"] == "ADRS":
            source = scans[record["USUBJID"], record["SRCSEQ"]]
            assert source["SRCREF"] == record["SRCREF"]
        else:
            assert (record["SRCDOM"], record["SRCSEQ"]) == ("ADSL", None)
            source = by_subject[record["USUBJID"]]
        assert source[record["SRCVAR"]] == record["ADT"]
        assert record["SRCREF"]
        assert record["STARTREF"]


def test_derived_records_of_adrs_lead_to_the_scan_of_their_date(data):
    by_key = {(r["USUBJID"], r["ASEQ"]): r for r in data["adrs"]}
    for record in data["adrs"]:
        if record["PARAMCD"] != "OVR" and record["ADT"]:
            source = by_key[record["USUBJID"], record["SRCSEQ"]]
            assert (source["PARAMCD"], source["ADT"]) == ("OVR", record["ADT"])
            assert source["APERIOD"] == record["APERIOD"]


def test_adrs_agrees_with_the_table_of_responses(data, contents):
    best = Counter((r["APERIOD"], r["AVALC"]) for r in data["adrs"] if r["PARAMCD"] == "BOR")
    for row in contents["responses"]["rows"]:
        if row["id"] in ("pr", "sd", "pd", "ne"):
            for period in (1, 2):
                assert best[period, row["id"].upper()] == row["cells"][f"t{period}"]["n"]
    controlled = Counter((r["APERIOD"], r["AVALC"]) for r in data["adrs"] if r["PARAMCD"] == "CB")
    assert (controlled[1, "Y"], controlled[2, "Y"]) == (17, 9)


def test_a_scan_after_the_last_progression_counts_for_nothing():
    """SYN-001 progressed on 2011-08-14 and was not treated further; a later scan is only recorded."""
    later = form(ImagingRead, date=date(2011, 10, 1), modality="CONTRAST ENHANCED CT SCAN")
    study = facts(snapshot=added(later, to="SYN-001"))
    subject = study.subjects[0]
    assert [scan.date for scan in subject.history.scans] == [date(2011, 8, 14)]
    scans = [r for r in _records(adrs(study)) if (r["SUBJID"], r["PARAMCD"]) == ("SYN-001", "OVR")]
    assert [(r["ADT"], r["ANL01FL"]) for r in scans] == [("2011-08-14", "Y"), ("2011-10-01", None)]
    summary = {r["PARAMCD"]: r["ADT"] for r in _records(adrs(study)) if r["SUBJID"] == "SYN-001"}
    assert (summary["LSTA"], summary["PD"]) == ("2011-08-14", "2011-08-14")


def test_stable_disease_is_dated_on_a_scan_that_is_late_enough(data):
    starts = {(r["USUBJID"], n): r[f"AP0{n}SDT"] for r in data["adsl"] for n in (1, 2)}
    for record in data["adrs"]:
        if record["PARAMCD"] == "BOR" and record["AVALC"] == "SD":
            start = date.fromisoformat(starts[record["USUBJID"], record["APERIOD"]])
            assert (date.fromisoformat(record["ADT"]) - start).days >= 42


def test_adae_agrees_with_table_3(data, contents):
    for row in contents["table_3"]["rows"][1:]:
        for period in (1, 2):
            counted = {
                r["SUBJID"]
                for r in data["adae"]
                if r["AEDECOD"] == row["label"]
                and r[f"TOXGRT{period}"]
                and (r["AREL"], r["TRTEMFL"]) == ("Y", "Y")
            }
            assert counted == set(row["cells"][f"t{period}_any"]["patients"])


# First dose of SYN-002: 2011-07-20
IMPUTED = """
    onset      | start      | flag
    2011-08-05 | 2011-08-05 | -
    2011-08    | 2011-08-01 | D
    2011-07    | 2011-07-20 | D     not before a first dose it may have followed
    2011-06    | 2011-06-01 | D
    2011       | 2011-07-20 | M
    2010       | 2010-01-01 | M
    UNK        | -          | -
"""


@pytest.mark.parametrize("row", IMPUTED.strip().splitlines()[1:])
def test_partial_onsets_are_imputed_and_flagged(row):
    onset, start, flag = (part.split()[0] for part in row.split("|"))
    dataset = adae(
        facts(snapshot=added(*event(onset, (onset, 1)), to="SYN-002")), {"4.03 Mucositis oral": "GI"}
    )
    [record] = [r for r in _records(dataset) if r["AEDECOD"] == "Mucositis oral"]
    assert (record["ASTDT"] or "-", record["ASTDTF"] or "-") == (start, flag)
    assert record["AESTDTC"] == (None if onset == "UNK" else onset)
    assert record["AEBODSYS"] == "GI"


@pytest.mark.parametrize(
    ("end", "day", "flag"),
    [
        (None, None, None),
        ("2011-09-03", "2011-09-03", None),
        ("2011-09", "2011-09-30", "D"),
        ("UNK", None, None),
    ],
)
def test_a_partial_end_is_its_last_day(end, day, flag):
    row, line = event("2011-08-01", ("2011-08-01", 1))
    row.end = PartialDate(end) if end else None
    [record] = [
        r
        for r in _records(adae(facts(snapshot=added(row, line, to="SYN-002")), {}))
        if r["AEDECOD"] == "Mucositis oral"
    ]
    assert (record["AENDT"], record["AENDTF"]) == (day, flag)


def ended(*rows, end: str) -> list[Any]:
    rows[0].end = PartialDate(end)
    return list(rows)


UNREADABLE = [
    (event("2011-08-01"), "no grade is entered."),
    (
        ended(*event("2011-08-20", ("2011-08-20", 2)), end="2011-08-10"),
        "ends, or changes grade, before it starts.",
    ),
]


@pytest.mark.parametrize(("rows", "reason"), UNREADABLE, ids=["no grade", "an end before the onset"])
def test_an_event_that_contradicts_itself_is_a_record_with_its_reason(rows, reason, data):
    records = _records(adae(facts(snapshot=added(*rows, to="SYN-002")), {"4.03 Mucositis oral": "GI"}))
    found = list(records)
    [record] = [r for r in found if r["AEDECOD"] == "Mucositis oral"]
    assert len(found) == len(data["adae"]) + 1
    assert (record["CONTRFL"], record["CONTRRS"]) == ("Y", reason)
    assert (record["AESTDTC"], record["AEBODSYS"], record["AEREL"]) == (rows[0].onset.text, "GI", "PROBABLE")
    assert record["SRCREF"] == f"adverse-event/{rows[0].pk}"
    derived = ("APERIOD", "ASTDT", "AETOXGR", "TOXGRT1", "TOXGRT2", "AREL", "TRTEMFL")
    assert {record[name] for name in derived} == {None}
    mine = [r["AESEQ"] for r in found if r["SUBJID"] == "SYN-002"]
    assert mine == list(range(1, len(mine) + 1))
    assert {r["CONTRFL"] for r in found if r is not record} == {None}


def test_adex_agrees_with_table_2(data, contents):
    values = {
        (r["SUBJID"], r["APERIOD"], r["PARAMCD"]): r["AVAL"] for r in data["adex"] if r["PARAMCD"] != "DOSE"
    }
    rows = {row["id"]: row["cells"] for row in contents["table_2"]["rows"]}
    for period in (1, 2):
        for name, code in (("increase", "INCRFL"), ("reduction", "REDFL"), ("interruption", "INTRFL")):
            flagged = {s for (s, p, c), value in values.items() if (p, c, value) == (period, code, 1.0)}
            assert flagged == set(rows[name][f"t{period}"]["patients"])
        mean = [value for (_, p, c), value in values.items() if (p, c) == (period, "RDI")]
        assert f"{sum(mean) / len(mean):.1f}" == rows["rdi"][f"t{period}"]["text"].split()[0]


def test_a_dose_that_runs_over_progression_is_cut_to_both_periods():
    def merged(row):
        if row.patient.number != "SYN-002":
            return row
        row.end = date(2011, 9, 29)
        return row if row.start == date(2011, 7, 20) else None

    records = _records(adex(facts(snapshot=changed(DoseInterval, merged))))
    doses = [r for r in records if (r["SUBJID"], r["PARAMCD"]) == ("SYN-002", "DOSE")]
    assert [(r["APERIOD"], r["ASTDT"], r["AENDT"]) for r in doses] == [
        (1, "2011-07-20", "2011-08-30"),
        (2, "2011-08-31", "2011-09-29"),
    ]


def test_the_doses_of_a_period_make_its_total(data):
    for subject in {r["SUBJID"] for r in data["adex"]}:
        for period in (1, 2):
            mine = [r for r in data["adex"] if (r["SUBJID"], r["APERIOD"]) == (subject, period)]
            doses = [r for r in mine if r["PARAMCD"] == "DOSE"]
            given = sum(
                r["AVAL"] * ((date.fromisoformat(r["AENDT"]) - date.fromisoformat(r["ASTDT"])).days + 1)
                for r in doses
            )
            assert [given] == [r["AVAL"] for r in mine if r["PARAMCD"] == "TOTDOSE"] or not mine
            assert all(r["SRCREF"] for r in doses)
