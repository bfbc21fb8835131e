"""The file of a print: one casebook, or those of a site in one archive. Same job, same bytes."""

import hashlib
import re
import tempfile
import zipfile
from contextlib import ExitStack
from typing import IO

from django.utils import timezone

from documents.models import PrintJob
from documents.selectors import casebooks_of

PIECE = 1 << 20


def filename(job: PrintJob, number: str = "") -> str:
    """SYNTHETIC_sbp_01_SYN-001_filled.pdf; without a number the archive of the site."""
    trial = job.site.trial
    parts = ["SYNTHETIC"] if trial.is_synthetic else []
    parts += [trial.code, job.site.code, *([number] if number else []), job.kind.lower()]
    stem = re.sub(r"[^\w.-]", "-", "_".join(parts), flags=re.ASCII)
    return f"{stem}.{'pdf' if number else 'zip'}"


def file_of(job: PrintJob) -> tuple[str, IO[bytes]]:
    """Name and content of what is downloaded, at its beginning; whoever asks closes it."""
    with ExitStack() as closing:
        file = closing.enter_context(tempfile.TemporaryFile())
        if job.patient_id is not None:
            [printed] = casebooks_of(job)
            file.write(printed.content)
            name = printed.name
        else:
            name = filename(job)
            _write_archive(job, file)
        file.seek(0)
        closing.pop_all()
    return name, file


def sha256_of(job: PrintJob) -> str:
    _, file = file_of(job)
    with file:
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _write_archive(job: PrintJob, file: IO[bytes]) -> None:
    """PDF does not shrink further: it is stored as it is, one casebook in memory at a time."""
    at = timezone.localtime(job.as_of)
    moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for printed in casebooks_of(job).iterator(chunk_size=1):
            entry = zipfile.ZipInfo(printed.name, date_time=moment)
            entry.create_system = 3
            archive.writestr(entry, printed.content)
