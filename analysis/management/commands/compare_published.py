"""The published figures beside what a run computes."""

import json
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.models import AnalysisRun, RunState
from analysis.published import Comparison, compare
from analysis.services import compute_run, start_run
from analysis.settings import RunSettings
from trial.access import Permission, may_everywhere
from trial.audit import acting, system_person
from trial.models import Membership, Person, ProtocolVersion, Role

SHOWN = ("id", "printed", "computed", "verdict", "reason")


class Command(BaseCommand):
    help = "Compares the published figures with a finished run, or with a new one of the data as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("table", "json"), default="table")
        parser.add_argument(
            "--run", type=int, help="number of a finished run; otherwise the newest as planned"
        )
        parser.add_argument("--fresh", action="store_true", help="start a new run in any case")

    def handle(self, *args: Any, **options: Any) -> None:
        statistician = self._statistician()
        run = self._run(statistician, options["run"], fresh=options["fresh"])
        with acting(statistician):
            rows = compare(run)
        if options["format"] == "json":
            kept = [{name: value for name, value in asdict(row).items() if name in SHOWN} for row in rows]
            self.stdout.write(json.dumps(kept, ensure_ascii=False, indent=1))
        else:
            self._print(run, rows)

    def _statistician(self) -> Person:
        """Who asks: the first person who may run analyses of the whole trial."""
        people = Person.objects.filter(
            memberships__in=Membership.objects.filter(role=Role.STATISTICIAN)
        ).order_by("pk")
        found = next((person for person in people if may_everywhere(person, Permission.RUN_ANALYSIS)), None)
        if found is None:
            raise CommandError("Nobody here may run analyses of the whole trial.")
        return found

    def _run(self, statistician: Person, wanted: int | None, *, fresh: bool) -> AnalysisRun:
        with acting(statistician):
            finished = AnalysisRun.objects.filter(state=RunState.FINISHED).select_related("protocol_version")
            if wanted is not None:
                chosen = finished.filter(pk=wanted).first()
                if chosen is None:
                    raise CommandError(f"There is no finished run {wanted}.")
                return chosen
            planned = None if fresh else next(filter(_is_as_planned, finished), None)
            if planned is not None:
                return planned
            version = ProtocolVersion.objects.order_by("-pk").first()
            if version is None:
                raise CommandError("There is no trial here. Load one first, for example by `manage.py demo`.")
            try:
                run = start_run(
                    protocol_version=version,
                    cut_off=version.protocol.cut_off,
                    as_of=None,
                    settings={},
                    by=statistician,
                )
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
        compute_run(run.pk, actor=system_person())
        with acting(statistician):
            run.refresh_from_db()
        if run.state != RunState.FINISHED:
            raise CommandError(f"Run {run.pk} did not finish: {run.error}")
        return run

    def _print(self, run: AnalysisRun, rows: list[Comparison]) -> None:
        synthetic = "SYNTHETIC data. " if run.trial.is_synthetic else ""
        self.stdout.write(
            f"{synthetic}Run {run.pk}: cut-off {run.cut_off}, data as of {run.as_of:%Y-%m-%d %H:%M %Z}"
        )
        widths = {n: max(len(n), *(len(getattr(row, n)) for row in rows)) for n in SHOWN}
        for line in ({name: name for name in SHOWN}, *(asdict(row) for row in rows)):
            self.stdout.write("  ".join(line[name].ljust(widths[name]) for name in SHOWN).rstrip())
        agreeing = sum(row.verdict == "agrees" for row in rows)
        self.stdout.write(f"{agreeing} of {len(rows)} agree.")


def _is_as_planned(run: AnalysisRun) -> bool:
    """A run of the protocol's cut-off with the protocol's settings."""
    protocol = run.protocol_version.protocol
    return (
        run.cut_off == protocol.cut_off and run.settings == RunSettings.from_protocol(protocol, {}).as_json()
    )
