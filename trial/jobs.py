"""Jobs: taken up by one worker at a time, reported on, finished once; taken up again when the worker is lost.

The database, not the broker, is the truth about a job: a message lost or delivered twice changes nothing.
Progress and heartbeat are written in transactions of their own, what was made and the state FINISHED in one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.utils import timezone

from trial.audit import acting, set_reason
from trial.models import Job, JobState, Person

log = logging.getLogger(__name__)
ABANDONED_AFTER = timedelta(seconds=60)
MOST_ATTEMPTS = 5

J = TypeVar("J", bound=Job)
Report = Callable[[int, str], None]


class Superseded(Exception):
    """Another worker took the job up; what this one made is thrown away."""


class JobNotReady(ValidationError):
    """The job is not in the state the action needs."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person reads of a job that failed. `fault` has places for step and kind of the fault."""

    fault: str
    not_allowed: str


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a job came to: the values of its row, and how the rest is stored in the same transaction."""

    values: dict[str, Any] = field(default_factory=dict)
    store: Callable[[], object] = lambda: None


def run_once(
    model: type[J],
    pk: int,
    *,
    actor: Person,
    taken_up: bool,
    work: Callable[[J, Report], Made],
    said: Callable[[J], Said],
    **at_claim: Any,
) -> bool:
    """Do a job and store what it made, once. Returns False where another worker has it or it is over.

    The claim is a conditional update, so two workers given the same job never both do it to the end.
    """
    job = _claim(model, pk, actor, taken_up, at_claim)
    if job is None:
        return False
    try:
        made = work(job, lambda progress, step: report(job, actor, progress, step))
    except Superseded:
        return False
    except PermissionDenied:
        _fail(job, actor, said(job).not_allowed)
        return False
    except Exception as error:
        log.exception("%s %s failed", model._meta.verbose_name, pk)
        _fail(job, actor, said(job).fault.format(step=job.step or "the start", kind=type(error).__name__))
        return False
    return _finish(job, actor, made)


def report(job: Job, actor: Person, progress: int, step: str) -> None:
    """Say how far the job is; stop where another worker has taken it up meanwhile."""
    job.progress, job.step = progress, step
    with acting(actor):
        if not mine(job).update(progress=progress, step=step, heartbeat=timezone.now()):
            raise Superseded


def mine(job: Job) -> Any:
    """The job's row as long as this worker has it: an update through it holds the row until the commit."""
    rows = type(job)._default_manager
    return rows.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt)


def restart(job: Job, *, why: str, otherwise: str) -> None:
    """Let a failed job be done again, as it was asked for; `otherwise` says that it did not fail."""
    set_reason(why)
    failed = type(job)._default_manager.filter(pk=job.pk, state=JobState.FAILED)
    if not failed.update(state=JobState.QUEUED, error="", progress=0, step=""):
        raise JobNotReady(otherwise)
    job.refresh_from_db()


def abandoned(model: type[Job], *, actor: Person) -> list[int]:
    """Jobs that nobody does: their worker's heartbeat stood still, or nobody took them up."""
    forgotten = Q(state=JobState.QUEUED, requested_at__lt=timezone.now() - ABANDONED_AFTER)
    with acting(actor):
        found = model._default_manager.filter(_silent() | forgotten).order_by("pk")
        return list(found.values_list("pk", flat=True))


def give_up_lost(model: type[Job], *, actor: Person, said: str) -> None:
    """Let a job fail whose workers were lost again and again: what it needs may be what kills them."""
    with acting(actor, "The worker was lost too often"):
        lost = model._default_manager.filter(_silent(), attempt__gte=MOST_ATTEMPTS)
        lost.update(state=JobState.FAILED, error=said.format(attempts=MOST_ATTEMPTS))


def _silent() -> Q:
    """Running, without a sign of life for too long."""
    return Q(state=JobState.RUNNING, heartbeat__lt=timezone.now() - ABANDONED_AFTER)


def _claim(model: type[J], pk: int, actor: Person, taken_up: bool, values: dict[str, Any]) -> J | None:
    free = Q(state=JobState.QUEUED)
    if taken_up:
        free |= _silent()
    with acting(actor, "A worker took it up"):
        claimed = model._default_manager.filter(free, pk=pk).update(
            state=JobState.RUNNING,
            heartbeat=timezone.now(),
            attempt=F("attempt") + 1,
            progress=0,
            step="",
            error="",
            **values,
        )
        return model._default_manager.select_related().get(pk=pk) if claimed else None


def _finish(job: Job, actor: Person, made: Made) -> bool:
    with acting(actor, "Finished"):
        over = {"state": JobState.FINISHED, "progress": 100, "step": "", "finished_at": timezone.now()}
        if not mine(job).update(**over, **made.values):
            return False
        made.store()
    return True


def _fail(job: Job, actor: Person, why: str) -> None:
    with acting(actor, "Failed"):
        mine(job).update(state=JobState.FAILED, error=why)
