"""CPU milliseconds and query counts of the main actions, each beside a reference measured in the same run.

    make bench

Absolute times move with the machine; the ratios are what to remember. Nothing here passes or fails.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from analysis.models import RunState  # noqa: E402
from analysis.services import compute_run, start_run  # noqa: E402
from assessments.forms_imaging import ImagingReadForm, make_lines  # noqa: E402
from assessments.imaging_book import ImagingBook  # noqa: E402
from benchmarks.measure import BUDGETED_QUERIES, Cost, cost_of, undone  # noqa: E402
from benchmarks.references import REFERENCES, make_table  # noqa: E402
from benchmarks.trial import Setting, as_sent, last_form, own_database, prepare, signed_in  # noqa: E402
from casebook.extraction import extract  # noqa: E402
from trial.audit import acting, system_person  # noqa: E402
from trial.models import ProtocolVersion  # noqa: E402

FORM_MS, SAVE_MS, PREVIEW_MS = 20.0, 10.0, 100.0
AS_A_BROWSER_SENDS = "application/x-www-form-urlencoded"
LINE = "{:<44} {:>7} {:>9} {:>7}  {:<38} {}"


@dataclass(frozen=True)
class Action:
    """Something measured, what it is held against, and its budget in CPU milliseconds where it has one."""

    name: str
    do: Callable[[], Any]
    beside: str
    budget_ms: float | None = None
    rounds: int = 15


def page(person: Any, address: str) -> Callable[[], None]:
    client = signed_in(person)

    def get() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return get


def post(person: Any, address: str, sent: dict[str, str]) -> Callable[[], None]:
    client = signed_in(person)
    client.get(address)  # the session notes its beginning once, not with every save

    def send() -> None:
        answer = client.post(address, urlencode(sent), content_type=AS_A_BROWSER_SENDS)
        assert answer.status_code == 302, (address, answer.status_code)

    return undone(send)


def preview(person: Any, read: Any) -> Callable[[], None]:
    """What the imaging grid asks for while somebody types: the whole read as it stands, computed anew."""
    client = signed_in(person)
    address = reverse("assessments:imaging-edit", args=[read.patient.number, read.pk])
    with acting(person):
        book = ImagingBook(read.patient)
        lines = make_lines(book, read, is_baseline=book.is_baseline(read))
        bound = [
            *ImagingReadForm(instance=read),
            *lines.management_form,
            *(f for line in lines for f in line),
        ]
        typed = {field.html_name: "" if field.value() is None else str(field.value()) for field in bound}
    sent = urlencode({name: value for name, value in typed.items() if value != "False"})

    def send() -> None:
        answer = client.post(f"{address}preview/", sent, content_type=AS_A_BROWSER_SENDS)
        assert answer.status_code == 200, (address, answer.status_code)

    return send


def forms(setting: Setting) -> Iterator[Action]:
    by, number = setting.coordinator, setting.patient.number
    candidate = setting.candidate
    enrolment = {name: str(value) for name, value in setting.enrolment.items()}
    address = reverse("casebook:new", args=[candidate.number, "enrolment"])
    saved, drawn = "plain form of 40 fields, saved", "plain form of 40 fields, drawn"
    yield Action("enrol a patient", post(by, address, enrolment), saved)
    for slug, typed in (("vital-signs", {"pulse": "71"}), ("laboratory", {"albumin": "3.6"})):
        crf = last_form(setting.patient, slug, by)
        address = reverse("casebook:edit", args=[number, slug, crf.pk])
        sent = as_sent(crf, **typed) | {"confirmed": "1", "why-all": "TRANSCRIPTION ERROR"}
        yield Action(f"{slug} form", page(by, address), drawn, FORM_MS)
        yield Action(f"{slug} saved", post(by, address, sent), saved, SAVE_MS)
    for slug in ("screening", "adverse-event"):
        crf = last_form(setting.patient, slug, by)
        address = reverse("casebook:edit", args=[number, slug, crf.pk])
        yield Action(f"{slug} form", page(by, address), drawn, FORM_MS)
    crf = last_form(setting.patient, "imaging", by)
    address = reverse("assessments:imaging-edit", args=[number, crf.pk])
    yield Action("imaging page", page(by, address), drawn, FORM_MS)
    yield Action("imaging preview while typing", preview(by, crf), drawn, PREVIEW_MS)


def pages(setting: Setting) -> Iterator[Action]:
    by, blank, manager = setting.coordinator, setting.blank.number, setting.data_manager
    yield Action("work page", page(by, reverse("monitoring:work")), "")
    for name in (
        "casebook:patient",
        "monitoring:timeline",
        "assessments:eligibility",
        "assessments:schedule",
    ):
        words = name.partition(":")[2]
        empty = f"{words} page without a form"
        yield Action(empty, page(by, reverse(name, args=[blank])), "")
        yield Action(f"{words} page", page(by, reverse(name, args=[setting.patient.number])), empty)
    for name in ("patients", "dashboard", "deviations", "queries"):
        address, empty = reverse(f"monitoring:{name}"), f"{name} page without patients"
        yield Action(empty, page(setting.newcomer, address), "")
        yield Action(f"{name} page", page(manager, address), empty)


def runs(setting: Setting) -> Iterator[Action]:
    version = ProtocolVersion.objects.get()

    def read_all() -> None:
        with acting(setting.statistician):
            extract()

    def run() -> None:
        with acting(setting.statistician):
            asked = start_run(
                protocol_version=version,
                cut_off=version.protocol.cut_off,
                as_of=None,
                settings={},
                by=setting.statistician,
            )
        compute_run(asked.pk, actor=system_person())
        with acting(setting.statistician):
            asked.refresh_from_db()
        assert asked.state == RunState.FINISHED, asked.error

    yield Action("all forms of all patients read", read_all, "one SELECT 1", rounds=5)
    yield Action("a whole analysis run", run, "all forms of all patients read", rounds=3)


def report(action: Action, cost: Cost, known: dict[str, Cost]) -> str:
    beside = known.get(action.beside)
    ratio = f"{cost.cpu_ms / beside.cpu_ms:.1f}×" if beside and beside.cpu_ms else ""
    over = []
    if cost.queries > BUDGETED_QUERIES and action.budget_ms != SAVE_MS and "page" in action.name:
        over.append(f"more than {BUDGETED_QUERIES} queries")
    if action.budget_ms is not None and cost.cpu_ms > action.budget_ms:
        over.append(f"budget {action.budget_ms:.0f} ms")
    return LINE.format(
        action.name, cost.queries, f"{cost.cpu_ms:.1f}", ratio, action.beside, ", ".join(over)
    ).rstrip()


def main() -> None:
    logging.disable()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with own_database():
        began = time.process_time()
        setting = prepare()
        make_table()
        print(f"SYNTHETIC trial of 30 patients entered in {time.process_time() - began:.0f} s of CPU.\n")
        print(LINE.format("action", "queries", "CPU ms", "ratio", "beside", "over"))
        known: dict[str, Cost] = {}
        actions = [Action(name, do, "one SELECT 1") for name, do in REFERENCES.items()]
        for action in (*actions, *forms(setting), *pages(setting), *runs(setting)):
            known[action.name] = cost_of(action.do, rounds=action.rounds)
            print(report(action, known[action.name], known), flush=True)


if __name__ == "__main__":
    sys.exit(main())
