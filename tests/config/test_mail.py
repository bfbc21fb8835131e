"""A link to a new password reaches its person or a file only its owner can read, and never a log."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from config.local_services import LocalServices
from config.mail import mail_settings
from config.state import ROOT
from tests.config.service_processes import environment

NOT_SET = "EMAIL_URL is not set: nobody could be sent a link to a new password."
SEND = (
    "from django.core.mail import send_mail;send_mail('Reset', 'token-4711', 'a@b.invalid', ['c@d.invalid'])"
)
PRODUCTION = {"DATABASE_URL": "postgresql://rebaseline_app:x@nowhere/rebaseline", "SECRET_KEY": "x"}


def python(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", *arguments]
    own = environment(folder, **variables)
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)


URLS = """
    address                            | backend host      port user     TLS   SSL
    smtp://mail.example                | smtp    mail.example 25  -      False False
    smtp://u:p%40s@mail.example:2525   | smtp    mail.example 2525 u     False False
    smtp+tls://u:p@mail.example        | smtp    mail.example 587 u      True  False
    smtps://u:p@mail.example           | smtp    mail.example 465 u      False True
"""


@pytest.mark.parametrize(("url", "expected"), [line.split("|") for line in URLS.strip().splitlines()[1:]])
def test_the_address_says_server_person_and_encryption(url: str, expected: str) -> None:
    said = mail_settings(url.strip(), debug=False)
    assert [
        said["EMAIL_BACKEND"].split(".")[-2],
        said["EMAIL_HOST"],
        str(said["EMAIL_PORT"]),
        said["EMAIL_HOST_USER"] or "-",
        str(said["EMAIL_USE_TLS"]),
        str(said["EMAIL_USE_SSL"]),
    ] == expected.split()
    assert "DEFAULT_FROM_EMAIL" not in said


def test_password_and_sender_are_taken_from_the_address() -> None:
    said = mail_settings("smtps://u:p%40s@mail.example?from=trial@hospital.example", debug=False)
    assert (said["EMAIL_HOST_PASSWORD"], said["DEFAULT_FROM_EMAIL"]) == ("p@s", "trial@hospital.example")


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "file:"])
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must be smtp://"):
        mail_settings(url, debug=False)


def test_without_an_address_only_a_developer_sees_mails() -> None:
    assert mail_settings("", debug=True)["EMAIL_BACKEND"].endswith("console.EmailBackend")
    assert mail_settings("", debug=False)["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


@pytest.mark.parametrize("start", [["manage.py", "check"], ["-c", "import config.wsgi"]])
def test_production_does_not_start_without_an_address(folder: Path, start: list[str]) -> None:
    refused = python(folder, *start, **PRODUCTION)
    assert refused.returncode != 0
    assert NOT_SET in refused.stderr


@pytest.mark.parametrize("also", [{"EMAIL_URL": "smtps://u:p@mail.example"}, {"DEBUG": "1"}])
def test_with_an_address_or_for_a_developer_it_starts(folder: Path, also: dict[str, str]) -> None:
    started = python(folder, "-c", "import config.wsgi", **PRODUCTION, **also)
    assert (started.returncode, started.stderr) == (0, "")


def test_on_one_machine_mails_become_private_files(folder: Path) -> None:
    with LocalServices(folder, durable=False) as services:
        sent = python(folder, "manage.py", "shell", "--no-imports", "-c", SEND, **services.variables)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    [written] = (folder / "mail").iterdir()
    assert "token-4711" in written.read_text()
    assert written.stat().st_mode & 0o077 == (folder / "mail").stat().st_mode & 0o077 == 0
    assert not any("token-4711" in log.read_text() for log in (folder / "log").iterdir())


def test_two_mails_of_one_connection_are_in_one_private_file(tmp_path: Path) -> None:
    with mail.get_connection("config.mail.PrivateFiles", file_path=str(tmp_path)) as connection:
        for subject in ("first", "second"):
            mail.EmailMessage(subject, "", "a@b.invalid", ["c@d.invalid"], connection=connection).send()
    [written] = tmp_path.iterdir()
    assert re.findall(r"Subject: (\w+)", written.read_text()) == ["first", "second"]
    assert written.stat().st_mode & 0o777 == 0o600
