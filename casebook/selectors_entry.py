"""What a page on which a form is filled in needs to know beside the form itself."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.crypto import salted_hmac

from casebook.extraction import instance_of
from casebook.models import Crf, Draft, Patient
from casebook.registry import CrfSpec, specs
from casebook.selectors import casebook_of, visible_patients
from trial.access import Permission, may
from trial.models import AuditEntry, Person


@dataclass(frozen=True, slots=True)
class TypedForm:
    """A page on which somebody typed and did not save, as lists name it."""

    draft: Draft
    title: str
    address: str


def drafts_of(person: Person, patient: Patient | None = None) -> list[TypedForm]:
    """What this person typed and did not save, the newest first; nobody else can ask for it."""
    drafts = Draft.objects.filter(person=person).select_related("patient").order_by("-updated")
    known = {spec.slug: spec for spec in specs()}
    return [
        TypedForm(draft, known[draft.crf].title, _address(draft))
        for draft in (drafts if patient is None else drafts.filter(patient=patient))
        if draft.crf in known
    ]


def _address(draft: Draft) -> str:
    if draft.crf_id is None:
        return reverse("casebook:new", args=[draft.patient.number, draft.crf])
    return reverse("casebook:edit", args=[draft.patient.number, draft.crf, draft.crf_id])


def draft_of(person: Person, patient: Patient, spec: CrfSpec, pk: int | None) -> Draft | None:
    return Draft.objects.filter(person=person, patient=patient, crf=spec.slug, crf_id=pk).first()


def form_at_version(crf: Crf, version: Any) -> Crf | None:
    """The form as it stood when its version was this one, from the trail."""
    if not str(version).isdecimal() or len(str(version)) > 9:
        return None
    of_form = AuditEntry.objects.filter(table=crf._meta.db_table, row_id=crf.pk, patient_id=crf.patient_id)
    of_version = of_form.filter(image__version=int(version)).order_by("id")
    image = of_version.values_list(Cast("image", TextField()), flat=True).first()
    if image is None:
        return None
    then = instance_of(type(crf), image)
    then.patient = crf.patient
    return then


@dataclass(frozen=True, slots=True)
class Offered:
    """What a new form offers as the last one of its kind had it, and the day that one bears."""

    values: dict[str, Any] = field(default_factory=dict)
    day: date | None = None


def offered(patient: Patient, spec: CrfSpec) -> Offered:
    if not spec.carried:
        return Offered()
    last = spec.model._default_manager.filter(patient=patient).order_by(f"-{spec.date_field}", "-pk").first()
    if last is None:
        return Offered()
    values = {name: getattr(last, name) for name in spec.carried}
    return Offered({k: v for k, v in values.items() if v not in (None, "")}, getattr(last, spec.date_field))


def next_to_enter(person: Person, patient: Patient, spec: CrfSpec) -> CrfSpec | None:
    """The next form of the casebook after this one that this person may enter and that can be entered."""
    entered = {row.spec.slug for row in casebook_of(patient) if row.saved}
    order = specs()
    following = order[[s.slug for s in order].index(spec.slug) + 1 :]
    open_to_all = (s for s in following if s.repeats or s.slug not in entered)
    return next((s for s in open_to_all if may(person, Permission[s.permission], patient.site_id)), None)


def draft_key(person: Person) -> str:
    """What the browser locks a draft with while no server is there; only this person is given it."""
    return salted_hmac("casebook.drafts", str(person.pk), algorithm="sha256").hexdigest()


def patient_beside(person: Person, patient: Patient, *, after: bool) -> Patient | None:
    """The patient whose number comes next, or before, among those this person may see."""
    seen = visible_patients(person)
    if after:
        return seen.filter(number__gt=patient.number).order_by("number").first()
    return seen.filter(number__lt=patient.number).order_by("-number").first()
