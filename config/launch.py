"""`make demo`: the whole product on one machine with its synthetic trial."""

import argparse
import contextlib
import fcntl
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from config.local_services import LocalServices
from config.locks import Lock
from config.prepare import Preparation
from config.processes import Child, ServiceError, end_with_parent
from config.state import ROOT, State, default_folder

HEALTHY_WITHIN = 90.0
WATCH_EVERY = 0.5


class Demo:
    """The demo's own processes, from the first started to the last ended."""

    def __init__(self, state: State, host: str, port: int, environment: dict[str, str]) -> None:
        self.state, self.host, self.port = state, host, port
        # The owner's rights end with the migrations: web and worker never learn its password.
        serving = {name: value for name, value in environment.items() if name != "DATABASE_OWNER_URL"}
        # When the launcher is killed they do not finish their work first: the database ends as well.
        self.children = [
            Child(name, command, log=state.log(log), death_signal=death_signal, env=serving, cwd=ROOT)
            for name, log, death_signal, command in (
                (
                    "The worker",
                    "worker",
                    signal.SIGKILL,
                    _celery("worker", "--concurrency", "1", "--without-gossip", "--without-mingle"),
                ),
                ("The scheduler", "beat", signal.SIGKILL, _celery("beat", "--schedule", state.run("beat"))),
                ("The web server", "web", signal.SIGQUIT, _web_server(host, port)),
            )
        ]

    def serve(self) -> None:
        """Start worker, scheduler and web server, and return when they answer."""
        for child in self.children:
            child.start()
        self._wait_until_healthy()

    def watch(self, services: LocalServices) -> None:
        """Start again what ended by itself; a program that keeps ending stops the demo with a message."""
        while True:
            if not services.are_running():
                print("The database services ended; starting them again …", flush=True)
                services.ensure_running()
            for child in self.children:
                child.keep_log_small()
                if not child.is_running():
                    print(f"{child.name} ended; starting it again ({child.log}) …", flush=True)
                    child.refuse_if_it_keeps_ending()
                    child.start()
            time.sleep(WATCH_EVERY)

    def stop(self) -> None:
        """Web server first, so that nobody asks for what is no longer done."""
        for child in reversed(self.children):
            child.stop()

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + HEALTHY_WITHIN
        while not _answers(self.host, self.port):
            for child in self.children:
                if not child.is_running():
                    raise ServiceError(
                        f"{child.name} did not start; {child.log} ends with:\n{child.last_words()}"
                    )
            if time.monotonic() > deadline:
                raise ServiceError(f"No healthy answer from the web server; see {self.state.log('web')}.")
            time.sleep(0.1)


def _web_server(host: str, port: int) -> list[str | Path]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address),
        *("--workers", "2", "--worker-class", "sync", "--no-control-socket"),
    ]


def _celery(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "celery", "--app", "config", *arguments, "--loglevel", "INFO"]


def _answers(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(target, port, timeout=10)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def requested_address() -> tuple[str, int]:
    """HOST and PORT of the environment, refused in words where they cannot be served."""
    host, given = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise ServiceError(f"PORT is {given!r}; it must be a number from 1 to 65535.")
    port = int(given)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServiceError(
            f"Cannot serve on {host}:{port}: {error.strerror}. Choose another: make demo PORT={port + 1}"
        ) from error
    return host, port


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the block; a second one does not disturb the stopping."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(signum: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in signals:
        if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, stop)
    yield


def welcome(host: str, port: int, folder: Path, sign_ins: str) -> None:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    print(f"\nRebaseline runs at http://{address}/ with a SYNTHETIC trial. Sign in as:\n\n{sign_ins}")
    if not os.environ.get("EMAIL_URL"):
        print(f"Mails (links to a new password) are not sent but written to {State(folder).mail}.")
    print(f"Ctrl-C stops it; the data stay in {folder}.", flush=True)


def launch(folder: Path) -> None:
    host, port = requested_address()
    state = State(folder)
    with Lock(state.run("demo")) as demo_lock:
        if not demo_lock.take(fcntl.LOCK_EX):
            raise ServiceError(f"The demo already runs on {folder}.")
        with LocalServices(folder) as services:
            environment = {**os.environ, **services.variables}
            environment.setdefault("ALLOWED_HOSTS", f"localhost,127.0.0.1,{host}")
            if "DATABASE_OWNER_URL" not in environment:
                raise ServiceError(
                    "DATABASE_URL is set: the demo needs DATABASE_OWNER_URL as well, to migrate."
                )
            preparation = Preparation(state, environment, own_server="postgres" in services.wanted)
            preparation.prepare()
            demo = Demo(state, host, port, environment)
            try:
                demo.serve()
                welcome(host, port, folder, preparation.sign_ins())
                demo.watch(services)
            finally:
                print("\nStopping …", flush=True)
                demo.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.launch", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="stop when the parent (make) is gone")
    if parser.parse_args().with_parent:
        end_with_parent(signal.SIGTERM)
    try:
        with stopped_by_signals():
            launch(default_folder())
    except KeyboardInterrupt:
        print("Stopped.")
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
