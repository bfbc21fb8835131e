"""One request is one transaction of one person."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from trial.audit import set_actor


class ActorMiddleware:
    """Opens the request's transaction, tells the database who acts, and ends sessions that stood idle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return self.get_response(request)
        self._end_if_over(request)
        with transaction.atomic():
            if request.user.is_authenticated:
                set_actor(request.user)
            response = self.get_response(request)
            if getattr(request, "view_raised", False):
                transaction.set_rollback(True)
        if request.user.is_authenticated:  # after signing out, the back button shows nothing of it
            add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Undo what the view wrote, but only once the page that says so is made: it reads data too."""
        request.view_raised = True  # type: ignore[attr-defined]

    @staticmethod
    def _end_if_over(request: HttpRequest) -> None:
        """Sign out whoever stood idle or stayed too long; what a page fetches by itself is no activity."""
        if not request.user.is_authenticated:
            return
        now = int(time.time())
        began, seen = request.session.get("began", now), request.session.get("seen", now)
        if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_LONGEST_SECONDS:
            logout(request)
            messages.info(request, "Your time was up: sign in again to go on.")
        elif "began" not in request.session:
            request.session["began"] = request.session["seen"] = now
        elif now - seen > 60 and "HX-Request" not in request.headers:
            request.session["seen"] = now
