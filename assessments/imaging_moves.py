"""What the save of an imaging read moves: a progression that was known already, and all that hangs on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.course import PatientCourse, patient_course
from assessments.domain.tumour_period import TimePoint
from assessments.imaging_checks import TABLES
from assessments.models import ImagingRead, Lesion, LesionRole
from casebook.extraction import extract
from casebook.models import Patient
from casebook.services import NotConfirmed
from patients.models import Discontinuation, ProgressionDecision
from trial.selectors import protocol_in_force

WHAT_HANGS_ON_IT = (*TABLES, ProgressionDecision, Discontinuation)
NO_END = date(9990, 12, 31)


class ProgressionMoves(NotConfirmed):
    """A save or removal would move a progression and was not confirmed with its reason; messages say what."""


@dataclass(frozen=True, slots=True)
class _Move:
    """One progression before and after the save."""

    was: TimePoint | None
    now: TimePoint | None


def course_now(patient: Patient, read: ImagingRead | None = None) -> PatientCourse:
    """The patient's course as saved; with a read, as it will be once the read itself is saved."""
    snapshot = extract([patient], tables=WHAT_HANGS_ON_IT)
    if read is not None:
        snapshot = snapshot.with_row(read)
    protocol = protocol_in_force(patient.site_id, timezone.localdate())
    return patient_course(snapshot, patient, protocol, data_end=NO_END)


def what_moves(before: PatientCourse, after: PatientCourse, read: ImagingRead) -> list[str]:
    """Sentences on each progression that a save of this read moves; none where it shows one by itself."""
    first = _Move(_progression(before, 1), _progression(after, 1))
    second = _Move(_progression(before, 2), _progression(after, 2))
    said: list[str] = []
    if _is_move(first, read):
        said += [_moved(_("first progression"), first), *_confirmed(after, first.now)]
        said += [*_periods(before, after), *_decision(after, first), *_new_baseline(after, first)]
        said += _days(_("Time from the first dose to the first progression"), before, after, 1)
    if _is_move(second, read):
        said += [_moved(_("second progression"), second), *_confirmed(after, second.now)]
        said += _days(_("Time from the first to the second progression"), before, after, 2)
    return said


def _progression(course: PatientCourse, number: int) -> TimePoint | None:
    if course.tumour is None:
        return None
    return course.tumour.pd1 if number == 1 else course.tumour.pd2


def _is_move(move: _Move, read: ImagingRead) -> bool:
    if (move.was and move.was.date) == (move.now and move.now.date):
        return False
    return move.was is not None or (move.now is not None and move.now.scan_id != read.pk)


def _moved(name: str, move: _Move) -> str:
    days = {"name": name, "was": move.was and move.was.date, "now": move.now and move.now.date}
    if move.now is None:
        return _("The %(name)s of %(was)s is none any more.") % days
    if move.was is None:
        return _("The %(name)s is dated %(now)s, on an earlier scan than this one.") % days
    return _("The %(name)s moves from %(was)s to %(now)s.") % days


def _confirmed(after: PatientCourse, now: TimePoint | None) -> Iterator[str]:
    lesions = {lesion.pk: lesion.label for lesion in after.snapshot.rows(after.patient, Lesion)}
    for dated in after.tumour.back_datings if after.tumour and now else ():
        if now is not None and dated.first_date == now.date:
            yield _(
                "New lesion %(lesion)s, equivocal on %(first)s, is confirmed by the scan of %(later)s."
            ) % {
                "lesion": lesions.get(int(dated.lesion_id), ""),
                "first": dated.first_date,
                "later": dated.confirming_date,
            }


def _periods(before: PatientCourse, after: PatientCourse) -> Iterator[str]:
    """Where Treatment 2 begins, and the days of the dosing log that change the period."""
    was, now = before.treatment_2_start, after.treatment_2_start
    if was == now:
        return
    if now is None:
        yield _("Treatment 2, which began on %(was)s, does not begin.") % {"was": was}
    elif was is None:
        yield _("Treatment 2 begins on %(now)s.") % {"now": now}
    else:
        yield _("Treatment 1 ends and Treatment 2 begins on %(now)s instead of %(was)s.") % {
            "now": now,
            "was": was,
        }
        start, end = min(was, now), max(was, now)
        given = sum(_overlap(dose.start, dose.end, start, end) for dose in after.given_doses)
        yield _("%(days)s days with drug in the dosing log change their period.") % {"days": given}


def _overlap(first: date, last: date | None, start: date, end: date) -> int:
    """Days from first through last (None: still going on) that lie in [start, end)."""
    until = end if last is None else min(last + timedelta(days=1), end)
    return max((until - max(first, start)).days, 0)


def _decision(after: PatientCourse, move: _Move) -> Iterator[str]:
    if after.decision is None:
        return
    if move.now is None:
        yield _("The decision at first progression of %(day)s then rests on no progression.") % {
            "day": after.decision.date
        }
    elif (days := (after.decision.date - move.now.date).days) >= 0:
        yield _("The decision at first progression of %(day)s then comes %(days)s days after it.") % {
            "day": after.decision.date,
            "days": days,
        }
    else:
        yield _("The decision at first progression of %(day)s then comes %(days)s days before it.") % {
            "day": after.decision.date,
            "days": -days,
        }


def _new_baseline(after: PatientCourse, move: _Move) -> Iterator[str]:
    chosen = {role.read_id for role in after.snapshot.rows(after.patient, LesionRole) if role.period == 2}
    days = [str(read.date) for read in after.reads if read.pk in chosen]
    if chosen and (move.now is None or chosen != {move.now.scan_id}):
        on = _("on the scan of %(day)s") % {"day": move.now.date} if move.now else _("once there is one")
        yield _("The new baseline was chosen on the scan of %(was)s; it has to be chosen again %(on)s.") % {
            "was": ", ".join(days),
            "on": on,
        }


def _days(name: str, before: PatientCourse, after: PatientCourse, number: int) -> Iterator[str]:
    was, now = _time_to(before, number), _time_to(after, number)
    if was != now:
        yield _("%(name)s: %(was)s → %(now)s days.") % {
            "name": name,
            "was": "–" if was is None else was,
            "now": "–" if now is None else now,
        }


def _time_to(course: PatientCourse, number: int) -> int | None:
    """Days to a progression from where they are counted; None where either is not known."""
    start = course.first_dose if number == 1 else course.pd1_date
    end = _progression(course, number)
    return None if start is None or end is None else (end.date - start).days
