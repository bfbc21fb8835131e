"""Endpoints of the SYNTHETIC cohort: each patient's days, and from them the published medians."""

from datetime import date, timedelta

import pytest

from analysis.domain.descriptive import format_median_time
from analysis.domain.endpoints import OS, TTP1, TTP2, Endpoint, NotDerived, TimeToEvent, derive_tte
from analysis.domain.history import PatientHistory, Scan, at_cut_off
from analysis.domain.survival import kaplan_meier

CUT_OFF = date(2014, 6, 1)

# Patient, enrolment, first dose (days later) | scans of Treatment 1 (days from first dose; the last is first
# progression), continued, scans of Treatment 2 (days from first progression; the last is the second), day
# treatment ended without progression | last contact, state then | days to first and second progression and of
# survival, with + where censored.
COHORT = """
001 2011-07-05  7 | 33                             no  -                 -  | 2012-03-14 alive |  33   - 253+
002 2011-07-16  4 | 42                             yes 30                -  | 2012-07-17 dead  |  42  30  367
003 2011-08-12  1 | 40,83,120,168                  yes 51,107            -  | 2013-09-13 dead  | 168 107  763
004 2011-08-22  7 | 48,102                         yes 35                -  | 2012-07-10 dead  | 102  35  323
005 2011-09-03  7 | 36                             yes 38                -  | 2013-03-24 dead  |  36  38  568
006 2011-09-08  1 | 50,90,135,170,216,252          yes 44,81,112         -  | 2013-02-07 dead  | 252 112  518
007 2011-09-23  5 | 51,96,139,188,233,272,301      yes 51,97,133,168     -  | 2014-06-01 alive | 301 168 982+
008 2011-10-07  3 | 34,80,126,161,210              yes 50,91             -  | 2014-04-11 dead  | 210  91  917
009 2011-11-04  0 | -                              -   -                 26 | 2011-11-30 dead  | 26+   -   26
010 2012-01-20  5 | 28                             yes 35,77             -  | 2012-10-12 dead  |  28  77  266
011 2012-01-21  7 | 43,78,125,181                  yes 43,84             -  | 2013-10-09 dead  | 181  84  627
012 2012-03-17  4 | 42,87,119                      yes 36,84,128,177,231 -  | 2014-06-01 alive | 119 231 806+
013 2012-03-19  2 | 50,91                          yes 51,98             -  | 2013-08-05 dead  |  91  98  504
014 2012-04-10  2 | 43,79                          yes 49                -  | 2012-09-28 dead  |  79  49  171
015 2012-04-16  6 | 47,92,145                      yes 40                -  | 2013-03-04 dead  | 145  40  322
016 2012-04-25  3 | 29                             yes 43                -  | 2012-09-04 dead  |  29  43  132
017 2012-05-22  1 | -                              -   -                 21 | 2012-08-15 dead  | 21+   -   85
018 2012-05-31  6 | 38                             no  -                 -  | 2012-09-21 dead  |  38   -  113
019 2012-06-07  3 | 41                             no  -                 -  | 2013-01-16 dead  |  41   -  223
020 2012-06-14  5 | 35                             no  -                 -  | 2012-09-04 dead  |  35   -   82
021 2012-06-20  5 | -                              -   -                 15 | 2013-01-19 dead  | 15+   -  213
022 2012-07-07  1 | 35,75,126                      yes 54                -  | 2013-11-09 dead  | 126  54  490
023 2012-07-17  5 | 51,100,147,190,233,282,331,385 yes 42                -  | 2014-06-01 alive | 385  42 684+
024 2012-07-23  1 | -                              -   -                 17 | 2012-09-12 dead  | 17+   -   51
025 2012-08-06  4 | 33,77,108                      yes 46,86,126         -  | 2013-10-25 dead  | 108 126  445
026 2012-08-14  7 | 45,97                          no  -                 -  | 2012-12-17 dead  |  97   -  125
027 2012-09-14  6 | 49,84                          yes 33                -  | 2013-03-23 dead  |  84  33  190
028 2012-10-09  - | -                              -   -                 -  | -          -     |   -   -    -
029 2012-10-24  7 | 44,92,138                      yes 43,92,138         -  | 2014-06-01 alive | 138 138 585+
030 2013-03-12  2 | 36,72,112                      yes 35,77             -  | 2014-06-01 alive | 112  77 446+
"""


def read_day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


def read_scans(days: str, start: date | None, period: int) -> tuple[Scan, ...]:
    if start is None or days == "-":
        return ()
    dates = [start + timedelta(int(day)) for day in days.split(",")]
    return tuple(
        Scan(
            date=day, period=period, response="PD" if day == dates[-1] else "SD", reference=f"{period}/{day}"
        )
        for day in dates
    )


def read_history(row: str) -> PatientHistory:
    entry, course, follow_up, _ = (part.split() for part in row.split("|"))
    enrolled = date.fromisoformat(entry[1])
    dosed = None if entry[2] == "-" else enrolled + timedelta(int(entry[2]))
    first = read_scans(course[0], dosed, 1)
    pd1 = first[-1].date if first else None
    second = read_scans(course[2], pd1, 2)
    pd2 = second[-1].date if second else None
    ended = dosed + timedelta(int(course[3])) if dosed and course[3] != "-" else pd2 or pd1
    seen = read_day(follow_up[0])
    return PatientHistory(
        patient_number=entry[0],
        site="SYNTHETIC",
        enrolment_date=enrolled,
        first_dose=dosed,
        last_dose=ended - timedelta(1) if ended else None,
        scans=first + second,
        pd1_date=pd1,
        continuation_date=pd1 if course[1] == "yes" else None,
        pd2_date=pd2,
        treatment_discontinued_date=ended,
        last_contact_date=seen,
        death_date=seen if follow_up[1] == "dead" else None,
    )


ROWS = COHORT.strip().splitlines()
ENDPOINTS = {"TTP1": TTP1, "TTP2": TTP2, "OS": OS}


def records_of(endpoint: Endpoint, cut_off: date = CUT_OFF) -> list[TimeToEvent]:
    derived = (derive_tte(at_cut_off(read_history(row), cut_off), endpoint) for row in ROWS)
    return [record for record in derived if isinstance(record, TimeToEvent)]


@pytest.mark.parametrize("row", ROWS)
def test_every_patient_has_the_days_of_the_cohort(row: str) -> None:
    history = at_cut_off(read_history(row), CUT_OFF)
    printed = []
    for endpoint in (TTP1, TTP2, OS):
        record = derive_tte(history, endpoint)
        printed.append(
            "-" if isinstance(record, NotDerived) else f"{record.days}{'' if record.event else '+'}"
        )
    assert printed == row.split("|")[3].split()


@pytest.mark.parametrize(("paramcd", "n", "events"), [("TTP1", 29, 25), ("TTP2", 20, 20), ("OS", 29, 23)])
def test_numbers_of_patients_and_events(paramcd: str, n: int, events: int) -> None:
    records = records_of(ENDPOINTS[paramcd])
    assert (len(records), sum(record.event for record in records)) == (n, events)


# > survfit(Surv(days, event) ~ 1, conf.type = ...) on these records, in R 4.2.2 with survival 3.5-3;
# the log-log medians are the published ones.
MEDIANS = """
    TTP1 log-log | 102 (42-138)
    TTP1 plain   | 102 (42-138)
    TTP1 log     | 102 (79-145)
    TTP2 log-log | 77 (40-107)
    TTP2 plain   | 77 (42-107)
    TTP2 log     | 77 (43-112)
    OS   log-log | 367 (190-518)
    OS   plain   | 367 (213-518)
    OS   log     | 367 (223-627)
"""


@pytest.mark.parametrize("row", MEDIANS.strip().splitlines())
def test_the_published_medians_come_out(row: str) -> None:
    case, printed = row.split(" | ")
    paramcd, conf_type = case.split()
    records = records_of(ENDPOINTS[paramcd])
    estimate = kaplan_meier([r.days for r in records], [r.event for r in records], conf_type=conf_type)
    assert format_median_time(estimate.median, estimate.median_lower, estimate.median_upper) == printed


def test_a_year_earlier_later_deaths_have_not_happened() -> None:
    records = records_of(OS, date(2013, 6, 1))
    died = sum("dead" in row and row.split("|")[2].split()[0] <= "2013-06-01" for row in ROWS)
    assert (len(records), sum(record.event for record in records)) == (29, died)
    assert died < 23
    assert max(record.date for record in records) == date(2013, 6, 1)


def test_a_record_of_progression_leads_back_to_its_scan() -> None:
    record = records_of(TTP2)[0]
    assert (record.source_domain, record.source_variable) == ("ADRS", "ADT")
    assert record.source_reference == f"2/{record.date}"
