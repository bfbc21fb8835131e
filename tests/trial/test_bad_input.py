"""Ten thousand bad inputs over every form of every page: each is answered at its place, none is a fault."""

import logging
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.forms import BaseForm, BaseFormSet
from django.template import Context, Template
from django.test import Client
from django.test.signals import template_rendered

from assessments.services_laboratory import ImportResult
from casebook.registry import specs
from tests.factories import Study, make_person, signed_in
from tests.trial.every_url import expectations
from tests.trial.visitors import Place, make_place
from trial.models import Role

INPUTS = 10_000
DRAWN = 500
"""Of these the page is drawn and looked at; of the others, what it would be drawn from."""
BAD = (
    "",
    " ",
    "\0",
    "\u200b",
    "-",
    "-1",
    "0",
    "0.05",
    "1e400",
    "1e-9",
    "NaN",
    "Infinity",
    "９９",
    "٣",
    "1,5",
    "12 mm",
    "99999999999999999999",
    "-0.0000000001",
    "2012-02-30",
    "2012-13",
    "0000-00-00",
    "9999-12-31",
    "2012-1-5",
    "12/03/2012",
    "unknown",
    "25:61",
    "on",
    "None",
    "null",
    "[]",
    '{"a": 1}',
    "'; DROP TABLE patients_visit; --",
    "<script>alert(1)</script>",
    "被験者",
    "🩺" * 50,
    "x" * 300,
    "y" * 20_000,
    "\r\n\t",
    "\ud7ff\uffff",
    "SD",
    "NO SUCH CHOICE",
)
"""What people, machines and attackers type where a date, a number, a choice or a word is asked for."""

SIGNS = (b"is-invalid", b"error-summary", b'id="problems"', b'name="confirmed"')
"""What a page bears that names what is wrong at its place, or asks the reason of a change before it saves."""
ROOMS = ("trial", "casebook", "patients", "assessments", "documents", "monitoring", "analysis")


@dataclass
class Form:
    """What a browser would send of a form, and where to."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page that write."""

    def __init__(self, path: str, page: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = Form(given.get("action") or self.path)
            self.found.append(self._open)
        if self._open is None:
            return
        if tag == "select" and name:
            self._select = name
            self._open.values.setdefault(name, "")
        elif tag == "option" and "selected" in given and self._select:
            self._open.values[self._select] = given.get("value", "")
        elif tag in ("input", "textarea") and name and name != "csrfmiddlewaretoken":
            if kind == "file":
                self._open.files.add(name)
            elif kind not in ("checkbox", "radio") or "checked" in given:
                self._open.values[name] = given.get("value", "")
            else:
                self._open.values.setdefault(name, "")
            if kind == "hidden":
                self._open.hidden.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""


@pytest.fixture
def place(study: Study) -> Place:
    return make_place(study, study.site_a)


@pytest.fixture
def client(study: Study) -> Iterator[Client]:
    """Somebody who may do everything: no refusal of a right hides what a form makes of its input."""
    roles = [(role, None) for role in Role if role is not Role.READER]
    logging.disable()  # a line per refusal says nothing here
    yield signed_in(make_person("somebody", study.trial, *roles))
    logging.disable(logging.NOTSET)


def pages(place: Place) -> Iterator[str]:
    for expected in expectations():
        if expected.method == "GET" and not expected.address.startswith(("(home)", "account/")):
            yield place.path(expected.address)
    for spec in specs():
        yield f"/casebook/{place.number}/{spec.slug}/new/"


def forms_of(client: Client, place: Place) -> list[Form]:
    found = {}
    for path in pages(place):
        response = client.get(path, follow=True)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        for form in Forms(response.request["PATH_INFO"], response.content.decode()).found:
            if set(form.values) - form.hidden | form.files and not form.action.startswith("/account/"):
                found[form.action, *sorted(form.values)] = form
    return list(found.values())


def spoilt(form: Form, chance: random.Random) -> dict[str, object]:
    """What the form would send, with one to four of its fields replaced by what they cannot mean."""
    sent: dict[str, object] = dict(form.values)
    sent |= {name: SimpleUploadedFile("a.csv", b"\xff\xfe\0bad", "text/csv") for name in form.files}
    names = sorted(form.values)
    for name in chance.sample(names, min(len(names), chance.randint(1, 4))):
        sent[name] = chance.choice(BAD)
        if chance.random() < 0.05:
            del sent[name]
    return sent


def post(client: Client, form: Form, sent: dict[str, object]) -> Any:
    """What the server says; a fault is raised here, not answered with 500. Nothing stays saved."""
    with transaction.atomic():
        response = client.post(form.action, sent)
        transaction.set_rollback(True)
    return response


def undrawn(template: Template, context: Context) -> str:
    """In place of drawing a page, which takes nine tenths of the time: its context alone is kept."""
    template_rendered.send(sender=template, template=template, context=context)
    return ""


def complains(value: object) -> bool:
    """Whether a page made from this has a message of what is wrong, or asks the reason of a change."""
    if isinstance(value, BaseForm | BaseFormSet):
        return value.is_bound and not value.is_valid()
    if isinstance(value, ImportResult):
        return bool(value.problems)
    parts = getattr(value, "__dict__", {}).values() if type(value).__module__.split(".")[0] in ROOMS else ()
    return any(complains(part) for part in parts)


def says(response: Any) -> bool:
    """Whether the page, drawn or not, tells what is wrong."""
    if response.content:
        return any(sign in response.content for sign in SIGNS)
    asked = any(template.name == "casebook/crf_confirm.html" for template in response.templates)
    return asked or any(map(complains, response.context.flatten().values()))


def test_bad_inputs_are_answered_at_their_place(
    client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
):
    forms = forms_of(client, place)
    assert len(forms) > 25
    chance = random.Random(20120312)
    said, taken, silent = Counter[bool](), Counter[bool](), set()
    for number in range(INPUTS):
        form, drawn = forms[number % len(forms)], number < DRAWN
        if number == DRAWN:
            monkeypatch.setattr(Template, "_render", undrawn)
        sent = spoilt(form, chance)
        response = post(client, form, sent)
        if response.status_code in (301, 302):
            taken[drawn] += 1
        elif response.status_code == 200:
            said[drawn] += says(response)
            silent |= set() if says(response) else {f"{form.action} {sent}"[:300]}
    assert silent == set()
    for drawn, inputs in ((True, DRAWN), (False, INPUTS - DRAWN)):
        assert said[drawn] > inputs / 2
        assert taken[drawn] > inputs / 50, "what was sent besides was acceptable"
