"""What the documents name is there: files, commands, names in the code, links."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOMS = "trial|casebook|patients|assessments|monitoring|analysis|demo|config|benchmarks"
CODE = re.compile(r"`([^`\n]+)`")
MADE_LATER = {"var"}
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} - MADE_LATER


def paths_in(text: str) -> set[str]:
    """Code that can only be a path: it begins with a folder of ours, or is a file at the top."""
    words = {word.strip() for code in CODE.findall(text) for word in code.split()}
    return {
        word
        for word in words
        if (re.fullmatch(r"\w[\w.-]*/[\w./-]*", word) and word.split("/")[0] in FOLDERS)
        or re.fullmatch(r"[\w-]+\.(toml|yml|py|md|txt)", word)
    }


def resolve(dotted: str) -> object:
    """A module, or a name in one: casebook.services.edit_crf, analysis.models."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            module = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return reduce(getattr, parts[length:], module)
    raise AttributeError(dotted)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_names_only_what_exists(document: Path):
    text = document.read_text(encoding="utf-8")
    assert [path for path in sorted(paths_in(text)) if not (ROOT / path).exists()] == []
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z]+)", text)) <= set(targets)
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    for dotted in re.findall(rf"`((?:{ROOMS})(?:\.\w+)+)(?:\([^`]*\))?`", text):
        if not dotted.endswith((".py", ".md", ".css", ".js")):
            resolve(dotted)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document: Path):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_a_wrong_name_is_found():
    assert paths_in("see `trial/no_such.py`, `a/b`, `Makefile`, `pyproject.toml`") == {
        "trial/no_such.py",
        "pyproject.toml",
    }
    with pytest.raises(AttributeError):
        resolve("casebook.services.no_such_service")
    assert resolve("casebook.services.edit_crf")
