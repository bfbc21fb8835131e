"""How a SYNTHETIC patient's treatment and course ended: decision, end of treatment, contacts, death."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from casebook.domain.partial_dates import PartialDate
from demo.calendar import Calendar
from demo.cohort import Subject
from demo.courses import STOPPED_BY
from demo.plan import Chance, Entry, Step, frozen

NOT_CONTINUED = {
    "Patient refusal": "PATIENT REFUSAL",
    "PS deterioration": "PS DETERIORATION",
    "Adverse event: liver dysfunction": "ADVERSE EVENT",
    "Adverse event: lung infection": "ADVERSE EVENT",
}
OFF_PROTOCOL = NOT_CONTINUED | {
    "Second PD": "SECOND PD",
    "Refused chemotherapy before first dose": "REFUSED BEFORE FIRST DOSE",
    "Adverse event before first tumour evaluation": "ADVERSE EVENT",
    "Adverse event before first tumour evaluation (death NOS)": "ADVERSE EVENT",
}
LATER_THERAPY = ("", "", "", "TACE", "hepatic arterial infusion of cisplatin", "best supportive care only")
CAUSES = ("DISEASE UNDER STUDY", "DISEASE UNDER STUDY", "DISEASE UNDER STUDY", "LIVER FAILURE")


def outcome_steps(subject: Subject, calendar: Calendar) -> Iterator[Step]:
    def entry(on: date, form: str, key: str = "", **values: Any) -> Entry:
        return Entry(on=on, patient=subject.number, form=form, key=key or form, values=frozen(values))

    if calendar.continuation is not None:
        decided = _decision(subject)
        yield entry(calendar.continuation, "progression-decision", date=calendar.continuation, **decided)
    yield entry(calendar.end, "discontinuation", date=calendar.end, **_reason(subject))
    for day in calendar.contacts:
        yield entry(day, "survival-follow-up", day.isoformat(), **_contact(subject, day))
    if subject.death is not None:
        yield entry(subject.death, "death", date=PartialDate.on(subject.death), **_cause(subject))


def _decision(subject: Subject) -> dict[str, Any]:
    if subject.continued:
        return {"continued": True, "not_continued_reason": "", "comment": ""}
    return {
        "continued": False,
        "not_continued_reason": NOT_CONTINUED[subject.off_protocol_reason],
        "comment": _event(subject),
    }


def _reason(subject: Subject) -> dict[str, Any]:
    return {"off_protocol_reason": OFF_PROTOCOL[subject.off_protocol_reason], "detail": _event(subject)}


def _event(subject: Subject) -> str:
    """The adverse event in the words of CTCAE; liver dysfunction is named so by the cohort."""
    term = STOPPED_BY.get(subject.number, "")
    return f"Liver dysfunction ({term})" if "liver dysfunction" in subject.off_protocol_reason else term


def _contact(subject: Subject, day: date) -> dict[str, Any]:
    lost = (
        not subject.died and subject.off_protocol_reason == "Patient refusal" and day == subject.last_contact
    )
    return {
        "contact_date": day,
        "status": "LOST TO FOLLOW-UP" if lost else "ALIVE",
        "subsequent_therapy": Chance(subject.number, "later therapy").choice(LATER_THERAPY),
    }


def _cause(subject: Subject) -> dict[str, Any]:
    if STOPPED_BY.get(subject.number) == "Death NOS":
        return {"cause": "ADVERSE EVENT", "cause_detail": "Death NOS"}
    return {"cause": Chance(subject.number, "death").choice(CAUSES), "cause_detail": ""}
