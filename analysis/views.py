"""Runs: listed, asked for, watched, read; and the way from a number to the forms it rests on."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from analysis import selectors, tasks
from analysis.display import by_kind, flow_of, records_of, rows_of, words_of
from analysis.forms import RunForm
from analysis.models import AnalysisRun, OutputKind, RunOutput, RunState
from analysis.services import restart_run, start_run
from analysis.sources import sources_behind
from analysis.wording import settings_of
from casebook.registry import spec
from casebook.selectors import visible_patients
from trial.access import Permission, may_everywhere, require_everywhere
from trial.http import PersonRequest, PersonView
from trial.jobs import JobNotReady
from trial.models import ProtocolVersion

PER_PAGE = 50


class AnalysisView(PersonView):
    """A page for those who see analyses of the whole trial; everybody else gets 403."""

    needed = Permission.VIEW_ANALYSIS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require_everywhere(self.request.user, self.needed)
        return super().dispatch(request, *args, **kwargs)

    def render(self, template: str, **context: Any) -> HttpResponse:
        context["may_run"] = may_everywhere(self.request.user, Permission.RUN_ANALYSIS)
        return render(self.request, template, context)


class RunsPage(AnalysisView):
    def get(self, request: PersonRequest) -> HttpResponse:
        page = Paginator(selectors.runs(), PER_PAGE).get_page(request.GET.get("page"))
        return self.render("analysis/runs.html", page=page)


class RunNew(AnalysisView):
    """Ask for a run; the worker begins once the request is committed."""

    needed = Permission.RUN_ANALYSIS

    def get(self, request: PersonRequest) -> HttpResponse:
        return self.show(RunForm(versions=self.versions()))

    def post(self, request: PersonRequest) -> HttpResponse:
        form = RunForm(request.POST, versions=self.versions())
        if form.is_valid():
            values = form.cleaned_data
            try:
                run = start_run(
                    protocol_version=values["protocol_version"],
                    cut_off=values["cut_off"],
                    as_of=values["as_of"],
                    settings=form.chosen_settings(),
                    by=request.user,
                )
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return enqueued(run)
        return self.show(form)

    def show(self, form: RunForm) -> HttpResponse:
        return self.render("analysis/run_new.html", form=form)

    @staticmethod
    def versions() -> list[ProtocolVersion]:
        versions = list(ProtocolVersion.objects.order_by("id"))
        if not versions:
            raise Http404("No protocol is in the trial yet: nothing can be analysed.")
        return versions


def enqueued(run: AnalysisRun) -> HttpResponse:
    transaction.on_commit(lambda: tasks.compute.delay(run.pk))
    return redirect("analysis:run", run.pk)


class RunPage(AnalysisView):
    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        run = selectors.get_run(pk)
        outputs = selectors.contents_of(run) if run.state == RunState.FINISHED else []
        flow = next((output for output in outputs if output.kind == OutputKind.FLOW), None)
        return self.render(
            "analysis/run.html",
            run=run,
            settings=settings_of(run),
            groups=by_kind(outputs),
            flow=flow,
            roots=flow_of(flow) if flow else [],
        )


class RunProgress(AnalysisView):
    """What the page asks for while a run is under way; once it is over the whole page is loaded anew."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        run = selectors.get_run(pk)
        if run.is_over:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return self.render("analysis/_progress.html", run=run)


class RunRestart(AnalysisView):
    needed = Permission.RUN_ANALYSIS

    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        run = selectors.get_run(pk)
        try:
            return enqueued(restart_run(run, by=request.user))
        except JobNotReady as error:
            messages.error(request, " ".join(error.messages))
            return redirect("analysis:run", pk)


class OutputPage(AnalysisView):
    """One table, figure, flow or data set of a run."""

    def get(self, request: PersonRequest, pk: int, name: str) -> HttpResponse:
        run = selectors.get_run(pk)
        output = selectors.get_output(run, name)
        shown = {
            OutputKind.TABLE: self.table,
            OutputKind.FIGURE: self.figure,
            OutputKind.FLOW: self.flow,
            OutputKind.DATASET: self.dataset,
        }[OutputKind(output.kind)]
        return self.render(
            "analysis/output.html",
            run=run,
            output=output,
            outputs=selectors.contents_of(run),
            part=f"analysis/_{output.kind.lower()}.html",
            **shown(output),
        )

    def table(self, output: RunOutput) -> dict[str, Any]:
        return {"table": output.content, "rows": rows_of(output), "words": words_of(output)}

    def figure(self, output: RunOutput) -> dict[str, Any]:
        address = reverse("analysis:point", args=[output.run_id, output.name, "__point__"])
        return {
            "table": output.content["table"],
            "rows": rows_of(output),
            "points": output.content["points"],
            "spec": output.content["spec"],
            "point_url": address,
        }

    def flow(self, output: RunOutput) -> dict[str, Any]:
        return {"roots": flow_of(output)}

    def dataset(self, output: RunOutput) -> dict[str, Any]:
        page = Paginator(output.content["rows"], PER_PAGE).get_page(self.request.GET.get("page"))
        return {"page": page, "records": records_of(output, list(page.object_list))}


class PlacePage(AnalysisView):
    """The patients behind a number or a mark, then the others it is counted among, each with forms."""

    def show(self, output: RunOutput, place: selectors.Place) -> HttpResponse:
        everybody = [*place.patients, *place.rest]
        page = Paginator(everybody, PER_PAGE).get_page(self.request.GET.get("page"))
        found = sources_behind(page.object_list, place.why | place.rest, as_of=output.run.as_of)
        return self.render(
            "analysis/place.html",
            run=output.run,
            output=output,
            place=place,
            page=page,
            counted=[patient for patient in found if patient.number not in place.rest],
            others=[patient for patient in found if patient.number in place.rest],
        )


class CellPage(PlacePage):
    def get(self, request: PersonRequest, pk: int, name: str, row: str, column: str) -> HttpResponse:
        output = selectors.get_output(selectors.get_run(pk), name, OutputKind.TABLE, OutputKind.FIGURE)
        return self.show(output, selectors.cell_of(output, row, column))


class PointPage(PlacePage):
    def get(self, request: PersonRequest, pk: int, name: str, point: str) -> HttpResponse:
        output = selectors.get_output(selectors.get_run(pk), name, OutputKind.FIGURE, OutputKind.FLOW)
        return self.show(output, selectors.point_of(output, point))


class Source(AnalysisView):
    """Leads from a form named in a data set ("adverse-event/12") to its page."""

    def get(self, request: PersonRequest, slug: str, pk: int) -> HttpResponse:
        try:
            model = spec(slug).model
        except KeyError:
            raise Http404("There is no such form.") from None
        patients = visible_patients(request.user)
        form = model._default_manager.filter(pk=pk, patient__in=patients).select_related("patient").first()
        if form is None:
            raise Http404("This form was removed since the run was made; its patient's trail still holds it.")
        return redirect("casebook:edit", form.patient.number, slug, pk)
