"""Time-to-event records: start, event, censoring and its reason, source, and who has no record."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.endpoints import (
    DATE_SOURCES,
    OS,
    PFS1,
    TTP1,
    TTP2,
    Endpoint,
    NotDerived,
    TimeToEvent,
    derive_tte,
    last_contact,
    named_source,
    safety_assessment,
)
from analysis.domain.history import PatientHistory, Scan, at_cut_off
from trial.domain.analysis_plan import Milestone

START = date(2012, 1, 10)
ENDPOINTS = {"TTP1": TTP1, "TTP2": TTP2, "OS": OS, "PFS1": PFS1}


def day(number: int) -> date:
    return START + timedelta(number)


def read_history(text: str) -> PatientHistory:
    """Read "enrol -5; dose 0; scan 1 42 SD; pd1 84; ..." with days counted from the first dose."""
    facts: dict[str, date] = {}
    scans = []
    for entry in text.split(";"):
        name, *values = entry.split()
        if name == "scan":
            period, number, response = values
            reference = f"scan {number}"
            scan_day = day(int(number))
            scans.append(Scan(date=scan_day, period=int(period), response=response, reference=reference))
        else:
            facts[FIELDS[name]] = day(int(values[0]))
    references = {field: f"record of {field}" for field in facts}
    return PatientHistory(patient_number="S-01", site="A", scans=tuple(scans), references=references, **facts)


FIELDS = {
    "enrol": "enrolment_date",
    "dose": "first_dose",
    "last": "last_dose",
    "pd1": "pd1_date",
    "go": "continuation_date",
    "pd2": "pd2_date",
    "off": "treatment_discontinued_date",
    "seen": "last_contact_date",
    "died": "death_date",
}

# history | endpoint | days, CNSR, description | variable, CRF record
RECORDS = """
enrol -5; dose 0; scan 1 42 SD; scan 1 84 PD; pd1 84      | TTP1 | 84 0 First progression | ADRS.ADT scan 84
enrol -5; dose 0; scan 1 42 SD; scan 1 84 NE; off 90      | TTP1 | 42 1 No first progression by last tumour assessment | ADRS.ADT scan 42
enrol -5; dose 0; scan 1 42 NE; off 50                    | TTP1 | 50 2 No first progression by discontinuation of protocol treatment | DS.DSSTDTC record of treatment_discontinued_date
enrol -5; dose 0; off 26; seen 26; died 26                | TTP1 | 26 2 No first progression by discontinuation of protocol treatment | DS.DSSTDTC record of treatment_discontinued_date
enrol -5; dose 0; last 20                                 | TTP1 | 0 3 No first progression by first dose | ADSL.TRTSDT record of first_dose
enrol -5; dose 0; scan 1 0 SD                             | TTP1 | 0 3 No first progression by first dose | ADSL.TRTSDT record of first_dose
enrol -5; dose 0; scan 1 40 PD; pd1 40; go 41; scan 2 80 PD; pd2 80 | TTP2 | 40 0 Second progression | ADRS.ADT scan 80
enrol -5; dose 0; scan 1 40 PD; pd1 40; go 41; scan 2 75 SD; off 90 | TTP2 | 35 1 No second progression by last tumour assessment | ADRS.ADT scan 75
enrol -5; dose 0; scan 1 40 PD; pd1 40; go 41; off 55     | TTP2 | 15 2 No second progression by discontinuation of protocol treatment | DS.DSSTDTC record of treatment_discontinued_date
enrol -5; dose 0; scan 1 40 PD; pd1 40; go 41             | TTP2 | 0 3 No second progression by first progression | ADRS.ADT scan 40
enrol -5; dose 0; died 90; seen 80                        | OS   | 95 0 Death | ADSL.DTHDT record of death_date
enrol -5; dose 0; seen 80                                 | OS   | 85 1 No death by last contact | ADSL.LSTALVDT record of last_contact_date
enrol -5; dose 0; scan 1 84 PD; pd1 84; died 99           | PFS1 | 84 0 First progression | ADRS.ADT scan 84
enrol -5; dose 0; scan 1 42 SD; died 99                   | PFS1 | 99 0 Death | ADSL.DTHDT record of death_date
enrol -5; dose 0; scan 1 42 SD; seen 60                   | PFS1 | 42 1 No first progression or death by last tumour assessment | ADRS.ADT scan 42
"""  # noqa: E501


@pytest.mark.parametrize("row", RECORDS.strip().splitlines())
def test_the_record_says_when_what_and_from_where(row: str) -> None:
    history, paramcd, outcome, source = (part.strip() for part in row.split("|"))
    record = derive_tte(read_history(history), ENDPOINTS[paramcd])
    assert isinstance(record, TimeToEvent)
    assert f"{record.days} {record.cnsr} {record.description}" == outcome
    assert f"{record.source_domain}.{record.source_variable} {record.source_reference}" == source
    assert record.event == (record.cnsr == 0) == (record.censor_date_description is None)
    assert record.aval == record.days + 1
    assert (record.patient_number, record.paramcd) == ("S-01", paramcd)


def test_the_censoring_date_is_named() -> None:
    record = derive_tte(read_history("enrol -5; dose 0; scan 1 42 SD"), TTP1)
    assert isinstance(record, TimeToEvent)
    assert record.censor_date_description == "Last tumour assessment"
    assert (record.start_date, record.start_reference) == (day(0), "record of first_dose")


# history | endpoint | why there is no record
WITHOUT_RECORD = """
enrol -5; off -2                                  | TTP1 | no first dose
enrol -5; off -2                                  | OS   | no first dose
enrol -5; dose 0; scan 1 40 PD; pd1 40; off 41    | TTP2 | no continuation beyond progression
enrol -5; dose 0                                  | OS   | no death and no date to censor at
enrol 5; dose 0; seen 9                           | OS   | contradiction: first dose (2012-01-10) before enrolment (2012-01-15)
enrol -5; dose 0; seen -9                         | OS   | last contact (2012-01-01) before enrolment (2012-01-05)
dose 0; seen 5                                    | OS   | contradiction: first dose without enrolment
"""  # noqa: E501


@pytest.mark.parametrize("row", WITHOUT_RECORD.strip().splitlines())
def test_a_patient_without_a_record_has_a_reason(row: str) -> None:
    history, paramcd, reason = (part.strip() for part in row.split("|"))
    derived = derive_tte(read_history(history), ENDPOINTS[paramcd])
    assert derived == NotDerived(patient_number="S-01", paramcd=paramcd, reason=reason)


def test_a_start_that_has_not_come_is_said() -> None:
    endpoint = replace(OS, requires=(), start=safety_assessment)
    derived = derive_tte(read_history("enrol -5; dose 0; seen 9"), endpoint)
    assert derived == NotDerived(patient_number="S-01", paramcd="OS", reason="no first safety assessment")


def test_a_protocol_declares_an_endpoint_by_names() -> None:
    declared = Endpoint.from_names(
        "TTP2",
        "Time to second progression (days)",
        start="first_progression",
        events=["second_progression"],
        censors=["last_tumour_assessment", "treatment_discontinuation", "first_progression"],
        requires=["continuation"],
    )
    assert declared == TTP2
    assert (
        Endpoint.from_names("OS", "", start="enrolment", events=["death"], censors=["last_contact"]).requires
        == ()
    )


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no date called 'pd1'; known are consent, .*death"):
        named_source("pd1")


def test_every_source_is_found_under_its_own_name() -> None:
    assert all(named_source(name).name == name for name in DATE_SOURCES)
    assert named_source("last_contact") is last_contact


def test_every_milestone_a_protocol_can_name_is_a_date_source() -> None:
    assert {str(milestone) for milestone in Milestone} == set(DATE_SOURCES)


FULL = (
    "enrol -5; dose 0; last 160; scan 1 42 SD; scan 1 84 PD; pd1 84; go 86; "
    "scan 2 120 SD; scan 2 161 PD; pd2 161; off 161; seen 300; died 320"
)


@given(st.integers(0, 400), st.sampled_from(sorted(ENDPOINTS)))
def test_an_event_counts_from_its_day_on_and_follow_up_never_shrinks(cut_off: int, paramcd: str) -> None:
    history = read_history(FULL)
    final = derive_tte(history, ENDPOINTS[paramcd])
    now, next_day = (
        derive_tte(at_cut_off(history, day(at)), ENDPOINTS[paramcd]) for at in (cut_off, cut_off + 1)
    )
    assert isinstance(final, TimeToEvent)
    if isinstance(now, NotDerived):
        assert now.reason == "no continuation beyond progression"
        assert cut_off < 86
        return
    assert isinstance(next_day, TimeToEvent)
    assert now.date <= day(cut_off)
    assert now.days <= next_day.days
    assert now.event == (final.date <= day(cut_off))
    assert not now.event or now == final


def test_survival_is_not_computed_through_a_death_of_unknown_day() -> None:
    alive = read_history("enrol -5; dose 0; scan 1 42 SD; seen 90")
    died = replace(alive, partial_death_date="2012-04")
    record = derive_tte(died, OS)
    assert isinstance(record, NotDerived)
    assert record.reason == "the day of death is not known (2012-04)"
    assert derive_tte(died, TTP1) == derive_tte(alive, TTP1), "progression does not rest on the death"


# First progression on day 42, 2012-02-21; the day of death is known in part.
PARTLY_DEAD = """
    died    | progressed | record
    2012-03 | yes        | event 2012-02-21    no day of March comes before the progression
    2013    | yes        | event 2012-02-21
    2012-02 | yes        | none                the death may have been on 1 February
    2012    | yes        | none
    UNK     | yes        | none
    2012-03 | no         | none
"""


@pytest.mark.parametrize("row", PARTLY_DEAD.strip().splitlines()[1:])
def test_progression_free_survival_ends_with_what_was_first_for_certain(row: str) -> None:
    died, progressed, expected = (cell.split() for cell in row.split("|"))
    seen = "scan 1 42 PD; pd1 42" if progressed == ["yes"] else "scan 1 42 SD"
    history = replace(read_history(f"enrol -5; dose 0; {seen}"), partial_death_date=died[0])
    record = derive_tte(history, PFS1)
    if expected[0] == "none":
        assert isinstance(record, NotDerived)
        assert record.reason == f"the day of death is not known ({died[0]})"
    else:
        assert isinstance(record, TimeToEvent)
        assert (record.event, str(record.date)) == (True, expected[1])


def test_without_a_start_a_partly_known_death_decides_nothing() -> None:
    history = replace(read_history("enrol -5"), partial_death_date="2012-03")
    no_set = replace(PFS1, requires=())
    assert isinstance(derive_tte(history, no_set), NotDerived)
