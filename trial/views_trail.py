"""The audit trail as a whole: who did what, whether its seals hold, and a receipt to keep elsewhere."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from trial.access import Permission, require
from trial.forms import TrailFilter
from trial.http import PersonRequest, PersonView
from trial.models import AuditEntry, Person
from trial.selectors import last_seal, patient_numbers, receipt_of, trail
from trial.services import verify_trail

PER_PAGE = 50
LONGEST = 200  # letters of a value; a protocol's text is read on its own page
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words: `changes` are field, old value and new value."""

    entry: AuditEntry
    what: str
    who: str
    patient: str
    changes: list[tuple[str, str, str]]


class TrailView(PersonView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require(self.request.user, Permission.VIEW_TRAIL)
        return super().dispatch(request, *args, **kwargs)


class TrailPage(TrailView):
    def get(self, request: PersonRequest) -> HttpResponse:
        people = {person.pk: str(person) for person in Person.objects.all()}
        tables = {name: _words(model) for name, model in _tables().items()}
        chosen = TrailFilter(request.GET, people=people, tables=tables)
        chosen.is_valid()
        page = Paginator(trail(**chosen.cleaned_data), PER_PAGE).get_page(request.GET.get("page"))
        entries = list(page.object_list)
        numbers = patient_numbers(entries)
        query = request.GET.copy()
        query.pop("page", None)
        context = {
            "filter": chosen,
            "page": page,
            "lines": [_line(entry, people, numbers) for entry in entries],
            "query_string": query.urlencode(),
            "seal": last_seal(),
        }
        return render(request, "trial/trail.html", context)


class TrailCheck(TrailView):
    """Whether seals, trail and tables agree: a fragment of the page, a page of its own without JavaScript."""

    def get(self, request: PersonRequest) -> HttpResponse:
        context = {"problems": verify_trail(), "checked": timezone.now(), "seal": last_seal()}
        whole = "trial/_trail_check.html" if request.headers.get("HX-Request") else "trial/trail_check.html"
        return render(request, whole, context)


class Receipt(TrailView):
    """The newest seal as a text to keep where the database's owner cannot reach it."""

    def get(self, request: PersonRequest) -> HttpResponse:
        seal = last_seal()
        if seal is None:
            raise Http404("Nothing is sealed yet.")
        response = HttpResponse(receipt_of(seal).to_text(), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="seal-{seal.pk}.txt"'
        return response


@cache
def _tables() -> dict[str, type[Model]]:
    """Our own tables by name; the trail itself is not among them."""
    rooms = [room for room in apps.get_app_configs() if Path(room.path).parent == Path(settings.BASE_DIR)]
    models = [model for room in rooms for model in room.get_models()]
    return {m._meta.db_table: m for m in models if not m._meta.db_table.startswith("trial_audit")}


def _words(model: type[Model]) -> str:
    return str(model._meta.verbose_name)


def _line(entry: AuditEntry, people: dict[int, str], numbers: dict[int, str]) -> Line:
    model = _tables().get(entry.table)
    return Line(
        entry,
        _words(model) if model else entry.table,
        people.get(entry.actor_id, "the database's owner"),
        numbers.get(entry.patient_id or 0, ""),
        _changes(entry, {str(f.column): f for f in model._meta.concrete_fields} if model else {}),
    )


def _changes(entry: AuditEntry, fields: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Field, old value, new value of whatever the entry holds; identifiers of the row are left out."""
    before, image = entry.before or {}, entry.image or {}
    names = before if entry.operation == "U" else (image or before)
    changes = [
        (
            str(fields[name].verbose_name) if name in fields else name,
            _text(before.get(name)),
            _text(image.get(name)),
        )
        for name in names
        if name not in ("id", "patient_id", "version")
    ]
    return [change for change in changes if change[1:] != (NOTHING, NOTHING)]


def _text(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
