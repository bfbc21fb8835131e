"""Advisory file locks: the kernel releases them with the process, so none is ever stale."""

import fcntl
from pathlib import Path
from types import TracebackType
from typing import Self


class Lock:
    """One file that processes lock shared (fcntl.LOCK_SH) or for themselves (fcntl.LOCK_EX)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        self.file = self.path.open("a")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def wait_for(self, kind: int) -> None:
        fcntl.flock(self.file, kind)

    def take(self, kind: int) -> bool:
        """Lock without waiting; False where others stand in the way."""
        try:
            fcntl.flock(self.file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Whether some process has locked the file for itself."""
    if not path.exists():
        return False
    with Lock(path) as lock:
        return not lock.take(fcntl.LOCK_SH)
