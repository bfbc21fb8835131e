"""My work: the first page of those who enter data."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from monitoring.work import FORMS, PER_PAGE, PLANNED, work_of
from trial.access import Permission, require, sites_where
from trial.http import PersonRequest, PersonView


class WorkPage(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.ENTER_DATA)
        sites = list(sites_where(request.user, Permission.ENTER_DATA).order_by("code"))
        site = next((one for one in sites if str(one.pk) == request.GET.get("site")), None)
        only = request.GET.get("section", "")
        only = only if only in (*PLANNED, *FORMS) else ""
        page = request.GET.get("page", "")
        number = int(page) if page.isdecimal() and 0 < len(page) < 6 and int(page) > 0 else 1
        sections = work_of(
            request.user, [site] if site else sites, today=timezone.localdate(), only=only, page=number
        )
        context = {
            "sections": sections,
            "total": sum(section.total for section in sections),
            "sites": sites,
            "site": site,
            "calendars": [site] if site else sites,
            "only": only,
            "page": number,
            "has_more": any(section.total > number * PER_PAGE for section in sections) and bool(only),
            "today": timezone.localdate(),
            "opened_from": request.get_full_path(),
        }
        return render(request, "monitoring/work.html", context)
