"""Impossible histories: every order of dates, with missing and partial ones."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.domain.findings import Severity
from casebook.domain.partial_dates import PartialDate
from patients.domain.chronology import (
    LABELS,
    ORDERS,
    ChronologyFacts,
    DatedItem,
    Episode,
    check_chronology,
)

POSSIBLE = ChronologyFacts(
    birth_date=PartialDate("1950"),
    consent_date=date(2012, 3, 1),
    baseline_scan_date=date(2012, 3, 3),
    enrolment_date=date(2012, 3, 5),
    first_dose_date=date(2012, 3, 8),
    scan_dates=(date(2012, 4, 19), date(2012, 5, 31), date(2012, 7, 12)),
    first_progression_date=date(2012, 5, 31),
    continuation_decision_date=date(2012, 6, 1),
    second_progression_date=date(2012, 7, 12),
    last_dose_date=date(2012, 7, 12),
    discontinuation_date=date(2012, 7, 14),
    last_contact_date=date(2012, 11, 2),
    death_date=date(2012, 12, 24),
    entries=(DatedItem("laboratory panel", date(2012, 3, 22)),),
    episodes=(Episode(label="diarrhea", onset=PartialDate("2012-04"), end=PartialDate("2012-04-20")),),
)

# One field changed in the possible history; the rules that then speak, and the sentence of the first.
IMPOSSIBLE = """
    birth_date=2012-03-02              | CHR-01          | Consent 2012-03-01 lies before birth 2012-03-02.
    birth_date=2012                    |                 |
    birth_date=2013                    | CHR-01 CHR-20 CHR-23 CHR-23 CHR-23 | Consent 2012-03-01 lies before birth 2013.
    consent_date=2012-03-06            | CHR-02 CHR-05   | Enrolment 2012-03-05 lies before consent 2012-03-06.
    consent_date=2012-03-09            | CHR-02 CHR-03 CHR-05 | Enrolment 2012-03-05 lies before consent 2012-03-09.
    consent_date=2012-03-04            | CHR-05          | Baseline scan 2012-03-03 lies before consent 2012-03-04.
    consent_date=2012-03               |                 |
    consent_date=2012-04               | CHR-02 CHR-03 CHR-05 | Enrolment 2012-03-05 lies before consent 2012-04.
    consent_date=UNK                   |                 |
    consent_date=-                     |                 |
    enrolment_date=2012-03-09          | CHR-04          | First dose 2012-03-08 lies before enrolment 2012-03-09.
    enrolment_date=2012-03-08          |                 |
    baseline_scan_date=2012-03-09      | CHR-06          | First dose 2012-03-08 lies before baseline scan 2012-03-09.
    baseline_scan_date=2012-04-19      | CHR-06 CHR-15   | First dose 2012-03-08 lies before baseline scan 2012-04-19.
    first_dose_date=2012-03-04         | CHR-04          | First dose 2012-03-04 lies before enrolment 2012-03-05.
    first_dose_date=2012-04-20         | CHR-17          | Scan 2012-04-19 lies before first dose 2012-04-20.
    last_dose_date=2012-03-07          | CHR-07          | Last dose 2012-03-07 lies before first dose 2012-03-08.
    last_dose_date=2012-07-15          | CHR-08          | Discontinuation of treatment 2012-07-14 lies before last dose 2012-07-15.
    last_dose_date=2012-07-14          |                 |
    discontinuation_date=2012-03-04    | CHR-08 CHR-09   | Discontinuation of treatment 2012-03-04 lies before last dose 2012-07-12.
    first_progression_date=2012-03-08  | CHR-10          | First progression 2012-03-08 does not lie after first dose 2012-03-08.
    first_progression_date=2012-03     |                 |
    first_progression_date=2012-02     | CHR-10          | First progression 2012-02 does not lie after first dose 2012-03-08.
    first_progression_date=2012-06-02  | CHR-11          | Decision to continue 2012-06-01 lies before first progression 2012-06-02.
    second_progression_date=2012-05-31 | CHR-12 CHR-13   | Second progression 2012-05-31 does not lie after first progression 2012-05-31.
    second_progression_date=2012-06-01 |                 |
    continuation_decision_date=2012-07-13 | CHR-13       | Second progression 2012-07-12 lies before decision to continue 2012-07-13.
    last_contact_date=2012-12-25       | CHR-14          | Death 2012-12-24 lies before last contact 2012-12-25.
    last_contact_date=2012-12-24       |                 |
    last_contact_date=2012-02-29       | CHR-19          | Last contact 2012-02-29 lies before consent 2012-03-01.
    scan_dates=2012-03-03              | CHR-15 CHR-17   | Scan 2012-03-03 does not lie after baseline scan 2012-03-03.
    scan_dates=2012-02-29              | CHR-15 CHR-16 CHR-17 | Scan 2012-02-29 does not lie after baseline scan 2012-03-03.
    scan_dates=2012-12-25              | CHR-20          | Scan 2012-12-25 lies after death 2012-12-24.
    death_date=2012-12                 |                 |
    death_date=2012-10                 | CHR-14          | Death 2012-10 lies before last contact 2012-11-02.
    death_date=-                       |                 |
"""  # noqa: E501


def with_date(change: str) -> ChronologyFacts:
    name, _, text = change.partition("=")
    day = None if text == "-" else PartialDate(text)
    return replace(POSSIBLE, **{name: (day,) if name == "scan_dates" else day})


@pytest.mark.parametrize("row", [row for row in IMPOSSIBLE.splitlines() if row.strip()])
def test_order_of_dates(row: str) -> None:
    change, rules, sentence = (cell.strip() for cell in row.split("|"))
    findings = check_chronology(with_date(change))
    assert [finding.rule_id for finding in findings] == rules.split()
    said = [finding.message.partition(". ")[0].rstrip(".") + "." for finding in findings][:1]
    assert said == ([sentence] if sentence else [])


def test_a_possible_history_has_no_finding() -> None:
    assert check_chronology(POSSIBLE, today=date(2013, 1, 1)) == ()
    assert check_chronology(ChronologyFacts()) == ()


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.rule_id)
def test_every_order_speaks_alone_when_only_its_two_dates_are_known(order: object) -> None:
    known = {order.earlier: date(2012, 3, 2), order.later: date(2012, 3, 1)}
    if order.later == "scan_dates":
        known["scan_dates"] = (date(2012, 3, 1),)
    (finding,) = check_chronology(ChronologyFacts(**known))
    assert (finding.rule_id, finding.field) == (order.rule_id, order.later)
    soft = order.rule_id in ("CHR-05", "CHR-06", "CHR-11", "CHR-13")
    assert finding.severity is (Severity.SOFT if soft else Severity.HARD)


def test_where_the_reads_decide_a_date_the_message_says_what_to_do() -> None:
    advised = {order.rule_id for order in ORDERS if order.advice}
    decided_by_reads = {"first_progression_date", "second_progression_date"}
    assert advised == {"CHR-10", "CHR-11", "CHR-13"}
    assert {o.rule_id for o in ORDERS if decided_by_reads & {o.earlier, o.later}} == advised | {"CHR-12"}, (
        "a second progression is only looked for after the first"
    )
    (finding,) = check_chronology(
        ChronologyFacts(first_progression_date=date(2012, 6, 2), continuation_decision_date=date(2012, 6, 1))
    )
    assert finding.message.endswith("if the decision was taken on that day, answer so.")


def test_nothing_happens_after_death() -> None:
    late = date(2012, 12, 25)
    episodes = (
        Episode(label="diarrhea", onset=late, end=late),
        Episode(label="fatigue", end=PartialDate("2013")),
        Episode(label="rash", onset=PartialDate("2012-12")),
    )
    facts = replace(
        POSSIBLE, entries=(DatedItem("visit", late),), episodes=episodes, discontinuation_date=late
    )
    assert [(finding.rule_id, finding.message) for finding in check_chronology(facts)] == [
        ("CHR-20", "Discontinuation of treatment 2012-12-25 lies after death 2012-12-24."),
        ("CHR-20", "Visit 2012-12-25 lies after death 2012-12-24."),
        ("CHR-20", "Onset of diarrhea 2012-12-25 lies after death 2012-12-24."),
        ("CHR-20", "End of diarrhea 2012-12-25 lies after death 2012-12-24."),
        ("CHR-20", "End of fatigue 2013 lies after death 2012-12-24."),
    ]


def test_what_is_done_for_the_trial_is_not_done_before_consent() -> None:
    entries = (
        DatedItem("visit", date(2012, 2, 29), needs_consent=True),
        DatedItem("visit", date(2012, 3, 1), needs_consent=True),
        DatedItem("laboratory panel", date(2012, 2, 29)),
    )
    (finding,) = check_chronology(replace(POSSIBLE, entries=entries))
    assert (finding.rule_id, finding.severity, finding.field) == ("CHR-18", Severity.SOFT, "entries")
    assert finding.message == "Visit 2012-02-29 lies before consent 2012-03-01."
    assert check_chronology(replace(POSSIBLE, entries=entries, consent_date=None)) == ()


def test_nothing_happens_before_birth() -> None:
    early = PartialDate("1949")
    episodes = (
        Episode(label="diarrhea", onset=early),
        Episode(label="fatigue", onset=PartialDate("1950"), end=PartialDate("1950-01-01")),
    )
    facts = replace(POSSIBLE, entries=(DatedItem("laboratory panel", early),), episodes=episodes)
    assert [(f.rule_id, f.field, f.message) for f in check_chronology(facts)] == [
        ("CHR-23", "entries", "Laboratory panel 1949 lies before birth 1950."),
        ("CHR-23", "episodes", "Onset of diarrhea 1949 lies before birth 1950."),
    ]
    assert check_chronology(replace(facts, birth_date=None)) == ()


def test_an_episode_does_not_end_before_its_onset() -> None:
    episodes = (
        Episode(label="diarrhea", onset=PartialDate("2012-05"), end=PartialDate("2012-04-30")),
        Episode(label="fatigue", onset=PartialDate("2012"), end=PartialDate("2012-04-30")),
        Episode(label="rash", onset=date(2012, 5, 1)),
        Episode(label="anorexia", end=date(2012, 5, 1)),
    )
    (finding,) = check_chronology(ChronologyFacts(episodes=episodes))
    assert (finding.rule_id, finding.field) == ("CHR-21", "episodes")
    assert finding.message == "End of diarrhea 2012-04-30 lies before its onset 2012-05."


def test_dates_in_the_future_are_reported_where_today_is_given() -> None:
    findings = check_chronology(POSSIBLE, today=date(2012, 11, 30))
    assert [(finding.rule_id, finding.message) for finding in findings] == [
        ("CHR-22", "Death 2012-12-24 lies in the future.")
    ]


def test_rule_ids_are_unique_and_every_date_has_a_label() -> None:
    assert len({order.rule_id for order in ORDERS}) == len(ORDERS)
    assert set(LABELS) == set(ChronologyFacts.__slots__) - {"entries", "episodes"}


dates = st.none() | st.dates(date(2012, 1, 1), date(2012, 12, 31))
histories = st.builds(ChronologyFacts, **{name: dates for name in LABELS if name != "scan_dates"})


@given(histories, st.sampled_from([name for name in LABELS if name != "scan_dates"]))
def test_knowing_less_never_adds_a_finding(facts: ChronologyFacts, name: str) -> None:
    day = getattr(facts, name)
    coarse = None if day is None else PartialDate(day.isoformat()[:7])
    known = {(finding.rule_id, finding.field) for finding in check_chronology(facts)}
    for vaguer in (replace(facts, **{name: coarse}), replace(facts, **{name: None})):
        assert {(finding.rule_id, finding.field) for finding in check_chronology(vaguer)} <= known
