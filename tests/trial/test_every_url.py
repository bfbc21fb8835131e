"""Every address × every role × own and other site × reading and writing, against the table in every_url.py.

An address that is not in the table fails: whoever adds a page says there who may open it.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from assessments.models import Lesion, ReferenceRange, VitalSigns
from assessments.services_key_images import attach_key_image
from casebook.registry import CrfSpec, specs
from casebook.services import raise_query
from tests.analysis.runs import finished_run
from tests.assessments.image_files import a_png
from tests.assessments.imaging_cases import Entered
from tests.documents.prints import finished_print
from tests.factories import Study, coordinator_of, enter, make_patient, make_person, signed_in
from tests.trial.every_url import AT_ONE_SITE, ROLES, expectations
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


@pytest.fixture
def visitors(study: Study) -> Iterator[Visitors]:
    logging.disable()  # a line per refusal says nothing here
    yield Visitors(study)
    logging.disable(logging.NOTSET)


def test_the_table_names_every_address_and_no_other():
    found, named = addresses(), {entry.address for entry in expectations()}
    assert sorted(found - named) == [], "say in tests/trial/every_url.py who may open these"
    assert sorted(named - found) == [], "these are gone"


@pytest.mark.parametrize("room", sorted({entry.address.partition("/")[0] for entry in expectations()}))
def test_who_may_open_what(study: Study, visitors: Visitors, room: str):
    """All of a room's addresses at once, so that a change of rights shows as a list of what changed."""
    own, other = make_place(study, study.site_a), make_place(study, study.site_b)
    found, slow = [], []
    for expected in expectations():
        if expected.address.partition("/")[0] != room:
            continue
        asked = [("out", own, expected.signed_out)]
        asked += [(role, own, outcome) for role, outcome in expected.own_site.items()]
        asked += [(role, other, outcome) for role, outcome in expected.other_site.items()]
        for role, place, outcome in asked:
            answer = visitors.ask(role, expected.method, place.path(expected.address))
            who = f"{expected.method} {expected.address} as {role}, {'own' if place is own else 'other'} site"
            if answer.outcome != outcome:
                found.append(f"{who}: {answer.outcome} instead of {outcome}")
            if (expected.method, answer.outcome) == ("GET", "200") and answer.queries > QUERIES:
                slow.append(f"{who}: {answer.queries} queries")
    assert found == []
    assert slow == []


def test_no_page_of_ours_answers_to_another_method():
    allowed = {"get", "post", "head", "options"}
    for address, view in views(get_resolver()):
        if not address.startswith("account/") and hasattr(view, "view_class"):
            handled = {name for name in view.view_class.http_method_names if hasattr(view.view_class, name)}
            assert handled <= allowed, address


def outcome_of_entering(spec: CrfSpec, role: str) -> str:
    """What opening or sending an empty form comes to: investigators decide, they and coordinators enter."""
    if role == "re" or spec.permission == "READ_INDEPENDENTLY":
        return "200" if role == "re" and spec.permission == "READ_INDEPENDENTLY" else "403"
    if role == "ad":
        return "403"
    if spec.own_pages:
        return "302"  # to its own screen, which the table has
    return "200" if role == "in" or (role == "co" and spec.slug != "eligibility-decision") else "403"


def test_who_may_fill_in_which_form(study: Study, visitors: Visitors):
    """The address names the form; what it takes to enter one differs by form."""
    own, other = make_place(study, study.site_a), make_place(study, study.site_b)
    found = []
    for spec in specs():
        for role in ROLES:
            shown = visitors.ask(role, "GET", f"/casebook/{own.number}/{spec.slug}/new/")
            sent = visitors.ask(role, "POST", f"/casebook/{own.number}/{spec.slug}/new/")
            if {shown.outcome, sent.outcome} != {outcome_of_entering(spec, role)} or shown.queries > QUERIES:
                found.append(f"{spec.slug} as {role}: {shown}, {sent}")
        for role in AT_ONE_SITE:
            strange = visitors.ask(role, "GET", f"/casebook/{other.number}/{spec.slug}/new/")
            if strange.outcome != "404":
                found.append(f"{spec.slug} of another site as {role}: {strange}")
    assert found == []
