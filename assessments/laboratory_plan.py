"""What the results of a file would do to the panels saved: new, the same, or different from what is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from assessments.domain.laboratory import ANALYTES, convert, unit_words
from assessments.domain.laboratory_import import ImportedValue, ImportProblem, letters
from assessments.models import LabPanel
from casebook.models import Patient
from casebook.selectors import visible_patients
from trial.access import Permission, may
from trial.models import AuditEntry, Person
from trial.models.audit import Operation

TABLE = LabPanel._meta.db_table


class State(StrEnum):
    NEW = "NEW"
    IDENTICAL = "IDENTICAL"
    DIFFERS = "DIFFERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedValue:
    """One result beside what is saved of it; `panel` None: the sample is not entered yet.

    `saved` says in words what stands there. `key` changes with every save of the panel, so that nobody
    replaces what they have not seen.
    """

    result: ImportedValue
    patient: Patient
    panel: LabPanel | None
    state: State
    saved: str = ""

    @property
    def key(self) -> str:
        version = f"{self.panel.pk}.{self.panel.version}" if self.panel else "0.0"
        return f"{self.result.line}.{self.result.column}.{version}"

    @property
    def name(self) -> str:
        return ANALYTES[self.result.analyte].name

    @property
    def in_words(self) -> str:
        return f"{self.result.value} {unit_words(self.result.unit)}".rstrip()

    @property
    def letter(self) -> str:
        return letters(self.result.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    values: tuple[PlannedValue, ...]
    problems: tuple[ImportProblem, ...]

    def of(self, state: State) -> list[PlannedValue]:
        return [value for value in self.values if value.state is state]


def import_plan(results: Sequence[ImportedValue], *, by: Person) -> ImportPlan:
    """Each result beside what is saved, in a few queries however many there are.

    A value that somebody took out after it was saved, or whose form was removed, is not new: it differs.
    """
    numbers = {result.patient for result in results}
    patients = {p.number: p for p in visible_patients(by).filter(number__in=numbers)}
    problems = tuple(_patients_not_found(results, patients, by))
    refused = {(problem.line, problem.column) for problem in problems}
    known = [r for r in results if (r.line, r.patient_column) not in refused]
    panels = LabPanel.objects.filter(patient__in=patients.values(), date__in={r.date for r in known})
    by_day = {(panel.patient_id, panel.date): panel for panel in panels}
    taken_out = _taken_out(by_day.values())
    removed = _removed(patients.values())
    values = []
    for result in known:
        patient = patients[result.patient]
        panel = by_day.get((patient.pk, result.date))
        state, saved = _compared(result, panel, taken_out)
        if panel is None and (patient.pk, result.date.isoformat()) in removed:
            state, saved = State.DIFFERS, _("the form of this day was removed")
        values.append(PlannedValue(result=result, patient=patient, panel=panel, state=state, saved=saved))
    return ImportPlan(values=tuple(values), problems=problems)


def _patients_not_found(
    results: Iterable[ImportedValue], patients: dict[str, Patient], by: Person
) -> Iterable[ImportProblem]:
    for line, column, number in dict.fromkeys((r.line, r.patient_column, r.patient) for r in results):
        patient = patients.get(number)
        if patient is None:
            message = _("There is no patient “%(number)s” at your sites.") % {"number": number[:30]}
        elif not may(by, Permission.IMPORT_LABORATORY, patient.site_id):
            message = _("You do not import values of the site of %(number)s.") % {"number": number}
        else:
            continue
        yield ImportProblem(line=line, column=column, message=message)


def _compared(
    result: ImportedValue, panel: LabPanel | None, taken_out: set[tuple[int, str]]
) -> tuple[State, str]:
    value: Decimal | None = getattr(panel, result.analyte) if panel else None
    if panel is None:
        return State.NEW, ""
    if value is None:
        was_there = (panel.pk, result.analyte) in taken_out
        return (State.DIFFERS, _("empty: the value was taken out")) if was_there else (State.NEW, "")
    same = panel.canonical(result.analyte) == convert(result.analyte, result.value, unit=result.unit)
    words = f"{value} {unit_words(panel.unit_of(result.analyte))}".rstrip()
    return (State.IDENTICAL if same else State.DIFFERS), words


def _taken_out(panels: Iterable[LabPanel]) -> set[tuple[int, str]]:
    """The analytes of these panels that once had a value, by the trail."""
    changes = AuditEntry.objects.filter(
        table=TABLE, row_id__in=[panel.pk for panel in panels], operation=Operation.UPDATE
    ).values_list("row_id", "before")
    return {
        (pk, analyte)
        for pk, before in changes
        for analyte in ANALYTES
        if (before or {}).get(analyte) is not None
    }


def _removed(patients: Iterable[Patient]) -> set[tuple[int, str]]:
    """Patients and days of panels that were removed, by the trail."""
    entries: Any = AuditEntry.objects.filter(
        table=TABLE, patient_id__in=[patient.pk for patient in patients], operation=Operation.DELETE
    ).values_list("patient_id", "before")
    return {(pk, (before or {}).get("date", "")) for pk, before in entries}


def samples(values: Iterable[PlannedValue]) -> dict[tuple[Patient, date], list[PlannedValue]]:
    """The results of each sample, in the order of the file."""
    found: dict[tuple[Patient, date], list[PlannedValue]] = {}
    for value in values:
        found.setdefault((value.patient, value.result.date), []).append(value)
    return found
