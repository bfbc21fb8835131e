"""Adverse events: treatment emergence, period, worst grade per period, patients per table row.

Days are counted from the first dose on 1 March 2012 (day 0); Treatment 2 begins on day 60; the last dose is
on day 90, so that the window of treatment emergence ends on day 120. "5..9" is an onset known only to lie
between day 5 and day 9, "?" an unknown day. Grades: "1 30:3" is grade 1 at onset and grade 3 from day 30.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.adverse_events import (
    AdverseEventError,
    AdverseEventFacts,
    GradeChange,
    TermOccurrence,
    count_terms,
    derive_period,
    derive_term_occurrences,
    derive_treatment_emergent,
    worst_grade,
)

FIRST_DOSE = date(2012, 3, 1)


def day(number: int) -> date:
    return FIRST_DOSE + timedelta(days=number)


PD1, LAST_DOSE = day(60), day(90)


def bounds(text: str) -> tuple[date | None, date | None]:
    if text == "?":
        return None, None
    first, _, last = text.partition("..")
    return day(int(first)), day(int(last or first))


def event(
    onset: str, grades: str = "1", end: str = "?", term: str = "Diarrhea", **facts
) -> AdverseEventFacts:
    onset_grade, *changes = grades.split()
    pairs = (change.split(":") for change in changes)
    earliest, latest = bounds(onset)
    end_earliest, end_latest = bounds(end)
    return AdverseEventFacts(
        term=term,
        ctcae_version="4.03",
        onset_earliest=earliest,
        onset_latest=latest,
        onset_grade=int(onset_grade),
        grade_changes=tuple(GradeChange(day(int(number)), int(grade)) for number, grade in pairs),
        end_earliest=end_earliest,
        end_latest=end_latest,
        **facts,
    )


def lines(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


ANSWERS = {"yes": True, "no": False, "?": None}

EMERGENCE = """
    onset    | end  | grades    | emergent
    0        | ?    | 1         | yes   | on the day of the first dose
    -1       | ?    | 1         | no    | the day before
    40       | ?    | 1         | yes   |
    120      | ?    | 1         | yes   | 30 days after the last dose
    121      | ?    | 1         | no    | 31 days after
    -9       | ?    | 2 5:3     | yes   | a baseline event that worsens
    -9       | ?    | 2 0:3     | yes   | ... on the day of the first dose
    -9       | ?    | 2 -1:3    | no    | ... the day before: its grade at baseline is 3
    -9       | ?    | 2 -1:3 5:3 | no   |
    -9       | ?    | 3 5:1 9:2 | no    | better, then worse, never above baseline
    -9       | ?    | 1 120:2   | yes   | worse within the window
    -9       | ?    | 1 121:2   | no    | worse after it
    -9..-1   | ?    | 1         | no    | a partial date before the first dose, whichever day it is
    0..30    | ?    | 1         | yes   | a partial date under treatment, whichever day it is
    -9..9    | ?    | 1         | ?     | it may be either
    -9..9    | -1   | 1         | no    | ... but it ended before the first dose
    -9..9    | ?    | 1 5:2     | yes   | ... but it worsened under treatment
    -9..9    | ?    | 1 -2:2    | no    | ... but it was there two days before
    100..130 | ?    | 1         | ?     | within or after the window
    121..130 | ?    | 1         | no    |
    100..130 | 120  | 1         | yes   | ended within the window, so it started there
    ?        | ?    | 1         | ?     |
    ?        | -5   | 1         | no    |
    ?        | 50   | 1         | ?     |
    ?        | ?    | 1 50:2    | yes   |
"""


@pytest.mark.parametrize("line", lines(EMERGENCE), ids=" ".join)
def test_treatment_emergence(line):
    onset, end, grades, expected, _ = line
    derived = derive_treatment_emergent(event(onset, grades, end), first_dose=FIRST_DOSE, last_dose=LAST_DOSE)
    assert derived.emergent is ANSWERS[expected]


REASONS = """
    onset    | grades | reason
    40       | 1      | Started on or after the first dose on 2012-03-01.
    -9       | 1      | Started before the first dose on 2012-03-01 and did not worsen.
    -9       | 2 5:3  | Under treatment, on 2012-03-06, the grade rose from 2 to 3.
    121      | 1      | Started more than 30 days after the last dose on 2012-05-30.
    -1..1    | 1      | The onset (2012-02-29 to 2012-03-02) may lie before or after the first dose on 2012-03-01.
    ?        | 1      | The onset (unknown to unknown) may lie before or after the first dose on 2012-03-01.
    119..121 | 1      | The onset (2012-06-28 to 2012-06-30) may lie more than 30 days after the last dose on 2012-05-30.
"""  # noqa: E501


@pytest.mark.parametrize("line", lines(REASONS), ids=" ".join)
def test_every_answer_says_why(line):
    onset, grades, reason = line
    derived = derive_treatment_emergent(event(onset, grades), first_dose=FIRST_DOSE, last_dose=LAST_DOSE)
    assert derived.reason == reason


def test_while_treatment_runs_the_window_has_no_end():
    derived = derive_treatment_emergent(event("500..530"), first_dose=FIRST_DOSE, last_dose=None)
    assert derived.emergent is True


def test_nothing_is_emergent_in_a_patient_never_treated():
    derived = derive_treatment_emergent(event("5"), first_dose=None, last_dose=None)
    assert (derived.emergent, derived.reason) == (False, "No dose was given.")


def test_the_window_is_a_setting():
    late = event("120")
    derived = derive_treatment_emergent(late, first_dose=FIRST_DOSE, last_dose=LAST_DOSE, window_days=29)
    assert derived.emergent is False


PERIODS = """
    onset  | end | grades | period
    0      | ?   | 1      | 1
    59     | ?   | 1      | 1      the day before progression
    60     | ?   | 1      | 2      the day of progression
    110    | ?   | 1      | 2
    50..59 | ?   | 1      | 1
    60..70 | ?   | 1      | 2
    50..70 | ?   | 1      | ?
    50..70 | 55  | 1      | 1      ended in Treatment 1, so it started there
    50..70 | ?   | 1 59:2 | 1
    50..70 | ?   | 1 60:2 | ?
    ?      | ?   | 1      | ?
    -9     | ?   | 1 70:2 | 1      the period is that of the onset
"""


@pytest.mark.parametrize("line", lines(PERIODS), ids=" ".join)
def test_an_event_belongs_to_the_period_of_its_onset(line):
    onset, end, grades, expected = line
    assigned = derive_period(event(onset, grades, end), treatment_2_start=PD1)
    assert str(assigned.period or "?") == expected.split()[0]


def test_the_period_says_why():
    reasons = [derive_period(event(onset), treatment_2_start=PD1).reason for onset in ("5", "65", "59..60")]
    assert reasons == [
        "Started before the first progression on 2012-04-30.",
        "Started on or after the first progression on 2012-04-30.",
        "The onset (2012-04-29 to 2012-04-30) may lie before or after the first progression on 2012-04-30.",
    ]


def test_without_treatment_2_every_event_belongs_to_treatment_1():
    assigned = derive_period(event("?"), treatment_2_start=None)
    assert (assigned.period, assigned.reason) == (1, "There was no Treatment 2.")


WORST = """
    onset  | grades         | in T1 | in T2
    10     | 2              | 2     | -      runs over progression without change
    10     | 1 20:3 40:1    | 3     | -
    10     | 1 59:2 60:3    | 2     | 3      rises on the day of progression
    10     | 1 20:3 40:1 70:2 | 3   | 2      above its grade on the eve of progression
    10     | 3 70:2 80:3    | 3     | -      better, then as it was
    10     | 1 70:3 80:2    | 1     | 3
    70     | 1 80:3         | -     | 3
    60     | 2              | -     | 2
    -9     | 2              | -     | -      a baseline event without change
    -9     | 2 10:3         | 3     | -
    -9     | 2 70:3         | -     | 3
    -9     | 1 10:2 70:4    | 2     | 4
    50..70 | 2              | -     | -      cannot be placed
    50..70 | 2 75:3         | -     | 3      ... but it rose in Treatment 2
    -9..9  | 1 20:2         | 2     | -
    10     | 3 100:5        | 3     | 5
"""


@pytest.mark.parametrize("line", lines(WORST), ids=" ".join)
def test_worst_grade_in_each_period(line):
    onset, grades, *expected = line
    recorded = event(onset, grades)
    worst = [worst_grade(recorded, period, first_dose=FIRST_DOSE, treatment_2_start=PD1) for period in (1, 2)]
    assert [str(grade or "-") for grade in worst] == [cell.split()[0] for cell in expected]


def test_without_treatment_2_everything_after_the_first_dose_counts_in_treatment_1():
    recorded = event("10", "1 70:3")
    worst = [worst_grade(recorded, n, first_dose=FIRST_DOSE, treatment_2_start=None) for n in (1, 2)]
    assert worst == [3, None]


def test_a_patient_counts_once_per_term_and_period_with_the_worst_grade():
    occurrences = derive_term_occurrences(
        [event("5", "2"), event("20", "3"), event("70", "1"), event("30", "1", term="Nausea")],
        first_dose=FIRST_DOSE,
        treatment_2_start=PD1,
    )
    assert occurrences == (
        TermOccurrence("Diarrhea", 1, 3),
        TermOccurrence("Diarrhea", 2, 1),
        TermOccurrence("Nausea", 1, 1),
    )


def test_the_patients_of_each_table_cell_are_known():
    counts = count_terms(
        {
            "SYN-001": [TermOccurrence("Diarrhea", 1, 3), TermOccurrence("Diarrhea", 2, 1)],
            "SYN-002": [TermOccurrence("Diarrhea", 1, 2)],
            "SYN-003": [],
        }
    )
    assert set(counts) == {("Diarrhea", 1), ("Diarrhea", 2)}
    assert counts["Diarrhea", 1].any_grade == {"SYN-001", "SYN-002"}
    assert counts["Diarrhea", 1].severe == {"SYN-001"}
    assert counts["Diarrhea", 2].severe == set()


def test_the_worst_grade_of_an_event():
    assert [event("5", grades).worst_grade for grades in ("2", "1 9:3 12:2", "3 9:1")] == [2, 3, 3]


@pytest.mark.parametrize(
    ("onset", "end", "grades", "message"),
    [
        ("5", "?", "0", "0 is not a CTCAE grade"),
        ("5", "?", "1 9:6", "6 is not a CTCAE grade"),
        ("5", "?", "1 9:2 8:3", "must be on different days, in order"),
        ("5", "?", "1 9:2 9:3", "must be on different days, in order"),
        ("5", "4", "1", "ends, or changes grade, before it starts"),
        ("5", "?", "1 4:2", "ends, or changes grade, before it starts"),
        ("9..5", "?", "1", "ends, or changes grade, before it starts"),
    ],
)
def test_an_impossible_event_is_refused(onset, end, grades, message):
    with pytest.raises(AdverseEventError, match=f"“Diarrhea”.*{message}"):
        event(onset, grades, end)


def test_an_event_may_end_or_change_on_the_day_it_starts():
    assert event("5", "1 5:2", "5").worst_grade == 2


days = st.integers(-30, 150)
grades = st.integers(1, 5)
events = st.builds(
    lambda onset, grade, changes: event(
        str(onset), " ".join([str(grade), *(f"{onset + after}:{g}" for after, g in sorted(changes.items()))])
    ),
    days,
    grades,
    st.dictionaries(st.integers(0, 60), grades, max_size=4),
)


@given(events)
def test_an_exact_onset_is_always_decided(recorded):
    assert derive_period(recorded, treatment_2_start=PD1).period in (1, 2)
    emergence = derive_treatment_emergent(recorded, first_dose=FIRST_DOSE, last_dose=LAST_DOSE)
    assert emergence.emergent is not None


@given(events, st.integers(0, 20), st.integers(0, 20))
def test_a_partial_onset_is_decided_only_as_each_of_its_days_would_be(recorded, before, after):
    onset = (recorded.onset_earliest - FIRST_DOSE).days
    grades_text = f"{recorded.onset_grade}"
    vague = event(f"{onset - before}..{onset + after}", grades_text)
    exact = [event(str(number), grades_text) for number in range(onset - before, onset + after + 1)]
    for derive in (
        lambda e: derive_treatment_emergent(e, first_dose=FIRST_DOSE, last_dose=LAST_DOSE).emergent,
        lambda e: derive_period(e, treatment_2_start=PD1).period,
    ):
        answers = {derive(one) for one in exact}
        assert derive(vague) == (answers.pop() if len(answers) == 1 else None)


@given(events)
def test_the_oracle_of_single_days_gives_the_same_worst_grades(recorded):
    """Walk through the days: what grade did the event have, and did it start or rise inside the period?"""
    onset = recorded.onset_earliest
    changes = {change.on: change.grade for change in recorded.grade_changes}
    for period, (start, end) in {1: (FIRST_DOSE, PD1), 2: (PD1, day(400))}.items():
        grade, eve, reached = None, 0, []
        for number in range(-40, 400):
            today = day(number)
            if today == onset:
                grade = recorded.onset_grade
                reached += [grade] if start <= today < end else []
            if today in changes:
                grade = changes[today]
                reached += [grade] if start <= today < end else []
            if today < start:
                eve = grade or 0
        expected = max((g for g in reached if max(reached) > eve), default=None)
        assert worst_grade(recorded, period, first_dose=FIRST_DOSE, treatment_2_start=PD1) == expected
