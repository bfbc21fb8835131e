"""What happened to a patient's forms and queries, from the trail, as tables of a printed casebook."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import ForeignKey
from django.utils import timezone
from django.utils.translation import gettext as _

from casebook.extraction import instance_of
from casebook.models import ClinicalRow, Patient, Query
from casebook.registry import CrfSpec
from casebook.selectors import Change, changes_in
from documents.domain.pages import Cell, Column, Table, Tone
from documents.structure import Lines, lines_with
from trial.models import AuditEntry
from trial.models.audit import Operation

Found = list[tuple[str, AuditEntry, type[ClinicalRow], Collection[str]]]
NOTHING = "—"


def instant(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}"


class PatientTrail:
    """The entries of one patient up to an instant, read once."""

    def __init__(self, patient: Patient, as_of: datetime) -> None:
        entries = AuditEntry.objects.filter(patient_id=patient.pk, at__lte=as_of)
        self._by_table: dict[str, list[AuditEntry]] = defaultdict(list)
        for entry in entries.select_related("actor").order_by("id"):
            self._by_table[entry.table].append(entry)

    def of_row(self, model: type[ClinicalRow], pk: int) -> list[AuditEntry]:
        return [entry for entry in self._by_table[model._meta.db_table] if entry.row_id == pk]

    def removed(self, model: type[ClinicalRow]) -> list[AuditEntry]:
        """The last entry of each row that was taken out."""
        return [e for e in self._by_table[model._meta.db_table] if e.operation == Operation.DELETE]

    def of_form(self, spec: CrfSpec, pk: int, also: Collection[tuple[type[ClinicalRow], int]]) -> Table:
        """The history of a form, of its lines, and of those rows of the patient that are printed with it:
        `also` names them.
        """
        found: Found = [(str(spec.title), entry, spec.model, ()) for entry in self.of_row(spec.model, pk)]
        for lines in lines_with(spec.slug):
            found += self._of_lines(lines, pk, also)
        found.sort(key=lambda one: one[1].pk)
        columns = [Column(_("When"), 3), Column(_("Who"), 3), Column(_("What"), 8), Column(_("Why"), 4)]
        return Table(_("History"), columns, [self._history_row(*one) for one in found])

    def _of_lines(self, lines: Lines, pk: int, also: Collection[tuple[type[ClinicalRow], int]]) -> Found:
        def is_about(entry: AuditEntry) -> bool:
            if lines.parent:
                return bool(_whole(entry).get(f"{lines.parent}_id") == pk)
            return (lines.model, entry.row_id) in also

        named_by = next((f.name for f in lines.fields if lines.parent and _is_row_key(f)), "")
        entries = filter(is_about, self._by_table[lines.model._meta.db_table])
        return [
            (self._named(lines, named_by, entry), entry, lines.model, {lines.parent, named_by})
            for entry in entries
        ]

    def _named(self, lines: Lines, named_by: str, entry: AuditEntry) -> str:
        """The line by its title and by the row it is about, if it is about one: "reading T1"."""
        about = [self._name(f, _whole(entry)) for f in lines.fields if f.name == named_by]
        return " ".join(str(said) for said in (lines.title, *about) if said)

    def _name(self, key: Any, row: dict[str, Any]) -> str:
        """The row that a key leads to as it was last known, removed or not; empty where it leads nowhere."""
        pk = row.get(key.attname)
        entries = self.of_row(key.related_model, pk) if pk is not None else []
        return str(instance_of(key.related_model, _whole(entries[-1]))) if entries else ""

    def _history_row(
        self, title: str, entry: AuditEntry, model: type[ClinicalRow], left_out: Collection[str]
    ) -> list[Cell]:
        keys = [f for f in model._meta.concrete_fields if f.editable and _is_row_key(f)]
        found = changes_in(entry, model, {*left_out, *(key.name for key in keys)})
        changes = [(change.label, change.before, change.after) for change in found]
        for key in keys:
            before, after = self._name(key, entry.before or {}), self._name(key, entry.image or {})
            if key.name not in left_out and key.attname in _changed(entry) and before != after:
                changes.append((str(key.verbose_name), before or NOTHING, after or NOTHING))
        lines = [f"{title}: {entry.get_operation_display()}"]
        lines += [f"{label}: {before} → {after}" for label, before, after in changes]
        return [
            Cell(instant(entry.at), Tone.CODE),
            Cell(str(entry.actor), Tone.CODE),
            Cell("\n".join(lines), Tone.CODE),
            Cell(_why(entry, found), Tone.CODE),
        ]

    def queries(self, queries: Iterable[Query], field_names: dict[str, str]) -> Table | None:
        rows = [self._query_row(query, field_names) for query in queries]
        columns = [
            Column(_("Field"), 3),
            Column(_("Question"), 6),
            Column(_("State"), 2),
            Column(_("Answer"), 5),
            Column(_("When, who"), 5),
        ]
        return Table(_("Queries"), columns, rows) if rows else None

    def _query_row(self, query: Query, field_names: dict[str, str]) -> list[Cell]:
        said = [query.answer, query.closing_note]
        happened = [
            f"{instant(entry.at)} {entry.actor}: {_state(entry)}"
            for entry in self.of_row(Query, query.pk)
            if "state" in (entry.before or {}) or entry.operation == Operation.INSERT
        ]
        return [
            Cell(field_names.get(query.field, query.field) or "–"),
            Cell(query.text),
            Cell(str(query.get_state_display())),
            Cell("\n".join(text for text in said if text) or "–"),
            Cell("\n".join(happened), Tone.CODE),
        ]


def _is_row_key(field: Any) -> bool:
    return isinstance(field, ForeignKey) and issubclass(field.related_model, ClinicalRow)


def _whole(entry: AuditEntry) -> dict[str, Any]:
    """The row as the entry left it, or as it was when it was removed."""
    return entry.image or entry.before or {}


def _changed(entry: AuditEntry) -> dict[str, Any]:
    """The columns that the entry speaks of: those that changed, or the whole row."""
    return (entry.before or {}) if entry.operation == Operation.UPDATE else _whole(entry)


def _state(entry: AuditEntry) -> str:
    field = Query._meta.get_field("state")
    value = _whole(entry).get("state")
    return str(dict(field.flatchoices).get(value, value))


def _why(entry: AuditEntry, changes: Sequence[Change]) -> str:
    """The reason of the entry; field by field where they are not the same."""
    reasons = dict.fromkeys(change.reason for change in changes if change.reason)
    if len(reasons) > 1:
        return "\n".join(f"{change.label}: {change.reason or entry.reason}" for change in changes)
    return next(iter(reasons), entry.reason) or "–"
