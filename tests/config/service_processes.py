"""Processes of a state folder: see them all, wait for them, talk to one that uses the services."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.state import ROOT

PATIENCE = 60.0
CONNECTS = """
try: psycopg2.connect(os.environ["DATABASE_URL"]).close(); print(True, end="")
except psycopg2.OperationalError: print(False, end="")
"""


def processes_of(folder: Path) -> set[int]:
    """Every other process that names the folder in its arguments or environment, or works in it."""
    wanted, found = os.fsencode(folder), set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            traces = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
            if wanted in traces or wanted in os.fsencode(os.readlink(entry / "cwd")):
                found.add(int(entry.name))
        except OSError:  # ended meanwhile, or a zombie
            continue
    return found


def arguments_of(pid: int) -> str:
    """As one line; empty once the process has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def eventually(holds: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Ours without the services the tests run on."""
    provided = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "EMAIL_URL"}
    own = {name: value for name, value in os.environ.items() if name not in provided}
    return own | {"REBASELINE_DATA": str(folder), **more}


class Session:
    """A `config.local_services run` in the background that runs Python lines sent to it."""

    def __init__(self, folder: Path) -> None:
        repl = "import json, sys\nfor line in sys.stdin: exec(json.loads(line)); print(flush=True)"
        command = [sys.executable, "-m", "config.local_services", "run", "--data", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--", sys.executable, "-uc", repl],
            cwd=ROOT,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ask("import os, psycopg2; print(os.getpid(), end='')")

    def wait_for_database(self) -> None:
        """Until a new connection is accepted."""
        while self.ask(CONNECTS) != "True":
            time.sleep(0.05)

    def ask(self, code: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the session ended"
        return answer.strip()

    def query(self, sql: str, url: str = "DATABASE_URL") -> str:
        return self.ask(
            f"c = psycopg2.connect(os.environ['{url}']); c.autocommit = True; k = c.cursor(); "
            f"k.execute({sql!r}); print(k.fetchall() if k.description else 'done', end=''); c.close()"
        )

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self._reap()

    def kill(self) -> None:
        self.process.kill()
        self._reap()

    def _reap(self) -> int:
        with self.process as process:  # closes its pipes
            return process.wait(PATIENCE)
