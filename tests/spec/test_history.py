"""A patient's history at a cut-off, and what cannot be true in one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.history import EVENT_DATES, PatientHistory, Scan, at_cut_off, contradictions

START = date(2012, 1, 10)


def day(number: int) -> date:
    return START + timedelta(number)


COMPLETE = PatientHistory(
    patient_number="S-01",
    site="A",
    consent_date=day(-20),
    enrolment_date=day(-7),
    first_dose=day(0),
    last_dose=day(160),
    first_safety_assessment=day(14),
    scans=(
        Scan(date=day(42), period=1, response="SD"),
        Scan(date=day(84), period=1, response="PD"),
        Scan(date=day(120), period=2, response="NE"),
        Scan(date=day(161), period=2, response="PD"),
    ),
    pd1_date=day(84),
    continuation_date=day(86),
    pd2_date=day(161),
    treatment_discontinued_date=day(161),
    treatment_discontinued_reason="PROGRESSIVE DISEASE",
    last_contact_date=day(300),
    death_date=day(320),
)

# cut-off day | scans, first progression, continued, last dose, discontinued, last contact, dead
CUT_OFFS = """
    -30 | 0 no  no  -   no  -30 no
      0 | 0 no  no  0   no  0   no
     83 | 1 no  no  83  no  83  no
     84 | 2 yes no  84  no  84  no
     86 | 2 yes yes 86  no  86  no
    160 | 3 yes yes 160 no  160 no
    161 | 4 yes yes 160 yes 161 no
    300 | 4 yes yes 160 yes 300 no
    310 | 4 yes yes 160 yes 310 no
    320 | 4 yes yes 160 yes 300 yes
    999 | 4 yes yes 160 yes 300 yes
"""


@pytest.mark.parametrize("row", CUT_OFFS.strip().splitlines())
def test_the_cut_off_day_counts_and_nothing_after_it(row: str) -> None:
    cut_off, expected = row.split("|")
    history = at_cut_off(COMPLETE, day(int(cut_off)))

    def number(value: date | None) -> str:
        return "-" if value is None else str((value - START).days)

    said = {True: "yes", False: "no"}
    assert [
        str(len(history.scans)),
        said[history.pd1_date is not None],
        said[history.continued],
        number(history.last_dose),
        said[history.treatment_discontinued_date is not None],
        number(history.last_contact_date),
        said[history.death_date is not None],
    ] == expected.split()
    assert (history.treatment_discontinued_reason is None) == (history.treatment_discontinued_date is None)


@given(st.integers(-40, 400), st.integers(-40, 400))
def test_the_earlier_of_two_cut_offs_decides(first: int, second: int) -> None:
    twice = at_cut_off(at_cut_off(COMPLETE, day(first)), day(second))
    assert twice == at_cut_off(COMPLETE, day(min(first, second)))


@given(st.integers(-40, 400))
def test_a_history_that_holds_together_does_so_at_every_cut_off(cut_off: int) -> None:
    history = at_cut_off(COMPLETE, day(cut_off))
    assert contradictions(history) == ()
    assert all((getattr(history, name) or day(cut_off)) <= day(cut_off) for name in EVENT_DATES)


def test_unknown_dates_stay_unknown() -> None:
    empty = PatientHistory(patient_number="S-02", site="A")
    assert at_cut_off(empty, day(0)) == empty
    assert contradictions(empty) == ()


@pytest.mark.parametrize(
    ("response", "adequate"),
    [("CR", True), ("SD", True), ("NON-CR/NON-PD", True), ("PD", True), ("NE", False), (None, False)],
)
def test_an_adequate_scan_is_one_that_could_be_read(response: str | None, adequate: bool) -> None:
    assert Scan(date=START, period=1, response=response).is_adequate is adequate


IMPOSSIBLE = [
    ({"enrolment_date": day(-25)}, "enrolment (2011-12-16) before consent (2011-12-21)"),
    ({"enrolment_date": day(1)}, "first dose (2012-01-10) before enrolment (2012-01-11)"),
    ({"last_dose": day(-1)}, "last dose (2012-01-09) before first dose (2012-01-10)"),
    (
        {"continuation_date": day(83)},
        "decision to continue (2012-04-02) before first progression (2012-04-03)",
    ),
    ({"treatment_discontinued_date": day(-2)}, "discontinuation of treatment (2012-01-08) before first dose"),
    ({"last_contact_date": day(321)}, "death (2012-11-25) before last contact (2012-11-26)"),
    ({"death_date": day(100)}, "death (2012-04-19) before last dose (2012-06-18)"),
    ({"death_date": day(100)}, "death (2012-04-19) before second progression (2012-06-19)"),
    ({"death_date": day(80)}, "death (2012-03-30) before first progression (2012-04-03)"),
    ({"death_date": day(100)}, "scan (2012-05-09) after death (2012-04-19)"),
    ({"pd2_date": day(84)}, "first and second progression on the same day (2012-04-03)"),
    ({"pd2_date": day(60)}, "second progression (2012-03-10) before first progression (2012-04-03)"),
    ({"pd1_date": day(-1)}, "first progression (2012-01-09) before first dose (2012-01-10)"),
    ({"enrolment_date": None}, "first dose without enrolment"),
    ({"first_dose": None}, "last dose without first dose"),
    ({"first_dose": None}, "first progression without first dose"),
    ({"pd1_date": None}, "decision to continue without first progression"),
    ({"continuation_date": None}, "second progression without decision to continue"),
    ({"first_dose": day(50)}, "scan of Treatment 1 (2012-02-21) before Treatment 1 began"),
    ({"pd1_date": None}, "scan of Treatment 2 (2012-05-09) before Treatment 2 began"),
    ({"pd1_date": day(85)}, "progression of Treatment 1 (2012-04-04) without a scan of that day"),
    ({"pd2_date": day(160)}, "progression of Treatment 2 (2012-06-18) without a scan of that day"),
]


@pytest.mark.parametrize(("changes", "finding"), IMPOSSIBLE)
def test_an_impossible_history_is_told_in_words(changes, finding: str) -> None:
    assert any(found.startswith(finding) for found in contradictions(replace(COMPLETE, **changes)))
