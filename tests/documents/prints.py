"""Printing in tests: asked for as a person would, made at once, read back."""

import io
import re
from datetime import datetime
from typing import Any

import pypdf
from django.utils import timezone

from casebook.extraction import begin_as_of
from casebook.models import Patient
from documents.domain.pages import Document, Part, Table
from documents.models import CasebookKind, PrintedCasebook, PrintJob
from documents.patient_casebook import casebook
from documents.services import KEPT_FOR, make_print, start_print
from tests.factories import Study
from trial.audit import acting, system_person
from trial.models import JobState, Person


def document_of(
    study: Study,
    patient: Patient,
    kind: CasebookKind,
    *,
    by: Person | None = None,
    language: str = "en",
    as_of: datetime | None = None,
) -> Document:
    by = by or study.monitor_a
    with acting(by):
        known = Patient.objects.select_related("site__trial").get(pk=patient.pk)
        return casebook(known, kind, language=language, as_of=as_of or begin_as_of(), by=by)


def parts(document: Document) -> dict[str, Part]:
    return {part.title: part for section in document.sections for part in section.parts}


def rows(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def items(part: Part) -> dict[str, str]:
    """What the first table of a form says, by its labels."""
    return {row[0]: row[1] for row in rows(part.tables[0])}


def table(part: Part, title: str) -> list[list[str]]:
    return next(rows(table) for table in part.tables if table.title == title)


def everything(document: Document) -> str:
    said = [section.title for section in document.sections]
    for section in document.sections:
        for part in section.parts:
            said += [part.title, *(note.text for note in part.notes)]
            said += [text for table in part.tables for row in rows(table) for text in row]
    return "\n".join(said)


def ask(study: Study, by: Person, patient: Patient | None = None, **values: Any) -> PrintJob:
    chosen = {"kind": CasebookKind.FILLED, "language": "en", "site": study.site_a} | values
    with acting(by):
        return start_print(patient=patient, by=by, **chosen)


def finished_print(patient: Patient, *, by: Person) -> PrintJob:
    """A print as the worker leaves it, of a file that holds nothing."""
    with acting(by):
        asked = {"site": patient.site, "kind": CasebookKind.FILLED, "language": "en"}
        job = start_print(patient=patient, by=by, **asked)
    over = {"state": JobState.FINISHED, "sha256": "ab" * 32, "expires_at": timezone.now() + KEPT_FOR}
    with acting(system_person(), "finished by hand"):
        PrintedCasebook.objects.create(
            job=job, patient=patient, name="x.pdf", content=b"%PDF-", sha256="0" * 64
        )
        PrintJob.objects.filter(pk=job.pk).update(**over)
    return job


def make(job: PrintJob, **options: Any) -> bool:
    return make_print(job.pk, actor=system_person(), **options)


def read(job: PrintJob) -> PrintJob:
    with acting(system_person()):
        job.refresh_from_db()
    return job


def pdf(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def text_of(reader: pypdf.PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
