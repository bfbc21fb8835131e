"""Log files of a state folder that never fill a disk."""

import contextlib
import shutil
from pathlib import Path

LARGEST = 5_000_000  # bytes; beside each log lies at most one predecessor


def keep_small(log: Path, largest: int = LARGEST) -> None:
    """Once a log is too long, set what it holds aside as `….log.1` and go on with an empty one.

    Who writes it keeps it open for appending, so it is copied and emptied rather than renamed.
    """
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size <= largest:
            return
        aside = log.with_name(f"{log.name}.1")
        aside.touch(mode=0o600)
        shutil.copyfile(log, aside)
        with log.open("r+b") as file:
            file.truncate()
