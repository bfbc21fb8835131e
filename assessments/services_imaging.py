"""Writing an imaging read: the read, its lesions, what was seen of each, and which were chosen, as one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from assessments.domain.lesions import RoleKind
from assessments.imaging_checks import ask_for_comment, course_of
from assessments.imaging_moves import ProgressionMoves, course_now, what_moves
from assessments.independent import independent_readers
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole
from casebook.models import ClinicalRow, Patient
from casebook.reasons import GivenReasons, ReasonMissing, Reasons, also
from casebook.refusals import alike, refusals_in_words
from casebook.services import create_crf, edit_crf, one_at_a_time, remove_crf
from trial.access import Permission, require
from trial.audit import set_reason
from trial.models import Person

NEW_BASELINE_REASON = "Lesions chosen for the new baseline at first progression"
FOREIGN_LESION = "A lesion on this read is not one of this patient."
PREFIXES: dict[str, str] = {RoleKind.TARGET: "T", RoleKind.NON_TARGET: "NT"}


@transaction.atomic
def save_imaging_read(
    *,
    patient: Patient,
    read: ImagingRead,
    readings: Sequence[LesionReading],
    lesions: Sequence[Lesion] = (),
    roles: Sequence[LesionRole] | None = None,
    version: int | None = None,
    by: Person,
    reason: GivenReasons = "",
    move_reason: str = "",
) -> ImagingRead:
    """Save a read with everything seen on it: a new one where it has no key yet, else a changed one.

    `readings` are all there are on this read: one saved before and not given is taken out. `lesions` are
    those that are new or described anew; one without label gets the next of its kind. `roles` are all the
    lesions chosen on this read; None leaves them as they are. A reader who differs from what is computed says
    why in the comment. Where a progression known before would move, ProgressionMoves says so, unless
    `move_reason` says why it may; that reason goes on the trail. An error at the second reading's diameter is
    named "lines-1-diameter".
    """
    require(by, Permission.ENTER_DATA, patient.site_id)
    one_at_a_time(patient)
    if read.date is not None and by.pk in independent_readers(patient.pk, read.date):
        message = gettext("You read this scan independently: its first read is another's.")
        raise ValidationError({"date": message})
    before = course_now(patient)
    read.patient = patient

    def keep_lines() -> None:
        _save_lines(read, readings, lesions, roles)
        ask_for_comment(read)
        moves = what_moves(before, course_now(patient, read), read)
        if moves and not move_reason.strip():
            raise ProgressionMoves(moves)

    with _errors_at_lines(readings):
        if read.pk is not None:
            edit_crf(
                read,
                version=version or 0,
                by=by,
                reason=reason if move_reason in ("", reason) else also(reason, move_reason),
                keep_lines=keep_lines,
            )
            return read
        set_reason(move_reason.strip())
        try:
            create_crf(read, by=by, keep_lines=keep_lines)
        except ValidationError:
            read.pk, read._state.adding = None, True  # nothing was saved after all
            raise
    return read


@transaction.atomic
def choose_new_baseline(
    *,
    patient: Patient,
    read: ImagingRead,
    roles: Sequence[LesionRole],
    readings: Sequence[LesionReading] | None = None,
    version: int,
    by: Person,
    reason: GivenReasons = NEW_BASELINE_REASON,
) -> ImagingRead:
    """Choose the lesions that are followed from the first progression on; those chosen before are replaced.

    `read` must be the scan of the first progression. `readings` are all its readings, where a lesion is
    measured only now that it becomes a target; None leaves them. No role at all withdraws the choice.
    """
    course = course_of(patient)
    if course is None or course.pd1 is None or course.pd1.scan_id != read.pk:
        raise ValidationError("This scan is not the first progression: no new baseline begins on it.")
    for role in roles:
        role.period = 2
    if readings is None:
        readings = list(LesionReading.objects.filter(read=read).select_related("lesion"))
    read.patient = patient

    def keep_lines() -> None:
        for role in LesionRole.objects.filter(patient=patient, period=2).exclude(read=read):
            role.delete()
        _save_lines(read, readings, (), roles)

    with _errors_at_lines(readings):
        edit_crf(read, version=version, by=by, reason=reason, keep_lines=keep_lines)
    return read


@transaction.atomic
def remove_imaging_read(
    read: ImagingRead, *, version: int, by: Person, reason: str, move_reason: str = ""
) -> None:
    """Take out a read entered by mistake, with its readings, its roles and the lesions no other read has.

    Where a progression would move or be none any more, ProgressionMoves says so, unless `move_reason` says
    why it may; that reason goes on the trail.
    """
    require(by, Permission.ENTER_DATA, read.patient.site_id)
    Reasons(reason).state()
    reasons = f"{reason.strip()} {move_reason.strip()}".strip()
    Reasons(reasons).state()
    one_at_a_time(read.patient)
    before = course_now(read.patient)
    _save_lines(read, (), (), ())
    remove_crf(read, version=version, by=by, reason=reasons)
    moves = what_moves(before, course_now(read.patient), read)
    if moves and not move_reason.strip():
        raise ProgressionMoves(moves)


def _save_lines(
    read: ImagingRead,
    readings: Sequence[LesionReading],
    lesions: Sequence[Lesion],
    roles: Sequence[LesionRole] | None,
) -> None:
    _refuse_second_baseline(read, roles or ())
    saved_readings = {row.lesion_id: row for row in LesionReading.objects.filter(read=read)}
    saved_roles = {row.lesion_id: row for row in LesionRole.objects.filter(read=read)}
    _save_lesions(read.patient, lesions, roles or ())
    kept = {reading.lesion.pk for reading in readings}
    chosen = set(saved_roles) if roles is None else {role.lesion.pk for role in roles}
    _delete(row for pk, row in saved_roles.items() if pk not in chosen)
    _delete(row for pk, row in saved_readings.items() if pk not in kept)
    _save_rows(read, readings, saved_readings)
    _save_rows(read, roles or (), saved_roles)
    _delete(
        Lesion.objects.filter(
            patient=read.patient,
            pk__in=set(saved_readings) - kept,
            readings=None,
            roles=None,
            parts=None,
            merged=None,
            key_images=None,
        )
    )
    for index, error in alike(lesions):
        with _errors_of(lesions[index]):
            raise error


def _refuse_second_baseline(read: ImagingRead, roles: Sequence[LesionRole]) -> None:
    if not any(role.period == 1 for role in roles):
        return
    other = (
        LesionRole.objects.filter(patient=read.patient, period=1).exclude(read=read).select_related("read")
    )
    if (first := other.first()) is not None:
        raise ValidationError(
            f"The lesions of Treatment 1 were chosen on the {first.read}. Change the choice there."
        )


def _save_lesions(patient: Patient, lesions: Sequence[Lesion], roles: Sequence[LesionRole]) -> None:
    """Save new and changed lesions; those without label get one by what they were chosen as."""
    if not lesions:
        return
    own = dict(Lesion.objects.filter(patient=patient).values_list("pk", "label"))
    taken = set(own.values())
    prefixes = {id(role.lesion): PREFIXES.get(role.role, "NEW") for role in roles}
    for lesion in lesions:
        if lesion.pk is not None and lesion.pk not in own:
            raise ValidationError(FOREIGN_LESION)
        lesion.patient = patient
        if lesion.part_of is not None and lesion.part_of.pk not in own:
            raise ValidationError(FOREIGN_LESION)
        if not lesion.label:
            prefix, whole = prefixes.get(id(lesion), "NEW"), lesion.part_of
            lesion.label = next_label(prefix, taken) if whole is None else next_part(whole.label, taken)
            taken.add(lesion.label)
        with _errors_of(lesion):
            lesion.full_clean(exclude={"patient", "part_of"})
            lesion.save()


def next_label(prefix: str, taken: Iterable[str]) -> str:
    """The label after the last one taken: T03 after T01 and T02."""
    return f"{prefix}{_last_number(prefix, taken) + 1:02}"


def next_part(whole: str, taken: Iterable[str]) -> str:
    """The label of one more part of a lesion: T01.2 after T01.1."""
    return f"{whole}.{_last_number(f'{whole}.', taken) + 1}"


def _last_number(prefix: str, taken: Iterable[str]) -> int:
    numbers = [label.removeprefix(prefix) for label in taken if label.startswith(prefix)]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _save_rows(
    read: ImagingRead, rows: Sequence[LesionReading | LesionRole], saved: Mapping[int, ClinicalRow]
) -> None:
    """Save readings or roles over those saved for the same lesion."""
    seen: set[int] = set()
    for row in rows:
        lesion = row.lesion
        others = [row.merged_into] if isinstance(row, LesionReading) and row.merged_into else []
        if any(one.pk is None or one.patient_id != read.patient_id for one in (lesion, *others)):
            raise ValidationError(FOREIGN_LESION)
        before = saved.get(lesion.pk)
        row.patient, row.read, row.lesion = read.patient, read, lesion
        row.pk, row._state.adding = (None, True) if before is None else (before.pk, False)
        with _errors_of(lesion):
            if lesion.pk in seen:
                raise ValidationError({"__all__": f"{lesion.label} is on this read twice."})
            seen.add(lesion.pk)
            row.clean_fields(exclude={"patient", "read", "lesion", "merged_into"})
            row.clean()
            with refusals_in_words(row):
                row.save()


def _delete(rows: Iterable[ClinicalRow]) -> None:
    for row in rows:
        row.delete()


@contextmanager
def _errors_of(lesion: Lesion) -> Iterator[None]:
    """What is wrong with a lesion, or with what was said of it, is said under the lesion's own key."""
    try:
        yield
    except ValidationError as error:
        key = f"lesion-{lesion.pk if lesion.pk is not None else id(lesion)}"
        found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        raise ValidationError({f"{key}-{name}": said for name, said in found.items()}) from error


@contextmanager
def _errors_at_lines(readings: Sequence[LesionReading]) -> Iterator[None]:
    """What is said of a lesion is shown at its line: "lines-1-diameter" for the second reading given."""
    try:
        yield
    except ReasonMissing:
        raise
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        lines = {
            f"lesion-{key}": f"lines-{i}"
            for i, r in enumerate(readings)
            for key in (r.lesion.pk, id(r.lesion))
        }
        errors: dict[str, list[str]] = {}
        for name, said in error.message_dict.items():
            start, _, field = name.rpartition("-")
            errors[f"{lines[start]}-{field}" if start in lines else name] = said
        raise ValidationError(errors) from error
