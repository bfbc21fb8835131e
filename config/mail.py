"""Where mails go: a password-reset link is a key to somebody's account and belongs in no log."""

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.filebased import EmailBackend

CONSOLE = "django.core.mail.backends.console.EmailBackend"
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
TO_FILES = "config.mail.PrivateFiles"
USUAL_PORT = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class PrivateFiles(EmailBackend):
    """Writes mails as files that only their owner can read, into EMAIL_FILE_PATH."""

    def open(self) -> bool:
        if self.stream is not None:
            return False
        path = self._get_filename()  # type: ignore[attr-defined]
        self.stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        return True


def mail_settings(url: str, *, debug: bool) -> dict[str, Any]:
    """Django's settings for EMAIL_URL.

    smtps:// (TLS), smtp+tls:// (STARTTLS) or smtp:// with user:password@host:port and perhaps ?from=address;
    or file:///folder. Without one mail goes to the console where `debug` is on, and else nowhere.
    """
    if not url:
        return {"EMAIL_BACKEND": CONSOLE if debug else NOWHERE}
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return {"EMAIL_BACKEND": TO_FILES, "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme not in USUAL_PORT or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp://, smtp+tls:// or smtps:// with user:password@host:port, "
            "or file:///folder."
        )
    sender = parse_qs(parts.query).get("from")
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or USUAL_PORT[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
        **({"DEFAULT_FROM_EMAIL": sender[0]} if sender else {}),
    }
