"""Histories that cannot have happened: what lies before that which it must follow."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from casebook.domain.findings import Finding, Severity
from casebook.domain.partial_dates import PartialDate, as_partial

AnyDate = PartialDate | date
Dates = tuple[PartialDate, ...]
Known = tuple[str, str, PartialDate]  # field, label, date


@dataclass(frozen=True, slots=True)
class DatedItem:
    """Anything with a date: ``label`` is what a sentence calls it, such as “laboratory panel”.

    ``needs_consent`` marks what is done for the trial alone: nobody may be seen for it before consent.
    """

    label: str
    on: AnyDate
    needs_consent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something that begins and may end, such as an adverse event; ``end`` None while it goes on."""

    label: str
    onset: AnyDate | None = None
    end: AnyDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronologyFacts:
    """The dates of one patient; ``None`` is not known or has not happened.

    ``scan_dates`` are the scans after the baseline scan; ``entries`` everything else that was seen, done or
    given on a day (visits, laboratory panels, doses); ``episodes`` what has an onset and an end.
    """

    birth_date: AnyDate | None = None
    consent_date: AnyDate | None = None
    baseline_scan_date: AnyDate | None = None
    enrolment_date: AnyDate | None = None
    first_dose_date: AnyDate | None = None
    last_dose_date: AnyDate | None = None
    first_progression_date: AnyDate | None = None
    continuation_decision_date: AnyDate | None = None
    second_progression_date: AnyDate | None = None
    discontinuation_date: AnyDate | None = None
    last_contact_date: AnyDate | None = None
    death_date: AnyDate | None = None
    scan_dates: tuple[AnyDate, ...] = ()
    entries: tuple[DatedItem, ...] = ()
    episodes: tuple[Episode, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """``later`` may not lie before ``earlier``; with ``strictly`` not on the same day either.

    ``advice`` says what to do where the dates of a progression, which the reads decide, are in the way.
    """

    rule_id: str
    earlier: str
    later: str
    strictly: bool = False
    severity: Severity = Severity.HARD
    advice: str = ""


BEFORE_IT_WAS_KNOWN = (
    "A correction or a later confirmation may have moved the progression. Correct the date that is wrong; if "
    "the decision was taken on that day, answer so."
)
ORDERS = (
    Order("CHR-01", "birth_date", "consent_date"),
    Order("CHR-02", "consent_date", "enrolment_date"),
    Order("CHR-03", "consent_date", "first_dose_date"),
    Order("CHR-04", "enrolment_date", "first_dose_date"),
    # A scan of routine care shortly before consent may serve as baseline, so the site is only asked.
    Order("CHR-05", "consent_date", "baseline_scan_date", severity=Severity.SOFT),
    Order("CHR-06", "baseline_scan_date", "first_dose_date", severity=Severity.SOFT),
    Order("CHR-07", "first_dose_date", "last_dose_date"),
    Order("CHR-08", "last_dose_date", "discontinuation_date"),
    Order("CHR-09", "enrolment_date", "discontinuation_date"),
    Order(
        "CHR-10",
        "first_dose_date",
        "first_progression_date",
        strictly=True,
        advice="What a scan shows before treatment is its baseline and not new: correct the scan of that "
        "day, its date, or the first line of the dosing log.",
    ),
    # The reads decide when a progression was, and may do so after the decision rightly stood on another one.
    Order(
        "CHR-11",
        "first_progression_date",
        "continuation_decision_date",
        severity=Severity.SOFT,
        advice=BEFORE_IT_WAS_KNOWN,
    ),
    Order("CHR-12", "first_progression_date", "second_progression_date", strictly=True),
    Order(
        "CHR-13",
        "continuation_decision_date",
        "second_progression_date",
        severity=Severity.SOFT,
        advice=BEFORE_IT_WAS_KNOWN,
    ),
    Order("CHR-14", "last_contact_date", "death_date"),
    Order("CHR-15", "baseline_scan_date", "scan_dates", strictly=True),
    Order("CHR-16", "consent_date", "scan_dates"),
    Order("CHR-17", "first_dose_date", "scan_dates"),
    Order("CHR-19", "consent_date", "last_contact_date"),
)

LABELS = {
    "birth_date": "birth",
    "consent_date": "consent",
    "baseline_scan_date": "baseline scan",
    "enrolment_date": "enrolment",
    "first_dose_date": "first dose",
    "last_dose_date": "last dose",
    "first_progression_date": "first progression",
    "continuation_decision_date": "decision to continue",
    "second_progression_date": "second progression",
    "discontinuation_date": "discontinuation of treatment",
    "last_contact_date": "last contact",
    "death_date": "death",
    "scan_dates": "scan",
}


def check_chronology(facts: ChronologyFacts, *, today: date | None = None) -> tuple[Finding, ...]:
    """Return a finding for every pair of dates that cannot both be true.

    Only certain contradictions are reported: where a date is missing or partial and some day it can mean
    would fit, nothing is said. With ``today``, dates in the future are reported too.
    """
    dates = {field: _dates(getattr(facts, field)) for field in LABELS}
    entries = tuple((entry, as_partial(entry.on)) for entry in facts.entries)
    everything = tuple(_everything(dates, entries, facts.episodes))
    return (
        *(finding for order in ORDERS for finding in _out_of_order(dates, order)),
        *_before_consent(dates["consent_date"], entries),
        *_after_death(dates["death_date"], everything),
        *_before_birth(dates["birth_date"], everything),
        *_ends_before_onset(facts),
        *(() if today is None else _in_the_future(everything, PartialDate.on(today))),
    )


def _dates(value: AnyDate | tuple[AnyDate, ...] | None) -> Dates:
    dates = value if isinstance(value, tuple) else () if value is None else (value,)
    return tuple(as_partial(day) for day in dates)


def _out_of_order(dates: Mapping[str, Dates], order: Order) -> Iterator[Finding]:
    for earlier in dates[order.earlier]:
        for later in dates[order.later]:
            wrong = later.is_on_or_before(earlier) if order.strictly else later.is_before(earlier)
            if wrong:
                relation = "does not lie after" if order.strictly else "lies before"
                message = f"{_named(order.later, later)} {relation} {_named(order.earlier, earlier)}."
                message = f"{_capital(message)} {order.advice}".strip()
                yield Finding(order.rule_id, order.severity, message, order.later)


def _everything(
    dates: Mapping[str, Dates],
    entries: Iterable[tuple[DatedItem, PartialDate]],
    episodes: Iterable[Episode],
) -> Iterator[Known]:
    """Yield field, label and date of all that is known of the patient."""
    for field, label in LABELS.items():
        for day in dates[field]:
            yield field, label, day
    for entry, day in entries:
        yield "entries", entry.label, day
    for episode in episodes:
        if episode.onset is not None:
            yield "episodes", f"onset of {episode.label}", as_partial(episode.onset)
        if episode.end is not None:
            yield "episodes", f"end of {episode.label}", as_partial(episode.end)


def _before_consent(consents: Dates, entries: Iterable[tuple[DatedItem, PartialDate]]) -> Iterator[Finding]:
    for consent in consents:
        for entry, day in entries:
            if entry.needs_consent and day.is_before(consent):
                message = f"{entry.label} {day} lies before {_named('consent_date', consent)}."
                yield Finding("CHR-18", Severity.SOFT, _capital(message), "entries")


def _after_death(deaths: Dates, everything: Iterable[Known]) -> Iterator[Finding]:
    for death in deaths:
        for field, label, day in everything:
            if field != "last_contact_date" and day.is_after(death):
                message = f"{label} {day} lies after {_named('death_date', death)}."
                yield Finding("CHR-20", Severity.HARD, _capital(message), field)


def _before_birth(births: Dates, everything: Iterable[Known]) -> Iterator[Finding]:
    """What no order ties to the consent, which cannot lie before birth itself."""
    for birth in births:
        for field, label, day in everything:
            if field in ("entries", "episodes") and day.is_before(birth):
                message = f"{label} {day} lies before {_named('birth_date', birth)}."
                yield Finding("CHR-23", Severity.HARD, _capital(message), field)


def _ends_before_onset(facts: ChronologyFacts) -> Iterator[Finding]:
    for episode in facts.episodes:
        if episode.onset is None or episode.end is None:
            continue
        onset, end = as_partial(episode.onset), as_partial(episode.end)
        if end.is_before(onset):
            message = f"end of {episode.label} {end} lies before its onset {onset}."
            yield Finding("CHR-21", Severity.HARD, _capital(message), "episodes")


def _in_the_future(everything: Iterable[Known], today: PartialDate) -> Iterator[Finding]:
    for field, label, day in everything:
        if day.is_after(today):
            message = f"{label} {day} lies in the future."
            yield Finding("CHR-22", Severity.HARD, _capital(message), field)


def _named(field: str, day: PartialDate) -> str:
    return f"{LABELS[field]} {day}"


def _capital(message: str) -> str:
    return message[0].upper() + message[1:]
