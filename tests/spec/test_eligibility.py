"""Eligibility: each criterion at its boundary, and never eligible with something missing."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trial
from casebook.domain.partial_dates import PartialDate
from patients.domain.calendar import add_months, completed_years
from patients.domain.child_pugh import Ascites
from patients.domain.eligibility import (
    CriterionResult,
    CriterionVerdict,
    Eligibility,
    EligibilityFacts,
    EligibilityJudgement,
    check_eligibility,
)
from trial.domain.criteria import Criterion, CriterionKind, FlagRule, RecentEventRule, Sex
from trial.domain.data_items import DataItem, ItemType
from trial.domain.protocol import parse_protocol
from trial.domain.response import ImagingModality

PROTOCOL = parse_protocol(
    (Path(trial.__file__).parent / "protocols" / "sorafenib_beyond_progression.toml").read_text("utf-8")
)
CRITERIA = PROTOCOL.eligibility
EXCLUSION_FLAGS = {
    item: False
    for criterion in PROTOCOL.exclusion
    for item in (
        criterion.rule.items
        if isinstance(criterion.rule, FlagRule)
        else (criterion.rule.item,)
        if isinstance(criterion.rule, RecentEventRule)
        else ()
    )
}

ELIGIBLE = EligibilityFacts(
    sex=Sex.MALE,
    birth_date=PartialDate("1950"),
    consent_date=date(2012, 3, 1),
    enrolment_date=date(2012, 3, 5),
    histologically_confirmed=False,
    typical_imaging=True,
    no_curative_option=True,
    ecog=0,
    enhancing_lesion_mm=Decimal(25),
    imaging_modality=ImagingModality.CE_CT,
    can_follow_protocol=True,
    hemoglobin=Decimal("12.1"),
    neutrophils=Decimal(2500),
    platelets=Decimal(120000),
    bilirubin=Decimal("0.9"),
    ast=Decimal(45),
    ast_uln=Decimal(33),
    alt=Decimal(40),
    alt_uln=Decimal(30),
    creatinine=Decimal("0.8"),
    creatinine_uln=Decimal("1.1"),
    albumin=Decimal("3.9"),
    inr=Decimal("1.05"),
    ascites=Ascites.NONE,
    encephalopathy_grade=0,
    arrhythmia_grade=0,
    **{item.value: answer for item, answer in EXCLUSION_FLAGS.items()},
)

# A patient who fulfils everything, with the named answers changed ("-" is missing); then the verdict on the
# words of the criterion, and whether it lets the patient in.
TRUTH = """
    I01 | birth_date=1992-03-01                             | MET     | in    the 20th birthday
    I01 | birth_date=1992-03-02                             | NOT MET | out   one day short of 20 years
    I01 | birth_date=1992-03                                | ?       | ?     born on the 1st is 20
    I01 | birth_date=1992-02                                | MET     | in
    I01 | birth_date=1992                                   | ?       | ?
    I01 | birth_date=1991                                   | MET     | in
    I01 | birth_date=1993                                   | NOT MET | out
    I01 | birth_date=UNK                                    | ?       | ?
    I01 | birth_date=-                                      | ?       | ?
    I01 | consent_date=-                                    | ?       | ?
    I01 | birth_date=1992-02-29 consent_date=2012-02-28 | NOT MET | out
    I01 | birth_date=1992-02-29 consent_date=2012-02-29 | MET     | in
    I02 | histologically_confirmed=yes typical_imaging=no   | MET     | in
    I02 | histologically_confirmed=yes typical_imaging=-    | MET     | in
    I02 | histologically_confirmed=no typical_imaging=no    | NOT MET | out
    I02 | histologically_confirmed=no typical_imaging=-     | ?       | ?
    I03 | no_curative_option=no                             | NOT MET | out
    I03 | no_curative_option=-                              | ?       | ?
    I04 | bilirubin=2.0                                     | MET     | in    6 points
    I04 | bilirubin=2.0 albumin=3.5                         | NOT MET | out   7 points
    I04 | albumin=3.5                                       | MET     | in
    I04 | albumin=2.7                                       | NOT MET | out
    I04 | ascites=-                                         | ?       | ?
    I04 | inr=-                                             | ?       | ?
    I04 | inr=- pt_percent=71                               | MET     | in
    I05 | ecog=1                                            | MET     | in
    I05 | ecog=2                                            | NOT MET | out
    I05 | ecog=-                                            | ?       | ?
    I06 | enhancing_lesion_mm=10                            | MET     | in
    I06 | enhancing_lesion_mm=9.9                           | NOT MET | out
    I06 | enhancing_lesion_mm=-                             | ?       | ?
    I06 | imaging_modality=-                                | ?       | ?
    I06 | imaging_modality=- enhancing_lesion_mm=9          | NOT MET | out
    I06 | imaging_modality=CT_SCAN                          | NOT MET | out
    I07 | can_follow_protocol=no                            | NOT MET | out
    I08 | hemoglobin=8.5                                    | MET     | in
    I08 | hemoglobin=8.4                                    | NOT MET | out
    I08 | hemoglobin=-                                      | ?       | ?
    I09 | neutrophils=1500                                  | MET     | in
    I09 | neutrophils=1499                                  | NOT MET | out
    I10 | platelets=50000                                   | MET     | in
    I10 | platelets=49999                                   | NOT MET | out
    I11 | bilirubin=2.0                                     | MET     | in
    I11 | bilirubin=2.01                                    | NOT MET | out
    I12 | ast=165                                           | MET     | in    5 times 33
    I12 | ast=165.1                                         | NOT MET | out
    I12 | ast=-                                             | ?       | ?
    I12 | ast_uln=-                                         | ?       | ?
    I13 | alt=150                                           | MET     | in
    I13 | alt=151                                           | NOT MET | out
    I14 | creatinine=1.65                                   | MET     | in    exactly 1.5 times 1.1
    I14 | creatinine=1.66                                   | NOT MET | out
    I15 | consent_date=2012-03-05                           | MET     | in
    I15 | consent_date=2012-03-06                           | NOT MET | out
    I15 | consent_date=-                                    | ?       | ?
    I15 | enrolment_date=-                                  | ?       | ?
    E01 | prior_targeted_therapy=yes                        | MET     | out
    E01 | prior_targeted_therapy=no                         | NOT MET | in
    E01 | prior_targeted_therapy=-                          | ?       | ?
    E06 | myocardial_infarction=-                           | ?       | ?
    E06 | myocardial_infarction=yes                         | ?       | ?
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011-03-05 | MET     | out   on the boundary
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011-03-04 | NOT MET | in
    E06 | myocardial_infarction=yes myocardial_infarction_date=2012-03-05 | MET     | out
    E06 | myocardial_infarction=yes myocardial_infarction_date=2012-03-06 | NOT MET | in    after enrolment
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011       | ?       | ?
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011-03    | ?       | ?
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011-04    | MET     | out
    E06 | myocardial_infarction=yes myocardial_infarction_date=2010       | NOT MET | in
    E06 | myocardial_infarction=yes myocardial_infarction_date=UNK        | ?       | ?
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011-04 enrolment_date=- | ? | ?
    E07 | unstable_angina=yes unstable_angina_date=2011-03-05             | MET     | out
    E08 | cardiac_failure=yes cardiac_failure_date=2011-03-05             | MET     | out
    E09 | cerebrovascular_disorder=yes cerebrovascular_disorder_date=2011-03-05 | MET | out
    E13 | gi_hemorrhage=yes gi_hemorrhage_date=2012-02-05                 | MET     | out   1 month to the day
    E13 | gi_hemorrhage=yes gi_hemorrhage_date=2012-02-04                 | NOT MET | in
    E13 | enrolment_date=2012-03-31 gi_hemorrhage=yes gi_hemorrhage_date=2012-02-29 | MET     | out
    E13 | enrolment_date=2012-03-31 gi_hemorrhage=yes gi_hemorrhage_date=2012-02-28 | NOT MET | in
    E13 | enrolment_date=2013-03-31 gi_hemorrhage=yes gi_hemorrhage_date=2013-02-28 | MET     | out
    E13 | enrolment_date=2013-03-30 gi_hemorrhage=yes gi_hemorrhage_date=2013-02-27 | NOT MET | in
    E16 | arrhythmia_grade=1                                | NOT MET | in
    E16 | arrhythmia_grade=2                                | MET     | out
    E16 | arrhythmia_grade=-                                | ?       | ?
    E21 | pregnant_or_nursing=-                             | n/a     | in    not asked of a man
    E21 | pregnant_or_nursing=no                            | n/a     | in
    E21 | pregnant_or_nursing=yes                           | MET     | out   a contradiction never lets in
    E21 | sex=F pregnant_or_nursing=-                       | ?       | ?
    E21 | sex=F pregnant_or_nursing=no                      | NOT MET | in
    E21 | sex=F pregnant_or_nursing=yes                     | MET     | out
    E21 | sex=- pregnant_or_nursing=-                       | ?       | ?
    E22 | investigator_exclusion=yes                        | MET     | out
"""

TYPES = {field.name: str(field.type) for field in fields(EligibilityFacts)}
VERDICTS = {"?": CriterionVerdict.NOT_EVALUABLE, "n/a": CriterionVerdict.NOT_APPLICABLE}
SATISFIED = {"in": True, "out": False, "?": None}


def answer(name: str, text: str) -> Any:
    kind = TYPES[name]
    if text == "-":
        return None
    if "bool" in kind:
        return {"yes": True, "no": False}[text]
    if "PartialDate" in kind:
        return PartialDate(text)
    if "date" in kind:
        return date.fromisoformat(text)
    if "Decimal" in kind:
        return Decimal(text)
    if "int" in kind:
        return int(text)
    return Sex(text) if name == "sex" else ImagingModality(text.replace("_", " "))


def with_answers(changes: str) -> EligibilityFacts:
    pairs = [change.partition("=") for change in changes.split()]
    return replace(ELIGIBLE, **{name: answer(name, text) for name, _, text in pairs})


def result_of(facts: EligibilityFacts, criterion_id: str) -> CriterionResult:
    return next(result for result in check_eligibility(facts, CRITERIA).results if result.id == criterion_id)


@pytest.mark.parametrize("row", [row for row in TRUTH.splitlines() if row.strip()])
def test_criterion_is_judged_on_its_value(row: str) -> None:
    criterion_id, changes, verdict, satisfied = (cell.strip() for cell in row.split("|"))
    result = result_of(with_answers(changes), criterion_id)
    assert result.verdict is (VERDICTS.get(verdict) or CriterionVerdict(verdict))
    assert result.satisfied is SATISFIED[satisfied.split()[0]]


def test_who_fulfils_everything_is_eligible() -> None:
    judgement = check_eligibility(ELIGIBLE, CRITERIA)
    assert judgement.is_eligible
    assert judgement.verdict is Eligibility.ELIGIBLE
    assert [result.id for result in judgement.results] == [criterion.id for criterion in CRITERIA]


def test_the_form_has_every_item_a_criterion_may_name() -> None:
    for item in DataItem:
        assert hasattr(ELIGIBLE, item)
        if item.item_type is ItemType.FLAG:
            assert TYPES[item] == "bool | None"


SENTENCES = """
    I01 | birth_date=1992    | 19 to 20 years | Age is 19 to 20 years (born 1992, judged on 2012-03-01; the criterion is ≥ 20 years): the day of birth decides.
    I01 | birth_date=1950    | 61 to 62 years | Age is 61 to 62 years (born 1950, judged on 2012-03-01; the criterion is ≥ 20 years).
    I01 | birth_date=1950-01-01 | 62 years    | Age is 62 years (born 1950-01-01, judged on 2012-03-01; the criterion is ≥ 20 years).
    I02 | typical_imaging=-  | no; missing    | Histologically confirmed: no; typical imaging: missing.
    I04 | inr=-              | missing        | Child-Pugh score is missing (bilirubin 1, albumin 1, coagulation missing, ascites 1, encephalopathy 1).
    I04 | ecog=0             | 5 points       | Child-Pugh score is 5 points; the criterion is ≤ 6 points (bilirubin 1, albumin 1, coagulation 1, ascites 1, encephalopathy 1).
    I05 | ecog=2             | 2              | ECOG performance status is 2; the criterion is ≤ 1.
    I06 | imaging_modality=- | 25 mm, modality missing | Largest enhancing lesion: 25 mm, modality missing; the criterion is ≥ 10 mm on CONTRAST ENHANCED CT SCAN or DYNAMIC CONTRAST ENHANCED MRI.
    I08 | hemoglobin=8.4     | 8.4 g/dL       | Hemoglobin is 8.4 g/dL; the criterion is ≥ 8.5 g/dL.
    I12 | ast=166            | 166 U/L (ULN 33 U/L) | AST is 166 U/L (ULN 33 U/L); the criterion is ≤ 5 × ULN = 165 U/L.
    I12 | ast_uln=-          | missing        | ULN of AST is missing.
    I15 | ecog=0             | 2012-03-01     | Consent date is 2012-03-01; enrolment date is 2012-03-05.
    E06 | ecog=0             | no             | Myocardial infarction: no.
    E06 | myocardial_infarction=yes | yes, unknown | Myocardial infarction, date unknown; the criterion is 2011-03-05 to 2012-03-05, 12 months: the date is not exact enough to decide.
    E06 | myocardial_infarction=yes myocardial_infarction_date=2011 enrolment_date=- | yes, 2011 | Enrolment date is missing.
    E13 | gi_hemorrhage=yes gi_hemorrhage_date=2012-03 enrolment_date=2012-03-31 | yes, 2012-03 | Gastrointestinal hemorrhage, date 2012-03; the criterion is 2012-02-29 to 2012-03-31, 1 month.
    E21 | sex=M              | not applicable | Asked of women only.
"""  # noqa: E501


@pytest.mark.parametrize("row", [row for row in SENTENCES.splitlines() if row.strip()])
def test_sentence_names_the_value_and_the_limit(row: str) -> None:
    criterion_id, changes, value, sentence = (cell.strip() for cell in row.split("|"))
    result = result_of(with_answers(changes), criterion_id)
    assert (result.value, result.sentence) == (value, sentence)


def test_investigators_reason_is_shown() -> None:
    facts = replace(ELIGIBLE, investigator_exclusion=True, investigator_exclusion_reason="lives abroad")
    assert result_of(facts, "E22").sentence == "Investigator's decision to exclude: yes (lives abroad)."


def test_a_violation_decides_even_when_something_is_missing() -> None:
    judgement = check_eligibility(replace(ELIGIBLE, hemoglobin=Decimal(7), ecog=None), CRITERIA)
    assert judgement.verdict is Eligibility.NOT_ELIGIBLE
    assert [result.id for result in judgement.violated] == ["I08"]
    assert [result.id for result in judgement.missing] == ["I05"]


def test_nothing_known_is_not_yet_evaluable() -> None:
    judgement = check_eligibility(EligibilityFacts(), CRITERIA)
    assert judgement.verdict is Eligibility.NOT_YET_EVALUABLE
    assert len(judgement.missing) == 37


ASKED = sorted(
    {field.name for field in fields(EligibilityFacts)}
    - {name for name in TYPES if getattr(ELIGIBLE, name) is None}
    - {"sex", "investigator_exclusion_reason", "histologically_confirmed", "pregnant_or_nursing"}
    - {"cyp3a4_inducer_drugs"}
)


@given(st.sets(st.sampled_from(ASKED), min_size=1))
def test_no_one_is_eligible_with_something_missing(names: set[str]) -> None:
    judgement = check_eligibility(replace(ELIGIBLE, **dict.fromkeys(names)), CRITERIA)
    assert judgement.verdict is Eligibility.NOT_YET_EVALUABLE


@given(st.sets(st.sampled_from(ASKED)), st.sets(st.sampled_from(ASKED)))
def test_more_knowledge_never_turns_a_verdict_round(first: set[str], second: set[str]) -> None:
    less = check_eligibility(replace(ELIGIBLE, **dict.fromkeys(first | second)), CRITERIA)
    more = check_eligibility(replace(ELIGIBLE, **dict.fromkeys(first)), CRITERIA)
    for before, after in zip(less.results, more.results, strict=True):
        assert before.satisfied in (None, after.satisfied)


def test_rejudging_names_the_criteria_that_changed() -> None:
    earlier = check_eligibility(ELIGIBLE, CRITERIA)
    later = check_eligibility(replace(ELIGIBLE, platelets=Decimal(49000), ast=Decimal(44)), CRITERIA)
    assert [result.id for result in later.changed_since(earlier)] == ["I10"]
    assert later.changed_since(later) == ()
    assert len(later.changed_since(EligibilityJudgement(()))) == 37


def test_an_inclusion_criterion_of_the_other_sex_does_not_keep_out() -> None:
    rule = FlagRule(items=(DataItem.CAN_FOLLOW_PROTOCOL,), only_for=Sex.FEMALE)
    criterion = Criterion(id="I99", kind=CriterionKind.INCLUSION, text="Contraception agreed", rule=rule)
    facts = EligibilityFacts(sex=Sex.MALE)
    assert check_eligibility(facts, (criterion,)).is_eligible


MONTHS = """
    2012-03-31 -1  2012-02-29
    2013-03-31 -1  2013-02-28
    2012-01-31 -1  2011-12-31
    2012-02-29 -12 2011-02-28
    2012-03-05 -12 2011-03-05
    2011-12-31 2   2012-02-29
    0001-01-31 -1  0001-01-01
    9999-12-01 1   9999-12-31
"""


@pytest.mark.parametrize("row", MONTHS.strip().splitlines())
def test_calendar_months(row: str) -> None:
    day, months, expected = row.split()
    assert add_months(date.fromisoformat(day), int(months)) == date.fromisoformat(expected)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 45000))
def test_age_grows_by_one_each_year_on_the_birthday(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    age = completed_years(birth, on)
    assert add_months(birth, 12 * age) <= on < add_months(birth, 12 * (age + 1)) + timedelta(days=1)


def test_born_on_29_february_turns_on_1_march_in_other_years() -> None:
    assert completed_years(date(1992, 2, 29), date(2011, 2, 28)) == 18
    assert completed_years(date(1992, 2, 29), date(2011, 3, 1)) == 19
