"""Writes that belong to no patient: a site's reference ranges, and the catalogue of CTCAE terms."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField

from assessments.domain import ctcae_catalogue
from assessments.domain.ctcae_catalogue import CatalogueError
from assessments.edit_checks import RANGE_RULES, check_ranges
from assessments.models import CtcaeTerm, LabPanel, ReferenceRange
from casebook.models import Patient
from casebook.reasons import ReasonMissing
from casebook.services import alone_at_site, settle_again
from trial.access import Permission, require
from trial.audit import set_reason
from trial.models import Person

TERM_FIELDS = ("soc", "criteria", "synonyms", "meddra_code")


@transaction.atomic
def add_range(reference: ReferenceRange, *, by: Person) -> ReferenceRange:
    require(by, Permission.KEEP_RANGES, reference.site_id)
    alone_at_site(reference.site_id)
    reference.full_clean()
    reference.save(force_insert=True)
    _judge_again(reference, f"A reference range was added: {reference}.")
    return reference


@transaction.atomic
def close_range(pk: int, *, valid_to: date, by: Person, reason: str) -> ReferenceRange:
    """The laboratory changed its limits: this range holds through `valid_to` and no longer."""
    reference = _own_range(pk, by, reason)
    if reference.valid_to is not None:
        raise ValidationError({"valid_to": f"This range was closed already, on {reference.valid_to}."})
    reference.valid_to = valid_to
    reference.full_clean()
    reference.save(update_fields=["valid_to"])
    because = f"A reference range was closed on {valid_to}: {reference}. {reason.strip()}"
    _judge_again(reference, because, without=valid_to)
    return reference


@transaction.atomic
def remove_range(pk: int, *, by: Person, reason: str) -> None:
    """The range was entered by mistake."""
    reference = _own_range(pk, by, reason)
    reference.delete()
    _judge_again(reference, f"A reference range was removed: {reference}. {reason.strip()}")


def _own_range(pk: int, by: Person, reason: str) -> ReferenceRange:
    reference = ReferenceRange.objects.filter(pk=pk).first()
    if reference is not None:
        require(by, Permission.KEEP_RANGES, reference.site_id)
        if not reason.strip():
            raise ReasonMissing
        set_reason(reason.strip())
        alone_at_site(reference.site_id)
        reference = ReferenceRange.objects.select_for_update().filter(pk=pk).first()
    if reference is None:
        raise ValidationError("This range was removed meanwhile.")
    return reference


def _judge_again(reference: ReferenceRange, because: str, *, without: date | None = None) -> None:
    """Bring the queries of every patient into line whose values a change of this range touches.

    These are the patients with a value of its analyte on one of its days; with `without`, on one after that.
    """
    panels = LabPanel.objects.filter(
        patient__site=reference.site_id,
        date__gte=reference.valid_from,
        **{f"{reference.analyte}__isnull": False},
    )
    if without is not None:
        panels = panels.filter(date__gt=without)
    elif reference.valid_to is not None:
        panels = panels.filter(date__lte=reference.valid_to)
    patients = list(Patient.objects.filter(pk__in=panels.values("patient")))
    if patients:
        settle_again(check_ranges(reference.site_id, patients), rules=RANGE_RULES, because=because)


@dataclass(frozen=True, slots=True)
class CatalogueLoad:
    """What loading a catalogue did to the terms."""

    added: int
    changed: int
    unchanged: int


@transaction.atomic
def load_catalogue(terms: Iterable[ctcae_catalogue.CtcaeTerm]) -> CatalogueLoad:
    """Enter terms over those already there; loading the same again changes nothing.

    What a sheet does not say (synonyms, MedDRA codes) stays as it is. Terms it does not have stay too: events
    may be named by them.
    """
    stated = {CtcaeTerm.code_of(term.version, term.term): term for term in terms}
    known = {row.code: row for row in CtcaeTerm.objects.filter(code__in=stated)}
    new, changed = [], []
    for code, term in stated.items():
        row = known.get(code)
        values = _values(term, row)
        if row is None:
            new.append(CtcaeTerm(code=code, version=term.version, term=term.term, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    CtcaeTerm.objects.bulk_create(new)
    CtcaeTerm.objects.bulk_update(changed, TERM_FIELDS, batch_size=200)
    return CatalogueLoad(len(new), len(changed), len(stated) - len(new) - len(changed))


def load_bundled_catalogue() -> CatalogueLoad:
    return load_catalogue(ctcae_catalogue.bundled_catalogue().terms)


def _values(term: ctcae_catalogue.CtcaeTerm, row: CtcaeTerm | None) -> dict[str, Any]:
    return {
        "soc": term.soc,
        "criteria": {str(grade): text for grade, text in term.criteria.items()},
        "synonyms": list(term.synonyms) or (row.synonyms if row else []),
        "meddra_code": term.meddra_code or (row.meddra_code if row else ""),
    }


def read_publisher_file(
    path: Path, *, version: str = "", with_meddra_codes: bool = False
) -> tuple[ctcae_catalogue.CtcaeTerm, ...]:
    """Read the publisher's sheet: .csv is 4.03, .xlsx is 5.0, unless another version is named.

    Raises CatalogueError with row and column; OSError where there is no such file.
    """
    if path.suffix.lower() == ".xlsx":
        rows = _read_workbook(path)
        terms = ctcae_catalogue.parse_publisher_rows(rows, with_meddra_codes=with_meddra_codes)
    else:
        terms = ctcae_catalogue.parse_publisher_csv(_read_text(path), with_meddra_codes=with_meddra_codes)
    _refuse_long_texts(terms)
    return tuple(replace(term, version=version) for term in terms) if version else terms


def _read_text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise CatalogueError("line not in UTF-8. Save the sheet as “CSV UTF-8”.", row=row) from error


def _read_workbook(path: Path) -> list[tuple[object, ...]]:
    from openpyxl import load_workbook

    with path.open("rb") as file:
        try:
            workbook = load_workbook(file, read_only=True, data_only=True)
            return list(workbook.worksheets[0].iter_rows(values_only=True))
        except OSError:
            raise
        except Exception as error:  # a broken workbook fails in as many ways as zip and XML can
            raise CatalogueError("this is not an Excel workbook that can be read.", row=1) from error


def _refuse_long_texts(terms: Iterable[ctcae_catalogue.CtcaeTerm]) -> None:
    for row, term in enumerate(terms, start=2):
        for column in ("term", "soc"):
            limit = cast(CharField, CtcaeTerm._meta.get_field(column)).max_length or 0
            if len(getattr(term, column)) > limit:
                said = f"“{getattr(term, column)[:40]}…” is longer than {limit} characters."
                raise CatalogueError(said, row=row, column=column)
