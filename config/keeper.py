"""The process that owns the servers of one state folder for as long as anybody uses them.

Whoever uses them holds a shared lock on `run/users`; the keeper ends when it gets that lock for itself, that
is when the last user has left, in whatever way, kill -9 included. The servers end with the keeper.
"""

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from config.local_postgres import APP_ROLE, OWNER_ROLE, LocalPostgres
from config.local_valkey import LocalValkey
from config.locks import Lock
from config.log_files import keep_small
from config.processes import ServiceError
from config.state import State

POLL = 0.1


class Keeper:
    """Starts the servers, starts them again when they end, stops them after the last user."""

    def __init__(self, state: State, services: list[str], *, durable: bool, temporary: bool) -> None:
        self.state, self.temporary = state, temporary
        self.postgres = LocalPostgres(state, durable=durable) if "postgres" in services else None
        self.valkey = LocalValkey(state, durable=durable) if "valkey" in services else None
        self.asked_to_stop = False

    def run(self) -> None:
        """Start, say so on standard output, watch, and stop."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop_soon)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with Lock(self.state.run("users")) as users:
            try:
                for server in self._servers():
                    server.start()
                self.state.write_private("run/offered.json", json.dumps(self._offer()))
                answer({"ready": True})
                while not self.asked_to_stop and not users.take(fcntl.LOCK_EX):
                    self._restart_what_ended()
                    self._keep_logs_small()
                    time.sleep(POLL)
            finally:
                self._stop()

    def _servers(self) -> list[LocalPostgres | LocalValkey]:
        return [server for server in (self.postgres, self.valkey) if server is not None]

    def _offer(self) -> dict[str, str]:
        """The environment variables that lead to the servers."""
        offered = {}
        if self.postgres:
            offered["DATABASE_URL"] = self.postgres.url(APP_ROLE)
            offered["DATABASE_OWNER_URL"] = self.postgres.url(OWNER_ROLE)
        if self.valkey:
            offered["REDIS_URL"] = self.valkey.url()
        return offered

    def _restart_what_ended(self) -> None:
        for server in self._servers():
            if not server.child.is_running():
                print(f"{server.child.name} ended; starting it again", file=sys.stderr, flush=True)
                server.child.refuse_if_it_keeps_ending()
                server.start()

    def _keep_logs_small(self) -> None:
        for server in self._servers():
            server.child.keep_log_small()
        keep_small(self.state.log("services"))

    def _stop(self) -> None:
        for server in reversed(self._servers()):
            server.stop()
        shutil.rmtree(self.state.sockets, ignore_errors=True)
        if self.temporary:
            shutil.rmtree(self.state.folder, ignore_errors=True)

    def _stop_soon(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True


def answer(report: dict[str, object]) -> None:
    """Tell whoever started the keeper, who may be gone by now, and let go of their pipe."""
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(report), flush=True)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.close(silence)


def keep(folder: Path, services: list[str], *, durable: bool, temporary: bool) -> int:
    """The keeper's life, under the keeper's lock."""
    state = State(folder)
    with Lock(state.run("keeper")) as lock:
        if not lock.take(fcntl.LOCK_EX):
            answer({"error": f"Another process already keeps the services of {folder}."})
            return 1
        try:
            Keeper(state, services, durable=durable, temporary=temporary).run()
        except ServiceError as error:
            print(error, file=sys.stderr)
            answer({"error": str(error)})
            return 1
        except Exception as error:
            answer({"error": f"{type(error).__name__}: {error}"})
            raise
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.keeper", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--services", nargs="+", required=True, choices=["postgres", "valkey"])
    parser.add_argument("--fast", action="store_true", help="not safe against a crash; for tests")
    parser.add_argument("--temporary", action="store_true", help="remove the folder at the end")
    options = parser.parse_args()
    return keep(options.data, options.services, durable=not options.fast, temporary=options.temporary)


if __name__ == "__main__":
    sys.exit(main())
