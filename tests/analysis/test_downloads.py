"""Files of a run: what is stored, nothing a spreadsheet would compute, the same bytes every time."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from html import unescape
from itertools import combinations

import pytest
import vl_convert
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape as unescape_cell

from analysis.downloads import FORMATS, drawing_of, file_of, filename, harmless, workbook
from analysis.figures.flow import flow_spec
from analysis.models import AnalysisRun, OutputKind, RunOutput
from analysis.outputs import Box, Flow, content_of
from analysis.pdf import canonical_pdf
from patients.models import Consent
from tests.analysis.runs import AS_OF, dataset, figure, finished_run, flow, store, table
from tests.factories import enter, make_patient, make_study, signed_in
from trial.audit import acting

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    "＝1+1",
    '=HYPERLINK("http://x","y")',
    "-2 to 3",
]
PLAIN = ["-1", "+2.5", "0.0431", "21 (72.4)", "–", "< 0.001", "", "3-4", "日本語", "a\nb", 'say "x", then y']


@pytest.fixture(autouse=True)
def _nothing_drawn_before():
    cache.clear()


@pytest.fixture
def study(db):
    return make_study()


@pytest.fixture
def run(study) -> AnalysisRun:
    consents = [enter(Consent, make_patient(study)) for _ in range(2)]
    run = finished_run(study, {c.patient.number: [f"consent/{c.pk}"] for c in consents})
    with acting(study.statistician):
        store(run, 9, "table_9", OutputKind.TABLE, table({}, *FORMULAS, *PLAIN))
    return run


def outputs(run: AnalysisRun) -> dict[str, RunOutput]:
    with acting(run.requested_by):
        return {output.name: output for output in run.outputs.all()}


def read_csv(content: bytes) -> tuple[list[str], list[list[str]]]:
    """The head of the file, and its lines."""
    text = content.decode("utf-8-sig")
    head = [line for line in text.split("\r\n") if line.startswith("# ")]
    rest = text.removeprefix("".join(f"{line}\r\n" for line in head))
    return head, list(csv.reader(io.StringIO(rest, newline="")))


def read_sheet(content: bytes, sheet: str) -> list[list[object]]:
    rows = load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True)
    return [list(row) for row in rows]


def stored_cells(content: dict) -> list[list[str]]:
    """What the stored table prints, read without the code under test."""
    ids = [column["id"] for column in content["columns"]]
    return [[row["cells"].get(id, {"text": ""})["text"] for id in ids] for row in content["rows"]]


@pytest.mark.parametrize("name", ["table_1", "os", "table_9"])
def test_csv_holds_the_stored_texts(run, name):
    output = outputs(run)[name]
    content = output.content["table"] if name == "os" else output.content
    _, lines = read_csv(file_of(output, "csv"))
    said = [[text[1:] if text[:1] == "'" else text for text in line[1:]] for line in lines[1:]]
    assert said == stored_cells(content)
    assert [line[0].lstrip("'").strip() for line in lines[1:]] == [
        row["label"].strip() for row in content["rows"]
    ]


@pytest.mark.parametrize("name", ["table_1", "os", "table_9"])
def test_xlsx_holds_the_stored_texts_as_texts(run, name):
    output = outputs(run)[name]
    content = output.content["table"] if name == "os" else output.content
    file = file_of(output, "xlsx")
    sheet = read_sheet(file, f"{name} SYNTHETIC")
    rows = sheet[2 : 2 + len(content["rows"])]
    assert [[unescape_cell(text or "") for text in row[1:]] for row in rows] == stored_cells(content)
    for row in load_workbook(io.BytesIO(file))[f"{name} SYNTHETIC"].iter_rows():
        assert all(cell.data_type in ("s", "n") and not cell.hyperlink for cell in row)
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        assert all(b"<f>" not in parts.read(name) for name in parts.namelist())


def test_data_sets_keep_numbers_as_numbers(run):
    output = outputs(run)["adae"]
    expected = [[column["name"] for column in output.content["columns"]], *output.content["rows"]]
    _, lines = read_csv(file_of(output, "csv"))
    assert lines == [[str(value) for value in line] for line in expected]
    assert read_sheet(file_of(output, "xlsx"), "adae SYNTHETIC")[1 : 1 + len(expected)] == expected


def test_notes_of_a_data_set_stand_beside_its_records_never_among_them(run):
    output = outputs(run)["adae"]
    output.content["footnotes"] = ["PFS, T-0001 left out: the day of death is not known (2012)."]
    head, lines = read_csv(file_of(output, "csv"))
    assert f"# {output.content['footnotes'][0]}" in head
    book = file_of(output, "xlsx")
    assert len(read_sheet(book, "adae SYNTHETIC")) == 1 + len(lines)
    assert ["adae", output.content["footnotes"][0]] in [row[:2] for row in read_sheet(book, "SYNTHETIC")]


def test_the_flow_comes_as_boxes(run):
    _, lines = read_csv(file_of(outputs(run)["flow"], "csv"))
    assert lines[0] == ["Box", "From", "n"]
    assert ["Not treated", "Enrolled", "1"] in lines


def texts_of(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", svg)]


def boxes_drawn(svg: str) -> list[tuple[float, float, float, float]]:
    """The rectangles with an outline, as left, top, right, bottom."""
    marks = svg[svg.index("mark-rect") :]
    paths = re.findall(r'<path[^>]* d="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z"[^>]*stroke=', marks)
    return [(x, y, x + w, y + h) for x, y, w, h in (map(float, path) for path in paths)]


def test_the_flow_is_drawn_with_every_box_and_what_is_said_of_it(run):
    said = texts_of(file_of(outputs(run)["flow"], "svg").decode())
    for text in (
        "SYNTHETIC DATA – Patient flow",
        "Enrolled",
        "n = 2",
        "Not treated",
        "Refused",
        "By imaging.",
    ):
        assert text in said
    assert [text for text in said if text.startswith("n = ")] == ["n = 2", "n = 1", "n = 1", "n = 1"]
    whole = " ".join(said)
    for text in ("Clinical cut-off: 2014-06-01", "Data as of: 20", "code test-1", "Protocol version: 1.0"):
        assert text in whole


def test_no_two_boxes_of_a_flow_overlap_and_every_text_has_room():
    boxes = [Box(id="all", label="Enrolled", patients=["A"]), *LEFT]
    content = content_of(Flow(title="Patient flow", boxes=boxes, footnotes=["note " * 60]))
    drawn = vl_convert.vegalite_to_svg(flow_spec(content))
    rectangles = boxes_drawn(drawn)
    assert len(rectangles) == 3
    for one, other in combinations(rectangles, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert max(len(text) for text in texts_of(drawn)) <= 118
    assert "A reason so long that no line of the box could ever" in " ".join(texts_of(drawn))


LONG = "A reason so long that no line of the box could ever hold the whole of it in one piece"
LEFT = [
    Box(id="left", label="Left", patients=["A"], parent="all", side=True),
    Box(id="left-long", label=LONG, patients=["A"], parent="left", side=True),
    Box(id="gone", label="Gone", patients=[], parent="all", side=True),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_takes_for_a_formula_is_made_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", [*PLAIN, -1, 2.5, None])
def test_everything_else_stays_as_it_is(value):
    assert harmless(value) == value


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_remark_holds_no_formula_wherever_it_is_split(run, separator):
    output = outputs(run)["table_1"]
    output.title = f"a{separator}=1+1{separator} @x\n{separator}+1\r\n=2"
    head, lines = read_csv(file_of(output, "csv"))
    assert f"# Title: a{separator}'=1+1{separator} '@x {separator}'+1 =2" in head
    assert len(lines) == 1 + len(output.content["rows"])


def test_no_csv_cell_begins_a_formula(run):
    for output in outputs(run).values():
        head, lines = read_csv(file_of(output, "csv"))
        for text in [*head, *(cell for line in lines for cell in line)]:
            assert not re.match(r"[=@\t\r＝＠]|[+\-](?!\d+(\.\d+)?$)", text), text


SAID = [
    "SYNTHETIC DATA",
    "Clinical cut-off: 2014-06-01",
    "Code version: test-1",
    f"SHA-256 of the run: {'ab' * 32}",
]


def test_every_csv_says_where_it_comes_from(run):
    for output in outputs(run).values():
        head, _ = read_csv(file_of(output, "csv"))
        whole = "\n".join(head)
        for said in [
            *SAID,
            "Data as of: 20",
            "Protocol version: 1.0",
            f"SHA-256 of the output: {output.sha256}",
        ]:
            assert said in whole


def test_every_workbook_says_where_it_comes_from(run):
    found = outputs(run)
    about = read_sheet(workbook(run, found.values()), "SYNTHETIC")
    lines = "\n".join(": ".join(str(value or "") for value in row) for row in about)
    for said in SAID:
        assert said in lines
    for output in found.values():
        assert f"SHA-256 {output.sha256}" in lines


def test_every_drawing_says_where_it_comes_from(run):
    output = outputs(run)["os"]
    drawn = file_of(output, "svg").decode()
    for said in ("SYNTHETIC DATA – Overall survival", "2 steps", "2014-06-01", "test-1", output.sha256):
        assert said in drawn


def test_a_drawing_says_where_its_run_departs_from_the_protocol(study):
    assert "Departs" not in file_of(outputs(finished_run(study, {}))["os"], "svg").decode()
    run = finished_run(study, {}, settings={"os_origin": "first_dose"})
    drawn = file_of(outputs(run)["os"], "svg").decode()
    assert "Overall survival counts from: first dose (protocol: enrolment)" in drawn


def test_the_workbook_of_a_run_has_every_table(study, run):
    content = signed_in(study.statistician).get(reverse("analysis:workbook", args=[run.pk])).content
    assert load_workbook(io.BytesIO(content)).sheetnames == [
        "SYNTHETIC",
        *(f"{name} SYNTHETIC" for name in ("flow", "table_1", "os", "table_9")),
    ]


def test_a_trial_that_is_not_synthetic_is_not_called_so(study, run):
    output = outputs(run)["table_1"]
    output.run.trial.is_synthetic = False
    output.run.trial.title = "A trial"
    assert b"SYNTHETIC" not in file_of(output, "csv")
    assert load_workbook(io.BytesIO(file_of(output, "xlsx"))).sheetnames == ["About", "table_1"]
    assert not filename(output.run, "table_1", "csv").startswith("SYNTHETIC")


@pytest.mark.parametrize(
    ("name", "file_format", "content_type", "begins"),
    [
        ("table_1", "csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf# "),
        ("table_1", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("adae", "csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf# "),
        ("flow", "svg", "image/svg+xml", b"<svg"),
        ("flow", "pdf", "application/pdf", b"%PDF-1.7"),
        ("os", "svg", "image/svg+xml", b"<svg"),
        ("os", "pdf", "application/pdf", b"%PDF-1.7"),
    ],
)
def test_a_file_comes_with_its_type_and_its_name(study, run, name, file_format, content_type, begins):
    address = reverse("analysis:download", args=[run.pk, name, file_format])
    response = signed_in(study.statistician).get(address)
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="SYNTHETIC_sbp_run-{run.pk}_{name}_cut-off-2014-06-01.{file_format}"'
    )
    assert response.content.startswith(begins)


def test_the_same_run_gives_the_same_bytes(run):
    for output in outputs(run).values():
        for file_format in FORMATS[output.kind]:
            first = file_of(output, file_format)
            cache.clear()
            assert file_of(output, file_format) == first, (output.name, file_format)


def test_a_workbook_is_dated_by_its_data_not_by_the_clock(study):
    run = finished_run(study, {}, as_of=AS_OF)
    properties = load_workbook(io.BytesIO(workbook(run, outputs(run).values()))).properties
    assert properties.created == properties.modified == AS_OF.replace(tzinfo=None)
    with zipfile.ZipFile(io.BytesIO(workbook(run, outputs(run).values()))) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}


@pytest.mark.parametrize("name", ["os", "flow"])
def test_a_drawing_is_the_same_from_another_process(run, name):
    """The drawing library numbers the objects of a PDF anew each time; ours come in one order."""
    output = outputs(run)[name]
    program = (
        "import sys, json, vl_convert; from analysis.pdf import canonical_pdf;"
        "sys.stdout.buffer.write(canonical_pdf(vl_convert.vegalite_to_pdf(json.load(sys.stdin))))"
    )
    spec = flow_spec(output.content) if name == "flow" else output.content["spec"]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(spec).encode(),
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    drawn = {vl_convert.vegalite_to_pdf(spec) for _ in range(12)}
    assert len(drawn) > 1
    assert {canonical_pdf(each) for each in drawn} == {done.stdout}


@pytest.mark.parametrize("name", ["os", "flow"])
def test_a_canonical_pdf_finds_every_object_where_its_table_says(run, name):
    drawn = drawing_of(outputs(run)[name], "pdf")
    table_at = int(drawn[drawn.rindex(b"startxref") :].split()[1])
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", drawn[table_at:])]
    assert drawn[table_at:].startswith(b"xref\n0 %d\n" % (len(places) + 1))
    for number, place in enumerate(places, start=1):
        assert drawn[place:].startswith(b"%d 0 obj\n" % number)
    referred = {
        int(number)
        for number in re.findall(rb"\b(\d+) 0 R\b", re.sub(rb"stream\n.*?endstream", b"", drawn, flags=re.S))
    }
    assert referred == set(range(1, len(places) + 1))


def test_a_drawing_is_kept(run, monkeypatch):
    output = outputs(run)["os"]
    first = drawing_of(output, "svg")
    monkeypatch.setattr("analysis.downloads._draw", None)
    assert drawing_of(output, "svg") == first


def test_the_hand_made_outputs_have_the_shapes_of_the_engine():
    for output in (table({}), figure({}), flow({"A": []}), dataset({"A": ["consent/1"]})):
        assert content_of(output)
