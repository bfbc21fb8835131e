"""How one person likes the pages."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trial.forms import PreferenceForm
from trial.http import PersonRequest, PersonView
from trial.selectors import preference_of
from trial.services import keep_preference


class PreferencesPage(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        return self.show(PreferenceForm(instance=preference_of(request.user)))

    def post(self, request: PersonRequest) -> HttpResponse:
        form = PreferenceForm(request.POST, instance=preference_of(request.user))
        if not form.is_valid():
            return self.show(form)
        keep_preference(form.instance, by=request.user)
        request.session["shortcuts"] = form.instance.shortcuts
        messages.success(request, _("Preferences saved."))
        return redirect("trial:preferences")

    def show(self, form: PreferenceForm) -> HttpResponse:
        return render(self.request, "trial/preferences.html", {"form": form})
