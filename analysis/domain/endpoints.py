"""Time-to-event endpoints, declared as a start, events and censors, and derived one patient at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from analysis.domain.history import PatientHistory, contradictions
from casebook.domain.partial_dates import PartialDate


@dataclass(frozen=True, slots=True)
class DatedFact:
    """A day and the CRF record that gives it."""

    date: date
    reference: str | None


Finder = Callable[[PatientHistory, date], DatedFact | None]


@dataclass(frozen=True, slots=True)
class DateSource:
    """A named date in a patient's course, usable as start, event or censor of an endpoint.

    `domain` and `variable` say where the date stands in the submission data sets. `find` looks it up in a
    history, given the start of the endpoint.
    """

    name: str
    label: str
    domain: str
    variable: str
    find: Finder


def _from_field(field_name: str) -> Finder:
    def find(history: PatientHistory, start: date) -> DatedFact | None:
        day = getattr(history, field_name)
        return None if day is None else DatedFact(day, history.references.get(field_name))

    return find


def _progression(period: int, field_name: str) -> Finder:
    """Return the progression's date with the scan of that day as its record."""

    def find(history: PatientHistory, start: date) -> DatedFact | None:
        day = getattr(history, field_name)
        scans = (scan for scan in history.scans if scan.period == period and scan.date == day)
        return next((DatedFact(scan.date, scan.reference) for scan in scans), None)

    return find


def _last_adequate_scan(history: PatientHistory, start: date) -> DatedFact | None:
    """Return the last readable scan after the start; the scan of the start itself is the baseline."""
    scans = [scan for scan in history.scans if scan.is_adequate and scan.date > start]
    last = max(scans, key=lambda scan: scan.date, default=None)
    return None if last is None else DatedFact(last.date, last.reference)


consent = DateSource("consent", "informed consent", "ADSL", "RFICDT", _from_field("consent_date"))
enrolment = DateSource("enrolment", "enrolment", "ADSL", "ENRLDT", _from_field("enrolment_date"))
first_dose = DateSource("first_dose", "first dose", "ADSL", "TRTSDT", _from_field("first_dose"))
safety_assessment = DateSource(
    "safety_assessment", "first safety assessment", "SV", "SVSTDTC", _from_field("first_safety_assessment")
)
first_progression = DateSource(
    "first_progression", "first progression", "ADRS", "ADT", _progression(1, "pd1_date")
)
continuation = DateSource(
    "continuation", "continuation beyond progression", "DS", "DSSTDTC", _from_field("continuation_date")
)
second_progression = DateSource(
    "second_progression", "second progression", "ADRS", "ADT", _progression(2, "pd2_date")
)
last_tumour_assessment = DateSource(
    "last_tumour_assessment", "last tumour assessment", "ADRS", "ADT", _last_adequate_scan
)
treatment_discontinuation = DateSource(
    "treatment_discontinuation",
    "discontinuation of protocol treatment",
    "DS",
    "DSSTDTC",
    _from_field("treatment_discontinued_date"),
)
last_contact = DateSource(
    "last_contact", "last contact", "ADSL", "LSTALVDT", _from_field("last_contact_date")
)
death = DateSource("death", "death", "ADSL", "DTHDT", _from_field("death_date"))

DATE_SOURCES = {
    source.name: source
    for source in (
        consent,
        enrolment,
        first_dose,
        safety_assessment,
        first_progression,
        continuation,
        second_progression,
        last_tumour_assessment,
        treatment_discontinuation,
        last_contact,
        death,
    )
}
"""Every date a protocol can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A time to event.

    The earliest of `events` is the event; without one the patient is censored at the first of `censors`
    that is known, in the order given. `requires` are the facts that bring a patient into the endpoint's
    analysis set.
    """

    paramcd: str
    param: str
    start: DateSource
    events: tuple[DateSource, ...]
    censors: tuple[DateSource, ...]
    requires: tuple[DateSource, ...] = ()

    @classmethod
    def from_names(
        cls,
        paramcd: str,
        param: str,
        *,
        start: str,
        events: Sequence[str],
        censors: Sequence[str],
        requires: Sequence[str] = (),
    ) -> Self:
        """Return the endpoint that a protocol declares by the names of its dates."""
        return cls(
            paramcd=paramcd,
            param=param,
            start=named_source(start),
            events=tuple(map(named_source, events)),
            censors=tuple(map(named_source, censors)),
            requires=tuple(map(named_source, requires)),
        )


def named_source(name: str) -> DateSource:
    """Return the date source of this name; an unknown name raises ValueError listing the known ones."""
    if name not in DATE_SOURCES:
        raise ValueError(f"there is no date called {name!r}; known are {', '.join(DATE_SOURCES)}")
    return DATE_SOURCES[name]


TTP1 = Endpoint(
    paramcd="TTP1",
    param="Time to first progression (days)",
    start=first_dose,
    events=(first_progression,),
    censors=(last_tumour_assessment, treatment_discontinuation, first_dose),
    requires=(first_dose,),
)
TTP2 = Endpoint(
    paramcd="TTP2",
    param="Time to second progression (days)",
    start=first_progression,
    events=(second_progression,),
    censors=(last_tumour_assessment, treatment_discontinuation, first_progression),
    requires=(continuation,),
)
OS = Endpoint(
    paramcd="OS",
    param="Overall survival (days)",
    start=enrolment,
    events=(death,),
    censors=(last_contact,),
    requires=(first_dose,),
)
PFS1 = Endpoint(
    paramcd="PFS1",
    param="Progression-free survival of Treatment 1 (days)",
    start=first_dose,
    events=(first_progression, death),
    censors=(last_tumour_assessment, treatment_discontinuation, first_dose),
    requires=(first_dose,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToEvent:
    """One ADTTE record.

    `cnsr` is 0 for an event and otherwise the position, from 1, of the censoring source in the endpoint's
    declaration. `description` is the event or the reason for censoring; `censor_date_description` says what
    the censoring date is and is None for an event. The source names the data set, variable and CRF record
    of `date`.
    """

    patient_number: str
    paramcd: str
    param: str
    start_date: date
    start_reference: str | None
    date: date
    cnsr: int
    description: str
    censor_date_description: str | None
    source_domain: str
    source_variable: str
    source_reference: str | None

    @property
    def event(self) -> bool:
        return self.cnsr == 0

    @property
    def days(self) -> int:
        """Days from start to date by plain subtraction: what survival is estimated from."""
        return (self.date - self.start_date).days

    @property
    def aval(self) -> int:
        """ADTTE's analysis value: the start day counts as day 1."""
        return self.days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDerived:
    """Why a patient has no record for an endpoint."""

    patient_number: str
    paramcd: str
    reason: str


def derive_tte(history: PatientHistory, endpoint: Endpoint) -> TimeToEvent | NotDerived:
    """Return the ADTTE record: the first event, else the last date known to be event-free.

    A patient outside the analysis set, without a start or without any censoring date has no record, and
    neither has one whose history contradicts itself, or whose death may be the event on a day that is not
    fully known: the reason is returned instead. An event no later than the first day the death can have been
    is the first in any case. Apply the cut-off to the history first (`at_cut_off`).
    """
    start = endpoint.start.find(history, date.min)
    reason = _obstacle(history, endpoint, start)
    if reason is not None:
        return _not_derived(history, endpoint, reason)
    if start is None:
        return _not_derived(history, endpoint, f"no {endpoint.start.label}")
    found = _first_event(history, endpoint, start.date) or _censoring(history, endpoint, start.date)
    if found is None:
        return _not_derived(history, endpoint, f"no {_event_words(endpoint)} and no date to censor at")
    source, fact, cnsr = found
    if fact.date < start.date:
        return _not_derived(
            history,
            endpoint,
            f"{source.label} ({fact.date}) before {endpoint.start.label} ({start.date})",
        )
    return TimeToEvent(
        patient_number=history.patient_number,
        paramcd=endpoint.paramcd,
        param=endpoint.param,
        start_date=start.date,
        start_reference=start.reference,
        date=fact.date,
        cnsr=cnsr,
        description=_capitalise(f"no {_event_words(endpoint)} by {source.label}" if cnsr else source.label),
        censor_date_description=_capitalise(source.label) if cnsr else None,
        source_domain=source.domain,
        source_variable=source.variable,
        source_reference=fact.reference,
    )


def _obstacle(history: PatientHistory, endpoint: Endpoint, start: DatedFact | None) -> str | None:
    missing = [source.label for source in endpoint.requires if source.find(history, date.min) is None]
    if missing:
        return f"no {' and no '.join(missing)}"
    partly = history.partial_death_date
    if (
        death in endpoint.events
        and partly is not None
        and not _ended_before(partly, history, endpoint, start)
    ):
        return f"the day of death is not known ({partly})"
    impossible = contradictions(history)
    return f"contradiction: {'; '.join(impossible)}" if impossible else None


def _ended_before(death: str, history: PatientHistory, endpoint: Endpoint, start: DatedFact | None) -> bool:
    """Whether another event lies no later than the first day of a partly known death."""
    earliest = PartialDate(death).earliest
    first = None if start is None else _first_event(history, endpoint, start.date)
    return earliest is not None and first is not None and first[1].date <= earliest


def _first_event(
    history: PatientHistory, endpoint: Endpoint, start: date
) -> tuple[DateSource, DatedFact, int] | None:
    found = [(source, source.find(history, start)) for source in endpoint.events]
    events = [(source, fact, 0) for source, fact in found if fact is not None]
    return min(events, key=lambda event: event[1].date, default=None)


def _censoring(
    history: PatientHistory, endpoint: Endpoint, start: date
) -> tuple[DateSource, DatedFact, int] | None:
    for position, source in enumerate(endpoint.censors, start=1):
        fact = source.find(history, start)
        if fact is not None:
            return source, fact, position
    return None


def _event_words(endpoint: Endpoint) -> str:
    return " or ".join(source.label for source in endpoint.events)


def _capitalise(text: str) -> str:
    return text[0].upper() + text[1:]


def _not_derived(history: PatientHistory, endpoint: Endpoint, reason: str) -> NotDerived:
    return NotDerived(patient_number=history.patient_number, paramcd=endpoint.paramcd, reason=reason)
