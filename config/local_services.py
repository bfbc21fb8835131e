"""PostgreSQL and Valkey for one machine: started by the first who needs them, stopped after the last.

python -m config.local_services run [--data DIR | --temporary] -- command …
"""

import argparse
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from config.locks import Lock, is_held
from config.processes import ServiceError, bound_to_parent
from config.state import ROOT, State, default_folder

PROVIDED_BY = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}


class LocalServices:
    """The services of a state folder while inside `with`: a running keeper's, or those of one started here.

    Without a folder they are temporary and leave nothing behind. What the environment already provides is not
    started. `variables` leads settings to them.
    """

    def __init__(self, folder: Path | None = None, *, durable: bool = True) -> None:
        self.wanted = [name for name, variable in PROVIDED_BY.items() if not os.environ.get(variable)]
        self.temporary = folder is None
        self.durable = durable
        self.state = State(Path(tempfile.mkdtemp(prefix="rebaseline-")) if folder is None else folder)
        self.users = Lock(self.state.run("users"))
        self.keeper: subprocess.Popen[bytes] | None = None
        self.variables: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.users.__enter__()
        self.users.wait_for(fcntl.LOCK_SH)  # waits for a keeper that is stopping
        try:
            self.ensure_running()
        except BaseException:
            self.users.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave, and wait until everything is stopped unless others still use it."""
        self.users.__exit__(None, None, None)
        while is_held(self.state.run("keeper")) and not self._has_other_users():
            time.sleep(0.05)
        if self.keeper is not None and not is_held(self.state.run("keeper")):
            self.keeper.wait()

    def ensure_running(self) -> None:
        """Attach to the keeper or start one; also after a keeper was killed."""
        offered: dict[str, str] = {}
        if self.wanted:
            with Lock(self.state.run("start")) as start:
                start.wait_for(fcntl.LOCK_EX)
                if not is_held(self.state.run("keeper")):
                    self._start_keeper()
                offered = json.loads(self.state.run("offered.json").read_text())
        if missing := [name for name in self.wanted if PROVIDED_BY[name] not in offered]:
            raise ServiceError(f"{self.state.folder} is in use without {missing[0]}; stop that first.")
        secret_key = os.environ.get("SECRET_KEY") or self.state.secrets["secret_key"]
        self.variables = {
            **{PROVIDED_BY[name]: offered[PROVIDED_BY[name]] for name in self.wanted},
            **({"DATABASE_OWNER_URL": offered["DATABASE_OWNER_URL"]} if "postgres" in self.wanted else {}),
            "SECRET_KEY": secret_key,
            "REBASELINE_DATA": str(self.state.folder),
            "EMAIL_URL": os.environ.get("EMAIL_URL") or self.state.mail.as_uri(),
        }

    def are_running(self) -> bool:
        return not self.wanted or is_held(self.state.run("keeper"))

    def _start_keeper(self) -> None:
        command = [sys.executable, "-m", "config.keeper", "--data", str(self.state.folder)]
        command += ["--services", *self.wanted]
        command += ["--fast"] * (not self.durable) + ["--temporary"] * self.temporary
        with self.state.log("services").open("ab") as log:
            self.keeper = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self.keeper.stdout is not None
        with self.keeper.stdout as answer:
            report = json.loads(answer.readline() or "{}")
        if not report.get("ready"):
            self.keeper.wait()
            raise ServiceError(report.get("error") or f"No services; see {self.state.log('services')}.")

    def _has_other_users(self) -> bool:
        """The keeper takes the users' lock for itself when the last one leaves; others share it."""
        if not self.users.path.exists():
            return False
        with Lock(self.users.path) as users:
            return not users.take(fcntl.LOCK_EX) and users.take(fcntl.LOCK_SH)


def run(command: list[str], services: LocalServices) -> int:
    """Run a command with the services at hand and return its exit status."""
    with services:
        child = subprocess.Popen(
            command, env={**os.environ, **services.variables}, preexec_fn=bound_to_parent(signal.SIGTERM)
        )
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the command as well
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        status = child.wait()
    return status if status >= 0 else 128 - status


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.local_services", description=__doc__)
    verb = parser.add_subparsers(required=True).add_parser("run", help="run a command with them")
    place = verb.add_mutually_exclusive_group()
    place.add_argument("--data", type=Path, default=default_folder(), help="state folder")
    place.add_argument("--temporary", action="store_true", help="leave nothing behind; not crash-safe")
    verb.add_argument("command", nargs="+")
    options = parser.parse_args()
    try:
        return run(
            options.command,
            LocalServices(None if options.temporary else options.data, durable=not options.temporary),
        )
    except ServiceError as error:
        print(error, file=sys.stderr)
    except (FileNotFoundError, PermissionError) as error:  # the latter where PATH has a closed folder
        print(f"{error.filename}: no such command", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
