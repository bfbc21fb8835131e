"""The catalogue of CTCAE terms: the one that ships, and the reading of the publisher's sheets.

The small sheets here have the publisher's columns and invented contents.
"""

import pytest

from assessments.domain.ctcae import LAB_RULES
from assessments.domain.ctcae_catalogue import (
    OWN_COLUMNS,
    CatalogueError,
    CtcaeCatalogue,
    CtcaeTerm,
    bundled_catalogue,
    check_grade,
    parse_catalogue,
    parse_publisher_csv,
    parse_publisher_rows,
)

# The adverse events published for this trial, as the publication spells them, and their grades in v4.03.
PUBLISHED_TERMS = """
    Palmar-plantar erythrodysesthesia syndrome | 123
    Hypertension                               | 12345
    Diarrhea                                   | 12345
    Anorexia                                   | 12345
    Platelet count decreased                   | 1234
    Fatigue                                    | 123
    Alopecia                                   | 12
    Alanine aminotransferase increased         | 1234
    Hypoalbuminemia                            | 12345
    Nausea                                     | 123
    Oral pain                                  | 123
    Hoarseness                                 | 123
    Weight loss                                | 123
    Rash maculopapular                         | 123
    Blood bilirubin increased                  | 1234
    Dysgeusia                                  | 12
    Anemia                                     | 12345
    Ascites                                    | 12345
    Hepatic hemorrhage                         | 12345
    Proteinuria                                | 123
    Death Not Otherwise Specified              | 5
"""


@pytest.mark.parametrize("line", PUBLISHED_TERMS.strip().splitlines())
def test_every_published_adverse_event_is_found_with_its_grades(line):
    name, grades = (cell.strip() for cell in line.split("|"))
    term = bundled_catalogue().find(name)
    assert term is not None
    assert "".join(str(grade) for grade in sorted(term.grades)) == grades


def test_the_shipped_catalogue_is_of_one_version_and_free_of_licensed_codes():
    terms = bundled_catalogue().terms
    assert len(terms) >= 150
    assert {term.version for term in terms} == {"4.03"}
    assert {term.meddra_code for term in terms} == {None}


def test_no_synonym_is_ambiguous():
    terms = bundled_catalogue().terms
    names = [name.casefold() for term in terms for name in (term.term, *term.synonyms)]
    assert sorted(names) == sorted(set(names))


def test_every_laboratory_term_has_the_grades_that_its_values_can_reach():
    for name, rule in LAB_RULES.items():
        term = bundled_catalogue().find(name)
        assert term is not None, name
        reachable = {cut.grade for cut in rule.cuts} | ({2} if name == "Hypokalemia" else set())
        assert reachable <= term.grades, name
    assert 2 not in bundled_catalogue().find("Hyponatremia").grades


def test_a_laboratory_investigation_is_never_fatal_by_itself():
    for term in bundled_catalogue().terms:
        if term.term.endswith((" increased", " decreased")):
            assert 5 not in term.grades, term.term


def test_a_term_is_found_by_name_or_synonym_whatever_the_case_and_spacing():
    catalogue = bundled_catalogue()
    assert catalogue.find("  hand-foot  SYNDROME").term == "Palmar-plantar erythrodysesthesia syndrome"
    assert catalogue.find("diarrhea").term == "Diarrhea"
    assert catalogue.find("no such thing") is None


def test_a_name_goes_before_the_same_word_as_a_synonym():
    fever = CtcaeTerm(term="Fever", soc="S", version="4.03", criteria={1: "x"})
    chills = CtcaeTerm(term="Chills", soc="S", version="4.03", criteria={1: "x"}, synonyms=("Fever",))
    assert CtcaeCatalogue((fever, chills)).find("fever") is fever
    assert CtcaeCatalogue((chills, fever)).find("fever") is fever


def test_a_grade_must_exist_for_its_term():
    alopecia = bundled_catalogue().find("Alopecia")
    assert check_grade(alopecia, 2) is None
    assert check_grade(alopecia, 3) == "CTCAE 4.03 has no grade 3 for “Alopecia”; its grades are 1, 2."
    death = bundled_catalogue().find("Death NOS")
    assert check_grade(death, 5) is None
    assert check_grade(death, 4) == "CTCAE 4.03 has no grade 4 for “Death NOS”; its grades are 5."


HEADER = ",".join(OWN_COLUMNS)


def own(*rows: str) -> str:
    return "\n".join((HEADER, *rows))


def test_the_projects_own_csv():
    text = own('Fever,General,4.03,warm,"hot, very",-,,lethal, Pyrexia ; Heat ;,10016558')
    (term,) = parse_catalogue(text)
    assert term == CtcaeTerm(
        term="Fever",
        soc="General",
        version="4.03",
        criteria={1: "warm", 2: "hot, very", 5: "lethal"},
        synonyms=("Pyrexia", "Heat"),
        meddra_code="10016558",
    )
    assert term.grades == {1, 2, 5}
    assert {term} == {term}


def test_a_byte_order_mark_and_empty_lines_are_passed_over():
    text = "\ufeff" + own("Fever,General,4.03,warm,-,-,-,-,,", "", ",,,,,,,,,")
    assert [term.term for term in parse_catalogue(text)] == ["Fever"]


@pytest.mark.parametrize(
    ("text", "row", "column", "message"),
    [
        ("", 1, None, "row 1: the file is empty."),
        ("term,soc\n", 1, None, "row 1: the columns must be term, soc, version, grade_1"),
        (own("Fever,General,4.03,warm"), 2, None, "row 2: 4 cells where the header has 10."),
        (own(" ,General,4.03,x,-,-,-,-,,"), 2, "term", "row 2, column “term”: must not be empty."),
        (own("Fever,-,4.03,x,-,-,-,-,,"), 2, "soc", "row 2, column “soc”: must not be empty."),
        (own("Fever,General,,x,-,-,-,-,,"), 2, "version", "row 2, column “version”: must not be empty."),
        (
            own("Fever,General,4.03,-,-, -,,-,,"),
            2,
            "grade_1",
            "row 2, column “grade_1”: the term has no grade",
        ),
        (
            own("Fever,General,4.03,x,-,-,-,-,,", "fever,General,4.03,x,-,-,-,-,,"),
            3,
            "term",
            "row 3, column “term”: “fever” is already in row 2.",
        ),
        (own("Fever,General,4.03,x,-,-,-,-,,", '"Chills'), 3, None, "row 3: not a CSV file: unexpected end"),
    ],
)
def test_a_broken_csv_is_refused_with_row_and_column(text, row, column, message):
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text)
    assert str(caught.value).startswith(message)
    assert (caught.value.row, caught.value.column) == (row, column)
    assert str(caught.value).endswith(caught.value.message)


SHEET_4 = (
    "MedDRA v12.0 Code,CTCAE v4.0 SOC,CTCAE v4.0 Term,Grade 1 ??,Grade 2 ??,Grade 3 ??,Grade 4 ??,Grade 5 ??,"
    "CTCAE v4.0 AE Term Definition,Errata \r\n"
    '10016558,General,Fever,"warm\n to the  touch", -, very hot,,Death,A state.,\r\n'
    "10008531,General,Chills , -, -,shivers, -, -,Another state.,2-Mar-10\r\n"
)


def test_the_publishers_sheet_of_version_4_03():
    fever, chills = parse_publisher_csv(SHEET_4)
    assert fever == CtcaeTerm(
        term="Fever",
        soc="General",
        version="4.03",
        criteria={1: "warm to the touch", 3: "very hot", 5: "Death"},
    )
    assert (chills.term, chills.grades) == ("Chills", {3})


def test_licensed_codes_are_read_only_when_asked_for():
    assert [term.meddra_code for term in parse_publisher_csv(SHEET_4)] == [None, None]
    with_codes = parse_publisher_csv(SHEET_4, with_meddra_codes=True)
    assert [term.meddra_code for term in with_codes] == ["10016558", "10008531"]


HEADER_5 = (
    "MedDRA Code",
    "MedDRA SOC",
    "CTCAE Term",
    *(f"Grade {grade} \xa0\xa0" for grade in range(1, 6)),
    "Definition",
    "Navigational Note",
    "CTCAE v5.0 Change",
)


def row_5(term, *grades, code=10016558, soc="General"):
    return (code, soc, term, *grades, "A state.", None, None)


def test_the_publishers_sheet_of_version_5_0():
    rows = iter(
        [
            HEADER_5,
            row_5("Fever", "warm", " -", "hot\xa0", None, "Death"),
            (None,) * 11,
            row_5("Pain", *"abc--", code=None),
        ]
    )
    fever, pain = parse_publisher_rows(rows, with_meddra_codes=True)
    assert (fever.version, fever.criteria) == ("5.0", {1: "warm", 3: "hot", 5: "Death"})
    assert (fever.meddra_code, pain.meddra_code) == ("10016558", None)
    assert pain.grades == {1, 2, 3}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "row 1: the sheet is empty."),
        ([HEADER_5[:2]], "row 1, column “term”: the column is missing."),
        ([HEADER_5[:7]], "row 1, column “grade_5”: the column is missing."),
        ([(*HEADER_5, "Grade 2")], "row 1, column “grade_2”: the column appears more than once."),
        ([HEADER_5, row_5("Fever", *"-----")], "row 2, column “Grade 1”: the term has no grade at all."),
        ([HEADER_5, row_5(None, *"abc--")], "row 2, column “CTCAE Term”: must not be empty."),
        ([HEADER_5, row_5("Fever", *"abc--", soc="")], "row 2, column “MedDRA SOC”: must not be empty."),
        (
            [HEADER_5, row_5("Fever", *"abc--"), row_5("FEVER", *"abc--")],
            "row 3, column “CTCAE Term”: “FEVER” is already in row 2.",
        ),
        ([HEADER_5, ("1", "General", "Fever")], "row 2: 3 cells where the header has 11."),
    ],
)
def test_a_broken_publishers_sheet_is_refused_with_row_and_column(rows, message):
    with pytest.raises(CatalogueError) as caught:
        parse_publisher_rows(rows)
    assert str(caught.value) == message
