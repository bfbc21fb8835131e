"""The demo's launcher: everything up, everything down, nothing lost, nobody left behind."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.launch import welcome
from config.state import ROOT
from tests.config.service_processes import arguments_of, environment, eventually, processes_of

# The launcher itself, without the minute it takes to load a trial.
LAUNCHER = """
import sys
from config import launch
launch.Preparation.prepare = launch.Preparation.sign_ins = lambda preparation: None
launch.welcome = lambda *_: print("Rebaseline runs", flush=True)
sys.exit(launch.main())
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Launched:
    """A launcher in a session of its own, as `make demo` in a terminal."""

    def __init__(self, folder: Path, port: int, *, parent: bool = False) -> None:
        self.folder, self.port = folder, port
        command = [sys.executable, "-c", LAUNCHER, *(["--with-parent"] if parent else [])]
        self.process = subprocess.Popen(
            ["sh", "-c", '"$@"; exit $?', "sh", *command] if parent else command,
            cwd=ROOT,
            env=environment(folder, PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "Rebaseline runs\n"

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def processes(self, *words: str) -> list[int]:
        """Processes of this demo whose arguments contain the words; the oldest, their master, first."""
        wanted = " ".join(words)
        return [pid for pid in sorted(processes_of(self.folder)) if wanted in arguments_of(pid)]

    def finish(self) -> tuple[int, str]:
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def launch(folder: Path) -> Iterator[Callable[..., Launched]]:
    launched: list[Launched] = []

    def start(port: int | None = None, *, parent: bool = False) -> Launched:
        launched.append(Launched(folder, port or free_port(), parent=parent))
        return launched[-1]

    yield start
    for each in launched:
        if each.process.poll() is None:
            each.process.kill()
            each.finish()
    eventually(lambda: not processes_of(folder))


def test_one_demo_serves_a_folder_until_ctrl_c(launch: Callable[..., Launched], folder: Path) -> None:
    demo = launch()
    demo.until_ready()
    assert demo.is_healthy()
    assert launch().finish() == (1, f"The demo already runs on {folder}.\n")
    owner_password = b"DATABASE_OWNER_URL"
    serving = [*demo.processes("gunicorn"), *demo.processes("celery")]
    assert len(serving) >= 5
    assert not any(owner_password in Path(f"/proc/{pid}/environ").read_bytes() for pid in serving)
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.finish() == (0, "\nStopping …\nStopped.\n")
    assert not processes_of(folder)
    assert "database system is shut down" in (folder / "log" / "postgres.log").read_text()


def test_a_killed_launcher_leaves_no_orphan(launch: Callable[..., Launched], folder: Path) -> None:
    demo = launch()
    demo.until_ready()
    demo.process.kill()
    demo.finish()
    assert eventually(lambda: not processes_of(folder))
    assert "database system is shut down" in (folder / "log" / "postgres.log").read_text()


def test_the_launcher_stops_with_the_make_that_started_it(
    launch: Callable[..., Launched], folder: Path
) -> None:
    demo = launch(parent=True)
    demo.until_ready()
    demo.process.kill()
    assert eventually(lambda: not processes_of(folder))
    assert demo.finish()[1] == "\nStopping …\nStopped.\n"


def test_what_is_killed_is_started_again(launch: Callable[..., Launched], folder: Path) -> None:
    demo = launch()
    demo.until_ready()
    kinds = [("gunicorn",), ("celery", "--app", "config", "worker"), ("celery", "--app", "config", "beat")]
    before = [demo.processes(*kind)[0] for kind in kinds]
    keeper = demo.processes("config.keeper")[0]
    for pid in [*before, keeper]:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: all(set(demo.processes(*kind)[:1]) - set(before) for kind in kinds))
    assert eventually(lambda: demo.processes("config.keeper") and demo.is_healthy())
    demo.process.terminate()
    status, said = demo.finish()
    assert status == 0
    for name in ("The web server", "The worker", "The scheduler", "The database services"):
        assert f"{name} ended; starting" in said
    assert not processes_of(folder)


def test_a_taken_port_is_said_before_anything_starts(launch: Callable[..., Launched], folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = launch(port).finish()
    assert status == 1
    assert said == (
        f"Cannot serve on 127.0.0.1:{port}: Address already in use. "
        f"Choose another: make demo PORT={port + 1}\n"
    )
    assert not (folder / "postgres").exists()


@pytest.mark.parametrize("given", ["", "smtps://mail.example"])
def test_the_welcome_says_where_mails_go_that_are_not_sent(
    folder: Path, given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMAIL_URL", given)
    welcome("127.0.0.1", 8000, folder, "auditor  auditor@demo.invalid  …\n")
    assert (f"written to {folder / 'mail'}" in capsys.readouterr().out) == (not given)


@pytest.mark.parametrize("port", ["eight", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_in_words(folder: Path, port: str) -> None:
    command = [sys.executable, "-m", "config.launch"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(folder, PORT=port), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"PORT is {port!r}; it must be a number from 1 to 65535.\n"
