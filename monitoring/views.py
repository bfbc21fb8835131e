"""Patient list, timeline, dashboard, deviations and queries."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from assessments.course import patient_course
from casebook import registry
from casebook.extraction import extract
from casebook.models import Query
from casebook.selectors import get_crf, get_patient
from casebook.services import answer_query, close_query, raise_query
from monitoring.domain.accrual_figure import accrual_figure
from monitoring.domain.status import PatientStatus
from monitoring.domain.timeline import timeline_figure
from monitoring.forms import PatientFilter, QueryForm, RaiseQueryForm
from monitoring.selectors import dashboard, deviations, get_query, patients_with_status, waiting_queries
from monitoring.timeline import end_of_timeline, timeline_items, undated_events
from trial.access import Permission, may, require, sites_where
from trial.http import PersonRequest, PersonView, way_back
from trial.selectors import protocol_in_force

PER_PAGE = 50
SORTS = {"number": "number", "site": "site__code", "status": "status", "enrolled": "enrolled_on"}


class PatientList(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        chosen = PatientFilter(request.GET, sites=sites_where(request.user, Permission.VIEW_CASEBOOK))
        chosen.is_valid()
        values = chosen.cleaned_data
        patients = patients_with_status(request.user)
        if values.get("q"):
            patients = patients.filter(number__icontains=values["q"])
        if values.get("site"):
            patients = patients.filter(site=values["site"])
        if values.get("status"):
            patients = patients.filter(status=values["status"])
        sort = request.GET.get("sort", "number")
        patients = patients.order_by(SORTS.get(sort, "number"), "number")
        query = request.GET.copy()
        query.pop("page", None)
        context = {
            "page": Paginator(patients, PER_PAGE).get_page(request.GET.get("page")),
            "filter": chosen,
            "sort": sort,
            "statuses": list(PatientStatus),
            "may_enter": may(request.user, Permission.ENTER_DATA),
            "may_import": may(request.user, Permission.IMPORT_LABORATORY),
            "query_string": query.urlencode(),
        }
        return render(request, "monitoring/patients.html", context)


class PatientStatusBadge(PersonView):
    """The status alone, for the head of the patient's pages."""

    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        status = patients_with_status(request.user).get(pk=patient.pk).status
        return render(request, "monitoring/_status.html", {"status": status})


class Timeline(PersonView):
    """A fragment for the patient page, a page of its own without JavaScript."""

    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        today = timezone.localdate()
        protocol = protocol_in_force(patient.site_id, today)
        context: dict[str, Any] = {"patient": patient}
        if protocol is not None:
            course = patient_course(extract([patient]), patient, protocol, data_end=today)
            items = timeline_items(course)
            context |= {"items": items, "undated": undated_events(course)}
            if items:
                until = end_of_timeline(course, items)
                context["spec"] = timeline_figure(items, until=until, title=patient.number)
        whole = (
            "monitoring/_timeline.html" if request.headers.get("HX-Request") else "monitoring/timeline.html"
        )
        return render(request, whole, context)


class DashboardPage(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        board = dashboard(request.user)
        spec = accrual_figure(board.accrual, target=board.target)
        context = {"board": board, "spec": spec, "statuses": list(PatientStatus), "now": timezone.now()}
        return render(request, "monitoring/dashboard.html", context)


class DeviationList(PersonView):
    """The list; for the dashboard a fragment with the number at each centre."""

    def get(self, request: PersonRequest) -> HttpResponse:
        sites = sites_where(request.user, Permission.VIEW_CASEBOOK)
        if request.headers.get("HX-Request"):
            found = Counter(line.patient.site_id for line in deviations(request.user))
            counts = [(site, found[site.pk]) for site in sites]
            context = {"counts": counts, "total": found.total()}
            return render(request, "monitoring/_deviation_counts.html", context)
        wanted = request.GET.get("site", "")
        site = sites.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 10 else None
        context = {"lines": deviations(request.user, site), "sites": list(sites), "site": site}
        return render(request, "monitoring/deviations.html", context)


class QueryList(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        page = Paginator(waiting_queries(request.user), PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "monitoring/queries.html", {"page": page})


class QueryPage(PersonView):
    """One query: the site answers, the monitor closes."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        return self.show(request, get_query(request.user, pk), None)

    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        query = get_query(request.user, pk)
        closing = request.POST.get("action") == "close"
        require(
            request.user,
            Permission.RAISE_QUERY if closing else Permission.ANSWER_QUERY,
            query.patient.site_id,
        )
        form = QueryForm(request.POST, label="Closing note" if closing else "Answer")
        if form.is_valid():
            try:
                if closing:
                    close_query(query, note=form.cleaned_data["text"], by=request.user)
                else:
                    answer_query(query, answer=form.cleaned_data["text"], by=request.user)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, "Query closed." if closing else "Query answered.")
                address = reverse("casebook:patient", args=[query.patient.number])
                return redirect(way_back(request) or address)
        return self.show(request, query, form)

    def show(self, request: PersonRequest, query: Query, form: QueryForm | None) -> HttpResponse:
        may_answer = (
            may(request.user, Permission.ANSWER_QUERY, query.patient.site_id) and query.state == "open"
        )
        may_close = (
            may(request.user, Permission.RAISE_QUERY, query.patient.site_id) and query.state != "closed"
        )
        if form is None and (may_answer or may_close):
            form = QueryForm(label="Answer" if may_answer else "Closing note")
        context = {
            "query": query,
            "patient": query.patient,
            "form": form,
            "may_answer": may_answer,
            "may_close": may_close,
            "return_to": way_back(request),
        }
        return render(request, "monitoring/query.html", context)


class QueryRaise(PersonView):
    """A monitor's question on a patient, or on one of the forms."""

    def get(self, request: PersonRequest, number: str, slug: str = "", pk: int | None = None) -> HttpResponse:
        return self.handle(request, number, slug, pk, RaiseQueryForm(slug=slug))

    def post(
        self, request: PersonRequest, number: str, slug: str = "", pk: int | None = None
    ) -> HttpResponse:
        return self.handle(request, number, slug, pk, RaiseQueryForm(request.POST, slug=slug))

    def handle(
        self, request: PersonRequest, number: str, slug: str, pk: int | None, form: RaiseQueryForm
    ) -> HttpResponse:
        patient = get_patient(request.user, number)
        if not may(request.user, Permission.RAISE_QUERY, patient.site_id):
            raise PermissionDenied("Your role does not allow you to raise queries here.")
        crf = None
        if pk is not None:
            try:
                crf = get_crf(patient, registry.spec(slug), pk)
            except KeyError:
                raise Http404("There is no such form.") from None
        if form.is_bound and form.is_valid():
            values = form.cleaned_data
            raise_query(
                patient=patient,
                crf=slug if crf else "",
                crf_id=crf.pk if crf else None,
                field=values.get("field", ""),
                text=values["text"],
                by=request.user,
            )
            messages.success(request, "Query raised.")
            return redirect("casebook:patient", patient.number)
        return render(
            request,
            "monitoring/query_raise.html",
            {"patient": patient, "crf": crf, "slug": slug, "form": form},
        )
