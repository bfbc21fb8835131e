"""Something that began and may have ended, on days that may be partly unknown.

Questions about a span are three-valued: ``True`` or ``False`` when every day its dates can mean gives that
answer, ``None`` when they do not. Nothing is imputed.
"""

from dataclasses import dataclass
from datetime import date

from casebook.domain.partial_dates import PartialDate, as_partial

UNKNOWN = PartialDate("UNK")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialSpan:
    """From `start` through `end`, both days included.

    `start` None and `end` None are not known; of something `ongoing` the end has not come, whatever `end` is.
    """

    start: PartialDate | None
    end: PartialDate | None = None
    ongoing: bool = False

    def began_by(self, day: PartialDate | date) -> bool | None:
        """Tell whether it had begun on that day or before."""
        return (self.start or UNKNOWN).is_on_or_before(day)

    def lasted_until(self, day: PartialDate | date) -> bool | None:
        """Tell whether it had not ended before that day."""
        return True if self.ongoing else (self.end or UNKNOWN).is_on_or_after(day)

    def overlaps(self, first: PartialDate | date, last: PartialDate | date) -> bool | None:
        """Tell whether it went on during some day from the first through the last."""
        return all_of(self.began_by(last), self.lasted_until(first))

    def includes(self, day: PartialDate | date) -> bool | None:
        """Tell whether it went on on that day.

        A partial day counts as one day, not as all it can mean: what began in 2012-03 and ended in 2012-05
        was going on on any day of 2012-04.
        """
        return all_of(self.began_by(day), self.lasted_until(day))

    def begins_within(self, first: PartialDate | date, last: PartialDate | date) -> bool | None:
        """Tell whether it began on a day from the first through the last."""
        start = self.start or UNKNOWN
        return all_of(start.is_on_or_after(first), start.is_on_or_before(last))

    @property
    def ends_before_start(self) -> bool:
        """Tell whether no days its dates can mean are in order."""
        known = self.start is not None and self.end is not None
        return known and bool((self.end or UNKNOWN).is_before(as_partial(self.start or UNKNOWN)))


def all_of(*answers: bool | None) -> bool | None:
    """Return no if any answer is no, else not decidable if any is open, else yes."""
    return False if False in answers else None if None in answers else True
