"""The state folder of one machine: secrets, sockets, logs and locks of the embedded services."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import stat
import tempfile
from functools import cached_property
from pathlib import Path

from config.processes import ServiceError

ROOT = Path(__file__).resolve().parent.parent
SECRET_NAMES = ("postgres", "rebaseline_owner", "rebaseline_app", "secret_key")
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"
SOCKET_PATH_LIMIT = 103  # macOS; Linux allows 107


def default_folder() -> Path:
    """Where state is kept unless said otherwise: REBASELINE_DATA, else `var` in the checkout."""
    return Path(os.environ.get("REBASELINE_DATA") or ROOT / "var")


class State:
    """Paths and secrets under one folder, private to the user who made it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in ("log", "mail", "run", "valkey"):
                (self.folder / name).mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise ServiceError(
                f"Cannot write the state folder {self.folder} ({error.strerror}). "
                "Set REBASELINE_DATA to a folder of your own."
            ) from error
        if (owner := self.folder.stat().st_uid) != os.geteuid():
            raise ServiceError(
                f"The state folder {self.folder} belongs to another user (number {owner}). "
                "Work as that user, or set REBASELINE_DATA to a folder of your own."
            )
        self.secrets_file = self.folder / "secrets.json"

    def log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    @property
    def mail(self) -> Path:
        """Where mails go that nobody was told to send anywhere else."""
        return self.folder / "mail"

    def run(self, name: str) -> Path:
        return self.folder / "run" / name

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Passwords and the signing key, made once; without them an existing cluster cannot be opened."""
        if not self.secrets_file.exists():
            if (self.folder / "postgres").exists():
                raise ServiceError(f"Without {self.secrets_file} the database beside it cannot be opened.")
            fresh = {name: secrets.token_urlsafe(40) for name in SECRET_NAMES}
            self.write_private("secrets.json", json.dumps(fresh, indent=1))
        kept: dict[str, str] = json.loads(self.secrets_file.read_text())
        return kept

    def write_private(self, name: str, text: str) -> Path:
        """Write a file only its owner can read, whole or not at all."""
        draft = self.folder / f"{name}.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return draft.replace(self.folder / name)

    @cached_property
    def sockets(self) -> Path:
        """A private folder with a path short enough for a socket, however deep the state folder lies."""
        digest = hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()[:16]
        name = f"rebaseline-{os.geteuid()}-{digest}"
        folder = _short_temporary_folder(len(f"/{name}{LONGEST_SOCKET_NAME}")) / name
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise ServiceError(f"{folder} is not a private folder of ours; remove it or set TMPDIR.")
        return folder


def _short_temporary_folder(needed: int) -> Path:
    preferred = tempfile.gettempdir()
    if len(preferred) + needed <= SOCKET_PATH_LIMIT and re.fullmatch(r"[\w./-]+", preferred, re.ASCII):
        return Path(preferred)
    return Path("/tmp")
