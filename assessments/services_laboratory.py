"""Laboratory values from a file, saved as if typed: through the services of the casebook, all or none."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.domain.laboratory_import import ImportProblem, parse_sheet
from assessments.laboratory_file import LabFile
from assessments.laboratory_plan import ImportPlan, PlannedValue, State, import_plan, samples
from assessments.models import LabImport, LabPanel
from casebook.services import EditConflict, create_crf, edit_crf
from trial.access import Permission, require
from trial.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did, or would do: `problems` empty and all of it was saved, or nothing was."""

    plan: ImportPlan
    problems: tuple[ImportProblem, ...] = ()
    panels_new: int = 0
    panels_changed: int = 0

    @property
    def changes_nothing(self) -> bool:
        return not self.problems and not self.panels_new and not self.panels_changed


class _Undo(Exception):
    """Takes the savepoint back."""


def try_import(file: LabFile, *, by: Person) -> ImportResult:
    """Do the whole import and take it back: what it says is what an import now would say."""
    return _run(file, replace={}, by=by, keep=False)


def import_laboratory(file: LabFile, *, replace: Mapping[str, str], by: Person) -> ImportResult:
    """Save what is new and, of what differs, what `replace` names with its reason; all of it or nothing.

    `replace` is of the keys of the plan that was looked at; a key whose panel was saved since is refused.
    """
    return _run(file, replace=replace, by=by, keep=True)


def _run(file: LabFile, *, replace: Mapping[str, str], by: Person, keep: bool) -> ImportResult:
    require(by, Permission.IMPORT_LABORATORY)
    parsed = parse_sheet(file.rows)
    plan = import_plan(parsed.values, by=by)
    problems = [*parsed.problems, *plan.problems, *_not_to_be_replaced(plan, replace)]
    counts = {"panels_new": 0, "panels_changed": 0}
    try:
        with transaction.atomic():
            for values in samples(plan.values).values():
                chosen = [v for v in values if v.state is State.NEW or v.key in replace]
                if chosen:
                    found = _save(file, chosen, replace, by)
                    problems += found
                    counts["panels_new" if chosen[0].panel is None else "panels_changed"] += not found
            if problems or not keep:
                raise _Undo
    except _Undo:
        pass
    problems.sort(key=lambda problem: (problem.line, problem.column))
    return ImportResult(plan=plan, problems=tuple(problems), **counts)


def _not_to_be_replaced(plan: ImportPlan, replace: Mapping[str, str]) -> Iterable[ImportProblem]:
    differing = {value.key: value for value in plan.of(State.DIFFERS)}
    for key, reason in replace.items():
        value = differing.get(key)
        if value is None:
            yield ImportProblem(
                line=int(key.split(".")[0]),
                column=int(key.split(".")[1]),
                message=_("Somebody saved this panel meanwhile: look at the value again."),
            )
        elif not reason.strip():
            message = _("Say why the saved value is replaced.")
            yield ImportProblem(line=value.result.line, column=value.result.column, message=message)


def _save(
    file: LabFile, values: list[PlannedValue], replace: Mapping[str, str], by: Person
) -> list[ImportProblem]:
    """Save one panel; returns what is wrong with it, which is then not saved."""
    saved = values[0].panel  # stays as it was read: the plan tells by it what was looked at
    panel = copy(saved) if saved else LabPanel(patient=values[0].patient, date=values[0].result.date)
    version = panel.version
    for value in values:
        setattr(panel, value.result.analyte, value.result.value)
        setattr(panel, f"{value.result.analyte}_unit", value.result.unit)
    panel.patient = values[0].patient
    permission = Permission.IMPORT_LABORATORY
    try:
        with transaction.atomic():
            if panel.pk is None:
                create_crf(panel, by=by, permission=permission)
            else:
                reason = _reason(file, values, replace)
                edit_crf(panel, version=version, by=by, reason=reason, permission=permission)
            _keep_provenance(file, panel, values)
    except EditConflict:
        message = _("Somebody saved this panel meanwhile: look at the value again.")
        return [_problem(values[0], message)]
    except ValidationError as error:
        return list(_problems_of(values, error))
    return []


def _reason(file: LabFile, values: list[PlannedValue], replace: Mapping[str, str]) -> str:
    said = dict.fromkeys(replace[v.key].strip() for v in values if v.state is State.DIFFERS)
    added = [_("Values added from the file %(name)s.") % {"name": file.name}] if not said else []
    return " ".join([*said, *added])[:500]


def _keep_provenance(file: LabFile, panel: LabPanel, values: list[PlannedValue]) -> None:
    lines = ", ".join(dict.fromkeys(str(value.result.line) for value in values))
    provenance = LabImport(
        patient=panel.patient, panel=panel.pk, file_name=file.name, lines=lines[:200], sha256=file.sha256
    )
    provenance.full_clean()
    provenance.save(force_insert=True)


def _problem(value: PlannedValue, message: str) -> ImportProblem:
    return ImportProblem(line=value.result.line, column=value.result.column, message=message)


def _problems_of(values: list[PlannedValue], error: ValidationError) -> Iterable[ImportProblem]:
    """Each message at the cell it concerns: the value, the date, or else the line."""
    found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    at = {value.result.analyte: value for value in values}
    first = values[0].result
    for name, messages in found.items():
        for message in messages:
            if name in at:
                yield _problem(at[name], message)
            else:
                column = first.date_column if name == "date" else 0
                yield ImportProblem(line=first.line, column=column, message=message)
