"""CTCAE v4.03 grades of laboratory values: every cut of every term, just inside, at, and just beyond."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.domain.ctcae import (
    COUNT_SCALES,
    LAB_RULES,
    LabGradingError,
    UnknownTermError,
    UnknownUnitError,
    grade_lab,
    is_worse_than_baseline,
)

# One line per reference range and unit; then value:grade pairs, "?" where the value cannot be graded.
ABOVE_ULN = """
    term                                 | unit   | ULN | value:grade
    Alanine aminotransferase increased   | U/L    | 40  | 0:0 39.9:0 40:0 40.1:1 120:1
    Alanine aminotransferase increased   | U/L    | 40  | 120.1:2 200:2 200.1:3 800:3 800.1:4
    Alanine aminotransferase increased   | IU/L   | 43  | 43:0 44:1 129:1 130:2 215:2 216:3 860:3 861:4
    Alanine aminotransferase increased   | U/L    | -   | 41:? 9999:?
    Aspartate aminotransferase increased | U/L    | 33  | 32:0 33:0 34:1 99:1 100:2 165:2 166:3 660:3 661:4
    Alkaline phosphatase increased       | U/L    | 359 | 359:0 359.1:1 897.5:1 897.6:2 1795:2
    Alkaline phosphatase increased       | U/L    | 359 | 1795.1:3 7180:3 7180.1:4
    GGT increased                        | U/L    | 47  | 46:0 47:0 48:1 117.5:1 117.6:2
    GGT increased                        | U/L    | 47  | 235:2 236:3 940:3 941:4
    Blood bilirubin increased            | mg/dL  | 1.1 | 1.0:0 1.1:0 1.2:1 1.65:1 1.66:2
    Blood bilirubin increased            | mg/dL  | 1.1 | 3.3:2 3.31:3 11.0:3 11.01:4
    Blood bilirubin increased            | mg/dL  | 1.2 | 1.2:0 1.21:1 1.8:1 1.81:2 3.6:2
    Blood bilirubin increased            | mg/dL  | 1.2 | 3.61:3 12.0:3 12.01:4
    Blood bilirubin increased            | umol/L | 21  | 21:0 21.1:1 31.5:1 31.6:2 63:2 63.1:3 210:3 210.1:4
    Serum amylase increased              | U/L    | 125 | 125:0 126:1 187.5:1 187.6:2 250:2 251:3 625:3 626:4
    Lipase increased                     | U/L    | 60  | 60:0 61:1 90:1 90.1:2 120:2 120.1:3 300:3 300.1:4
    INR increased                        | ratio  | 1.1 | 1.1:0 1.11:1 1.65:1 1.66:2 2.75:2 2.76:3 50:3
    INR increased                        | ratio  | -   | 1.0:? 5.0:?
    Creatinine increased                 | mg/dL  | 1.1 | 1.1:0 1.11:1 1.65:1 1.66:2 3.3:2 3.31:3 6.6:3 6.61:4
    Creatinine increased                 | umol/L | 97  | 97:0 97.1:1 145.5:1 145.6:2 291:2
    Creatinine increased                 | umol/L | 97  | 291.1:3 582:3 582.1:4
    Creatinine increased                 | mg/dL  | -   | 0.5:? 99:?
    Hypernatremia                        | mmol/L | 145 | 145:0 145.1:1 150:1 150.1:2 155:2
    Hypernatremia                        | mmol/L | 145 | 155.1:3 160:3 160.1:4
    Hypernatremia                        | mEq/L  | 147 | 147:0 148:1 150:1 151:2 155:2 156:3 160:3 161:4
    Hypernatremia                        | mmol/L | -   | 140:? 150:? 150.1:2 155.1:3 160.1:4
    Hyperkalemia                         | mmol/L | 4.8 | 4.8:0 4.81:1 5.5:1 5.51:2 6.0:2 6.01:3 7.0:3 7.01:4
    Hyperkalemia                         | mmol/L | 5.6 | 5.5:0 5.55:2
    Hyperkalemia                         | mEq/L  | -   | 5.0:? 5.5:? 5.6:2 6.1:3 7.1:4
"""

BELOW_LLN = """
    term                       | unit    | LLN   | value:grade
    Anemia                     | g/dL    | 13.5  | 13.6:0 13.5:0 13.4:1 10.0:1 9.9:2 8.0:2 7.9:3 1.0:3
    Anemia                     | g/L     | 135   | 135:0 134:1 100:1 99:2 80:2 79:3
    Anemia                     | mmol/L  | 8.4   | 8.4:0 8.3:1 6.2:1 6.1:2 4.9:2 4.8:3
    Anemia                     | g/dL    | -     | 13.0:? 10.0:? 9.9:2 7.9:3
    Anemia                     | g/dL    | 9.5   | 10.0:0 9.7:2
    Platelet count decreased   | 10^9/L  | 150   | 151:0 150:0 149:1 75:1 74.9:2 50:2 49.9:3 25:3 24.9:4
    Platelet count decreased   | /mm3    | 150000 | 150000:0 149999:1 75000:1 74999:2 50000:2
    Platelet count decreased   | /mm3    | 150000 | 49999:3 25000:3 24999:4
    Platelet count decreased   | 10^4/uL | 15.8  | 15.8:0 15.7:1 7.5:1 7.4:2 5.0:2 4.9:3 2.5:3 2.4:4
    Platelet count decreased   | 10^3/uL | -     | 200:? 75:? 74:2 49:3 24:4
    Neutrophil count decreased | 10^9/L  | 2.0   | 2.0:0 1.99:1 1.5:1 1.49:2 1.0:2 0.99:3 0.5:3 0.49:4 0:4
    Neutrophil count decreased | /mm3    | 1800  | 1800:0 1799:1 1500:1 1499:2 1000:2 999:3 500:3 499:4
    Neutrophil count decreased | 10^9/L  | 1.4   | 1.5:0 1.45:2 1.4:2 1.39:2
    White blood cell decreased | 10^9/L  | 3.5   | 3.5:0 3.49:1 3.0:1 2.99:2 2.0:2 1.99:3 1.0:3 0.99:4
    White blood cell decreased | /uL     | 3500  | 3500:0 3499:1 3000:1 2999:2 2000:2 1999:3 1000:3 999:4
    Lymphocyte count decreased | 10^9/L  | 1.0   | 1.0:0 0.99:1 0.8:1 0.79:2 0.5:2 0.49:3 0.2:3 0.19:4
    Lymphocyte count decreased | /mm3    | 1000  | 1000:0 999:1 800:1 799:2 500:2 499:3 200:3 199:4
    Hypoalbuminemia            | g/dL    | 3.8   | 3.8:0 3.79:1 3.0:1 2.99:2 2.0:2 1.99:3 0.1:3
    Hypoalbuminemia            | g/L     | 38    | 38:0 37:1 30:1 29:2 20:2 19:3
    Hypophosphatemia           | mg/dL   | 2.7   | 2.7:0 2.69:1 2.5:1 2.49:2 2.0:2 1.99:3 1.0:3 0.99:4
    Hypophosphatemia           | mmol/L  | 0.87  | 0.87:0 0.86:1 0.8:1 0.79:2 0.6:2 0.59:3 0.3:3 0.29:4
    Hyponatremia               | mmol/L  | 135   | 135:0 134.9:1 130:1 129.9:3 120:3 119.9:4
    Hyponatremia               | mmol/L  | -     | 140:? 130:? 129:3 119:4
    Hyponatremia               | mEq/L   | 129   | 130:0 129.5:3
    Hypokalemia                | mmol/L  | 3.5   | 3.5:0 3.49:2 3.0:2 2.99:3 2.5:3 2.49:4
    Hypokalemia                | mEq/L   | -     | 4.0:? 3.0:? 2.9:3 2.4:4
"""

CREATININE_OVER_BASELINE = """
    ULN 1.0, mg/dL | baseline | value:grade
    low baseline   | 0.4      | 0.4:0 0.41:1 0.6:1 0.61:2 1.2:2 1.21:3 6.0:3 6.01:4
    high baseline  | 1.4      | 1.0:0 1.1:1 1.4:1 1.5:1 1.51:2 3.0:2 3.01:3
    no baseline    | -        | 0.9:0 1.0:0 1.1:1
"""


def rows(table: str) -> Iterator[list[str]]:
    lines = [line for line in table.splitlines() if line.strip()]
    for line in lines[1:]:
        yield [cell.strip() for cell in line.split("|")]


def number(text: str) -> Decimal | None:
    return None if text == "-" else Decimal(text)


def graded(text: str) -> Iterator[tuple[Decimal, int | None]]:
    for pair in text.split():
        value, grade = pair.split(":")
        yield Decimal(value), None if grade == "?" else int(grade)


def cases(table: str) -> list[tuple[str, str, Decimal | None, Decimal, int | None]]:
    return [
        (term, unit, number(limit), value, grade)
        for term, unit, limit, pairs in rows(table)
        for value, grade in graded(pairs)
    ]


@pytest.mark.parametrize(("term", "unit", "uln", "value", "expected"), cases(ABOVE_ULN))
def test_values_above_normal_are_graded_strictly_beyond_each_cut(term, unit, uln, value, expected):
    assert grade_lab(term, value, unit, lln=None, uln=uln) == expected


@pytest.mark.parametrize(("term", "unit", "lln", "value", "expected"), cases(BELOW_LLN))
def test_values_below_normal_are_graded_strictly_beyond_each_cut(term, unit, lln, value, expected):
    assert grade_lab(term, value, unit, lln=lln, uln=None) == expected


def test_the_tables_cover_every_term():
    assert {term for table in (ABOVE_ULN, BELOW_LLN) for term, *_ in rows(table)} == set(LAB_RULES)


@pytest.mark.parametrize("line", list(rows(CREATININE_OVER_BASELINE)), ids=lambda line: line[0])
def test_creatinine_is_also_judged_against_the_baseline(line):
    _, baseline, pairs = line
    for value, expected in graded(pairs):
        grade = grade_lab(
            "Creatinine increased", value, "mg/dL", lln=None, uln=Decimal(1), baseline=number(baseline)
        )
        assert grade == expected, value


def test_creatinine_without_uln_cannot_be_graded_though_it_is_over_the_baseline():
    grade = grade_lab("Creatinine increased", Decimal(4), "mg/dL", lln=None, uln=None, baseline=Decimal(1))
    assert grade is None


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [
        ("2.0", "2.0", 0),
        ("2.1", "2.0", 1),
        ("3.0", "2.0", 1),
        ("3.1", "2.0", 2),
        ("5.0", "2.0", 2),
        ("5.1", "2.0", 3),
        ("2.0", None, None),
    ],
)
def test_inr_under_anticoagulation_is_judged_against_the_baseline(value, baseline, expected):
    grade = grade_lab(
        "INR increased",
        Decimal(value),
        "ratio",
        lln=None,
        uln=Decimal("1.1"),
        baseline=baseline and Decimal(baseline),
        anticoagulated=True,
    )
    assert grade == expected


@pytest.mark.parametrize(
    ("value", "symptomatic", "expected"),
    [
        ("3.5", True, 0),
        ("3.4", True, 2),
        ("3.4", False, 1),
        ("3.0", False, 1),
        ("2.9", False, 3),
        ("2.4", False, 4),
    ],
)
def test_potassium_below_the_limit_is_grade_1_only_when_known_to_be_without_symptoms(
    value, symptomatic, expected
):
    grade = grade_lab(
        "Hypokalemia", Decimal(value), "mmol/L", lln=Decimal("3.5"), uln=None, symptomatic=symptomatic
    )
    assert grade == expected


def test_a_missing_value_is_not_gradable():
    assert grade_lab("Anemia", None, "g/dL", lln=Decimal(13), uln=None) is None


def test_an_unknown_term_and_unit_are_refused_by_name():
    with pytest.raises(UnknownTermError, match="“Headache” has no laboratory grading rule"):
        grade_lab("Headache", Decimal(1), "g/dL", lln=None, uln=None)
    with pytest.raises(UnknownUnitError, match="“Anemia” is graded in g/dL, g/L, mmol/L, not in “mg/dL”"):
        grade_lab("Anemia", Decimal(1), "mg/dL", lln=None, uln=None)


@pytest.mark.parametrize("impossible", ["-0.1", "NaN", "Infinity"])
@pytest.mark.parametrize("name", ["value", "LLN", "ULN", "baseline"])
def test_an_impossible_number_is_refused(name, impossible):
    numbers = {"value": "1", "LLN": "1", "ULN": "1", "baseline": "1", name: impossible}
    value, lln, uln, baseline = (Decimal(text) for text in numbers.values())
    with pytest.raises(LabGradingError, match=f"The {name} must be a number of at least 0, not {impossible}"):
        grade_lab("Creatinine increased", value, "mg/dL", lln=lln, uln=uln, baseline=baseline)


WORSENING = """
    grade | before treatment | worse
    0     | 0                | no
    0     | ?                | no       a normal value is never worse
    1     | 0                | yes
    2     | 2                | no       anemia at entry stays anemia
    3     | 2                | yes
    1     | 2                | no
    1     | ?                | ?
    ?     | 0                | ?
"""


@pytest.mark.parametrize("line", list(rows(WORSENING)), ids="-".join)
def test_only_a_grade_above_the_one_before_treatment_is_worse(line):
    grade, before = (None if cell == "?" else int(cell) for cell in line[:2])
    expected = {"yes": True, "no": False, "?": None}[line[2].split()[0]]
    assert is_worse_than_baseline(grade, before) is expected


# The oracle: method tables as they are printed, worked in exact fractions, each grade asked on its own.
ORACLE_MULTIPLES = {
    "Alanine aminotransferase increased": "1 3 5 20",
    "Aspartate aminotransferase increased": "1 3 5 20",
    "Alkaline phosphatase increased": "1 5/2 5 20",
    "GGT increased": "1 5/2 5 20",
    "Blood bilirubin increased": "1 3/2 3 10",
    "Serum amylase increased": "1 3/2 2 5",
    "Lipase increased": "1 3/2 2 5",
    "INR increased": "1 3/2 5/2",
}
ORACLE_FIXED = {
    ("Anemia", "g/dL"): {2: "10", 3: "8"},
    ("Platelet count decreased", "10^9/L"): {2: "75", 3: "50", 4: "25"},
    ("Neutrophil count decreased", "10^9/L"): {2: "3/2", 3: "1", 4: "1/2"},
    ("White blood cell decreased", "10^9/L"): {2: "3", 3: "2", 4: "1"},
    ("Lymphocyte count decreased", "10^9/L"): {2: "4/5", 3: "1/2", 4: "1/5"},
    ("Hypoalbuminemia", "g/dL"): {2: "3", 3: "2"},
    ("Hypophosphatemia", "mg/dL"): {2: "5/2", 3: "2", 4: "1"},
    ("Hypophosphatemia", "mmol/L"): {2: "4/5", 3: "3/5", 4: "3/10"},
    ("Hyponatremia", "mmol/L"): {3: "130", 4: "120"},
}

near_cuts = st.decimals("0", "30", places=2)
wide = st.decimals("0", "300", places=2)
limits_of_normal = st.decimals("0.5", "200", places=1)


@given(st.sampled_from(sorted(ORACLE_MULTIPLES)), near_cuts, st.decimals("0.5", "10", places=1))
def test_multiples_of_the_uln_agree_with_exact_fractions(term, value, uln):
    unit = LAB_RULES[term].units[0]
    reached = [
        Fraction(value) > Fraction(multiple) * Fraction(uln) for multiple in ORACLE_MULTIPLES[term].split()
    ]
    assert grade_lab(term, value, unit, lln=None, uln=uln) == sum(reached)


@given(st.sampled_from(sorted(ORACLE_FIXED)), st.one_of(near_cuts, wide), limits_of_normal)
def test_fixed_cuts_agree_with_exact_fractions(term_and_unit, value, lln):
    cuts = {1: Fraction(lln)} | {g: Fraction(cut) for g, cut in ORACLE_FIXED[term_and_unit].items()}
    expected = max((grade for grade, cut in cuts.items() if Fraction(value) < cut), default=0)
    assert grade_lab(term_and_unit[0], value, term_and_unit[1], lln=lln, uln=None) == expected


@given(
    st.sampled_from(sorted(LAB_RULES)),
    st.tuples(wide, wide).map(sorted),
    limits_of_normal,
    limits_of_normal,
    st.booleans(),
    st.booleans(),
)
def test_a_worse_value_never_has_a_lower_grade(term, values, limit, baseline, anticoagulated, symptomatic):
    rule = LAB_RULES[term]
    smaller, larger = (
        grade_lab(
            term,
            value,
            rule.units[0],
            lln=limit,
            uln=limit,
            baseline=baseline,
            anticoagulated=anticoagulated,
            symptomatic=symptomatic,
        )
        for value in values
    )
    assert (smaller <= larger) if rule.direction == "HIGH" else (smaller >= larger)


@given(
    st.sampled_from([term for term, rule in LAB_RULES.items() if rule.units == tuple(COUNT_SCALES)]),
    near_cuts,
    st.one_of(st.none(), limits_of_normal),
    st.sampled_from(sorted(COUNT_SCALES)),
)
def test_a_count_has_the_same_grade_in_every_unit(term, value, lln, unit):
    scale = COUNT_SCALES[unit]
    in_unit = grade_lab(term, value * scale, unit, lln=lln and lln * scale, uln=None)
    assert in_unit == grade_lab(term, value, "10^9/L", lln=lln, uln=None)


@given(st.sampled_from(["Anemia", "Hypoalbuminemia"]), st.decimals("0", "20", places=2), limits_of_normal)
def test_grams_per_litre_and_per_decilitre_agree(term, value, lln):
    assert grade_lab(term, value, "g/dL", lln=lln, uln=None) == grade_lab(
        term, 10 * value, "g/L", lln=10 * lln, uln=None
    )


@given(st.sampled_from(sorted(LAB_RULES)), wide, limits_of_normal, limits_of_normal)
def test_a_missing_limit_never_changes_a_grade_only_withholds_it(term, value, limit, baseline):
    unit = LAB_RULES[term].units[0]
    grade = grade_lab(term, value, unit, lln=limit, uln=limit, baseline=baseline)
    assert grade_lab(term, value, unit, lln=None, uln=None, baseline=baseline) in (grade, None)
