"""No log of a state folder grows without end, and what is still written arrives."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.log_files import LARGEST, keep_small
from config.processes import Child
from config.state import State
from tests.config.service_processes import Session, eventually


def test_a_short_log_is_left_as_it_is_and_a_missing_one_is_no_matter(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    keep_small(log, largest=3)
    log.write_text("abc")
    keep_small(log, largest=3)
    assert log.read_text() == "abc"
    assert list(tmp_path.iterdir()) == [log]


def test_a_long_log_is_set_aside_once_and_its_writer_goes_on_in_the_empty_one(tmp_path: Path) -> None:
    log, aside = tmp_path / "web.log", tmp_path / "web.log.1"
    with log.open("ab", buffering=0) as writer:
        for line in (b"first\n", b"second\n", b"third\n"):
            writer.write(line)
            keep_small(log, largest=3)
        writer.write(b"new\n")
    assert (log.read_text(), aside.read_text()) == ("new\n", "third\n")
    assert aside.stat().st_mode & 0o077 == 0


def test_a_program_that_writes_much_is_cut_when_it_starts_and_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "talker.log"
    log.write_bytes(b"x" * (LARGEST + 1))
    says = "import time\nwhile True: print('y' * 100, flush=True); time.sleep(0.0001)"
    child = Child("The talker", [sys.executable, "-c", says], log=log, stop_signal=signal.SIGKILL)
    child.start()
    try:
        assert (tmp_path / "talker.log.1").read_bytes() == b"x" * (LARGEST + 1)
        assert eventually(lambda: log.stat().st_size > 1000)
        monkeypatch.setattr("config.processes.keep_small", lambda log: keep_small(log, largest=1000))
        child.keep_log_small()
        assert (tmp_path / "talker.log.1").read_bytes().startswith(b"y")
    finally:
        child.stop()


def test_the_keeper_cuts_the_logs_of_what_it_keeps(session: Callable[[], Session], folder: Path) -> None:
    state = State(folder)
    session()
    for name in ("postgres", "valkey", "services"):
        with state.log(name).open("ab") as log:
            log.write(b"x" * (LARGEST + 1))
    for name in ("postgres", "valkey", "services"):
        log = state.log(name)
        assert eventually(lambda log=log: log.stat().st_size < LARGEST)
        assert log.with_name(f"{name}.log.1").stat().st_size > LARGEST
