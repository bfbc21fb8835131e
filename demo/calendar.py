"""The days of one SYNTHETIC patient that the cohort does not state: consent, screening, visits, contacts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from assessments.domain.ctcae import LAB_RULES
from demo.cohort import Subject
from demo.plan import Chance

SITES = {"01": 7, "02": 6, "03": 5, "04": 4, "05": 3, "06": 2, "07": 2, "08": 1}
"""How many patients each centre treats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`blood` is the day of the first blood sample, `end` the day protocol treatment ended.

    `unscheduled` are visits because of a laboratory adverse event.
    """

    consent: date
    blood: date
    screening: date
    baseline_scan: date
    decision: date
    scheduled: tuple[date, ...]
    unscheduled: tuple[date, ...]
    continuation: date | None
    end: date
    contacts: tuple[date, ...]

    @property
    def visits(self) -> tuple[date, ...]:
        return tuple(sorted({*self.scheduled, *self.unscheduled}))


def choose_sites(numbers: Iterable[str]) -> dict[str, str]:
    """The centre of each patient."""
    centres = [code for code, many in SITES.items() for _ in range(many)]
    Chance("sites").shuffle(centres)
    return dict(zip(sorted(numbers), centres, strict=True))


def make_calendar(subject: Subject) -> Calendar:
    chance = Chance(subject.number, "calendar")
    enrolment = subject.enrolment
    start = subject.start or enrolment + timedelta(days=6)
    consent = enrolment - timedelta(days=chance.randint(8, 14))
    last_day_of_scan = min(enrolment - timedelta(days=1), start - timedelta(days=7))
    scan = consent + timedelta(days=chance.randint(1, (last_day_of_scan - consent).days))
    screening = min(scan + timedelta(days=chance.randint(0, 1)), enrolment)
    continuation = subject.pd1
    if subject.pd1 is not None and not subject.continued:
        continuation = subject.pd1 + timedelta(days=chance.randint(0, 3))
    end = _end(subject, continuation, start)
    scheduled = _scheduled(subject, end, chance) if subject.start else ()
    return Calendar(
        consent=consent,
        blood=consent + timedelta(days=chance.randint(0, 3)),
        screening=screening,
        baseline_scan=scan,
        decision=max(scan, screening, enrolment - timedelta(days=chance.randint(0, 2))),
        scheduled=scheduled,
        unscheduled=tuple(sorted(_laboratory_onsets(subject) - set(scheduled))),
        continuation=continuation,
        end=end,
        contacts=_contacts(subject, end, chance),
    )


def _end(subject: Subject, continuation: date | None, start: date) -> date:
    if subject.start is None:
        return start - timedelta(days=2)
    if subject.pd1 is not None and not subject.continued:
        assert continuation is not None
        return continuation
    assert subject.treatment_end is not None
    return subject.treatment_end


def _scheduled(subject: Subject, end: date, chance: Chance) -> tuple[date, ...]:
    """Every two weeks, a few days either way, from the first dose to the end of treatment; seldom one comes
    late.
    """
    assert subject.start is not None
    days = [subject.start]
    last = end - timedelta(days=1) if subject.death == end else end
    while (last - days[-1]).days > 20:
        late = chance.one_in(60) and (last - days[-1]).days > 32
        days.append(days[-1] + timedelta(days=24 if late else 14 + chance.randint(-3, 3)))
    if (last - days[-1]).days >= 7:
        days.append(last)
    return tuple(days)


def _laboratory_onsets(subject: Subject) -> set[date]:
    return {event.onset for event in subject.events if event.term in LAB_RULES}


def _contacts(subject: Subject, end: date, chance: Chance) -> tuple[date, ...]:
    """Contacts after treatment, every two to three months; the last one is the last day known alive."""
    if subject.last_contact is None:
        return ()
    last = subject.last_contact
    if subject.died:
        last = max(end, last - timedelta(days=chance.randint(5, 30)))
    days: list[date] = []
    day = end + timedelta(days=chance.randint(40, 75))
    while day < last - timedelta(days=20):
        days.append(day)
        day += timedelta(days=chance.randint(60, 95))
    return (*days, last) if last > end else ()
