"""The line of every key of a TOML file."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trial
from trial.domain.errors import KeyPath
from trial.domain.toml_lines import locate_keys, nearest_line

FILE = Path(trial.__file__).parent / "protocols" / "sorafenib_beyond_progression.toml"

# The comment at the end of each line lists the key paths that begin on it.
TOML = '''
title = "x # not a comment"              #: title
a.b = 1                                  #: a a.b
"q.k" = [1,                              #: q.k q.k/0
  2, # two ]                             #: q.k/1
  [3, 4],                                #: q.k/2 q.k/2/0 q.k/2/1
  {x = 1, y = "}", 'z' . w = [ ] },      #: q.k/3 q.k/3.x q.k/3.y q.k/3.z q.k/3.z.w
]
empty = []                               #: empty
none = {}                                #: none
quoted = "a \\" ] b"                     #: quoted
long = """
 [x]
y = 1 \\""" "" #
"""
literal = \'\'\'
 z \'\'\'
nothing = ""                             #: nothing
when = 2014-06-01 07:00:00               #: when
[s . t]                                  #: s s.t
k = 1                                    #: s.t.k
[[list]]                                 #: list list/0
id = 1                                   #: list/0.id
[[list]]                                 #: list/1
id = 2                                   #: list/1.id
[[list.inner]]                           #: list/1.inner list/1.inner/0
v = 1                                    #: list/1.inner/0.v
[list.table]                             #: list/1.table
w = 3'''


def shown(path: KeyPath) -> str:
    return "".join(f"/{part}" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def test_every_key_is_found_on_its_line() -> None:
    found = locate_keys(TOML)
    for number, line in enumerate(TOML.splitlines(), 1):
        expected = line.partition("#: ")[2].split()
        if expected:
            assert [shown(path) for path, at in found.items() if at == number] == expected, line
    assert (found["long",], found["literal",]) == (12, 16)
    assert found["list", 1, "table", "w"] == len(TOML.splitlines())


def paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [path] * bool(path) + [deeper for key, entry in entries for deeper in paths(entry, (*path, key))]


def test_every_key_of_the_shipped_protocol_has_the_line_that_names_it() -> None:
    text = FILE.read_text(encoding="utf-8")
    lines, found = text.splitlines(), locate_keys(text)
    wanted = paths(tomllib.loads(text))
    assert set(wanted) == set(found)
    for path in wanted:
        if isinstance(path[-1], str):
            assert path[-1] in lines[found[path] - 1]


words = st.text("abc#=\"'\\[]{}, \n", max_size=8)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=6))
def test_strings_of_any_content_do_not_mislead(pairs: list[tuple[str, str]]) -> None:
    def quoted(word: str) -> str:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    text = "".join(f"[[t]]\n{quoted(key)} = [{quoted(word)}]\n" for key, word in pairs)
    tomllib.loads(text)
    found = locate_keys(text)
    for index, (key, _) in enumerate(pairs):
        assert found["t", index] == 2 * index + 1
        assert found["t", index, key] == found["t", index, key, 0] == 2 * index + 2


@pytest.mark.parametrize(
    ("path", "line"), [(("a", "b"), 2), (("a", "c"), 1), (("z", 3), 1), ((), 1), (("a", "b", 0), 2)]
)
def test_a_missing_key_gets_the_line_of_what_should_hold_it(path: KeyPath, line: int) -> None:
    assert nearest_line({("a",): 1, ("a", "b"): 2}, path) == line
