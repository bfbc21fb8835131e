"""What a person may read of the casebook."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import BooleanField, Case, CharField, Model, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.http import Http404

from casebook.changes import columns_of_change, entered_fields, said_in
from casebook.models import Crf, Patient, Query, QueryState
from casebook.models.fields import units_of
from casebook.reasons import reason_in_words
from casebook.registry import CrfSpec, specs
from trial.access import Permission, may, sites_where
from trial.models import AuditEntry, Person, Site
from trial.models.audit import Operation


def visible_patients(person: Person) -> QuerySet[Patient]:
    return Patient.objects.filter(site__in=sites_where(person, Permission.VIEW_CASEBOOK)).select_related(
        "site"
    )


def get_patient(person: Person, number: str, *, or_with: Permission = Permission.VIEW_CASEBOOK) -> Patient:
    """The patient, for whoever may see them: a colleague without the right gets 403, a stranger 404.

    `or_with` is another right that opens the page asked for, and no other.
    """
    rights = {right for right in (Permission.VIEW_CASEBOOK, or_with) if may(person, right)}
    if not rights:
        raise PermissionDenied("Your role does not show patients' data.")
    patient = _patient_of(number)
    if patient is None or not any(may(person, right, patient.site_id) for right in rights):
        raise Http404("No such patient at your sites.")
    return patient


def _patient_of(number: str) -> Patient | None:
    """Read with every page of a patient, so without the cost of building a statement anew."""
    sql = f"""
        SELECT p.id, p.site_id, p.number, s.id, s.trial_id, s.code, s.name
        FROM "{Patient._meta.db_table}" p JOIN "{Site._meta.db_table}" s ON s.id = p.site_id
        WHERE p.number = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [number])
        row = cursor.fetchone()
    if row is None:
        return None
    patient = Patient.from_db(connection.alias, ("id", "site_id", "number"), row[:3])
    patient.site = Site.from_db(connection.alias, ("id", "trial_id", "code", "name"), row[3:])
    return patient


def get_crf(patient: Patient, spec: CrfSpec, pk: int) -> Crf:
    sql = f'SELECT * FROM "{spec.table}" WHERE id = %s AND patient_id = %s'
    crf = next(iter(spec.model._default_manager.raw(sql, [pk, patient.pk])), None)
    if crf is None:
        raise Http404("No such form of this patient.")
    crf.patient = patient
    return crf


def was_removed(patient: Patient, spec: CrfSpec, pk: int) -> bool:
    """Whether the trail knows such a form of this patient as taken out."""
    of_form = AuditEntry.objects.filter(table=spec.table, row_id=pk, patient_id=patient.pk)
    return of_form.filter(operation=Operation.DELETE).exists()


def neighbours(crf: Crf, spec: CrfSpec) -> tuple[int | None, int | None]:
    """The patient's forms of the same kind before and after this one, by date."""
    forms = spec.model._default_manager.filter(patient=crf.patient_id).order_by(spec.date_field, "pk")
    keys = list(forms.values_list("pk", flat=True))
    around = zip([None, *keys], keys, [*keys[1:], None], strict=False)
    return next(((before, after) for before, pk, after in around if pk == crf.pk), (None, None))


@dataclass(frozen=True, slots=True)
class FormState:
    """One saved form as the patient page lists it."""

    spec: CrfSpec
    pk: int
    day: str
    complete: bool
    open_queries: int = 0


def state_of(crf: Crf, spec: CrfSpec, queries: int = 0) -> FormState:
    """The form as the head of its page names it."""
    day = getattr(crf, spec.date_field)
    is_complete = all(getattr(crf, name) not in (None, "") for name in spec.expected)
    return FormState(spec, crf.pk, "" if day is None else str(day), is_complete, queries)


@dataclass(slots=True)
class FormRow:
    spec: CrfSpec
    saved: list[FormState] = field(default_factory=list)


def casebook_of(patient: Patient, queries: Iterable[Query] = ()) -> list[FormRow]:
    """Every form of the casebook with what was saved of it and how many of these queries lie on it."""
    asked = Counter((query.crf, query.crf_id) for query in queries)
    rows = {s.slug: FormRow(s) for s in specs()}
    first, *others = [_form_states(s, patient) for s in specs()]
    for slug, pk, day, complete in first.union(*others, all=True).order_by("day", "pk"):
        rows[slug].saved.append(FormState(rows[slug].spec, pk, day or "", complete, asked[slug, pk]))
    return list(rows.values())


def _form_states(spec: CrfSpec, patient: Patient) -> QuerySet[Any, Any]:
    missing = Q(pk__isnull=True)
    for name in spec.expected:
        missing |= Q(**{f"{name}__isnull": True})
        if spec.model._meta.get_field(name).get_internal_type() in ("CharField", "TextField"):
            missing |= Q(**{name: ""})
    return (
        spec.model._default_manager.filter(patient=patient)
        .order_by()
        .annotate(
            slug=Value(spec.slug, output_field=CharField()),
            day=Cast(spec.date_field, CharField()),
            complete=Case(When(missing, then=Value(False)), default=Value(True), output_field=BooleanField()),
        )
        .values_list("slug", "pk", "day", "complete")
    )


@dataclass(frozen=True, slots=True)
class RemovedForm:
    """A form that was taken out, as the trail remembers it; `day` is the date it bore."""

    spec: CrfSpec
    pk: int
    day: str
    entry: AuditEntry


def removed_forms(patient: Patient) -> list[RemovedForm]:
    """The patient's forms that were taken out, the last one first, in one query."""
    by_table = {spec.table: spec for spec in specs()}
    removals = AuditEntry.objects.filter(
        patient_id=patient.pk, operation=Operation.DELETE, table__in=by_table
    ).select_related("actor")
    found = [(by_table[entry.table], entry) for entry in removals.order_by("-id")]
    return [
        RemovedForm(spec, entry.row_id, (entry.before or {}).get(spec.date_field) or "", entry)
        for spec, entry in found
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entry of the trail, in words; `reason` where it was given for the field."""

    label: str
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    entry: AuditEntry
    title: str
    changes: list[Change]

    @property
    def has_reasons(self) -> bool:
        """Whether reasons were given field by field, so that the row's own only repeats them."""
        return any(change.reason for change in self.changes)


def crf_history(crf: Crf, spec: CrfSpec) -> list[HistoryEntry]:
    """Everything that ever happened to a form and its lines, newest first."""
    own = Q(table=spec.table, row_id=crf.pk)
    if spec.rows is not None:
        parent = f"{spec.rows.parent}_id"
        line_table = spec.rows.model._meta.db_table
        own |= Q(table=line_table, image__contains={parent: crf.pk})
        own |= Q(table=line_table, before__contains={parent: crf.pk})
    entries = (
        AuditEntry.objects.filter(own, patient_id=crf.patient_id).select_related("actor").order_by("-id")
    )
    return [describe(entry, spec) for entry in entries]


def describe(entry: AuditEntry, spec: CrfSpec) -> HistoryEntry:
    if spec.rows is not None and entry.table == spec.rows.model._meta.db_table:
        return HistoryEntry(entry, spec.rows.title, changes_in(entry, spec.rows.model, {spec.rows.parent}))
    return HistoryEntry(entry, spec.title, changes_in(entry, spec.model))


def changes_in(entry: AuditEntry, model: type[Model], left_out: Collection[str] = ()) -> list[Change]:
    """What an entry changed in the columns a person fills in, without the fields left out."""
    before, image, reasons = entry.before or {}, entry.image or {}, entry.reasons or {}
    names = before if entry.operation == "U" else (image or before)
    units = units_of(model)
    then = {} if entry.operation == "I" else image | before
    return [
        Change(
            str(f.verbose_name),
            said_in(then, f, units.get(f.name)),
            said_in(image, f, units.get(f.name)),
            reason_in_words(next((reasons[name] for name in columns_of_change(f) if name in reasons), None)),
        )
        for f in entered_fields(model, left_out)
        if set(columns_of_change(f)) & set(names)
        and any(row.get(f.column) not in (None, "") for row in (then, image))
    ]


def open_queries(patients: Iterable[Patient] | None = None) -> QuerySet[Query]:
    """Queries that wait for somebody, at the sites the actor can see."""
    live = Query.objects.exclude(state=QueryState.CLOSED).select_related("patient__site").order_by("id")
    return live if patients is None else live.filter(patient__in=list(patients))
