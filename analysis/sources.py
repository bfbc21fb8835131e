"""From a number to the forms behind it: what they said when the run was made, and what they say now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analysis.outputs import Why
from assessments.models import ImagingRead, Lesion, LesionReading
from casebook.extraction import Snapshot, extract
from casebook.models import ClinicalRow, Crf, Patient
from casebook.models.fields import units_of
from casebook.registry import CrfSpec, specs

MARKS = ("is_new", "typical", "unequivocal", "malignancy_proven")


@dataclass(frozen=True, slots=True)
class Value:
    """A field of a form; `then` is what it said when the run was made, where that was something else."""

    label: str
    now: str
    then: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """One form a number rests on. `removed`, `changed`: since the run's as-of."""

    spec: CrfSpec
    pk: int
    date: str
    values: Sequence[Value]
    removed: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class PatientSources:
    number: str
    forms: Sequence[SourceForm]


def sources_behind(numbers: Iterable[str], why: Why, *, as_of: datetime) -> list[PatientSources]:
    """For each of these patients the forms in `why`, read twice: as of the run and now."""
    numbers = list(numbers)
    by_slug = {spec.slug: spec for spec in specs()}
    wanted = {number: [_parsed(ref, by_slug) for ref in why.get(number, ())] for number in numbers}
    specs_met = {found[0].slug: found[0] for refs in wanted.values() for found in refs if found}.values()
    tables = [model for spec in specs_met for model in _models(spec)]
    patients = list(Patient.objects.filter(number__in=numbers).select_related("site"))
    then = extract(patients, as_of=as_of, tables=tables) if tables else Snapshot(patients, [])
    now = extract(patients, tables=tables) if tables else Snapshot(patients, [])
    by_number = {patient.number: patient for patient in patients}
    return [
        PatientSources(number, _forms(by_number[number], wanted[number], then, now))
        for number in numbers
        if number in by_number
    ]


def _models(spec: CrfSpec) -> list[type[ClinicalRow]]:
    if spec.model is ImagingRead:
        return [ImagingRead, LesionReading, Lesion]
    return [spec.model] if spec.rows is None else [spec.model, spec.rows.model]


def _parsed(ref: str, by_slug: dict[str, CrfSpec]) -> tuple[CrfSpec, int] | None:
    slug, _, pk = ref.partition("/")
    return (by_slug[slug], int(pk)) if slug in by_slug and pk.isdecimal() else None


def _forms(
    patient: Patient, refs: Iterable[tuple[CrfSpec, int] | None], then: Snapshot, now: Snapshot
) -> list[SourceForm]:
    forms = []
    for found in refs:
        if found is not None:
            spec, pk = found
            states = [_state(snapshot, patient, spec, pk) for snapshot in (then, now)]
            if any(states):
                forms.append(_source(spec, pk, *states))
    return forms


@dataclass(frozen=True, slots=True)
class State:
    """A form as it stood at one instant: its fields in words, and its lines."""

    row: Crf
    fields: dict[str, str]


def _state(snapshot: Snapshot, patient: Patient, spec: CrfSpec, pk: int) -> State | None:
    row = next((row for row in snapshot.rows(patient, spec.model) if row.pk == pk), None)
    if row is None:
        return None
    units = units_of(type(row))
    fields = {
        str(f.verbose_name): _with_unit(row, f, units.get(f.name))
        for f in row.fields_entered()
        if f.name != spec.date_field and f not in units.values()
    }
    if spec.rows is not None:
        lines = [
            line
            for line in snapshot.rows(patient, spec.rows.model)
            if getattr(line, f"{spec.rows.parent}_id") == row.pk
        ]
        fields = {spec.rows.title: "; ".join(_line(line, spec.rows.parent) for line in lines)} | fields
    if isinstance(row, ImagingRead):
        fields = dict(_lesions(snapshot, patient, row)) | fields
    return State(row, fields)


def _lesions(snapshot: Snapshot, patient: Patient, read: ImagingRead) -> Iterator[tuple[str, str]]:
    """What was read of every lesion, by its label: what a response is derived from."""
    labels = {lesion.pk: lesion.label for lesion in snapshot.rows(patient, Lesion)}
    readings = [line for line in snapshot.rows(patient, LesionReading) if line.read_id == read.pk]
    for line in sorted(readings, key=lambda line: line.lesion_id):
        size = "" if line.diameter is None else f", {line.diameter} mm"
        fields = (field for field in line._meta.concrete_fields if field.name in MARKS)
        marks = [str(field.verbose_name) for field in fields if getattr(line, field.name)]
        yield f"lesion {labels[line.lesion_id]}", ", ".join([f"{line.get_state_display()}{size}", *marks])


def _source(spec: CrfSpec, pk: int, then: State | None, now: State | None) -> SourceForm:
    shown = now or then
    assert shown is not None
    date = getattr(shown.row, spec.date_field)
    return SourceForm(
        spec=spec,
        pk=pk,
        date=str(date) if date else "",
        values=_values(shown.fields, then.fields if now and then else shown.fields),
        removed=now is None,
        changed=now is not None and then is not None and then.row.version != now.row.version,
    )


def _values(shown: dict[str, str], then: dict[str, str]) -> list[Value]:
    """Every field that says something: any of them may be the one the number rests on."""
    values: list[Value] = []
    for label in dict.fromkeys((*shown, *then)):
        text = shown.get(label, "")
        before = then.get(label, "")
        if before != text:
            values.append(Value(label, text or "–", before or "–"))
        elif text:
            values.append(Value(label, text))
    return values


def _line(line: ClinicalRow, parent: str) -> str:
    entered = (f for f in line._meta.concrete_fields if f.editable and not f.primary_key and f.name != parent)
    return ", ".join(text for f in entered if (text := _text(line, f)))


def _with_unit(row: ClinicalRow, field: Any, unit: Any) -> str:
    text = _text(row, field)
    return f"{text} {_text(row, unit)}".removesuffix(" –") if text and unit is not None else text


def _text(row: ClinicalRow, field: Any) -> str:
    """A field in words; a reference to another row by its key, so that no query is made for it."""
    value = getattr(row, field.attname)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(dict(field.flatchoices).get(value, value))
