"""Laboratory values from a file: what it would do, then doing it."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.domain.laboratory import ANALYTES
from assessments.forms_laboratory import ImportForm
from assessments.laboratory_plan import State
from assessments.services_laboratory import ImportResult, import_laboratory, try_import
from trial.access import Permission, require
from trial.http import PersonRequest, PersonView

TEMPLATE_NAME = "laboratory-values.csv"
TEMPLATE_HEADING = ("Patient", "Date", "Analyte", "Value", "Unit")


class ImportLaboratory(PersonView):
    """Choosing a file shows what it would do and saves nothing; confirming saves all of it or nothing."""

    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.IMPORT_LABORATORY)
        return self.show(request, ImportForm())

    def post(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.IMPORT_LABORATORY)
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(request, form)
        file = form.cleaned_data["read"]
        if "confirm" in request.POST and not request.FILES:
            result = import_laboratory(file, replace=_chosen(request), by=request.user)
            if not result.problems:
                messages.success(request, _done(result))
                return redirect("assessments:laboratory-import")
        else:
            result = try_import(file, by=request.user)
        return self.show(request, form, result)

    def show(
        self, request: PersonRequest, form: ImportForm, result: ImportResult | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "result": result}
        if result is not None:
            posted = request.POST
            differing = [
                (value, f"replace-{value.key}" in posted, posted.get(f"reason-{value.key}", ""))
                for value in result.plan.of(State.DIFFERS)
            ]
            context |= {
                "file": form.cleaned_data["read"],
                "carried": form.carried,
                "differing": differing,
                "new": result.plan.of(State.NEW),
                "identical": result.plan.of(State.IDENTICAL),
                "reason": posted.get("reason", ""),
                "may_confirm": not result.problems or "confirm" in posted,
            }
        return render(request, "assessments/laboratory_import.html", context)


class ImportTemplate(PersonView):
    """A file to fill in: a row for each analyte; rows without a value are passed over."""

    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.IMPORT_LABORATORY)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(TEMPLATE_HEADING)
        writer.writerows(("", "", analyte.name, "", analyte.written) for analyte in ANALYTES.values())
        response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{TEMPLATE_NAME}"'
        return response


def _chosen(request: PersonRequest) -> dict[str, str]:
    """The differing values that are to be replaced, with the reason of each or the one for all."""
    for_all = str(request.POST.get("reason", ""))
    keys = [name.removeprefix("replace-") for name in request.POST if name.startswith("replace-")]
    keys = [key for key in keys if _is_key(key)]
    return {key: str(request.POST.get(f"reason-{key}", "")).strip() or for_all for key in keys}


def _is_key(key: str) -> bool:
    parts = key.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts)


def _done(result: ImportResult) -> str:
    if result.changes_nothing:
        return _("Nothing to import: every value of the file is saved already.")
    new = ngettext("%(count)s new panel", "%(count)s new panels", result.panels_new)
    changed = ngettext("%(count)s panel changed", "%(count)s panels changed", result.panels_changed)
    said = {"new": new % {"count": result.panels_new}, "changed": changed % {"count": result.panels_changed}}
    return _("Imported: %(new)s, %(changed)s.") % said
