"""Every address × every role × own and other site × reading and writing, against the table in every_url.py.

An address that is not in the table fails: whoever adds a page says there who may open it.
"""

import logging
from collections.abc import Iterator

import pytest
from django.urls import get_resolver

from casebook.registry import CrfSpec, specs
from tests.factories import Study
from tests.trial.every_url import AT_ONE_SITE, ROLES, expectations
from tests.trial.visitors import QUERIES, Visitors, addresses, make_place, views


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
