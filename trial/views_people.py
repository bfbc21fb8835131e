"""The administrator's pages: people and their roles, sites, protocol versions."""

from abc import ABC, abstractmethod
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from trial import services
from trial.access import Permission, require
from trial.forms import PersonForm, RoleForm, WhyForm
from trial.http import PersonRequest, PersonView
from trial.models import Membership, Person, ProtocolVersion, Site, Trial


class ManageView(PersonView):
    """A page for those who manage the trial; everybody else gets 403."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require(self.request.user, Permission.MANAGE_TRIAL)
        return super().dispatch(request, *args, **kwargs)

    def done(self, said: str, page: str, *args: Any) -> HttpResponse:
        messages.success(self.request, said)
        return redirect(page, *args)


class PeoplePage(ManageView):
    def get(self, request: PersonRequest) -> HttpResponse:
        roles = Membership.objects.select_related("site").order_by("role", "site__code")
        people = Person.objects.filter(is_system=False).prefetch_related(Prefetch("memberships", roles))
        return render(request, "trial/people.html", {"people": people})


class PersonNew(ManageView):
    def get(self, request: PersonRequest) -> HttpResponse:
        return self.show(PersonForm())

    def post(self, request: PersonRequest) -> HttpResponse:
        form = PersonForm(request.POST)
        if form.is_valid():
            try:
                person = services.add_person(**form.cleaned_data, by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self.done(f"{person} added. Now give them a role.", "trial:person", person.pk)
        return self.show(form)

    def show(self, form: PersonForm) -> HttpResponse:
        return render(self.request, "trial/person_new.html", {"form": form})


class PersonPage(ManageView):
    """One person: the roles they have, and a form for another one."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        return self.show(_person(pk), RoleForm())

    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        person, form = _person(pk), RoleForm(request.POST)
        if form.is_valid():
            try:
                services.assign_role(person, trial=Trial.objects.get(), by=request.user, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self.done("Role given.", "trial:person", pk)
        return self.show(person, form)

    def show(self, person: Person, form: RoleForm) -> HttpResponse:
        return render(self.request, "trial/person.html", {"person": person, "form": form})


class ChangeOfRights(ManageView, ABC):
    """A page that asks for the reason before it changes what a person may do."""

    title: str

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        return self.show(self.find(pk), WhyForm())

    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        found, form = self.find(pk), WhyForm(request.POST)
        if form.is_valid():
            try:
                person = self.change(found, form.cleaned_data["reason"])
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self.done("Done, and recorded with your reason.", "trial:person", person.pk)
        return self.show(found, form)

    def show(self, found: Any, form: BaseForm) -> HttpResponse:
        return render(self.request, "trial/why.html", {"found": found, "form": form, "title": self.title})

    def find(self, pk: int) -> Any:
        return _person(pk)

    @abstractmethod
    def change(self, found: Any, reason: str) -> Person:
        """Do what the page is for; a ValidationError stands beside the reason."""


class RoleWithdraw(ChangeOfRights):
    title = "Withdraw this role"

    def find(self, pk: int) -> Membership:
        return get_object_or_404(Membership.objects.select_related("person", "site"), pk=pk)

    def change(self, found: Membership, reason: str) -> Person:
        services.withdraw_role(found, by=self.request.user, reason=reason)
        return found.person


class SignInOff(ChangeOfRights):
    title = "Switch off sign-in"

    def change(self, found: Person, reason: str) -> Person:
        services.switch_sign_in(found, on=False, by=self.request.user, reason=reason)
        return found


class SignInOn(ChangeOfRights):
    title = "Let this person sign in again"

    def change(self, found: Person, reason: str) -> Person:
        services.switch_sign_in(found, on=True, by=self.request.user, reason=reason)
        return found


class SitesPage(ManageView):
    """The sites, and which version of the protocol is approved at each from which day."""

    def get(self, request: PersonRequest) -> HttpResponse:
        sites = Site.objects.prefetch_related("approvals__protocol_version")
        return render(request, "trial/sites.html", {"sites": sites})


class ProtocolVersionsPage(ManageView):
    def get(self, request: PersonRequest) -> HttpResponse:
        versions = ProtocolVersion.objects.prefetch_related("approvals__site")
        return render(request, "trial/protocol_versions.html", {"versions": versions})


class ProtocolVersionPage(ManageView):
    """The text of one version as it was approved."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(ProtocolVersion, pk=pk)
        return render(request, "trial/protocol_version.html", {"version": version})


def _person(pk: int) -> Person:
    return get_object_or_404(Person, pk=pk, is_system=False)
