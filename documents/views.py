"""Casebooks as PDF: asked for, watched, downloaded; and the annotated blank forms."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from casebook.models import Patient
from casebook.selectors import get_patient
from documents import tasks
from documents.archive import file_of
from documents.forms import PrintForm
from documents.models import CasebookKind, PrintJob
from documents.selectors import get_print, has_file, prints_of
from documents.services import record_download, restart_print, start_print
from trial.access import Permission, require, sites_where
from trial.http import PersonRequest, PersonView
from trial.jobs import JobNotReady
from trial.models import Site

PER_PAGE = 50


class PrintsPage(PersonView):
    """The person's own prints, and the sites that can be printed whole."""

    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        context = {
            "page": Paginator(prints_of(request.user), PER_PAGE).get_page(request.GET.get("page")),
            "sites": sites_where(request.user, Permission.VIEW_CASEBOOK),
        }
        return render(request, "documents/prints.html", context)


class PrintNew(PersonView):
    """Ask for a print; the worker begins once the request is committed."""

    def ask(self, request: PersonRequest, site: Site, patient: Patient | None) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK, site)
        form = PrintForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                values = form.cleaned_data
                kind = CasebookKind(values["kind"])
                asked = {"site": site, "patient": patient, "kind": kind, "language": values["language"]}
                return enqueued(start_print(**asked, by=request.user))
            except ValidationError as error:
                form.add_error(None, error)
        return render(request, "documents/print_new.html", {"form": form, "site": site, "patient": patient})


class CasebookPrint(PrintNew):
    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        return self.ask(request, patient.site, patient)

    post = get


class SitePrint(PrintNew):
    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        site = sites_where(request.user, Permission.VIEW_CASEBOOK).filter(pk=pk).first()
        if site is None:
            raise Http404(_("No such site among yours."))
        return self.ask(request, site, None)

    post = get


def enqueued(job: PrintJob) -> HttpResponse:
    transaction.on_commit(lambda: tasks.make.delay(job.pk))
    return redirect("documents:print", job.pk)


class PrintView(PersonView):
    """A page of one print, which only the person who asked for it opens."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        require(request.user, Permission.VIEW_CASEBOOK)
        self.job = get_print(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)


class PrintPage(PrintView):
    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        language = dict(settings.LANGUAGES)[self.job.language]
        context = {"job": self.job, "has_file": has_file(self.job), "language_name": language}
        return render(request, "documents/print.html", context)


class PrintProgress(PrintView):
    """What the page asks for while a print is under way; once it is over the whole page is loaded anew."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        if self.job.is_over:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "documents/_progress.html", {"job": self.job})


class PrintRestart(PrintView):
    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        try:
            return enqueued(restart_print(self.job, by=request.user))
        except JobNotReady as error:
            messages.error(request, " ".join(error.messages))
            return redirect("documents:print", pk)


class PrintFile(PrintView):
    def get(self, request: PersonRequest, pk: int) -> HttpResponse | FileResponse:
        if not has_file(self.job):
            raise Http404(_("This print has no file: it is not finished, or its time is over."))
        record_download(self.job, by=request.user)
        name, content = file_of(self.job)
        return FileResponse(content, as_attachment=True, filename=name)
