"""The PDF itself: its text, its tags and metadata, and that nothing typed can become an instruction."""

import pytest
from fontTools.ttLib import TTFont
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessments.models import VitalSigns
from documents.domain.pages import Cell, Column, Document, Part, Section, Table
from documents.models import CasebookKind
from documents.typesetting import FONTS, characters_shown, pdf_of
from tests.analysis.runs import AS_OF
from tests.documents.prints import document_of, pdf, text_of
from tests.factories import change, enter

NASTY = (
    '#eval("1+1") $x^2$ *b* _i_ <label> @ref // c /* d */ \\ [x] {y} `z` = head '
    '#read("/etc/passwd") "quoted" \\u{41}'
)


def document(*texts: str, language: str = "en") -> Document:
    """Each text wherever a text can stand."""
    rows = [[Cell(text), Cell(text)] for text in texts]
    table = Table(texts[0], [Column(texts[0], 1), Column("Value", 2)], rows)
    return Document(
        language=language,
        title=texts[0],
        subtitle=texts[0],
        banner=texts[0],
        head=texts[0],
        foot="as of",
        page_of="Page {page} of {pages}",
        contents="Forms",
        at=AS_OF,
        facts=table,
        sections=[Section(texts[0], [Part(texts[0], [table], [Cell(texts[0])])])],
    )


@pytest.fixture
def printed(study, patient):
    signs = enter(VitalSigns, patient)
    change(signs, pulse=72, reason="read again from the chart")
    return pdf(pdf_of(document_of(study, patient, CasebookKind.AUDIT)))


def test_values_reasons_and_names_are_found_in_the_text(printed):
    text = text_of(printed)
    for words in (
        "128 mmHg",
        "read again from the chart",
        "68 → 72",
        "Coordinator A",
        "Nothing was entered.",
        "History",
    ):
        assert words in text, words


def test_every_page_names_the_patient_and_its_number(printed):
    many = len(printed.pages)
    assert many >= 3
    for number, page in enumerate(printed.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert "T-7001" in text
        assert f"Page {number} of {many}" in text
        assert "SYNTHETIC DATA" in text


def test_the_document_says_what_it_is(printed):
    root = printed.trailer["/Root"]
    assert printed.metadata.title == "Casebook of patient T-7001"
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_data().decode()
    for claim in ("<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>A", "<pdfuaid:part>1</pdfuaid:part>"):
        assert claim in metadata


def tags(node) -> set[str]:
    """The kinds of structure below a node."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop().get_object()
        if not isinstance(here, dict):
            waiting += list(here) if isinstance(here, list) else []
            continue
        if "/S" in here:
            found.add(here["/S"])
        if "/K" in here:
            waiting.append(here["/K"])
    return found


def test_a_reader_hears_headings_tables_and_their_heads(printed):
    found = tags(printed.trailer["/Root"]["/StructTreeRoot"])
    assert {"/Document", "/H1", "/H2", "/H3", "/Table", "/TR", "/TH", "/TD", "/TOC", "/TOCI"} <= found


def test_bookmarks_lead_to_the_forms(printed):
    titles = [one.title for one in _flat(printed.outline)]
    assert "2012-01-20" in titles
    assert "Vital signs and ECOG · 2012-01-20" in titles


def _flat(outline) -> list:
    return [one for entry in outline for one in (_flat(entry) if isinstance(entry, list) else [entry])]


def test_the_same_instant_gives_the_same_bytes(study, patient):
    enter(VitalSigns, patient)
    kind = CasebookKind.AUDIT
    first = document_of(study, patient, kind)
    again = document_of(study, patient, kind, as_of=first.at)
    assert pdf_of(first) == pdf_of(again)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_looks_like_markup_is_printed_as_it_was_typed(language):
    reader = pdf(pdf_of(document(NASTY, language=language)))
    squeezed = "".join(text_of(reader).split())
    assert squeezed.count("".join(NASTY.split())) >= 6
    assert "root:" not in squeezed
    assert reader.metadata.title == NASTY


@settings(max_examples=15)
@given(st.text(min_size=1, max_size=60))
@example("\r")
def test_any_text_can_be_printed(text):
    """A heading is never blank, whatever is typed into a field."""
    assert pdf(pdf_of(document("x" + text, text))).pages


def test_a_long_run_without_a_space_stays_on_the_page():
    reader = pdf(pdf_of(document("x" * 1900, "患" * 1900)))
    assert "".join(text_of(reader).split()).count("x" * 1900) >= 4


def test_lines_typed_apart_are_printed_apart():
    reader = pdf(pdf_of(document("first line\nsecond line")))
    assert "first line\nsecond line" in reader.pages[-1].extract_text()


def test_japanese_is_printed_with_the_fonts_of_the_repository():
    reader = pdf(pdf_of(document("被験者の有害事象：肝細胞癌、髙橋 ①㎜", language="ja")))
    assert "被験者の有害事象" in text_of(reader)
    assert reader.trailer["/Root"]["/Lang"] == "ja"
    fonts = {font["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert all("NotoSansCJKjp" in name for name in fonts)


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_list_of_characters_is_that_of_the_fonts(weight):
    with TTFont(FONTS / f"NotoSansCJKjp-{weight}-subset.otf") as font:
        assert set(font.getBestCmap()) == characters_shown()


def test_every_character_of_japanese_industry_standards_can_be_printed():
    """JIS X 0208, as Shift-JIS holds it, but for the one sign that the font does not have."""
    pairs = (bytes([row, cell]) for row in range(0x81, 0xEB) for cell in range(0x40, 0xFD) if cell != 0x7F)
    decoded = (pair.decode("shift_jis", errors="ignore") for pair in pairs)
    kanji = {text for text in decoded if len(text) == 1 and text > "\x7f"}
    assert len(kanji) > 6800
    assert {one for one in kanji if ord(one) not in characters_shown()} == {"≒"}
