"""Files of a run: tables and data sets as CSV and XLSX, figures and the flow as SVG and PDF too.

One run, one set of bytes.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

from django.core.cache import cache

from analysis.figures.flow import flow_spec
from analysis.models import AnalysisRun, OutputKind, RunOutput
from analysis.pdf import canonical_pdf
from analysis.selectors import table_of
from analysis.wording import provenance, settings_of

CSV, XLSX, SVG, PDF = "csv", "xlsx", "svg", "pdf"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    SVG: "image/svg+xml",
    PDF: "application/pdf",
}
FORMATS: dict[str, tuple[str, ...]] = {
    OutputKind.TABLE: (CSV, XLSX),
    OutputKind.FLOW: (SVG, PDF, CSV, XLSX),
    OutputKind.FIGURE: (SVG, PDF, CSV, XLSX),
    OutputKind.DATASET: (CSV, XLSX),
}
Grid = list[list[Any]]
# What a spreadsheet takes for the beginning of a formula; the wide forms are the same keys in Japanese.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
BEHIND_SEPARATOR = re.compile(r"([,;]\s*)([=+\-@＝＋－＠])")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
DRAWN_FOR = 24 * 3600


def file_of(output: RunOutput, file_format: str) -> bytes:
    """An output in one of its formats."""
    if file_format == CSV:
        return csv_of(output)
    if file_format == XLSX:
        return workbook(output.run, [output])
    return drawing_of(output, file_format)


def filename(run: AnalysisRun, name: str, file_format: str) -> str:
    parts = ["SYNTHETIC"] if run.trial.is_synthetic else []
    parts += [run.trial.code, f"run-{run.pk}", name, f"cut-off-{run.cut_off}"]
    return re.sub(r"[^\w.-]", "-", "_".join(parts), flags=re.ASCII) + f".{file_format}"


def grid_of(output: RunOutput) -> Grid:
    """An output as lines of cells, the first of them the names of the columns."""
    content = output.content
    if output.kind == OutputKind.DATASET:
        return [[column["name"] for column in content["columns"]], *content["rows"]]
    if output.kind == OutputKind.FLOW:
        labels = {box["id"]: box["label"] for box in content["boxes"]}
        boxes = ([box["label"], labels.get(box["parent"], ""), box["n"]] for box in content["boxes"])
        return [["Box", "From", "n"], *boxes]
    table = table_of(output)
    heads = [c["label"] if c["n"] is None else f"{c['label']} (n = {c['n']})" for c in table["columns"]]
    return [["", *heads], *(_line(row, table["columns"]) for row in table["rows"])]


def _line(row: dict[str, Any], columns: Sequence[dict[str, Any]]) -> list[str]:
    cells = (row["cells"].get(column["id"]) for column in columns)
    return ["  " * row["level"] + row["label"], *("" if cell is None else cell["text"] for cell in cells)]


def _notes(output: RunOutput) -> list[str]:
    table = {} if output.kind in (OutputKind.DATASET, OutputKind.FLOW) else table_of(output)
    population = [f"Population: {table['population']}"] if table.get("population") else []
    notes = [*output.content.get("footnotes", ()), *table.get("footnotes", ())]
    return population + list(dict.fromkeys(notes))


def csv_of(output: RunOutput) -> bytes:
    """The table under a head of lines that begin with #; UTF-8 with its mark, as spreadsheets expect it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    said = [
        f"{label}: {value}" for label, value in [*provenance(output.run, output), ("Title", output.title)]
    ]
    for remark in [*said, *_notes(output)]:
        text.write(f"{_remark(remark)}\r\n")
    for line in grid_of(output):
        writer.writerow([harmless(value) for value in line])
    return text.getvalue().encode("utf-8-sig")


def _remark(line: str) -> str:
    """A line that readers told of # leave out, and no part of which a spreadsheet takes for a formula."""
    return "# " + BEHIND_SEPARATOR.sub(r"\1'\2", " ".join(line.split()))


def harmless(value: Any) -> Any:
    """A text no spreadsheet takes for a formula: one that looks like it gets an apostrophe; numbers stay."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def workbook(run: AnalysisRun, outputs: Iterable[RunOutput]) -> bytes:
    """A sheet that says where the numbers come from, and a sheet per output. Texts are written as texts.

    The notes of a data set stand on the first sheet, so that its own holds nothing but records.
    """
    import xlsxwriter

    outputs = list(outputs)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    title = " ".join(o.title for o in outputs) if len(outputs) == 1 else f"Analysis run {run.pk}"
    book.set_properties(
        {
            "title": f"SYNTHETIC DATA – {title}" if run.trial.is_synthetic else title,
            "created": run.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        }
    )
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    about = book.add_worksheet("SYNTHETIC" if run.trial.is_synthetic else "About")
    about.set_column(0, 0, 34)
    about.set_column(1, 1, 90)
    lines = [*provenance(run), ("", ""), *((o.name, f"{o.title}; SHA-256 {o.sha256}") for o in outputs)]
    lines += [(o.name, note) for o in outputs if o.kind == OutputKind.DATASET for note in _notes(o)]
    for index, (label, value) in enumerate(lines):
        about.write_string(index, 0, label, bold)
        about.write_string(index, 1, value, wrapped)
    for output in outputs:
        _write_sheet(book, output, bold)
    book.close()
    return file.getvalue()


def _write_sheet(book: Any, output: RunOutput, bold: Any) -> None:
    synthetic = output.run.trial.is_synthetic
    sheet = book.add_worksheet(f"{output.name[:21]} SYNTHETIC" if synthetic else output.name[:31])
    sheet.write_string(0, 0, f"SYNTHETIC DATA – {output.title}" if synthetic else output.title, bold)
    grid = grid_of(output)
    for number, line in enumerate(grid, start=1):
        for column, value in enumerate(line):
            _write_cell(sheet, number, column, value, bold if number == 1 else None)
    notes = [] if output.kind == OutputKind.DATASET else _notes(output)
    for offset, note in enumerate(notes, start=len(grid) + 2):
        sheet.write_string(offset, 0, note)
    sheet.freeze_panes(2, 1)
    for column, width in enumerate(_widths(grid)):
        sheet.set_column(column, column, width)


def _write_cell(sheet: Any, row: int, column: int, value: Any, look: Any) -> None:
    """Numbers as numbers, everything else as text, so that no text is read as a formula or a link."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, look)
    elif value is not None and value != "":
        sheet.write_string(row, column, str(value), look)


def _widths(grid: Grid) -> list[int]:
    return [min(60, max(len(str(v or "")) for v in column) + 2) for column in zip(*grid, strict=True)]


def drawing_of(output: RunOutput, file_format: str) -> bytes:
    """The figure or the flow drawn; kept a day, because the first drawing of a process takes a second."""
    key = f"drawing:{output.run_id}:{output.sha256}:{file_format}"
    drawn: bytes | None = cache.get(key)
    if drawn is None:
        drawn = _draw(_titled(output), file_format)
        cache.set(key, drawn, DRAWN_FOR)
    return drawn


def _draw(specification: dict[str, Any], file_format: str) -> bytes:
    import vl_convert

    if file_format == SVG:
        return vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]).encode()
    return canonical_pdf(vl_convert.vegalite_to_pdf(specification, allowed_base_urls=[]))


def _titled(output: RunOutput) -> dict[str, Any]:
    """The drawing with its title, and under it where it comes from."""
    spec = flow_spec(output.content) if output.kind == OutputKind.FLOW else output.content["spec"]
    lines = dict(provenance(output.run, output))
    said = [f"{label}: {lines[label]}" for label in ("Clinical cut-off", "Data as of", "Protocol version")]
    mark = "SYNTHETIC DATA – " if output.run.trial.is_synthetic else ""
    departures = "; ".join(f"{s.label}: {s}" for s in settings_of(output.run) if s.protocol)
    own = spec.get("title")
    caption = own.get("subtitle", []) if isinstance(own, dict) else []
    title = {
        "text": mark + output.title,
        "subtitle": [
            *([caption] if isinstance(caption, str) else caption),
            f"{output.run.trial.title} · run {output.run_id} · code {output.run.code_version}",
            " · ".join(said),
            *([f"Departs from the protocol: {departures}"] if departures else []),
            f"SHA-256 {output.sha256}",
        ],
        "anchor": "start",
        "subtitleFontSize": 9,
        "subtitlePadding": 4,
        "offset": 12,
    }
    return {**spec, "title": title}
