"""The pages every case report form shares: enter, change, history, remove."""

import re
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import inlineformset_factory
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from casebook import registry
from casebook.forms import CrfForm, LineForm, Lines, PatientForm, ReasonForm
from casebook.line_conflicts import differing_lines, rebased
from casebook.models import ClinicalRow, Crf, Patient
from casebook.registry import CrfSpec
from casebook.selectors import (
    casebook_of,
    crf_history,
    get_crf,
    get_patient,
    neighbours,
    open_queries,
    removed_forms,
    was_removed,
)
from casebook.services import EditConflict, FormRemoved, create_crf, edit_crf, register_patient, remove_crf
from casebook.templatetags.controls import shown
from trial.access import Permission, may, require, sites_where
from trial.http import PersonRequest, PersonView


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
        self.patient = get_patient(self.request.user, kwargs["number"])
        self.may_enter = may(self.request.user, Permission[self.spec.permission], self.patient.site_id)

    def require_entry(self) -> None:
        require(self.request.user, Permission[self.spec.permission], self.patient.site_id)

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        shared = {"spec": self.spec, "patient": self.patient, "may_enter": self.may_enter}
        return render(self.request, template, shared | context, status=status)

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
        messages.success(self.request, said)
        return redirect("casebook:patient", self.patient.number)


class CrfEntry(CrfView):
    """A page on which a form is filled in; a form with its own screen is filled in there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.spec.own_pages:
            return super().dispatch(request, *args, **kwargs)
        if "pk" in kwargs:
            return redirect(f"{self.spec.own_pages}-edit", self.patient.number, kwargs["pk"])
        return redirect(f"{self.spec.own_pages}-new", self.patient.number)


class CrfCreate(CrfEntry):
    def get(self, request: PersonRequest, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        crf = self.spec.model(patient=self.patient)
        return self.show(self.form(crf, initial=request.GET.dict()), self.lines(crf))

    def post(self, request: PersonRequest, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        crf = self.spec.model(patient=self.patient)
        form, lines = self.form(crf, request.POST), self.lines(crf, request.POST)
        if _valid(form, lines):
            try:
                create_crf(crf, lines=_changed(lines), by=request.user)
            except ValidationError as error:
                _add_findings(form, lines, error)
            else:
                return self.go_on(request)
        return self.show(form, lines)

    def go_on(self, request: PersonRequest) -> HttpResponse:
        """Back to the patient, or on to the next form of the same kind."""
        back = self.to_patient(f"{self.spec.title} saved.")
        return redirect(request.path) if "another" in request.POST and self.spec.repeats else back

    def show(self, form: CrfForm, lines: Any) -> HttpResponse:
        return self.render("casebook/crf_form.html", form=form, lines=lines, crf=None)


class CrfEdit(CrfEntry):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        crf = get_crf(self.patient, self.spec, pk)
        return self.show(self.form(crf), self.lines(crf), crf)

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        try:
            crf = get_crf(self.patient, self.spec, pk)
        except Http404:
            if not was_removed(self.patient, self.spec, pk):
                raise
            return self.show_removed(pk)
        form, lines = self.form(crf, request.POST), self.lines(crf, request.POST)
        if not _valid(form, lines):
            saved = get_crf(self.patient, self.spec, pk)
            if form["version"].value() not in (None, "", str(saved.version)):
                return self.show_conflict(form, lines, crf, saved)
            return self.show(form, lines, crf)
        try:
            edit_crf(
                crf,
                version=form.cleaned_data["version"] or 0,
                lines=_changed(lines),
                removed_lines=[f.instance for f in lines.deleted_forms if f.instance.pk] if lines else (),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except EditConflict as conflict:
            return self.show_conflict(form, lines, crf, conflict.current)
        except FormRemoved:
            return self.show_removed(pk)
        except ValidationError as error:
            _add_findings(form, lines, error)
            return self.show(form, lines, crf)
        return self.to_patient(f"{self.spec.title} changed.")

    def show(self, form: CrfForm, lines: Any, crf: Crf, **context: Any) -> HttpResponse:
        queries = [q for q in open_queries([self.patient]) if (q.crf, q.crf_id) == (self.spec.slug, crf.pk)]
        if self.spec.repeats:
            context["previous_pk"], context["next_pk"] = neighbours(crf, self.spec)
        return self.render(
            "casebook/crf_form.html", form=form, lines=lines, crf=crf, queries=queries, **context
        )

    def show_conflict(self, form: CrfForm, lines: Any, crf: Crf, current: Any) -> HttpResponse:
        """Both versions side by side; what was typed stays in the form, and saving again chooses it."""
        their_form = self.form(current)
        differing = [
            (field.label, shown(field), shown(their_form[field.name]))
            for field in form
            if field.name not in ("version", "reason")
            and _as_typed(field.value()) != _as_typed(their_form[field.name].value())
        ]
        typed = self.request.POST.copy()
        typed["version"] = str(current.version)
        form.data = typed
        if self.spec.rows is not None:
            theirs = self.lines(current)
            saved = {line.instance.pk for line in theirs.initial_forms}
            lines = self.lines(current, rebased(lines, typed, saved))
            differing += differing_lines(self.spec.rows.title, lines, theirs)
        return self.show(form, lines, crf, conflict=differing, status=409)

    def show_removed(self, pk: int) -> HttpResponse:
        """What was typed, in a new form: the one it was typed into is gone, and saving enters it anew."""
        crf, typed = self.spec.model(patient=self.patient), _as_new(self.request.POST, self.spec)
        form, lines = self.form(crf, typed), self.lines(crf, typed)
        return self.render(
            "casebook/crf_form.html", form=form, lines=lines, crf=None, removed_pk=pk, status=409
        )


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
        return self.handle(get_crf(self.patient, self.spec, pk), ReasonForm())

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.handle(get_crf(self.patient, self.spec, pk), ReasonForm(request.POST))

    def handle(self, crf: Crf, form: ReasonForm) -> HttpResponse:
        self.require_entry()
        form.initial["version"] = crf.version
        if form.is_bound and form.is_valid():
            values = form.cleaned_data
            try:
                remove = self.spec.remove or remove_crf
                remove(crf, version=values["version"], by=self.request.user, reason=values["reason"])
            except EditConflict:
                form.add_error(
                    None, "Somebody changed this form meanwhile. Look at it again before you remove it."
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                return self.to_patient(f"{self.spec.title} removed; its history stays.")
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
        for row in casebook_of(patient):
            groups[row.spec.group].append(row)
        context = {
            "patient": patient,
            "groups": groups,
            "queries": list(open_queries([patient])),
            "removed": removed_forms(patient),
            "may_enter": may(request.user, Permission.ENTER_DATA, patient.site_id),
        }
        return render(request, "casebook/patient.html", context)


def _as_typed(value: Any) -> str:
    return "" if value is None else str(value)


def _as_new(posted: QueryDict, spec: CrfSpec) -> QueryDict:
    """What was typed into a saved form, as if typed into a new one: its lines have no keys yet."""
    typed = posted.copy()
    if spec.rows is not None:
        keys = re.compile(rf"lines-\d+-(id|{re.escape(spec.rows.parent)})")
        for name in filter(keys.fullmatch, posted):
            typed[name] = ""
        typed["lines-INITIAL_FORMS"] = "0"
    return typed


def _valid(form: CrfForm, lines: Any) -> bool:
    """Both are validated, so that every message shows at once."""
    return all([form.is_valid(), lines is None or lines.is_valid()])


def _changed(lines: Any) -> list[ClinicalRow]:
    return [line.instance for line in _changed_forms(lines)]


def _changed_forms(lines: Any) -> list[Any]:
    if lines is None:
        return []
    deleted = lines.deleted_forms
    return [line for line in lines.forms if line.has_changed() and line not in deleted]


def _add_findings(form: CrfForm, lines: Any, error: ValidationError) -> None:
    """Show what the service refused at the fields of the form, and of the lines that were given to it."""
    errors = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for index, line in enumerate(_changed_forms(lines)):
        for name in [name for name in errors if name.startswith(f"lines-{index}-")]:
            field = name.removeprefix(f"lines-{index}-")
            line.add_error(field if field in line.fields else None, errors.pop(name))
    form.add_findings(errors)
