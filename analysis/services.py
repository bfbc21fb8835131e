"""Starting, computing, restarting and taking up analysis runs."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from analysis.clocks import clock_faults
from analysis.models import AnalysisRun, RunOutput, RunState
from analysis.outputs import Output, canonical, content_of, fingerprint, title_of
from analysis.run_data import run_data
from analysis.settings import RunSettings, SettingsError
from casebook.extraction import begin_as_of
from trial.access import Permission, require_everywhere
from trial.audit import acting, set_reason
from trial.models import Person, ProtocolVersion
from trial.version import code_version

log = logging.getLogger(__name__)
ABANDONED_AFTER = timedelta(seconds=60)
MOST_ATTEMPTS = 5
FAULT = (
    "The worker met a fault while it computed “{step}” ({kind}). No data were changed. Start the run again; "
    "if it fails again, tell your administrator the number of the run."
)
LOST_TOO_OFTEN = (
    "The worker was lost before the run was finished, {attempts} times. Tell your administrator the number "
    "of the run before you start it again."
)
NO_LONGER_ALLOWED = (
    "{person} may no longer run analyses of the whole trial. Ask a statistician to start a new run."
)


class Superseded(Exception):
    """Another worker took the run up; what this one computed is thrown away."""


class RunNotReady(ValidationError):
    """The run is not in the state the action needs."""


@transaction.atomic
def start_run(
    *,
    protocol_version: ProtocolVersion,
    cut_off: date,
    as_of: datetime | None,
    settings: dict[str, Any],
    by: Person,
) -> AnalysisRun:
    """Enter a run for the worker. Without `as_of` the data are taken as they are now.

    Clocks that cannot be, or a setting out of range, raise ValidationError at the field's name.
    """
    require_everywhere(by, Permission.RUN_ANALYSIS)
    now = begin_as_of()
    if faults := clock_faults(cut_off, as_of, now=now):
        raise ValidationError(faults)
    try:
        chosen = RunSettings.from_protocol(protocol_version.protocol, settings)
    except SettingsError as error:
        raise ValidationError({error.name: str(error)}) from error
    return AnalysisRun.objects.create(
        trial=protocol_version.trial,
        protocol_version=protocol_version,
        requested_by=by,
        cut_off=cut_off,
        as_of=as_of or now,
        settings=chosen.as_json(),
        code_version=code_version(),
    )


@transaction.atomic
def restart_run(run: AnalysisRun, *, by: Person) -> AnalysisRun:
    """Let a failed run be computed again, as it was asked for."""
    require_everywhere(by, Permission.RUN_ANALYSIS)
    set_reason("Run started again")
    changed = AnalysisRun.objects.filter(pk=run.pk, state=RunState.FAILED).update(
        state=RunState.QUEUED, error="", progress=0, step=""
    )
    if not changed:
        raise RunNotReady("Only a run that failed can be started again.")
    run.refresh_from_db()
    return run


def abandoned_runs(*, actor: Person) -> list[int]:
    """Runs that nobody computes: their worker's heartbeat stood still, or nobody took them up."""
    forgotten = Q(state=RunState.QUEUED, requested_at__lt=timezone.now() - ABANDONED_AFTER)
    with acting(actor):
        found = AnalysisRun.objects.filter(_silent() | forgotten).order_by("pk")
        return list(found.values_list("pk", flat=True))


def give_up_lost_runs(*, actor: Person) -> None:
    """Let a run fail whose workers were lost again and again: what it needs may be what kills them."""
    with acting(actor, "The worker was lost too often"):
        AnalysisRun.objects.filter(_silent(), attempt__gte=MOST_ATTEMPTS).update(
            state=RunState.FAILED, error=LOST_TOO_OFTEN.format(attempts=MOST_ATTEMPTS)
        )


def _silent() -> Q:
    """Running, without a sign of life for too long."""
    return Q(state=RunState.RUNNING, heartbeat__lt=timezone.now() - ABANDONED_AFTER)


def compute_run(run_id: int, *, actor: Person, taken_up: bool = False) -> bool:
    """Compute a run and store its outputs, once. Returns False where another worker has it or it is over.

    Progress and heartbeat are written in transactions of their own; the outputs and the state FINISHED in
    one. The claim is a conditional update, so two workers given the same run never both compute it to the
    end.
    """
    run = _claim(run_id, actor, taken_up)
    if run is None:
        return False
    try:
        outputs = _compute(run, lambda progress, step: _report(run, actor, progress, step))
    except Superseded:
        return False
    except PermissionDenied:
        _fail(run, actor, NO_LONGER_ALLOWED.format(person=run.requested_by))
        return False
    except Exception as error:
        log.exception("run %s failed", run_id)
        _fail(run, actor, FAULT.format(step=run.step or "the start", kind=type(error).__name__))
        return False
    return _finish(run, actor, outputs)


def _claim(run_id: int, actor: Person, taken_up: bool) -> AnalysisRun | None:
    free = Q(state=RunState.QUEUED)
    if taken_up:
        free |= _silent()
    with acting(actor, "A worker took the run up"):
        claimed = AnalysisRun.objects.filter(free, pk=run_id).update(
            state=RunState.RUNNING,
            heartbeat=timezone.now(),
            attempt=F("attempt") + 1,
            progress=0,
            step="",
            error="",
            code_version=code_version(),
        )
        if not claimed:
            return None
        return AnalysisRun.objects.select_related("protocol_version", "requested_by", "trial").get(pk=run_id)


def _report(run: AnalysisRun, actor: Person, progress: int, step: str) -> None:
    """Say how far the run is; stop where another worker has taken it up meanwhile."""
    run.progress, run.step = progress, step
    with acting(actor):
        mine = AnalysisRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt)
        if not mine.update(progress=progress, step=step, heartbeat=timezone.now()):
            raise Superseded


def _compute(run: AnalysisRun, report: Callable[[int, str], None]) -> list[tuple[str, str, Output]]:
    from analysis.engine import compute  # its statistics take long to import: only where they are used

    report(2, "Reading the data")
    with acting(run.requested_by):
        require_everywhere(run.requested_by, Permission.RUN_ANALYSIS)
        data = run_data(run.as_of)
    return compute(run, data, report)


def _finish(run: AnalysisRun, actor: Person, outputs: list[tuple[str, str, Output]]) -> bool:
    rows = [_stored(run, position, *output) for position, output in enumerate(outputs, start=1)]
    with acting(actor, "Run finished"):
        finished = AnalysisRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt).update(
            state=RunState.FINISHED,
            progress=100,
            step="",
            finished_at=timezone.now(),
            sha256=fingerprint(*(f"{row.name} {row.sha256}" for row in rows)),
        )
        if not finished:
            return False
        RunOutput.objects.bulk_create(rows)
    return True


def _stored(run: AnalysisRun, position: int, name: str, kind: str, output: Output) -> RunOutput:
    content = content_of(output)
    return RunOutput(
        run=run,
        name=name,
        position=position,
        kind=kind,
        title=title_of(output),
        content=content,
        sha256=fingerprint(canonical(content)),
    )


def _fail(run: AnalysisRun, actor: Person, why: str) -> None:
    with acting(actor, "Run failed"):
        AnalysisRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt).update(
            state=RunState.FAILED, error=why
        )
