"""A patient's values over time, the words beside one being typed, and the sites' reference ranges."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join

from assessments.domain.laboratory import ANALYTES
from assessments.forms_laboratory import CloseRangeForm, LabPanelForm, ReferenceRangeForm
from assessments.hints import value_hint
from assessments.laboratory import PatientLaboratory
from assessments.laboratory_trend import laboratory_trend
from assessments.models import LabPanel, ReferenceRange
from assessments.selectors import dosing_log, range_gaps
from assessments.services import add_range, close_range, remove_range
from casebook.selectors import get_patient
from trial.access import Permission, may, require, sites_where
from trial.http import PersonRequest, PersonView


class PatientValues(PersonView):
    """Every panel of a patient as a column, every analyte as a row."""

    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        laboratory = PatientLaboratory(patient)
        judged = [laboratory.judge(panel) for panel in laboratory.panels]
        rows = [(analyte, [panel[field] for panel in judged]) for field, analyte in ANALYTES.items()]
        context = {
            "patient": patient,
            "panels": laboratory.panels,
            "rows": [row for row in rows if any(judged.value is not None for judged in row[1])],
            "first_dose": laboratory.first_dose,
        }
        return render(request, "assessments/laboratory.html", context)


class Trend(PersonView):
    """One analyte of a patient over time: a figure, and the same as a table."""

    def get(self, request: PersonRequest, number: str, analyte: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        if analyte not in ANALYTES:
            raise Http404("There is no such analyte.")
        trend = laboratory_trend(patient, analyte)
        context = {
            "patient": patient,
            "analyte": ANALYTES[analyte],
            "analytes": ANALYTES.values(),
            "trend": trend,
            "figure": trend.figure(),
        }
        return render(request, "assessments/laboratory_trend.html", context)


class JudgeValues(PersonView):
    """Judges what stands in the form, saved or not, and puts the words beside each value. Saves nothing."""

    def post(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        require(request.user, Permission.ENTER_DATA, patient.site_id)
        form = LabPanelForm(request.POST, instance=LabPanel(patient=patient))
        form.is_valid()
        hints = ((f"id_{field}_helptext", value_hint(judged)) for field, judged in form.judged.items())
        line = '<div id="{}" class="form-text" hx-swap-oob="true">{}</div>'
        return HttpResponse(format_html_join("", line, hints))


class DosingLog(PersonView):
    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        return render(request, "assessments/dosing.html", {"patient": patient, "log": dosing_log(patient)})


class Ranges(PersonView):
    """The reference ranges of the sites one sees; those who keep them add to them here."""

    def get(self, request: PersonRequest) -> HttpResponse:
        return self.show(request, ReferenceRangeForm(sites=self.kept(request)))

    def post(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.KEEP_RANGES)
        form = ReferenceRangeForm(request.POST, sites=self.kept(request))
        if form.is_valid():
            try:
                added = add_range(form.instance, by=request.user)
            except ValidationError as error:
                _show(form, error)
            else:
                messages.success(request, f"{added} added. Values of its days are judged by it.")
                return redirect("assessments:ranges")
        return self.show(request, form)

    @staticmethod
    def kept(request: PersonRequest) -> Any:
        return sites_where(request.user, Permission.KEEP_RANGES)

    def show(self, request: PersonRequest, form: ReferenceRangeForm) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        sites = sites_where(request.user, Permission.VIEW_CASEBOOK)
        ranges = ReferenceRange.objects.filter(site__in=sites).select_related("site")
        ordered = list(ranges.order_by("site__code", "analyte", "sex", "age_from", "-valid_from"))
        context = {
            "ranges": ordered,
            "gaps": range_gaps(ordered),
            "form": form if may(request.user, Permission.KEEP_RANGES) else None,
        }
        return render(request, "assessments/ranges.html", context)


class CloseRange(PersonView):
    """Ends a range, or takes out one that was entered by mistake; either asks why."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        return self.handle(request, pk, CloseRangeForm())

    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        return self.handle(request, pk, CloseRangeForm(request.POST))

    def handle(self, request: PersonRequest, pk: int, form: CloseRangeForm) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        sites = sites_where(request.user, Permission.VIEW_CASEBOOK)
        reference = ReferenceRange.objects.filter(pk=pk, site__in=sites).select_related("site").first()
        if reference is None:
            raise Http404("No such reference range at your sites.")
        require(request.user, Permission.KEEP_RANGES, reference.site_id)
        if form.is_bound and form.is_valid():
            try:
                self.save(request, pk, form.cleaned_data)
            except ValidationError as error:
                _show(form, error)
            else:
                return redirect("assessments:ranges")
        return render(request, "assessments/ranges_close.html", {"range": reference, "form": form})

    @staticmethod
    def save(request: PersonRequest, pk: int, values: dict[str, Any]) -> None:
        reason = values["reason"]
        if values["remove"]:
            remove_range(pk, by=request.user, reason=reason)
            said = (
                "The reference range is removed; its history stays. Values of its days are judged without it."
            )
        else:
            closed = close_range(pk, valid_to=values["valid_to"], by=request.user, reason=reason)
            said = f"{closed} closed. Values after its last day are judged without it."
        messages.success(request, said)


def _show(form: Any, error: ValidationError) -> None:
    """What the service refused, at the field it concerns or at the top."""
    found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, said in found.items():
        form.add_error(name if name in form.fields else None, said)
