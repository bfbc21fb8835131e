"""Dates of which the day, the month or everything may be unknown (ISO 8601 reduced precision).

A partial date stands for every calendar day it could mean. Comparisons are therefore three-valued:
``True`` or ``False`` when all those days agree, ``None`` when they do not. Nothing is imputed here.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

UNKNOWN_TEXTS = ("", "UNK")

_set = object.__setattr__
_SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class PartialDateError(ValueError):
    """The text is not a date; the message says so in words for the person who typed it."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as entered: ``2019``, ``2019-03``, ``2019-03-14``, or unknown (empty or ``UNK``).

    ``text`` is what was entered; ``earliest`` and ``latest`` are the first and last calendar day it can
    mean, both ``None`` when nothing is known. Two partial dates are equal when their text is.
    """

    text: str
    earliest: date | None = field(init=False, compare=False)
    latest: date | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        text = self.text.strip()
        if text.upper() in UNKNOWN_TEXTS:
            text = text.upper()
            bounds: tuple[date | None, date | None] = (None, None)
        else:
            bounds = _bounds(text)
        for name, value in zip(("text", "earliest", "latest"), (text, *bounds), strict=True):
            object.__setattr__(self, name, value)

    @classmethod
    def on(cls, day: date) -> "PartialDate":
        """Return the partial date of a fully known day."""
        known = object.__new__(cls)
        _set(known, "text", day.isoformat())
        _set(known, "earliest", day)
        _set(known, "latest", day)
        return known

    @property
    def is_unknown(self) -> bool:
        """Tell whether not even the year is known."""
        return self.earliest is None

    @property
    def is_complete(self) -> bool:
        """Tell whether year, month and day are all known."""
        return self.earliest is not None and self.earliest == self.latest

    @property
    def day(self) -> date | None:
        """Return the one calendar day meant, or None unless the date is complete."""
        return self.earliest if self.is_complete else None

    def is_before(self, other: "PartialDate | date") -> bool | None:
        """Tell whether this day lies before the other; None when it depends on what is unknown."""
        other = as_partial(other)
        if self.earliest is None or self.latest is None or other.earliest is None or other.latest is None:
            return None
        if self.latest < other.earliest:
            return True
        return False if self.earliest >= other.latest else None

    def is_after(self, other: "PartialDate | date") -> bool | None:
        """Tell whether this day lies after the other; None when it depends on what is unknown."""
        return as_partial(other).is_before(self)

    def is_on_or_before(self, other: "PartialDate | date") -> bool | None:
        """Tell whether this day is the other or lies before it; None when undecidable."""
        after = self.is_after(other)
        return None if after is None else not after

    def is_on_or_after(self, other: "PartialDate | date") -> bool | None:
        """Tell whether this day is the other or lies after it; None when undecidable."""
        before = self.is_before(other)
        return None if before is None else not before

    def __str__(self) -> str:
        return self.text or "unknown"


def as_partial(day: PartialDate | date) -> PartialDate:
    """Return a partial date for either kind of date."""
    return PartialDate.on(day) if isinstance(day, date) else day


def _bounds(text: str) -> tuple[date, date]:
    """Return the first and last day that ``2019``, ``2019-03`` or ``2019-03-14`` can mean."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise PartialDateError(
            f"“{text}” is not a date. Write the year, year-month or year-month-day, for example 2019, "
            "2019-03 or 2019-03-14, or UNK when nothing is known."
        )
    year, month, day = (None if part is None else int(part) for part in shape.groups())
    try:
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise PartialDateError(f"“{text}” is not a day of the calendar.") from None
    if day is not None:
        return first, first
    return first, _last_day(first, whole_year=month is None)


def _last_day(first: date, *, whole_year: bool) -> date:
    """Return the last day of the year, or of the month, that begins on ``first``."""
    if whole_year or first.month == 12:
        return date(first.year, 12, 31)
    return date(first.year, first.month + 1, 1) - timedelta(days=1)
