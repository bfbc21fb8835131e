"""Protocol deviations: each rule at its boundary."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trial
from casebook.domain.partial_dates import PartialDate
from casebook.domain.partial_spans import PartialSpan
from patients.domain.chronology import DatedItem
from patients.domain.deviations import Deviation, DeviationFacts, check_deviations
from patients.domain.eligibility import CriterionResult, CriterionVerdict, EligibilityJudgement
from patients.domain.medication import Medication
from patients.domain.schedule import AssessmentKind, MissedAssessment, ScheduleFacts
from trial.domain.criteria import CriterionKind
from trial.domain.protocol import parse_protocol
from trial.domain.schedule import ImagingOrigin

PROTOCOL = parse_protocol(
    (Path(trial.__file__).parent / "protocols" / "sorafenib_beyond_progression.toml").read_text("utf-8")
)
ENROLLED = date(2012, 3, 1)
START = date(2012, 3, 5)


def day(number: int) -> date:
    """Return the day so many days after the first dose."""
    return START + timedelta(days=number)


def treated(**values: Any) -> DeviationFacts:
    return DeviationFacts(schedule=ScheduleFacts(first_dose=START, **values))


def found(facts: DeviationFacts, as_of: date, rules: str = "") -> list[tuple[str, date]]:
    deviations = check_deviations(facts, PROTOCOL, as_of=as_of)
    return [(d.rule_id, d.date) for d in deviations if d.rule_id in rules or not rules]


# days from enrolment to the first dose ("-": none given), days from enrolment to the day of judgement
FIRST_DOSE = """
    0  | 30 |
    14 | 30 |
    15 | 30 | DEV-05 15
    -  | 14 |
    -  | 15 | DEV-04 15
    -  | 99 | DEV-04 15
"""


@pytest.mark.parametrize("row", FIRST_DOSE.strip("\n").splitlines())
def test_first_dose_within_14_days_after_enrolment(row: str) -> None:
    dose, judged, expected = (cell.strip() for cell in row.split("|"))
    first_dose = None if dose == "-" else ENROLLED + timedelta(days=int(dose))
    facts = DeviationFacts(enrolment_date=ENROLLED, schedule=ScheduleFacts(first_dose=first_dose))
    rule, _, number = expected.partition(" ")
    wanted = [(rule, ENROLLED + timedelta(days=int(number)))] if rule else []
    assert found(facts, ENROLLED + timedelta(days=int(judged)), "DEV-04 DEV-05") == wanted


# days of the scans after the first dose, the end of treatment, the day of judgement
SCANS = """
    28 56 112   | -   | 112 |
    27          | -   | 40  | DEV-06 27
    56          | -   | 100 |
    57          | -   | 100 | DEV-06 57
    42 99       | -   | 120 | DEV-06 99            57 days after the scan before
    99 42       | -   | 120 | DEV-06 99            in whatever order they are listed
                | -   | 56  |
                | -   | 57  | DEV-07 57
                | 50  | 99  |                      no scan is due after the end of treatment
    42          | 99  | 300 | DEV-07 99
    42          | 98  | 300 |
    42 43       | 42  | 300 |                      a scan after the end is nobody's deviation
    42 60       | -   | 50  |                      nor one after the day of judgement
    -3 0 42     | -   | 50  |                      scans up to the first dose are baseline
"""


@pytest.mark.parametrize("row", SCANS.strip("\n").splitlines())
def test_scans_are_due_28_to_56_days_after_the_previous_one(row: str) -> None:
    scans, end, judged, expected = (cell.strip() for cell in row.split("|"))
    facts = treated(
        imaging=tuple(day(int(number)) for number in scans.split()),
        end=None if end == "-" else day(int(end)),
    )
    words = expected.split()
    wanted = [(words[0], day(int(words[1])))] if words and words[0].startswith("DEV") else []
    assert found(facts, day(int(judged)), "DEV-06 DEV-07") == wanted


def test_scans_may_be_counted_from_the_first_dose_instead() -> None:
    schedule = replace(PROTOCOL.schedule, imaging_from=ImagingOrigin.FIRST_DOSE)
    facts = treated(imaging=(day(55), day(70), day(141)), end=day(160))
    deviations = check_deviations(facts, replace(PROTOCOL, schedule=schedule), as_of=day(160))
    assert [d for d in deviations if d.rule_id == "DEV-06"] == [
        Deviation("DEV-06", day(141), "Scan on 2012-07-24, 57 days after 2012-05-28; the window is 28 to 56.")
    ]


VISITS = """
    14 28 42 | 42 |
    7 28     | 30 |
    6        | 10 | DEV-08 6
    21       | 30 |
    22       | 30 | DEV-08 22
    14       | 35 |
    14       | 36 | DEV-09 36
"""


@pytest.mark.parametrize("row", VISITS.strip("\n").splitlines())
def test_visits_are_due_7_to_21_days_after_the_previous_one(row: str) -> None:
    visits, judged, expected = (cell.strip() for cell in row.split("|"))
    facts = treated(clinic=tuple(day(int(number)) for number in visits.split()))
    words = expected.split()
    wanted = [(words[0], day(int(words[1])))] if words else []
    assert found(facts, day(int(judged)), "DEV-08 DEV-09") == wanted


# days of the panels: sooner than the window is one more panel, and the next one is counted from it
PANELS = """
    14 28 42 | 42 |
    6 20     | 30 |
    6        | 27 |
    6        | 28 | DEV-12 28
    22       | 30 | DEV-11 22
    14       | 36 | DEV-12 36
"""


@pytest.mark.parametrize("row", PANELS.strip("\n").splitlines())
def test_panels_are_due_within_21_days_after_the_previous_one(row: str) -> None:
    panels, judged, expected = (cell.strip() for cell in row.split("|"))
    facts = treated(laboratory=tuple(day(int(number)) for number in panels.split()))
    words = expected.split()
    wanted = [(words[0], day(int(words[1])))] if words else []
    assert found(facts, day(int(judged)), "DEV-11 DEV-12") == wanted


def test_what_was_missed_is_a_deviation_with_its_reason_and_not_overdue_too() -> None:
    missed = tuple(
        MissedAssessment(day(number), AssessmentKind.CLINIC, "patient unwell") for number in (14, 28)
    )
    facts = treated(missed=missed)
    deviations = check_deviations(facts, PROTOCOL, as_of=day(49))
    assert [d.sentence for d in deviations if d.rule_id in "DEV-08 DEV-09 DEV-13"] == [
        "Visit planned for 2012-03-19 was missed: patient unwell.",
        "Visit planned for 2012-04-02 was missed: patient unwell.",
    ]
    assert found(facts, day(50), "DEV-09") == [("DEV-09", day(50))]


def test_sentences_name_the_days_and_the_window() -> None:
    facts = DeviationFacts(
        enrolment_date=ENROLLED - timedelta(days=20),
        schedule=ScheduleFacts(
            first_dose=START, imaging=(day(20),), clinic=(day(14),), laboratory=(day(5), day(15))
        ),
    )
    assert [d.sentence for d in check_deviations(facts, PROTOCOL, as_of=day(36))] == [
        "First dose 24 days after enrolment on 2012-02-10; allowed are 14.",
        "Scan on 2012-03-25, 20 days after 2012-03-05; the window is 28 to 56.",
        "No visit by 2012-04-09, 21 days after 2012-03-19.",
    ]


def test_a_patient_never_treated_has_no_visit_or_scan_due() -> None:
    facts = DeviationFacts(enrolment_date=ENROLLED)
    (deviation,) = check_deviations(facts, PROTOCOL, as_of=day(300))
    assert deviation.sentence == "No dose within 14 days after enrolment on 2012-03-01."


PROCEDURES = """
    2012-02-29 | DEV-01
    2012-03-01 |
    2012-02    | DEV-01
    2012-03    |
    2012       |
    UNK        |
"""


@pytest.mark.parametrize("row", PROCEDURES.strip("\n").splitlines())
def test_nothing_is_done_for_the_trial_before_consent(row: str) -> None:
    entered, expected = (cell.strip() for cell in row.split("|"))
    facts = DeviationFacts(
        consent_date=date(2012, 3, 1), procedures=(DatedItem("Biopsy", PartialDate(entered)),)
    )
    wanted = [(expected, date(2012, 2, 29))] if expected else []
    assert found(facts, START) == wanted
    assert found(replace(facts, consent_date=None), START) == []


def test_the_sentence_names_the_procedure_and_both_days() -> None:
    facts = DeviationFacts(consent_date=START, procedures=(DatedItem("Biopsy", ENROLLED),))
    (deviation,) = check_deviations(facts, PROTOCOL, as_of=START)
    assert deviation.sentence == "Biopsy on 2012-03-01, before consent on 2012-03-05."


def judged(criterion_id: str, kind: CriterionKind, verdict: CriterionVerdict) -> CriterionResult:
    return CriterionResult(
        id=criterion_id, kind=kind, text="Words", value="1", verdict=verdict, sentence="The value is 1."
    )


JUDGEMENT = EligibilityJudgement(
    (
        judged("I01", CriterionKind.INCLUSION, CriterionVerdict.MET),
        judged("I02", CriterionKind.INCLUSION, CriterionVerdict.NOT_MET),
        judged("I03", CriterionKind.INCLUSION, CriterionVerdict.NOT_EVALUABLE),
        judged("E01", CriterionKind.EXCLUSION, CriterionVerdict.MET),
    )
)


def test_enrolment_against_the_criteria_is_a_deviation_for_each_of_them() -> None:
    facts = DeviationFacts(enrolment_date=ENROLLED, eligibility=JUDGEMENT)
    assert check_deviations(facts, PROTOCOL, as_of=ENROLLED) == (
        Deviation("DEV-02", ENROLLED, "Enrolled although I02 (Words) is not met: The value is 1."),
        Deviation("DEV-02", ENROLLED, "Enrolled although E01 (Words) is met: The value is 1."),
        Deviation("DEV-03", ENROLLED, "Enrolled although I03 (Words) could not be judged: The value is 1."),
    )


def test_who_is_not_enrolled_or_not_judged_has_no_deviation_of_eligibility() -> None:
    assert found(DeviationFacts(eligibility=JUDGEMENT), START) == []
    assert found(DeviationFacts(enrolment_date=ENROLLED), ENROLLED) == []


@pytest.mark.parametrize(("mg", "rules"), [(800, []), (400, []), (200, []), (0, []), (600, ["DEV-10"])])
def test_a_dose_that_is_no_level_is_a_deviation(mg: int, rules: list[str]) -> None:
    facts = DeviationFacts(dose_steps=((START, Decimal(mg)),))
    deviations = check_deviations(facts, PROTOCOL, as_of=START)
    assert [d.rule_id for d in deviations] == rules
    assert all(
        "600 mg a day from 2012-03-05; the protocol has 800, 400, 200 mg" in d.sentence for d in deviations
    )


numbers = st.lists(st.integers(1, 400), max_size=8)


@given(numbers, numbers, st.integers(0, 400))
def test_deviations_come_in_order_and_none_lies_ahead(scans: list[int], visits: list[int], now: int) -> None:
    facts = DeviationFacts(
        enrolment_date=ENROLLED,
        schedule=ScheduleFacts(
            first_dose=START, imaging=tuple(map(day, scans)), clinic=tuple(map(day, visits))
        ),
    )
    dates = [d.date for d in check_deviations(facts, PROTOCOL, as_of=day(now))]
    assert dates == sorted(dates)
    assert all(START <= when <= day(now) for when in dates)


@given(st.lists(st.integers(28, 56), max_size=8))
def test_scans_within_their_windows_are_no_deviation(gaps: list[int]) -> None:
    days = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    facts = treated(imaging=tuple(map(day, days)))
    assert found(facts, day(sum(gaps)), "DEV-06 DEV-07") == []


# drug, first and last day after the first dose | end of treatment | day of judgement | day of the deviation
INDUCERS = """
    Rifampicin -30 on  | -  | 50 | 0
    Rifampicin -30 -1  | -  | 50 |
    Rifampicin -30 0   | -  | 50 | 0
    Rifampicin 10 12   | -  | 50 | 10
    Rifampicin 10 12   | -  | 9  |
    Rifampicin 40 on   | 40 | 99 |
    Rifampicin 39 on   | 40 | 99 | 39
    Amlodipine 10 12   | -  | 50 |
"""


@pytest.mark.parametrize("row", INDUCERS.strip("\n").splitlines())
def test_an_inducer_taken_during_treatment(row: str) -> None:
    listed, end, judged, expected = (cell.strip() for cell in row.split("|"))
    drug, first, last = listed.split()
    span = PartialSpan(
        start=PartialDate.on(day(int(first))),
        end=None if last == "on" else PartialDate.on(day(int(last))),
        ongoing=last == "on",
    )
    facts = replace(
        treated(end=None if end == "-" else day(int(end))), medications=(Medication(drug=drug, span=span),)
    )
    wanted = [("DEV-14", day(int(expected)))] if expected else []
    assert found(facts, day(int(judged)), "DEV-14") == wanted


@pytest.mark.parametrize("start", ["2012-03", "2012", "UNK", None])
def test_an_inducer_whose_days_leave_it_open_is_no_deviation(start: str | None) -> None:
    span = PartialSpan(start=PartialDate(start) if start else None, end=PartialDate("2012-03"))
    facts = replace(treated(), medications=(Medication(drug="Rifampicin", span=span),))
    assert found(facts, day(50), "DEV-14") == []


def test_an_inducer_taken_before_the_first_dose_is_for_eligibility() -> None:
    medication = Medication(drug="Rifampicin", span=PartialSpan(start=PartialDate("2010"), ongoing=True))
    assert found(DeviationFacts(medications=(medication,)), day(50), "DEV-14") == []
