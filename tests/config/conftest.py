"""State folders for process tests."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.service_processes import Session, eventually, processes_of


@pytest.fixture
def no_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where nothing is provided by the environment."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path, no_services: None) -> Iterator[Path]:
    """A state folder whose path is long and has a space; nothing of it may be running afterwards."""
    path = tmp_path / ("a folder deep in the tree " + "x" * 90)
    yield path
    left = processes_of(path)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"left running: {left}"


@pytest.fixture
def session(folder: Path) -> Iterator[Callable[[], Session]]:
    started: list[Session] = []

    def start() -> Session:
        started.append(Session(folder))
        return started[-1]

    yield start
    for each in started:
        each.kill()
    eventually(lambda: not processes_of(folder))
