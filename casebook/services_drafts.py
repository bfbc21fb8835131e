"""What is typed and not saved yet: kept while its writer types, gone once it is saved."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from casebook.models import Draft, Patient
from casebook.registry import CrfSpec
from trial.access import Permission, require
from trial.models import Person

LONGEST = 200_000
"""Letters of a draft; the longest form with sixty lines has a tenth of it."""
NOT_TYPED = (
    *("csrfmiddlewaretoken", "confirmed", "back", "choosing", "another", "next"),
    *("return_to", "instead_of"),
)
NOT_TYPED_PREFIXES = ("why-", "answer-", "choose-")


@transaction.atomic
def keep_draft(posted: QueryDict, *, spec: CrfSpec, patient: Patient, pk: int | None, by: Person) -> Draft:
    """Keep what a page holds in place of what was kept of it before."""
    require(by, Permission[spec.permission], patient.site_id)
    typed = {_storable(name): [*map(_storable, said)] for name, said in posted.lists() if _is_typed(name)}
    if sum(len(name) + sum(map(len, values)) for name, values in typed.items()) > LONGEST:
        raise ValidationError(_("This is too much text to keep without saving it."))
    version = str(typed.get("version", [""])[-1])
    draft, _is_new = Draft.objects.update_or_create(
        person=by,
        patient=patient,
        crf=spec.slug,
        crf_id=pk,
        defaults={
            "typed": typed,
            "version": int(version) if version.isdecimal() and len(version) < 9 else None,
            "updated": timezone.now(),
        },
    )
    return draft


def forget_draft(*, spec: CrfSpec, patient: Patient, pk: int | None, by: Person) -> None:
    """After a save, or because its writer does not want it any more."""
    Draft.objects.filter(person=by, patient=patient, crf=spec.slug, crf_id=pk).delete()


def forget_old_drafts() -> int:
    """Drafts nobody came back to for 30 days, of whomever; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT casebook_forget_old_drafts()")
        return int(cursor.fetchone()[0])


def as_posted(draft: Draft) -> QueryDict:
    """The draft as the browser would send it."""
    posted = QueryDict(mutable=True)
    for name, values in draft.typed.items():
        posted.setlist(name, [str(value) for value in values])
    return posted


def _storable(text: Any) -> str:
    """PostgreSQL has no place for NUL, which no field accepts either."""
    return str(text).replace("\x00", "")


def _is_typed(name: Any) -> bool:
    return name not in NOT_TYPED and not str(name).startswith(NOT_TYPED_PREFIXES)
