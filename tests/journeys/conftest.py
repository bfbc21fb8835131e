"""Headless Chromium against the real server process, on a database in which everything really commits.

A module of journeys gets the small trial of tests.factories under `site`; one that needs the SYNTHETIC
demonstration trial overrides that fixture with `demo_site`.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.databases import own_database
from tests.factories import Study, make_study

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
CHROMIUM_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE_MS = 20_000
left_out: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if CHROMIUM is None:
        left_out.append(item.nodeid)
        pytest.skip("this machine has no chromium")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out:
        terminalreporter.write_sep("=", "LEFT OUT", red=True)
        terminalreporter.write_line(
            f"{len(left_out)} browser tests did not run, because this machine has no chromium "
            "(on Debian: apt-get install chromium)."
        )


@dataclass(frozen=True)
class Site:
    """A running server: where it answers, and on which database."""

    url: str
    database: str
    log: Path


@contextmanager
def serving(database: str, log: Path, *, at: str = "") -> Iterator[Site]:
    """The web server as production starts it, without the owner's rights, on this database.

    `at` is the address of a server that ran before and is to come back.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = at.removeprefix("http://") or f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "config.wsgi", "--bind", address]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--workers", "2", "--no-control-socket"],
            cwd=ROOT,
            env=_environment(database),
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_healthy(server, f"http://{address}", log)
        yield Site(f"http://{address}", database, log)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _environment(database: str) -> dict[str, str]:
    """What web server and worker know: this database, and not its owner's password."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    return {k: v for k, v in os.environ.items() if k != "DATABASE_OWNER_URL"} | {"DATABASE_URL": url}


@contextmanager
def working(database: str, log: Path) -> Iterator[None]:
    """A Celery worker on this database; what others left in the queue is not for it."""
    command = [sys.executable, "-W", "ignore", "-m", "celery", "--app", "config", "worker", "--purge"]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [*command, "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
            cwd=ROOT,
            env=_environment(database),
            stdout=output,
            stderr=output,
        )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    patience = time.monotonic() + 60
    while time.monotonic() < patience and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"no healthy answer from the web server:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session", autouse=True)
def drawing_script() -> None:
    """The script that draws figures, where the servers of this session look for it when they start."""
    call_command("build_figures")


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Iterator[Callable[[str], Site]]:
    """Start a server on a database, or find the one that runs; all of them stop with the tests."""
    running: dict[str, Site] = {}
    with ExitStack() as stack:

        def serve(database: str) -> Site:
            if database not in running:
                log = tmp_path_factory.mktemp("server") / f"{database}.log"
                running[database] = stack.enter_context(serving(database, log))
            return running[database]

        yield serve


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; Django would refuse the tests' own queries beside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def study(request, chromium, django_db_setup, django_db_blocker) -> Iterator[Study]:
    """The small trial in a database of this module's own; the test's queries and services go there too."""
    name = f"test_{request.module.__name__.rpartition('.')[2]}"
    with django_db_blocker.unblock(), own_database(name):
        yield make_study()


@pytest.fixture(scope="module")
def site(request, study, tmp_path_factory) -> Iterator[Site]:
    name = f"test_{request.module.__name__.rpartition('.')[2]}"
    with serving(name, tmp_path_factory.mktemp("server") / "web.log") as running:
        yield running


@pytest.fixture(scope="module")
def demo_site(request, chromium, demo_template, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    """The demonstration trial in a database of this module's own, served."""
    name = f"test_{request.module.__name__.rpartition('.')[2]}"
    log = tmp_path_factory.mktemp("server") / "web.log"
    with (
        django_db_blocker.unblock(),
        own_database(name, template=demo_template),
        serving(name, log) as running,
    ):
        yield running


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A fresh browser window. What the console reports, a refused policy included, fails the test."""
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="Asia/Tokyo"
    )
    context.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # An answer of 403, 409 or 429 is part of some journeys; a server error is seen below.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            problems.append(f"console: {message.text}")

    def unanswered(request: Request) -> None:
        # Whoever goes on before a script has come aborts it.
        if "/static/" in request.url and request.failure != "net::ERR_ABORTED":
            problems.append(f"no answer: {request.url}")

    tab = context.new_page()
    tab.on("console", note)
    tab.on("pageerror", lambda error: problems.append(f"script: {error}"))
    tab.on("response", lambda r: problems.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    tab.on("requestfailed", unanswered)
    yield tab
    context.close()
    assert problems == [], f"the browser reported problems; the server's log is {site.log}"
