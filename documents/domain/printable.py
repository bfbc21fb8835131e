"""Which characters the fonts in use can show, and what stands for one that they cannot."""

import unicodedata
from collections.abc import Collection


def coverage(text: str) -> frozenset[int]:
    """Code points from a list such as "0020-007E 3005"; what follows # on a line is a remark."""
    found: set[int] = set()
    for said in (part for line in text.splitlines() for part in line.partition("#")[0].split()):
        first, _, last = said.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


def printable(text: str, shown: Collection[int]) -> str:
    """The text with every character that cannot be shown replaced by its code point, [U+1F600].

    Line ends become one kind, a tab a space. Characters without a look of their own (a direction mark, a
    control) are named too: a printed form shows what is stored, not what it looks like.
    """
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        c if c == "\n" or (_has_a_look(c) and ord(c) in shown) else f"[U+{ord(c):04X}]" for c in lines
    )


def _has_a_look(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
