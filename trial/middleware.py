"""One request is one transaction of one person."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from trial.audit import set_actor


class ActorMiddleware:
    """Opens the request's transaction, tells the database who acts, and ends sessions that stood idle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return self.get_response(request)
        self._end_if_idle(request)
        with transaction.atomic():
            if request.user.is_authenticated:
                set_actor(request.user)
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        transaction.set_rollback(True)

    @staticmethod
    def _end_if_idle(request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            return
        now = int(time.time())
        seen = request.session.get("seen", now)
        if now - seen > settings.SESSION_IDLE_SECONDS:
            logout(request)
        elif now - seen > 60 or "seen" not in request.session:
            request.session["seen"] = now
