"""One patient's casebook as a document: every form of the registry, in the order of the visits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from casebook.extraction import Snapshot, extract
from casebook.models import ClinicalRow, Crf, Patient, Query
from casebook.registry import CrfSpec, clinical_models, specs
from documents.domain.pages import Cell, Column, Document, Part, Section, Table
from documents.models import CasebookKind
from documents.structure import Lines, lines_with, printed
from documents.trail import PatientTrail, instant
from documents.values import Words, blank, label
from trial.models import AuditEntry, Person
from trial.version import code_version

LAST = "9999"
BLANK_LINES = 3


def casebook(patient: Patient, kind: CasebookKind, *, language: str, as_of: datetime, by: Person) -> Document:
    """The casebook as it stood at an instant. Its words are in the language asked for, values as entered."""
    with override(language):
        sections = list(
            _blank_sections() if kind == CasebookKind.BLANK else _Filled(patient, kind, as_of).sections()
        )
        return _document(patient, kind, sections, language=language, as_of=as_of, by=by)


def _document(
    patient: Patient,
    kind: CasebookKind,
    sections: list[Section],
    *,
    language: str,
    as_of: datetime,
    by: Person,
) -> Document:
    site, trial = patient.site, patient.site.trial
    said = [
        (_("Trial"), f"{trial.title} ({trial.code})"),
        (_("Site"), f"{site.code} {site.name}"),
        (_("Patient"), patient.number),
        (_("Contents"), str(kind.label)),
        (_("Data as of"), instant(as_of)),
        (_("Printed for"), f"{by.full_name} ({by.email})"),
        (_("Software"), f"Rebaseline {code_version()}"),
    ]
    synthetic = _("SYNTHETIC DATA: this patient does not exist")
    return Document(
        language=language,
        title=_("Casebook of patient %(number)s") % {"number": patient.number},
        subtitle=str(kind.label),
        banner=synthetic if trial.is_synthetic else "",
        head=" · ".join((trial.code, f"{site.code} {site.name}", patient.number)),
        foot=_("Data as of %(instant)s") % {"instant": instant(as_of)},
        page_of=_("Page {page} of {pages}"),
        contents=_("Forms"),
        at=as_of,
        facts=Table("", _two(_("Item"), _("Value")), [[Cell(name), Cell(text)] for name, text in said]),
        sections=sections,
    )


def _two(first: str, second: str) -> list[Column]:
    return [Column(first, 5), Column(second, 7)]


def _items(cells: list[list[Cell]], title: str = "") -> Table:
    return Table(title, _two(_("Item"), _("Entered")), cells)


def _blank_sections() -> Iterator[Section]:
    for group, found in groupby(specs(), key=lambda spec: spec.group):
        yield Section(_(group), [_blank_part(spec) for spec in found])


def _blank_part(spec: CrfSpec) -> Part:
    tables = [_items([[Cell(label(f)), blank(f)] for f in printed(spec.model)])]
    for lines in lines_with(spec.slug):
        row = [blank(field) for field in lines.printed]
        tables.append(_lines_table(lines, [row] * BLANK_LINES))
    return Part(str(spec.title), tables)


def _lines_table(lines: Lines, rows: list[list[Cell]]) -> Table:
    return Table(str(lines.title), [Column(label(field), 1) for field in lines.printed], rows)


@dataclass(frozen=True, slots=True)
class _Form:
    spec: CrfSpec
    crf: Crf
    day: str


class _Filled:
    """What was entered of one patient, form by form."""

    def __init__(self, patient: Patient, kind: CasebookKind, as_of: datetime) -> None:
        self.patient, self.with_trail = patient, kind == CasebookKind.AUDIT
        self.snapshot: Snapshot = extract([patient], as_of=as_of, tables=[*clinical_models(), Query])
        self.words = Words(self.snapshot, patient)
        self.trail = PatientTrail(patient, as_of)
        self._printed: set[tuple[type[ClinicalRow], int]] = set()

    @cached_property
    def queries(self) -> list[Query]:
        return self.snapshot.rows(self.patient, Query)

    def sections(self) -> Iterator[Section]:
        if self.with_trail and (asked := self._queries_of("", None, {})):
            yield Section(_("Queries on the patient"), [Part(self.patient.number, [asked])])
        forms = self._forms()
        for day in dict.fromkeys(form.day for form in forms):
            parts = [self._part(form) for form in forms if form.day == day]
            yield Section(day if day != LAST else _("Day unknown"), parts)
        if missing := self._not_entered():
            yield Section(_("Not entered"), missing)
        if rest := self._rest():
            yield Section(_("Lines of no form"), rest)
        if self.with_trail and (removed := self._removed()):
            yield Section(_("Forms taken out"), removed)

    def _forms(self) -> list[_Form]:
        """By the day they speak of; on one day, in the order in which a patient meets them."""
        found = [
            _Form(spec, crf, _day(crf, spec))
            for spec in specs()
            for crf in self.snapshot.rows(self.patient, spec.model)
        ]
        return sorted(found, key=lambda form: form.day)

    def _part(self, form: _Form) -> Part:
        spec, crf = form.spec, form.crf
        title = f"{spec.title} · {form.day}" if spec.repeats and form.day != LAST else str(spec.title)
        fields = printed(spec.model)
        tables = [_items([[Cell(label(f)), self.words.cell(crf, f)] for f in fields])]
        also: set[tuple[type[ClinicalRow], int]] = set()
        for lines in lines_with(spec.slug):
            rows = self._lines(lines, crf)
            if not lines.parent:
                also |= {(lines.model, row.pk) for row in rows}
            if rows:
                tables.append(self._table(lines, rows))
        if self.with_trail:
            names = {f.name: label(f) for f in fields}
            tables += filter(None, [self._queries_of(spec.slug, crf.pk, names)])
            tables.append(self.trail.of_form(spec, crf.pk, also))
        return Part(title, tables)

    def _table(self, lines: Lines, rows: list[Any]) -> Table:
        return _lines_table(lines, [[self.words.cell(row, field) for field in lines.printed] for row in rows])

    def _lines(self, lines: Lines, crf: Crf) -> list[Any]:
        """The lines of a form; of the patient's, those it is the first to refer to."""
        rows = sorted(self.snapshot.rows(self.patient, lines.model), key=_in_order(lines.model))
        if lines.parent:
            return [row for row in rows if getattr(row, f"{lines.parent}_id") == crf.pk]
        named = {
            getattr(row, f"{key}_id")
            for referring, key in lines.referred_by
            for row in self._lines(referring, crf)
        }
        fresh = [row for row in rows if row.pk in named and (lines.model, row.pk) not in self._printed]
        self._printed |= {(lines.model, row.pk) for row in fresh}
        return fresh

    def _queries_of(self, slug: str, pk: int | None, names: dict[str, str]) -> Table | None:
        return self.trail.queries([q for q in self.queries if (q.crf, q.crf_id) == (slug, pk)], names)

    def _not_entered(self) -> list[Part]:
        """Every form of which nothing was entered, so that none is missed for being absent."""
        nothing = Cell(_("Nothing was entered."))
        empty = (spec for spec in specs() if not self.snapshot.rows(self.patient, spec.model))
        return [Part(str(spec.title), notes=[nothing]) for spec in empty]

    def _rest(self) -> list[Part]:
        """Lines of the patient that no form refers to: nothing entered is left out."""
        found = []
        for spec in specs():
            for lines in lines_with(spec.slug):
                rows = [] if lines.parent else self.snapshot.rows(self.patient, lines.model)
                if rows := [row for row in rows if (lines.model, row.pk) not in self._printed]:
                    found.append(Part(str(spec.title), [self._table(lines, rows)]))
        return found

    def _removed(self) -> list[Part]:
        return [
            self._removed_part(spec, entry) for spec in specs() for entry in self.trail.removed(spec.model)
        ]

    def _removed_part(self, spec: CrfSpec, entry: AuditEntry) -> Part:
        day = (entry.before or {}).get(spec.date_field) or ""
        tables = (
            self._queries_of(spec.slug, entry.row_id, {f.name: label(f) for f in printed(spec.model)}),
            self.trail.of_form(spec, entry.row_id, ()),
        )
        return Part(f"{spec.title} {day}".strip(), [table for table in tables if table])


def _day(crf: Crf, spec: CrfSpec) -> str:
    """ISO 8601 sorts as text: a partial date before the days it may be. What has no year comes last."""
    text = str(getattr(crf, spec.date_field) or "")
    return text if text[:1].isdigit() else LAST


def _in_order(model: type[ClinicalRow]) -> Callable[[Any], tuple[Any, ...]]:
    """Rows in their model's own order, what is missing first."""
    wanted = [str(name).removeprefix("-") for name in model._meta.ordering or ("pk",)]
    names = [name for name in wanted if "__" not in name]

    def key(row: Any) -> tuple[Any, ...]:
        values = (getattr(row, name) for name in names)
        numbers = (int, Decimal)
        return tuple((v is not None, v if v is None or isinstance(v, numbers) else str(v)) for v in values)

    return key
