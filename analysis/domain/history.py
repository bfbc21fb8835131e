"""What is known of one patient at one moment: the dated facts that endpoints and analysis sets are made
of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

NOT_EVALUABLE = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A tumour assessment after the baseline of its treatment period.

    `period` is 1 up to and including the scan of first progression and 2 after it; `response` is the
    overall response as submission value (CR, PR, SD, NON-CR/NON-PD, PD, NE), None while the read is
    missing; `reference` names the CRF record.
    """

    date: date
    period: int
    response: str | None
    reference: str | None = None

    @property
    def is_adequate(self) -> bool:
        """A scan that could be read: it says whether the patient had progressed on that day."""
        return self.response not in (None, NOT_EVALUABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientHistory:
    """The facts of one patient; a date is None where it has not happened or is not known.

    `pd1_date` and `pd2_date` are the radiological progressions of Treatment 1 and 2. `continuation_date` is
    the day of the decision to treat beyond first progression. `treatment_discontinued_date` is the day
    protocol treatment ended for good. `partial_death_date` is what is known of the day of a death that may
    lie before the cut-off, where not all of it is. `references` names the CRF record behind a field of this
    class, by field name.
    """

    patient_number: str
    site: str
    consent_date: date | None = None
    enrolment_date: date | None = None
    first_dose: date | None = None
    last_dose: date | None = None
    first_safety_assessment: date | None = None
    scans: tuple[Scan, ...] = ()
    pd1_date: date | None = None
    continuation_date: date | None = None
    pd2_date: date | None = None
    treatment_discontinued_date: date | None = None
    treatment_discontinued_reason: str | None = None
    last_contact_date: date | None = None
    death_date: date | None = None
    partial_death_date: str | None = None
    references: Mapping[str, str] = field(default_factory=dict)

    @property
    def continued(self) -> bool:
        """Whether treatment went on beyond first progression."""
        return self.continuation_date is not None


EVENT_DATES = (
    "consent_date",
    "enrolment_date",
    "first_dose",
    "first_safety_assessment",
    "pd1_date",
    "continuation_date",
    "pd2_date",
    "treatment_discontinued_date",
    "death_date",
)


def at_cut_off(history: PatientHistory, cut_off: date) -> PatientHistory:
    """Return the history as it stood at the end of the cut-off day.

    What happened after that day has not happened. Dates that run on are cut: a patient dosed later was still
    being dosed, and a patient seen or dying later was alive, on the cut-off day.
    """
    changes: dict[str, object] = {
        name: None for name in EVENT_DATES if _is_after(getattr(history, name), cut_off)
    }
    if "treatment_discontinued_date" in changes:
        changes["treatment_discontinued_reason"] = None
    if "first_dose" in changes:
        changes["last_dose"] = None
    elif _is_after(history.last_dose, cut_off):
        changes["last_dose"] = cut_off
    if _is_after(history.last_contact_date, cut_off) or "death_date" in changes:
        changes["last_contact_date"] = cut_off
    changes["scans"] = tuple(scan for scan in history.scans if scan.date <= cut_off)
    return replace(history, **changes)  # type: ignore[arg-type]


def _is_after(day: date | None, cut_off: date) -> bool:
    return day is not None and day > cut_off


ORDERED_FACTS = (
    (("consent_date", "consent"), ("enrolment_date", "enrolment")),
    (("enrolment_date", "enrolment"), ("first_dose", "first dose")),
    (("first_dose", "first dose"), ("last_dose", "last dose")),
    (("first_dose", "first dose"), ("pd1_date", "first progression")),
    (("pd1_date", "first progression"), ("continuation_date", "decision to continue")),
    (("pd1_date", "first progression"), ("pd2_date", "second progression")),
    (("first_dose", "first dose"), ("treatment_discontinued_date", "discontinuation of treatment")),
    (("last_contact_date", "last contact"), ("death_date", "death")),
    (("last_dose", "last dose"), ("death_date", "death")),
    (("pd1_date", "first progression"), ("death_date", "death")),
    (("pd2_date", "second progression"), ("death_date", "death")),
)
"""Pairs of facts of which the first cannot be later than the second."""

REQUIRED_FACTS = (
    (("enrolment_date", "enrolment"), ("first_dose", "first dose")),
    (("first_dose", "first dose"), ("last_dose", "last dose")),
    (("first_dose", "first dose"), ("pd1_date", "first progression")),
    (("pd1_date", "first progression"), ("continuation_date", "decision to continue")),
    (("continuation_date", "decision to continue"), ("pd2_date", "second progression")),
)
"""Pairs of facts of which the second cannot be without the first."""


def contradictions(history: PatientHistory) -> tuple[str, ...]:
    """Return what cannot be true in this history, in words; an endpoint is not derived from such a
    history.
    """
    return (*_disorder(history), *_gaps(history), *_scan_contradictions(history))


def _disorder(history: PatientHistory) -> Iterator[str]:
    for (earlier, earlier_name), (later, later_name) in ORDERED_FACTS:
        first, second = getattr(history, earlier), getattr(history, later)
        if first is not None and second is not None and first > second:
            yield f"{later_name} ({second}) before {earlier_name} ({first})"
    if history.pd1_date is not None and history.pd1_date == history.pd2_date:
        yield f"first and second progression on the same day ({history.pd1_date})"


def _gaps(history: PatientHistory) -> Iterator[str]:
    for (needed, needed_name), (present, present_name) in REQUIRED_FACTS:
        if getattr(history, present) is not None and getattr(history, needed) is None:
            yield f"{present_name} without {needed_name}"


def _scan_contradictions(history: PatientHistory) -> Iterator[str]:
    for scan in history.scans:
        baseline = history.first_dose if scan.period == 1 else history.pd1_date
        if baseline is None or scan.date < baseline:
            yield f"scan of Treatment {scan.period} ({scan.date}) before Treatment {scan.period} began"
        if history.death_date is not None and scan.date > history.death_date:
            yield f"scan ({scan.date}) after death ({history.death_date})"
    for period, progression in ((1, history.pd1_date), (2, history.pd2_date)):
        if progression is not None and progression not in {
            s.date for s in history.scans if s.period == period
        }:
            yield f"progression of Treatment {period} ({progression}) without a scan of that day"
