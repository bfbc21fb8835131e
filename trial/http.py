"""Requests of people who signed in: every page but the few that are open to anybody."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from trial.models import Person


class PersonRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through: `user` is a person."""

    user: Person


class PersonView(View):
    request: PersonRequest


RETURN_TO = "return_to"


def way_back(request: HttpRequest) -> str:
    """The page of ours from which a form was opened and to which its saving leads back; nothing elsewhere."""
    asked = request.POST.get(RETURN_TO) or request.GET.get(RETURN_TO) or ""
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else ""


def leading_back(address: str, to: str) -> str:
    """The address of a form, with the page its saving leads back to."""
    if not to:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode({RETURN_TO: to})}"
