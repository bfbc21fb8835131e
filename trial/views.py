"""The first page, the health check, and the pages for requests that went wrong."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from trial.access import Permission, may
from trial.http import PersonRequest


def home(request: PersonRequest) -> HttpResponse:
    """Everybody's first page: work, dashboard, people, or the scans to read."""
    for permission, page in (
        (Permission.ENTER_DATA, "monitoring:work"),
        (Permission.VIEW_CASEBOOK, "monitoring:dashboard"),
        (Permission.MANAGE_TRIAL, "trial:people"),
        (Permission.READ_INDEPENDENTLY, "assessments:reading"),
    ):
        if may(request.user, permission):
            return redirect(page)
    return render(request, "trial/no_role.html")


def not_offered(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
