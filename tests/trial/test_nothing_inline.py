"""The content security policy allows nothing inline; here nothing inline is written either."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import PASSWORD, enter, signed_in

INLINE = {
    "script without a file": r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
    "style element": r"<style\b",
    "style attribute": r"<[^>]+\sstyle\s*=",
    "handler attribute": r"<[^>]+\son[a-z]+\s*=",
    "htmx handler": r"hx-on[:-]",
    "script address": r"javascript:",
}
FOREIGN = r"""(?:src|href|action)=["'](?:https?:)?//"""
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix()
)
def test_templates_hold_nothing_inline(template: Path):
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", template.read_text())
    found = [what for what, pattern in INLINE.items() if re.search(pattern, text, re.IGNORECASE)]
    assert found == []
    assert not re.search(FOREIGN, text)


class Inline(HTMLParser):
    """Collects what a strict policy would refuse, and controls without a name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not (given.get("src") or "").startswith("/static/")):
            self.found.append(tag)
        self.found += [
            f"{tag} {name}" for name in given if name == "style" or name.startswith(("on", "hx-on"))
        ]
        if any(
            (given.get(name) or "").startswith(("http", "//", "javascript:"))
            for name in ("src", "href", "action")
        ):
            self.found.append(f"{tag} leads elsewhere")


def inline_parts(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


def test_the_parser_finds_each_kind():
    html = (
        '<p style="x" onclick="y"><style></style><script>1</script><a href="javascript:1"><img src="//cdn">'
    )
    assert inline_parts(html) == [
        "p style",
        "p onclick",
        "style",
        "script",
        "a leads elsewhere",
        "img leads elsewhere",
    ]


SIGNED_OUT = ["login/", "signup/", "inactive/", "password/reset/", "password/reset/done/"]
SIGNED_IN = ["logout/", "password/change/", "reauthenticate/", "2fa/", "2fa/totp/activate/"]


@pytest.mark.parametrize("page", SIGNED_OUT)
def test_sign_in_pages_hold_nothing_inline(db, client, page):
    assert_strict(client.get(f"/account/{page}"))


@pytest.mark.parametrize("page", SIGNED_IN)
def test_account_pages_hold_nothing_inline(client, study, page):
    client.post("/account/login/", {"login": study.coordinator_a.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert_strict(client.get(f"/account/{page}"))


def test_pages_of_the_casebook_hold_nothing_inline(study, patient):
    from assessments.models import VitalSigns

    crf = enter(VitalSigns, patient)
    form = f"/casebook/{patient.number}/vital-signs"
    coordinator, monitor = signed_in(study.coordinator_a), signed_in(study.monitor_a)
    for page in (f"/casebook/{patient.number}/", f"{form}/{crf.pk}/", f"{form}/{crf.pk}/history/"):
        assert_strict(coordinator.get(page))
        assert_strict(monitor.get(page))
    for page in ("/casebook/new/", f"{form}/new/", f"{form}/{crf.pk}/remove/"):
        assert_strict(coordinator.get(page))
    assert_strict(coordinator.get("/no/such/page/"), status=404)
    assert_strict(coordinator.post(f"{form}/new/", {}))


def assert_strict(response, status: int = 200) -> None:
    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert inline_parts(response.content.decode()) == []
