"""The trial's analytes: units, exact conversion, and the grades of a whole panel."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.ctcae import LAB_RULES, UnknownUnitError
from assessments.domain.laboratory import ANALYTES, LabGrade, LabResult, convert, grade_panel

TERMS = """
    hemoglobin      | g/dL   | Anemia
    white_cells     | /mm3   | White blood cell decreased
    neutrophils     | /mm3   | Neutrophil count decreased
    lymphocytes     | /mm3   | Lymphocyte count decreased
    platelets       | /mm3   | Platelet count decreased
    total_bilirubin | mg/dL  | Blood bilirubin increased
    albumin         | g/dL   | Hypoalbuminemia
    ast             | U/L    | Aspartate aminotransferase increased
    alt             | U/L    | Alanine aminotransferase increased
    alp             | U/L    | Alkaline phosphatase increased
    ggt             | U/L    | GGT increased
    creatinine      | mg/dL  | Creatinine increased
    pt_inr          | ratio  | INR increased
    sodium          | mmol/L | Hyponatremia, Hypernatremia
    potassium       | mmol/L | Hypokalemia, Hyperkalemia
    phosphate       | mg/dL  | Hypophosphatemia
    amylase         | U/L    | Serum amylase increased
    lipase          | U/L    | Lipase increased
    afp             | ng/mL  |
    dcp             | mAU/mL |
"""


def test_each_analyte_has_its_canonical_unit_and_ctcae_terms():
    expected = [[cell.strip() for cell in line.split("|")] for line in TERMS.strip().splitlines()]
    assert [[a.field, a.unit, ", ".join(a.terms)] for a in ANALYTES.values()] == expected


def test_every_laboratory_term_is_reached_by_one_analyte():
    assert sorted(term for analyte in ANALYTES.values() for term in analyte.terms) == sorted(LAB_RULES)


def test_every_accepted_unit_can_be_graded():
    for analyte in ANALYTES.values():
        for term in analyte.terms:
            assert set(analyte.units) <= set(LAB_RULES[term].units), term


CONVERSIONS = """
    hemoglobin      | 85     | g/L     | 8.5
    platelets       | 50     | 10^9/L  | 50000
    platelets       | 7.5    | 10^4/uL | 75000
    platelets       | 120000 | /uL     | 120000
    neutrophils     | 1.5    | 10^3/uL | 1500
    albumin         | 35     | g/L     | 3.5
    total_bilirubin | 34.2   | umol/L  | 2
    creatinine      | 88.4   | umol/L  | 1
    phosphate       | 0.646  | mmol/L  | 2
    alt             | 40     | IU/L    | 40
    sodium          | 135    | mEq/L   | 135
    afp             | 400    | ug/L    | 400
    dcp             | 40     | mAU/mL  | 40
"""


@pytest.mark.parametrize("line", CONVERSIONS.strip().splitlines())
def test_values_convert_exactly_to_the_canonical_unit(line):
    analyte, value, unit, expected = (cell.strip() for cell in line.split("|"))
    assert convert(analyte, Decimal(value), unit=unit) == Decimal(expected)


@given(st.decimals("0.01", "60", places=2), st.sampled_from(["total_bilirubin", "creatinine"]))
def test_a_value_above_a_limit_stays_above_it_after_conversion(value, analyte):
    factor = {"total_bilirubin": Decimal("17.1"), "creatinine": Decimal("88.4")}[analyte]
    limit = Decimal("2.0")
    assert (convert(analyte, value, unit="umol/L") <= limit) == (value <= limit * factor)


def test_a_unit_of_another_analyte_is_refused_by_name():
    with pytest.raises(UnknownUnitError, match="Creatinine is reported in mg/dL, umol/L, not in “g/dL”"):
        convert("creatinine", Decimal(1), unit="g/dL")


def result(analyte, value, unit, lln=None, uln=None):
    number = {"value": value, "lln": lln, "uln": uln}
    return LabResult(
        analyte=analyte, unit=unit, **{key: text and Decimal(text) for key, text in number.items()}
    )


def test_anemia_at_entry_is_treatment_emergent_only_when_it_gets_worse():
    baseline = [result("hemoglobin", "9.5", "g/dL", lln="13.5")]
    same = grade_panel([result("hemoglobin", "8.0", "g/dL", lln="13.5")], baseline=baseline)
    worse = grade_panel([result("hemoglobin", "7.9", "g/dL", lln="13.5")], baseline=baseline)
    assert same == (LabGrade(analyte="hemoglobin", term="Anemia", grade=2, baseline_grade=2, is_worse=False),)
    assert worse == (LabGrade(analyte="hemoglobin", term="Anemia", grade=3, baseline_grade=2, is_worse=True),)


PANEL = """
    analyte    | value  | unit   | LLN   | ULN  | before | grades
    hemoglobin | 12.0   | g/dL   | 13.5  | 17.0 | -      | Anemia 1 ?
    platelets  | 60     | 10^9/L | 150   | 350  | 70     | Platelet count decreased 2 no
    platelets  | 45     | 10^9/L | 150   | 350  | 70     | Platelet count decreased 3 yes
    alt        | 201    | U/L    | 4     | 40   | 100    | Alanine aminotransferase increased 3 yes
    alt        | -      | U/L    | 4     | 40   | 100    | Alanine aminotransferase increased ? ?
    alt        | 201    | U/L    | 4     | -    | 100    | Alanine aminotransferase increased ? ?
    sodium     | 128    | mmol/L | 135   | 145  | 140    | Hyponatremia 3 yes; Hypernatremia 0 no
    potassium  | 3.4    | mmol/L | 3.5   | 5.0  | 4.0    | Hypokalemia 2 yes; Hyperkalemia 0 no
    creatinine | 0.9    | mg/dL  | 0.4   | 1.1  | 0.6    | Creatinine increased 1 yes
    afp        | 87300  | ng/mL  | -     | 10   | 500    |
"""


@pytest.mark.parametrize("line", PANEL.strip().splitlines()[1:])
def test_a_panel_is_graded_beside_the_one_before_treatment(line):
    analyte, value, unit, lln, uln, before, expected = (
        None if cell.strip() == "-" else cell.strip() for cell in line.split("|")
    )
    grades = grade_panel(
        [result(analyte, value, unit, lln, uln)], baseline=[result(analyte, before, unit, lln, uln)]
    )
    word = {True: "yes", False: "no", None: "?"}
    shown = [f"{g.term} {'?' if g.grade is None else g.grade} {word[g.is_worse]}" for g in grades]
    assert "; ".join(shown) == expected


def test_a_baseline_reported_in_another_unit_is_converted():
    grades = grade_panel(
        [result("creatinine", "1.0", "mg/dL", uln="1.1")],
        baseline=[result("creatinine", "53.04", "umol/L", uln="97")],  # 0.6 mg/dL
    )
    assert [(grade.grade, grade.is_worse) for grade in grades] == [(2, True)]


def test_the_patient_s_own_circumstances_reach_the_grade():
    grades = grade_panel(
        [
            result("pt_inr", "2.4", "ratio", uln="1.1"),
            result("potassium", "3.4", "mmol/L", lln="3.5", uln="5"),
        ],
        baseline=[result("pt_inr", "2.5", "ratio", uln="1.1")],
        anticoagulated=True,
        symptomatic_hypokalemia=False,
    )
    assert {grade.term: grade.grade for grade in grades} == {
        "INR increased": 0,
        "Hypokalemia": 1,
        "Hyperkalemia": 0,
    }


def test_a_panel_without_a_baseline_is_graded_but_not_compared():
    assert [g.is_worse for g in grade_panel([result("alt", "50", "U/L", uln="40")])] == [None]
