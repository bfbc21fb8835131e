"""What a printed form shows of a character: itself where the fonts have it, else its code point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.domain.pages import Cell, Column, Table
from documents.domain.printable import coverage, printable

SHOWN = coverage("0020-007E  # Latin\n3042 60A3 00E9\n# a remark alone\n")

PRINTED = """
    plain text           | plain text
    患あ                 | 患あ
    smile \U0001f600     | smile [U+1F600]
    right\u202eleft      | right[U+202E]left
    zero\u200bwidth      | zero[U+200B]width
    bell\x07             | bell[U+0007]
    tab\tstop            | tab stop
    caf\u0065\u0301      | caf\u00e9
    鬱                   | [U+9B31]
"""


def test_the_list_of_characters_is_read_as_ranges():
    assert {0x20, 0x41, 0x7E, 0x3042, 0x60A3} < SHOWN
    assert {0x7F, 0x3043}.isdisjoint(SHOWN)
    assert coverage("") == frozenset()


@pytest.mark.parametrize("line", PRINTED.strip("\n").splitlines())
def test_a_character_that_cannot_be_shown_is_named(line):
    typed, printed = (part.removeprefix("    ").rstrip(" ") for part in line.split("|"))
    assert printable(typed, SHOWN).strip() == printed.strip()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_typed_apart_stay_apart(end):
    assert printable(f"a{end}b", SHOWN) == "a\nb"


@given(st.text())
def test_nothing_is_lost_and_nothing_is_left_that_has_no_glyph(text):
    shown = printable(text, SHOWN)
    assert all(c == "\n" or ord(c) in SHOWN for c in shown)
    assert bool(text) == bool(shown)


def test_a_row_has_one_cell_per_column():
    with pytest.raises(ValueError, match="one cell per column"):
        Table("History", [Column("When", 1), Column("Who", 1)], [[Cell("only one")]])
