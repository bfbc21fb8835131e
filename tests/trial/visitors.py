"""Somebody of every role visiting every address: what an address stands for, and what it came to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from assessments.models import Lesion, ReferenceRange, VitalSigns
from assessments.services_key_images import attach_key_image
from casebook.services import raise_query
from tests.analysis.runs import finished_run
from tests.assessments.image_files import a_png
from tests.assessments.imaging_cases import Entered
from tests.documents.prints import finished_print
from tests.factories import Study, coordinator_of, enter, make_patient, make_person, signed_in
from tests.trial.every_url import ROLES
from trial.audit import acting
from trial.models import Role, Site
from trial.services import seal_trail

PEOPLE = dict(
    zip(
        ROLES,
        (
            "coordinator_a",
            "investigator_a",
            "monitor_a",
            "data_manager",
            "statistician",
            "administrator",
            "auditor",
            "reader",
        ),
        strict=True,
    )
)
QUERIES = 12


def views(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every address the site answers to, with its arguments in braces, and what answers."""
    for entry in resolver.url_patterns:
        address = before + re.sub(
            r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>",
            lambda m: "{" + (m[1] or m[2]) + "}",
            str(entry.pattern).strip("^$"),
        )
        if isinstance(entry, URLPattern):
            yield address, entry.callback
        else:
            yield from views(entry, address)


def addresses() -> set[str]:
    return {address for address, _ in views(get_resolver())}


@dataclass(frozen=True)
class Place:
    """What the arguments of an address stand for at one site."""

    study: Study
    number: str
    pks: dict[str, int]

    def path(self, address: str) -> str:
        room = next((prefix for prefix in self.pks if address.startswith(prefix)), None)
        values = {
            "number": self.number,
            "slug": "vital-signs",
            "pk": self.pks[room] if room else "",
            "analyte": "alt",
            "key": "no-such-key",
            "uidb36": "1",
            "name": "os" if "{point}" in address else "table_1",
            "file_format": "csv",
            "language": "en",
            "row": "sex",
            "column": "all",
            "point": "day-20",
        }
        return "/" + address.format(**values)


def make_place(study: Study, site: Site) -> Place:
    """A patient of the site with a form, a query and an imaging read; a reference range; a colleague."""
    patient = make_patient(study, site=site)
    coordinator = coordinator_of(patient)
    form = enter(VitalSigns, patient)
    read = Entered(patient).enter("0 T1=30", first="T1")
    with acting(study.data_manager):
        query = raise_query(
            patient=patient, crf="vital-signs", crf_id=form.pk, field="pulse", text="?", by=study.data_manager
        )
    with acting(coordinator):
        lesion = Lesion.objects.get(patient=patient)
        image = attach_key_image(read=read, lesion=lesion, content=a_png(), by=coordinator)
        limits = {"analyte": "alt", "unit": "U/L", "lln": 5, "uln": 40, "valid_from": "2011-01-01"}
        reference = ReferenceRange.objects.create(site=site, **limits)
    run = finished_run(study, {patient.number: [f"vital-signs/{form.pk}"]})
    colleague = make_person(f"colleague_{site.code}", study.trial, (Role.MONITOR, site))
    seal_trail()
    return Place(
        study,
        patient.number,
        {
            "trial/people/": colleague.pk,
            "trial/roles/": colleague.memberships.get().pk,
            "trial/protocol-versions/": study.version.pk,
            "casebook/": form.pk,
            "assessments/ranges/": reference.pk,
            "assessments/schedule/": site.pk,
            "assessments/{number}/imaging/": read.pk,
            "assessments/{number}/images/": image.pk,
            "documents/sites/": site.pk,
            "documents/prints/": finished_print(patient, by=coordinator).pk,
            "monitoring/queries/": query.pk,
            "monitoring/patients/": form.pk,
            "analysis/runs/": run.pk,
            "analysis/source/": form.pk,
        },
    )


@dataclass(frozen=True)
class Answer:
    outcome: str
    queries: int


class Visitors:
    """One request of one role, and then everything as it was before."""

    def __init__(self, study: Study) -> None:
        clients = {role: signed_in(getattr(study, name)) for role, name in PEOPLE.items()}
        self.cookies = {role: client.cookies for role, client in clients.items()}

    def ask(self, role: str, method: str, path: str) -> Answer:
        client = Client()
        if role != "out":
            client.cookies.load({name: morsel.value for name, morsel in self.cookies[role].items()})
        connection.queries_log.clear()
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                response = client.generic(method, path)
                if response.streaming:
                    b"".join(response)  # a file is closed once it is read
            transaction.set_rollback(True)
        return Answer(outcome_of(response), len([q for q in queries if "SAVEPOINT" not in q["sql"]]))


def outcome_of(response: HttpResponse) -> str:
    """The status; "in" where one is sent to sign in first."""
    if response.status_code in (301, 302):
        return "in" if response["Location"].startswith("/account/login/") else "302"
    return str(response.status_code)
