"""One text for one drawing: the library that makes PDF numbers its objects as chance has it."""

import re

REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
ENTRIES = re.compile(rb"(?:^ *\/\w+ \[?(?:\/\w+ )?\d+ 0 R\]?\n){2,}", re.MULTILINE)
HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\n"


def canonical_pdf(drawn: bytes) -> bytes:
    """The same document, its objects numbered and written in the order in which the first page meets them."""
    objects = _objects(drawn)
    trailer = drawn[drawn.rindex(b"trailer") : drawn.rindex(b"startxref")]
    order: list[int] = []
    _visit(trailer, objects, order)
    number = {old: new for new, old in enumerate(order, start=1)}

    def renumbered(match: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % number[int(match[1])]

    written, offsets = bytearray(HEAD), []
    for old in order:
        head, stream = objects[old]
        offsets.append(len(written))
        written += b"%d 0 obj\n%s%s" % (number[old], REFERENCE.sub(renumbered, head), stream)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(order) + 1)
    written += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = re.sub(rb"/Size \d+", b"/Size %d" % (len(order) + 1), REFERENCE.sub(renumbered, trailer))
    return bytes(written + size + b"startxref\n%d\n%%%%EOF\n" % start)


def _objects(drawn: bytes) -> dict[int, tuple[bytes, bytes]]:
    """Every object by its number: its dictionary with equal entries sorted, and its stream untouched."""
    table = int(drawn[drawn.rindex(b"startxref") :].split()[1])
    places = re.findall(rb"(\d{10}) \d{5} n", drawn[table:])
    starts = sorted(int(place) for place in places)
    found = {}
    for start, end in zip(starts, [*starts[1:], table], strict=True):
        whole = drawn[start:end].rstrip() + b"\n\n"
        name, _, body = whole.partition(b" 0 obj\n")
        head, mark, stream = body.partition(b"stream\n")
        found[int(name)] = (ENTRIES.sub(_sorted_lines, head), mark + stream)
    return found


def _sorted_lines(match: re.Match[bytes]) -> bytes:
    return b"".join(sorted(match[0].splitlines(keepends=True)))


def _visit(text: bytes, objects: dict[int, tuple[bytes, bytes]], order: list[int]) -> None:
    for match in REFERENCE.finditer(text):
        number = int(match[1])
        if number not in order:
            order.append(number)
            _visit(objects[number][0], objects, order)
