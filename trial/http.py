"""Requests of people who signed in: every page but the few that are open to anybody."""

from django.http import HttpRequest
from django.views import View

from trial.models import Person


class PersonRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through: `user` is a person."""

    user: Person


class PersonView(View):
    request: PersonRequest
