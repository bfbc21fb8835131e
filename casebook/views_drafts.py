"""Keeps what somebody is typing, so that no lost session or connection loses it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from casebook.selectors import get_crf, was_removed
from casebook.services_drafts import forget_draft, keep_draft
from casebook.views import CrfView
from trial.http import PersonRequest, leading_back, way_back


class KeepDraft(CrfView):
    """Asked by the page as one types; with `discard` by its writer, who then sees what is saved."""

    http_method_names = ["post", "options"]

    def post(self, request: PersonRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        if "discard" in request.POST:
            forget_draft(spec=self.spec, patient=self.patient, pk=pk, by=request.user)
            if pk is not None and was_removed(self.patient, self.spec, pk):
                return redirect("casebook:patient", self.patient.number)
            return redirect(leading_back(request.path.removesuffix("draft/"), way_back(request)))
        if pk is not None:
            get_crf(self.patient, self.spec, pk)
        try:
            keep_draft(request.POST, spec=self.spec, patient=self.patient, pk=pk, by=request.user)
        except ValidationError as error:
            return JsonResponse({"refused": error.messages}, status=413)
        return HttpResponse(status=204)
