"""For whom a reference range holds, and the days for which a laboratory states none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casebook.domain.partial_dates import PartialDate

YOUNGEST, OLDEST = 18, 130
"""Ages in completed years for which ranges are looked for: trials of this kind treat adults [D]."""
SEXES = ("F", "M")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """The ages (completed years) a patient can have on a day: several where the birth date is partial."""

    youngest: int
    oldest: int

    def within(self, age_from: int | None, age_to: int | None) -> bool:
        """Whether all of them lie in the band; both its ends belong to it, an end not stated is open."""
        return (age_from is None or age_from <= self.youngest) and (age_to is None or self.oldest <= age_to)


def ages_on(day: date, birth: PartialDate | None) -> Ages:
    """The ages a patient can have on a day; any age where nothing is known of the birth."""
    if birth is None or birth.earliest is None or birth.latest is None:
        return Ages(youngest=0, oldest=OLDEST)
    return Ages(youngest=max(0, _years(birth.latest, day)), oldest=max(0, _years(birth.earliest, day)))


def _years(birth: date, day: date) -> int:
    """Completed years; whoever is born on 29 February becomes older on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSpan:
    """For whom and when a range of one analyte at one site holds; `sex` empty: both, an age None: open."""

    valid_from: date
    valid_to: date | None = None
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None

    @property
    def last_day(self) -> date:
        return self.valid_to or date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days, sex (empty: both) and ages without a range; both ends belong to it."""

    first: date
    last: date
    sex: str
    age_from: int
    age_to: int

    def __str__(self) -> str:
        who = {"F": "women", "M": "men", "": "everybody"}[self.sex]
        if (self.age_from, self.age_to) != (YOUNGEST, OLDEST):
            older = self.age_to == OLDEST
            who += f" from {self.age_from} years" if older else f" of {self.age_from} to {self.age_to} years"
        return f"{self.first} to {self.last}, {who}"


def find_gaps(spans: Sequence[RangeSpan], *, until: date) -> tuple[Gap, ...]:
    """Where one analyte of one site has no range, from its first range through `until`; adults only."""
    if not spans:
        return ()
    first = min(span.valid_from for span in spans)
    women, men = (tuple(_gaps_of(sex, spans, first, until)) for sex in SEXES)
    if women == men:
        return tuple(_of_sex("", women))
    return (*_of_sex("F", women), *_of_sex("M", men))


def _of_sex(sex: str, gaps: Iterable[Gap]) -> Iterator[Gap]:
    for gap in gaps:
        yield Gap(first=gap.first, last=gap.last, sex=sex, age_from=gap.age_from, age_to=gap.age_to)


def _gaps_of(sex: str, spans: Sequence[RangeSpan], first: date, until: date) -> Iterator[Gap]:
    """The gaps of one sex: of each stretch of days with the same ranges, joined to the one before."""
    own = [span for span in spans if span.sex in ("", sex)]
    begins = {first} | {span.valid_from for span in own}
    begins |= {span.valid_to + ONE_DAY for span in own if span.valid_to is not None and span.valid_to < until}
    days = sorted(day for day in begins if first <= day <= until)
    open_gaps: dict[tuple[int, int], date] = {}
    for start in days:
        missing = set(_missing_ages([span for span in own if span.valid_from <= start <= span.last_day]))
        for ages in sorted(open_gaps.keys() - missing):
            yield _gap(open_gaps.pop(ages), start - ONE_DAY, ages)
        for ages in missing - open_gaps.keys():
            open_gaps[ages] = start
    for ages, start in sorted(open_gaps.items()):
        yield _gap(start, until, ages)


def _gap(first: date, last: date, ages: tuple[int, int]) -> Gap:
    return Gap(first=first, last=last, sex="", age_from=ages[0], age_to=ages[1])


def _missing_ages(in_force: Iterable[RangeSpan]) -> Iterator[tuple[int, int]]:
    """The ages that none of these ranges covers, as bands."""
    age = YOUNGEST
    for low, high in sorted(
        (span.age_from or 0, OLDEST if span.age_to is None else span.age_to) for span in in_force
    ):
        if low > age:
            yield age, low - 1
        age = max(age, high + 1)
    if age <= OLDEST:
        yield age, OLDEST
