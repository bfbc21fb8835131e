"""The catalogue of CTCAE terms: loaded twice it stays the same; a broken sheet names row and column."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from assessments.domain.ctcae_catalogue import bundled_catalogue
from assessments.models import CtcaeTerm
from assessments.selectors import CtcaeTerms
from tests.factories import signed_in
from trial.models import AuditEntry

HEADER = [
    "MedDRA v12.0 Code",
    "CTCAE v4.0 SOC",
    "CTCAE v4.0 Term",
    *(f"Grade {grade}" for grade in range(1, 6)),
    "CTCAE v4.0 AE Term Definition",
    "Errata",
]
ROWS = [
    ["10001760", "Skin disorders", "Alopecia", "thin\nhair", "bald", " -", "-", "", "loss of hair", ""],
    ["99999999", "Invented disorders", "Invented term", "a", "b", "c", "d", "Death", "none", ""],
]


def sheet(folder: Path, rows: list[list[str]], encoding: str = "utf-8", header: list[str] = HEADER) -> Path:
    out = StringIO()
    csv.writer(out).writerows([header, *rows])
    path = folder / "sheet.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def load(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command("load_ctcae", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_the_projects_own_terms_load_once(db):
    many = len(bundled_catalogue().terms)
    assert many >= 150
    assert load() == f"{many} terms added, 0 changed, 0 as they were.\n"
    entries = AuditEntry.objects.filter(table="assessments_ctcaeterm").count()
    assert load() == f"0 terms added, 0 changed, {many} as they were.\n"
    assert AuditEntry.objects.filter(table="assessments_ctcaeterm").count() == entries == many


def test_the_publishers_sheet_goes_over_them(db, tmp_path):
    load()
    before = CtcaeTerm.objects.get(code="4.03 Alopecia")
    assert load(sheet(tmp_path, ROWS)) == "1 terms added, 1 changed, 0 as they were.\n"
    after = CtcaeTerm.objects.get(code="4.03 Alopecia")
    assert after.pk == before.pk
    assert after.criteria == {"1": "thin hair", "2": "bald"}
    assert (after.soc, after.meddra_code, after.synonyms) == ("Skin disorders", "", before.synonyms)
    entry = AuditEntry.objects.filter(table="assessments_ctcaeterm", row_id=after.pk).last()
    assert (entry.operation, entry.reason) == ("U", "CTCAE terms loaded from sheet.csv")
    assert set(entry.before) == {"soc", "criteria"}
    assert load(sheet(tmp_path, ROWS)) == "0 terms added, 0 changed, 2 as they were.\n"


def test_meddra_codes_only_on_request(db, tmp_path):
    assert load(sheet(tmp_path, ROWS), with_meddra_codes=True).startswith("2 terms added")
    assert CtcaeTerm.objects.get(term="Alopecia").meddra_code == "10001760"
    assert load(sheet(tmp_path, ROWS)).endswith("2 as they were.\n")


def test_another_version_stands_beside(db, tmp_path):
    load(sheet(tmp_path, ROWS))
    workbook = Workbook()
    for row in [HEADER, *ROWS]:
        workbook.active.append(row)
    workbook.save(tmp_path / "sheet.xlsx")
    assert load(tmp_path / "sheet.xlsx").startswith("2 terms added")
    assert {t.version for t in CtcaeTerm.objects.filter(term="Alopecia")} == {"4.03", "5.0"}
    assert load(sheet(tmp_path, ROWS), ctcae_version="5.0").endswith("2 as they were.\n")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROWS[0], ["1", "", *ROWS[1][2:]]], "row 3, column “CTCAE v4.0 SOC”: must not be empty"),
        ([["1", "S", "T", *"-----", "", ""]], "row 2, column “Grade 1”: the term has no grade"),
        ([ROWS[0], ROWS[0]], "row 3, column “CTCAE v4.0 Term”: “Alopecia” is already in row 2"),
        ([ROWS[0], ROWS[1][:5]], "row 3: 5 cells where the header has 10"),
        ([["1", "S", "T" * 300, *ROWS[1][3:]]], "row 2, column “term”"),
    ],
)
def test_a_broken_sheet_names_row_and_column(db, tmp_path, rows, said):
    with pytest.raises(CommandError) as refused:
        load(sheet(tmp_path, rows))
    assert said in str(refused.value)
    assert not CtcaeTerm.objects.exists()


def test_files_that_are_no_sheet(db, tmp_path):
    broken = tmp_path / "sheet.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(CommandError, match="not an Excel workbook"):
        load(broken)
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "nowhere.csv")
    with pytest.raises(CommandError, match="Is a directory"):
        load(tmp_path)
    with pytest.raises(CommandError, match="row 3: line not in UTF-8"):
        load(sheet(tmp_path, [ROWS[1], ["1", "Maladies de la peau é", *ROWS[0][2:]]], "latin-1"))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(CommandError, match="empty"):
        load(tmp_path / "empty.csv")


def test_terms_are_found_by_name_and_synonym(db):
    load()
    terms = CtcaeTerms("4.03")
    assert terms.find("  alopecia ").term == "Alopecia"
    assert terms.find("Hand-foot syndrome").term == "Palmar-plantar erythrodysesthesia syndrome"
    assert terms.find("hair trouble") is None
    assert terms.near("Alopetia")[0] == "Alopecia"
    assert list(CtcaeTerms("5.0").offered) == []


def test_terms_can_be_looked_up(study):
    client = signed_in(study.monitor_a)
    assert "Alopecia" in client.get("/assessments/ctcae/").content.decode()
    assert "Alopecia" not in client.get("/assessments/ctcae/?q=DIARR").content.decode()
    for query in ("%00", "%25", "'", "a" * 5000, "🩸", "\\"):
        assert client.get(f"/assessments/ctcae/?q={query}").status_code == 200
    assert signed_in(study.administrator).get("/assessments/ctcae/").status_code == 403


def test_criteria_of_the_term_in_the_form(study):
    client = signed_in(study.coordinator_a)
    url = "/assessments/ctcae/criteria/"
    found = client.post(url, {"version": "4.03", "term": "alopecia"})
    assert "<strong>2</strong> criterion 2." in found.content.decode()
    for version, name in (("4.03", "\x00<script>"), ("\x00", "Alopecia"), ("9" * 5000, "Alopecia"), ("", "")):
        answer = client.post(url, {"version": version, "term": name})
        assert answer.content == b"Choose a term from the list."
    assert client.get(url).status_code == 405
