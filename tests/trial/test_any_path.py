"""Whatever stands in an address, a page answers: what no row can have is not found, and never a fault."""

import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import Study, make_person, signed_in
from tests.trial.visitors import Place, addresses, make_place
from trial.models import Role

NOBODY_HAS_THIS = (
    "\0",
    "0",
    "9" * 18,
    str(2**63),
    "9" * 400,
    "-1",
    "١٢",
    "🩺",
    "A" * 21,
    "x" * 10_000,
    "' OR 1=1 --",
    "..",
    "\n",
)
ARGUMENTS = ("number", "slug", "pk", "name", "file_format", "row", "column", "point", "key", "uidb36")
WITH_ARGUMENTS = sorted(address for address in addresses() if "{" in address)


@pytest.fixture
def place(study: Study) -> Place:
    return make_place(study, study.site_a)


@pytest.fixture
def client(study: Study) -> Iterator[Client]:
    """Somebody who may open everything: no refusal of a right hides what the address does."""
    roles = [(role, None) for role in Role if role is not Role.READER]
    logging.disable()  # a line per unknown address says nothing here
    yield signed_in(make_person("somebody", study.trial, *roles))
    logging.disable(logging.NOTSET)


def paths(place: Place, typed: str) -> Iterator[str]:
    """Every address with an argument, each argument in turn replaced by what was typed."""
    for address in WITH_ARGUMENTS:
        for argument in ARGUMENTS:
            if f"{{{argument}}}" in address:
                marked = address.replace(f"{{{argument}}}", "TYPED")
                yield place.path(marked).replace("TYPED", quote(typed, safe=""))


def ask(client: Client, method: str, path: str) -> int:
    with transaction.atomic():
        status = client.generic(method, path).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_nothing_can_be_called_is_not_found(place: Place, client: Client, method: str):
    typed = NOBODY_HAS_THIS if method == "GET" else NOBODY_HAS_THIS[:3]
    answers = {path: ask(client, method, path) for one in typed for path in paths(place, one)}
    ours = {path: status for path, status in answers.items() if not path.startswith("/account/")}
    assert {path: status for path, status in ours.items() if status not in (404, 405)} == {}
    assert max(answers.values()) < 500


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(min_size=1, max_size=30) | st.integers().map(str), choice=st.data())
def test_whatever_is_typed_a_page_answers(place: Place, client: Client, typed: str, choice: st.DataObject):
    path = choice.draw(st.sampled_from(list(paths(place, typed))))
    assert ask(client, "GET", path) < 500
