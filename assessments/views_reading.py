"""The scans an independent reader reads, and nothing else of any patient."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from assessments.independent import scans_to_read
from trial.access import Permission, require
from trial.http import PersonRequest, PersonView

PER_PAGE = 50


class ReadingList(PersonView):
    """Scan by scan: patient, day, modality, and whether the independent read is entered."""

    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.READ_INDEPENDENTLY)
        every = "all" in request.GET
        found = scans_to_read(request.user, with_those_read=every)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "assessments/reading.html", {"page": page, "every": every})
