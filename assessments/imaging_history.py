"""The history of an imaging read: the read, and every line of its lesions by the lesion's label."""

from typing import Any

from django.db.models import Model, Q

from assessments.models import ImagingRead, KeyImage, Lesion, LesionReading, LesionRole
from casebook.models import Crf
from casebook.selectors import Change, HistoryEntry, changes_in
from trial.models import AuditEntry

OTHER_LESIONS = {"merged_into": LesionReading, "part_of": Lesion}
TITLES: dict[type[Model], str] = {
    ImagingRead: "imaging read",
    Lesion: "lesion {label}",
    LesionReading: "reading of {label}",
    LesionRole: "choice of {label}",
    KeyImage: "key image of {label}",
}
LEFT_OUT = ("read", "lesion", *OTHER_LESIONS)


def imaging_history(read: Crf) -> list[HistoryEntry]:
    """Everything that happened to a read, its readings, its choices and its lesions, newest first."""
    lines = _about_read(LesionReading, read.pk) | _about_read(LesionRole, read.pk)
    lines |= _about_read(KeyImage, read.pk)
    of_patient = AuditEntry.objects.filter(patient_id=read.patient_id)
    own = list(
        of_patient.filter(Q(table=_table(ImagingRead), row_id=read.pk) | lines).select_related("actor")
    )
    seen = {lesion for entry in own for lesion in _lesions_of(entry)}
    lesions = list(of_patient.filter(table=_table(Lesion), row_id__in=seen).select_related("actor"))
    labels = {entry.row_id: (entry.image or entry.before or {}).get("label", "") for entry in lesions}
    return [_described(entry, labels) for entry in sorted((*own, *lesions), key=lambda entry: -entry.pk)]


def _table(model: type[Model]) -> str:
    return str(model._meta.db_table)


def _about_read(model: type[Model], pk: int) -> Q:
    about = Q(image__contains={"read_id": pk}) | Q(before__contains={"read_id": pk})
    return Q(table=_table(model)) & about


def _lesion_of(entry: AuditEntry) -> int | None:
    return (entry.image or entry.before or {}).get("lesion_id")


def _lesions_of(entry: AuditEntry) -> set[int]:
    """Every lesion an entry names, before or after."""
    columns = ["lesion_id", *(f"{name}_id" for name in OTHER_LESIONS)]
    found = [values.get(column) for values in (entry.image, entry.before) if values for column in columns]
    return {key for key in found if key is not None}


def _described(entry: AuditEntry, labels: dict[int, str]) -> HistoryEntry:
    model = next(model for model in TITLES if _table(model) == entry.table)
    label = labels.get(entry.row_id if model is Lesion else _lesion_of(entry) or 0, "")
    changes = changes_in(entry, model, LEFT_OUT)
    if entry.operation == "I" and model is not ImagingRead:
        changes = [change for change in changes if change.after != "no"]  # a mark not made is no news
    changes += _other_lesions(entry, model, labels)
    return HistoryEntry(entry, TITLES[model].format(label=label), changes)


def _other_lesions(entry: AuditEntry, model: type[Model], labels: dict[int, str]) -> list[Change]:
    """The lesions another one is a part of, or has merged with, by their labels."""
    before, image = entry.before or {}, entry.image or {}
    changed = before if entry.operation == "U" else {**before, **image}
    changes = []
    for name in (name for name, of in OTHER_LESIONS.items() if of is model):
        was, now = before.get(f"{name}_id"), image.get(f"{name}_id")
        if f"{name}_id" in changed and was != now:
            field: Any = model._meta.get_field(name)
            title = str(field.verbose_name)
            changes.append(Change(title, labels.get(was or 0, "—"), labels.get(now or 0, "—")))
    return changes
