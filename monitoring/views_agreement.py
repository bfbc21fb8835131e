from django.http import HttpResponse
from django.shortcuts import render

from monitoring.agreement import reader_agreement
from trial.http import PersonRequest, PersonView


class AgreementPage(PersonView):
    """Per centre and scan by scan: what the first and the independent reader say, and Cohen's kappa."""

    def get(self, request: PersonRequest) -> HttpResponse:
        return render(request, "monitoring/agreement.html", {"found": reader_agreement(request.user)})
