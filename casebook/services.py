"""Every write of the casebook. Nothing else saves a form."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError

from casebook.changes import changed_fields
from casebook.domain.findings import Finding
from casebook.models import ClinicalRow, Crf, Patient, Query, QueryState
from casebook.reasons import GivenReasons, Reasons
from casebook.refusals import alike, refusals_in_words
from casebook.registry import (
    CrfSpec,
    Located,
    cross_findings,
    findings_on,
    is_cross_rule,
    saved_lines,
    spec_of,
)
from casebook.rule_queries import AtOnce, causes_of, keep_queries
from casebook.validation import validate
from trial.access import Permission, require
from trial.audit import set_reason
from trial.models import Person, Site


class EditConflict(Exception):
    """Someone else saved the form first; `current` is what it says now."""

    def __init__(self, current: Crf) -> None:
        super().__init__(f"version {current.version} was saved meanwhile")
        self.current = current


class NotConfirmed(ValidationError):
    """A save or a removal changes more than the form itself; each message says what. It takes a reason."""


class FormRemoved(ValidationError):
    def __init__(self) -> None:
        super().__init__("Somebody removed this form meanwhile.")


@transaction.atomic
def register_patient(*, site: Site, number: str, by: Person) -> Patient:
    require(by, Permission.ENTER_DATA, site)
    patient = Patient(site=site, number=number)
    patient.full_clean()
    with refusals_in_words(patient):
        patient.save()
    return patient


@transaction.atomic
def create_crf(
    crf: Crf,
    *,
    lines: Sequence[ClinicalRow] = (),
    by: Person,
    keep_lines: Callable[[], None] | None = None,
    permission: Permission | None = None,
    at_once: AtOnce | None = None,
) -> Crf:
    """Save a new form with its lines. Hard findings raise ValidationError at their field; soft ones raise
    queries, which `at_once` answers as they are raised. `keep_lines` saves what the form keeps in tables of
    its own, before it is looked at as a whole. `permission` is what this way in takes, where it is not what
    entering the form by hand takes (an import).
    """
    spec = spec_of(type(crf))
    _require_entry(spec, crf.patient, by, permission)
    one_at_a_time(crf.patient)
    if not spec.repeats and type(crf)._default_manager.filter(patient=crf.patient).exists():
        raise ValidationError(f"{spec.title} was already entered for this patient. Open it to change it.")
    findings = _checked(spec, crf, lines)
    with refusals_in_words(crf):
        crf.save(force_insert=True)
    _save_lines(spec, crf, lines)
    if keep_lines is not None:
        keep_lines()
        findings = _checked(spec, crf, lines)
    settle(crf, findings, by=by, at_once=at_once)
    return crf


@transaction.atomic
def edit_crf(
    crf: Crf,
    *,
    version: int,
    lines: Sequence[ClinicalRow] = (),
    removed_lines: Iterable[ClinicalRow] = (),
    by: Person,
    reason: GivenReasons,
    keep_lines: Callable[[], None] | None = None,
    permission: Permission | None = None,
    at_once: AtOnce | None = None,
) -> Crf:
    """Save a changed form if nobody saved or removed it since `version` was read.

    EditConflict carries the newer version; FormRemoved says that there is none; ReasonMissing names the
    fields that changed without a reason.
    """
    spec = spec_of(type(crf))
    _require_entry(spec, crf.patient, by, permission)
    reasons = Reasons(reason)
    reasons.state()
    one_at_a_time(crf.patient)
    saved = _unchanged_since(crf, version)
    if keep_lines is not None:
        keep_lines()
    removed, before = list(removed_lines), {line.pk: line for line in saved_lines(crf)}
    known = {line.pk for line in (*lines, *removed)}
    findings = _checked(spec, crf, [*lines, *(line for pk, line in before.items() if pk not in known)])
    reasons.state_for(saved, crf)
    crf.version = version + 1
    with refusals_in_words(crf):
        crf.save(force_update=True)
    for index, line in enumerate(removed):
        reasons.state_for_line(f"removed-{index}")
        line.delete()
    _save_lines(spec, crf, lines, before, reasons)
    settle(crf, findings, by=by, at_once=at_once)
    return crf


@transaction.atomic
def remove_crf(crf: Crf, *, version: int, by: Person, reason: str) -> None:
    """Take a form out that was entered by mistake. The trail keeps it; its queries close."""
    spec = spec_of(type(crf))
    _require_entry(spec, crf.patient, by)
    Reasons(reason).state()
    one_at_a_time(crf.patient)
    _unchanged_since(crf, version)
    if spec.rows is not None:
        for line in spec.rows.model._default_manager.filter(**{spec.rows.parent: crf}):
            line.delete()
    try:
        type(crf)._default_manager.get(pk=crf.pk).delete()
    except ProtectedError as error:
        others = ", ".join(sorted({f"{row._meta.verbose_name}: {row}" for row in error.protected_objects}))
        raise ValidationError(
            f"Another form refers to this one ({others}). Change that one first."
        ) from error
    settle(crf, [])


def settle(
    crf: Crf, own: Iterable[Finding], *, by: Person | None = None, at_once: AtOnce | None = None
) -> None:
    """After a form and its lines are saved: look at the patient as a whole, refuse or ask.

    A hard finding across forms that was not there before refuses the save (the transaction is undone). Every
    soft one, wherever it lies, and the form's own ones become queries; a rule's query closes itself once its
    cause is gone.
    """
    across = cross_findings(crf.patient)
    _refuse_new_contradictions(crf, [located.finding for located in across if located.finding.is_hard])
    if at_once is not None and at_once.answers and by is not None:
        require(by, Permission.ANSWER_QUERY, crf.patient.site_id)
    slug = spec_of(type(crf)).slug
    asked = [*(Located(finding, crf) for finding in own), *across]
    keep_queries(
        [crf.patient],
        causes_of(crf.patient, asked),
        judged=lambda query: (query.crf, query.crf_id) == (slug, crf.pk) or is_cross_rule(query.rule_id),
        at_once=at_once,
        saved=crf,
    )


def settle_again(found: Mapping[Patient, Iterable[Located]], *, rules: tuple[str, ...], because: str) -> None:
    """After what some rules rest on changed, but no form: what they find now, asked or closed.

    `rules` are the prefixes of their rule ids; `found` has every patient they were looked at for. Whoever
    calls this holds `alone_at_site`, so that no form of these patients is being saved meanwhile.
    """
    causes = {c: text for patient, some in found.items() for c, text in causes_of(patient, some).items()}
    keep_queries(list(found), causes, judged=lambda query: query.rule_id.startswith(rules), because=because)


def _refuse_new_contradictions(crf: Crf, hard: list[Finding]) -> None:
    """Refuse what this save made impossible; what was impossible before it does not keep the rest from being
    mended.
    """
    if not hard:
        return
    known = {located.finding.message for located in cross_findings(crf.patient, before_this_transaction=True)}
    fresh = [finding for finding in hard if finding.message not in known]
    if not fresh:
        return
    entered = {field.name for field in crf.fields_entered()}
    errors: dict[str, list[str]] = {}
    for finding in fresh:
        field = finding.field if finding.field in entered else spec_of(type(crf)).date_field
        errors.setdefault(field, []).append(finding.message)
    raise ValidationError(errors)


@transaction.atomic
def raise_query(
    *, patient: Patient, crf: str, crf_id: int | None, field: str, text: str, by: Person
) -> Query:
    require(by, Permission.RAISE_QUERY, patient.site_id)
    query = Query(patient=patient, crf=crf, crf_id=crf_id, field=field, text=text)
    query.full_clean()
    query.save()
    return query


@transaction.atomic
def answer_query(query: Query, *, answer: str, by: Person) -> Query:
    require(by, Permission.ANSWER_QUERY, query.patient.site_id)
    if not answer.strip():
        raise ValidationError({"answer": "Write an answer."})
    return _move_query(
        query, QueryState.ANSWERED, (QueryState.OPEN,), "Query answered", answer=answer.strip()
    )


@transaction.atomic
def close_query(query: Query, *, note: str, by: Person) -> Query:
    require(by, Permission.RAISE_QUERY, query.patient.site_id)
    open_states = (QueryState.OPEN, QueryState.ANSWERED)
    return _move_query(query, QueryState.CLOSED, open_states, "Query closed", closing_note=note.strip())


def _move_query(
    query: Query, to: QueryState, allowed: tuple[QueryState, ...], why: str, **values: Any
) -> Query:
    current = Query.objects.select_for_update().get(pk=query.pk)
    if current.state not in allowed:
        raise ValidationError(f"This query is {current.get_state_display()}.")
    set_reason(why)
    for name, value in values.items():
        setattr(current, name, value)
    current.state = to
    current.version += 1
    current.save()
    return current


SITE_LOCK, PATIENT_LOCK = 72002, 72003


def one_at_a_time(patient: Patient) -> None:
    """Wait for whoever saves a form of this patient, or changes what the checks of the site's forms rest on.

    The checks across forms then see all of what the other one wrote or none of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, %s)",
            [SITE_LOCK, patient.site_id, PATIENT_LOCK, patient.pk],
        )


def alone_at_site(site_id: int) -> None:
    """Wait until nobody saves a form at the site; whoever begins to, waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SITE_LOCK, site_id])


def _unchanged_since(crf: Crf, version: int) -> Crf:
    """The form as saved, if it stands as the person saw it; nobody else changes it from here on."""
    sql = f'SELECT * FROM "{crf._meta.db_table}" WHERE id = %s AND patient_id = %s FOR UPDATE'
    saved = next(iter(type(crf)._default_manager.raw(sql, [crf.pk, crf.patient_id])), None)
    if saved is None:
        raise FormRemoved
    if saved.version != version:
        saved.patient = crf.patient
        raise EditConflict(saved)
    return saved


def _require_entry(spec: CrfSpec, patient: Patient, by: Person, permission: Permission | None = None) -> None:
    require(by, permission or Permission[spec.permission], patient.site_id)


def _checked(spec: CrfSpec, crf: Crf, lines: Sequence[ClinicalRow]) -> list[Finding]:
    """Validate the form as a whole; returns its soft findings, raises ValidationError for hard ones."""
    validate(crf)
    for index, line in enumerate(lines):
        with _errors_at_line(index):
            line.clean_fields(exclude={"patient", spec.rows.parent} if spec.rows else {"patient"})
    findings = findings_on(crf, lines)
    errors: dict[str, list[str]] = {}
    for finding in findings:
        if finding.is_hard:
            errors.setdefault(finding.field or "__all__", []).append(finding.message)
    if errors:
        raise ValidationError(errors)
    if spec.prepare is not None:
        spec.prepare(crf)
    return [f for f in findings if not f.is_hard]


def _save_lines(
    spec: CrfSpec,
    crf: Crf,
    lines: Sequence[ClinicalRow],
    before: Mapping[Any, ClinicalRow] | None = None,
    reasons: Reasons | None = None,
) -> None:
    for index, line in enumerate(lines):
        line.patient = crf.patient
        if spec.rows is not None and isinstance(line, spec.rows.model):
            setattr(line, spec.rows.parent, crf)
        with _errors_at_line(index):
            validate(line, known=("patient", spec.rows.parent) if spec.rows else ("patient",))
        saved = (before or {}).get(line.pk)
        if saved is not None and not changed_fields(saved, line):
            continue
        if reasons is not None:
            _state_reasons(reasons, saved, line, index)
        with refusals_in_words(line):
            line.save()
    for index, error in alike(lines):
        with _errors_at_line(index):
            raise error


def _state_reasons(reasons: Reasons, saved: ClinicalRow | None, line: ClinicalRow, index: int) -> None:
    if saved is None:
        reasons.state_for_line(f"lines-{index}")
    else:
        reasons.state_for(saved, line, f"lines-{index}-")


@contextmanager
def _errors_at_line(index: int) -> Iterator[None]:
    """What is wrong with a line is said at its field: "lines-0-date" is the date of the first line given."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError(
            {f"lines-{index}-{name}": messages for name, messages in error.message_dict.items()}
        ) from error
