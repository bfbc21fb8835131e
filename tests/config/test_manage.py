"""manage.py works from a bare checkout, on services of its own or on those that already run."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.state import ROOT
from tests.config.service_processes import Session, environment, processes_of


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True)


def test_a_command_starts_and_stops_what_it_needs(folder: Path) -> None:
    done = manage(folder, "showmigrations", "trial", "--skip-checks")
    assert done.returncode == 0, done.stderr
    assert "[ ] 0001_initial" in done.stdout
    assert (folder / "postgres").exists()
    assert not processes_of(folder)


def test_a_command_uses_what_runs_and_leaves_it_running(session: Callable[[], Session], folder: Path) -> None:
    running = session()
    running.query(
        "CREATE TABLE django_migrations (id int, app text, name text, applied timestamptz)",
        "DATABASE_OWNER_URL",
    )
    running.query("GRANT SELECT ON django_migrations TO rebaseline_app", "DATABASE_OWNER_URL")
    running.query(
        "INSERT INTO django_migrations VALUES (1, 'trial', '0001_initial', now())", "DATABASE_OWNER_URL"
    )
    done = manage(folder, "showmigrations", "trial", "--skip-checks")
    assert "[X] 0001_initial" in done.stdout
    assert running.query("SELECT 1") == "[(1,)]"


def test_a_failing_command_says_so_and_stops_everything(folder: Path) -> None:
    done = manage(folder, "restore", str(folder / "absent.tar"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"CommandError: There is no file {folder / 'absent.tar'}.\n"
    assert not processes_of(folder)


@pytest.mark.parametrize("command", [["--version"], ["help"], ["check"], ["build_figures"]])
def test_what_needs_no_database_starts_none(folder: Path, command: list[str]) -> None:
    assert manage(folder, *command).returncode == 0
    assert not (folder / "postgres").exists()


def test_a_state_folder_that_cannot_be_made_is_said_in_words(folder: Path) -> None:
    folder.write_text("a file stands in the way")
    done = manage(folder, "showmigrations")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Cannot write the state folder {folder} (")
