"""What Django's system checks refuse before anybody is served."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error


def mail_reaches_people(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """An installation that serves people must be able to send them a link to a new password."""
    if not settings.SERVES or settings.DEBUG or not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
        return []
    return [
        Error(
            "EMAIL_URL is not set: nobody could be sent a link to a new password.",
            hint="EMAIL_URL=smtps://user:password@host:port, or file:///folder for mails as private files.",
            id="rebaseline.E001",
        )
    ]
