"""The pages every case report form shares beside those where it is filled in: history, remove, patient."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import inlineformset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casebook import registry
from casebook.forms import CrfForm, LineForm, Lines, PatientForm, ReasonForm, RemovalForm
from casebook.models import Crf, Patient, Query
from casebook.registry import CrfSpec
from casebook.selectors import (
    casebook_of,
    crf_history,
    get_crf,
    get_patient,
    open_queries,
    removed_forms,
    state_of,
    was_removed,
)
from casebook.selectors_entry import drafts_of, patient_beside
from casebook.services import EditConflict, NotConfirmed, register_patient, remove_crf
from trial.access import Permission, may, require, sites_where
from trial.http import PersonRequest, PersonView, way_back
from trial.selectors import uses_shortcuts


class CrfView(PersonView):
    """Finds the form's specification and its patient; what follows sees only what this person may see."""

    spec: CrfSpec
    patient: Patient

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        try:
            self.spec = registry.spec(kwargs["slug"])
        except KeyError:
            raise Http404("There is no such form.") from None
        right = Permission[self.spec.permission]
        self.patient = get_patient(self.request.user, kwargs["number"], or_with=right)
        self.may_enter = may(self.request.user, right, self.patient.site_id)

    def require_entry(self) -> None:
        require(self.request.user, Permission[self.spec.permission], self.patient.site_id)

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        shared: dict[str, Any] = {"spec": self.spec, "patient": self.patient, "may_enter": self.may_enter}
        shared["return_to"] = way_back(self.request)
        if context.get("crf") is not None:
            shared["state"] = state_of(context["crf"], self.spec, len(context.get("queries", ())))
        return render(self.request, template, shared | context, status=status)

    @property
    def sees_casebook(self) -> bool:
        """Whether other forms of the patient may be shown, and so queries, which may say what these say."""
        return may(self.request.user, Permission.VIEW_CASEBOOK, self.patient.site_id)

    def queries_on(self, crf: Crf) -> list[Query]:
        if not self.sees_casebook:
            return []
        return [q for q in open_queries([self.patient]) if (q.crf, q.crf_id) == (self.spec.slug, crf.pk)]

    def form(self, crf: Crf, data: Any = None, initial: dict[str, Any] | None = None) -> CrfForm:
        return cast(CrfForm, self.spec.form(data, instance=crf, initial=initial))

    def lines(self, crf: Crf, data: Any = None) -> Any:
        """The formset of the form's lines; None for a form without lines."""
        rows = self.spec.rows
        if rows is None:
            return None
        factory: Any = inlineformset_factory(
            self.spec.model,
            rows.model,
            form=cast(type[LineForm], rows.form),
            formset=Lines,
            fk_name=rows.parent,
            extra=rows.extra,
            can_delete=True,
        )
        return factory(data, instance=crf, prefix="lines")

    def to_patient(self, said: str) -> HttpResponse:
        """To where the form was opened from, else to its row on the patient's page: there one continues.

        Whoever does not see the casebook goes to their own first page.
        """
        messages.success(self.request, said)
        if not self.sees_casebook:
            return redirect("home")
        address = reverse("casebook:patient", args=[self.patient.number])
        return redirect(way_back(self.request) or f"{address}#form-{self.spec.slug}")


class CrfHistory(CrfView):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        if is_removed := was_removed(self.patient, self.spec, pk):
            crf = self.spec.model(patient=self.patient)
            crf.pk = pk
        else:
            crf = get_crf(self.patient, self.spec, pk)
        history = self.spec.history(crf) if self.spec.history else crf_history(crf, self.spec)
        return self.render("casebook/crf_history.html", crf=None if is_removed else crf, history=history)


class CrfRemove(CrfView):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.handle(get_crf(self.patient, self.spec, pk), self.form_why())

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.handle(get_crf(self.patient, self.spec, pk), self.form_why(request.POST))

    def form_why(self, data: Any = None) -> ReasonForm:
        """With a second reason where removing the form may change more than the form."""
        return ReasonForm(data) if self.spec.remove is None else RemovalForm(data)

    def handle(self, crf: Crf, form: ReasonForm) -> HttpResponse:
        self.require_entry()
        form.initial["version"] = crf.version
        if form.is_bound and form.is_valid():
            values = form.cleaned_data
            try:
                remove = self.spec.remove or remove_crf
                why = {name: values[name] for name in ("reason", "move_reason") if name in values}
                remove(crf, version=values["version"], by=self.request.user, **why)
            except NotConfirmed as unconfirmed:
                return self.render("casebook/crf_remove.html", crf=crf, form=form, moves=unconfirmed.messages)
            except EditConflict:
                form.add_error(
                    None, _("Somebody changed this form meanwhile. Look at it again before you remove it.")
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                return self.to_patient(_("%(form)s removed; its history stays.") % {"form": self.spec.title})
        return self.render("casebook/crf_remove.html", crf=crf, form=form)


class PatientCreate(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        return self.handle(request, PatientForm(sites=sites_where(request.user, Permission.ENTER_DATA)))

    def post(self, request: PersonRequest) -> HttpResponse:
        sites = sites_where(request.user, Permission.ENTER_DATA)
        return self.handle(request, PatientForm(request.POST, sites=sites))

    def handle(self, request: PersonRequest, form: PatientForm) -> HttpResponse:
        require(request.user, Permission.ENTER_DATA)
        if form.is_bound and form.is_valid():
            try:
                patient = register_patient(**form.cleaned_data, by=request.user)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                return redirect("casebook:patient", patient.number)
        return render(request, "casebook/patient_form.html", {"form": form})


class PatientPage(PersonView):
    """The casebook of one patient: every form with its state; figures come from the rooms above by URL."""

    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        groups: dict[str, list[Any]] = {name: [] for name in registry.GROUPS}
        queries = list(open_queries([patient]))
        for row in casebook_of(patient, queries):
            groups[row.spec.group].append(row)
        context = {
            "patient": patient,
            "groups": groups,
            "queries": queries,
            "removed": removed_forms(patient),
            "drafts": drafts_of(request.user, patient),
            "may_enter": may(request.user, Permission.ENTER_DATA, patient.site_id),
            "shortcuts": uses_shortcuts(request.user, request.session),
        }
        return render(request, "casebook/patient.html", context)


class PatientBeside(PersonView):
    """From one patient to the next by number, or to the one before; from the last to the same again."""

    after = True

    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        beside = patient_beside(request.user, patient, after=self.after)
        if beside is None:
            messages.info(request, _("There is no other patient that way."))
        return redirect("casebook:patient", (beside or patient).number)
