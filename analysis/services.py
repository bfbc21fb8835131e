"""Starting, computing, restarting and taking up analysis runs."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from analysis.clocks import clock_faults
from analysis.models import AnalysisRun, RunOutput
from analysis.outputs import Output, canonical, content_of, fingerprint, title_of
from analysis.run_data import run_data
from analysis.settings import RunSettings, SettingsError
from casebook.extraction import begin_as_of
from trial import jobs
from trial.access import Permission, require_everywhere
from trial.audit import acting
from trial.models import Person, ProtocolVersion
from trial.version import code_version

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
    jobs.restart(run, why="Run started again", otherwise="Only a run that failed can be started again.")
    return run


def abandoned_runs(*, actor: Person) -> list[int]:
    return jobs.abandoned(AnalysisRun, actor=actor)


def give_up_lost_runs(*, actor: Person) -> None:
    jobs.give_up_lost(AnalysisRun, actor=actor, said=LOST_TOO_OFTEN)


def compute_run(run_id: int, *, actor: Person, taken_up: bool = False) -> bool:
    """Compute a run and store its outputs, once. Returns False where another worker has it or it is over."""
    return jobs.run_once(
        AnalysisRun,
        run_id,
        actor=actor,
        taken_up=taken_up,
        work=_compute,
        said=lambda run: jobs.Said(
            fault=FAULT, not_allowed=NO_LONGER_ALLOWED.format(person=run.requested_by)
        ),
        code_version=code_version(),
    )


def _compute(run: AnalysisRun, report: jobs.Report) -> jobs.Made:
    from analysis.engine import compute  # its statistics take long to import: only where they are used

    report(2, "Reading the data")
    with acting(run.requested_by):
        require_everywhere(run.requested_by, Permission.RUN_ANALYSIS)
        data = run_data(run.as_of)
    outputs = compute(run, data, report)
    rows = [_stored(run, position, *output) for position, output in enumerate(outputs, start=1)]
    return jobs.Made(
        values={"sha256": fingerprint(*(f"{row.name} {row.sha256}" for row in rows))},
        store=lambda: RunOutput.objects.bulk_create(rows),
    )


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
