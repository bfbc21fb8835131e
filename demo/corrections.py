"""What went wrong on paper and was put right: so that the SYNTHETIC trail has a life of its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from casebook.domain.partial_dates import PartialDate
from demo.plan import Change, Entry, Question, Step, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """The value first entered on the n-th form of this kind of a patient, and why it was changed later."""

    patient: str
    form: str
    nth: int
    field: str
    entered: Any
    days: int
    reason: str


MISTAKES = (
    Mistake(
        patient="SYN-013",
        form="consent",
        nth=0,
        field="birth_date",
        entered=PartialDate("1951-09-09"),
        days=3,
        reason="Date of birth copied from the line above.",
    ),
    Mistake(
        patient="SYN-010",
        form="baseline-disease",
        nth=0,
        field="dcp",
        entered=Decimal("792.3"),
        days=6,
        reason="Decimal point was in the wrong place.",
    ),
    Mistake(
        patient="SYN-002",
        form="vital-signs",
        nth=2,
        field="weight",
        entered=Decimal("85.4"),
        days=14,
        reason="Digits swapped at entry.",
    ),
    Mistake(
        patient="SYN-006",
        form="laboratory",
        nth=5,
        field="ggt",
        entered=Decimal(19),
        days=10,
        reason="Value of another patient; checked against the report.",
    ),
    Mistake(
        patient="SYN-007",
        form="vital-signs",
        nth=9,
        field="pulse",
        entered=168,
        days=15,
        reason="Pressure was entered as pulse.",
    ),
    Mistake(
        patient="SYN-011",
        form="adverse-event",
        nth=1,
        field="causality",
        entered="UNLIKELY",
        days=9,
        reason="Judged again by the investigator.",
    ),
    Mistake(
        patient="SYN-016",
        form="dosing",
        nth=1,
        field="dose_reason_text",
        entered="see AE",
        days=2,
        reason="The event is linked; no words needed.",
    ),
    Mistake(
        patient="SYN-020",
        form="vital-signs",
        nth=3,
        field="temperature",
        entered=Decimal("35.0"),
        days=4,
        reason="Illegible on the worksheet, read again.",
    ),
    Mistake(
        patient="SYN-022",
        form="laboratory",
        nth=3,
        field="sodium",
        entered=Decimal("104.1"),
        days=7,
        reason="Digits swapped at entry.",
    ),
    Mistake(
        patient="SYN-025",
        form="survival-follow-up",
        nth=0,
        field="subsequent_therapy",
        entered="unknown",
        days=30,
        reason="Asked the treating physician.",
    ),
    Mistake(
        patient="SYN-029",
        form="screening",
        nth=0,
        field="typical_imaging",
        entered=None,
        days=1,
        reason="Report of the radiologist has arrived.",
    ),
)


def with_corrections(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps, with each mistake entered first and put right later."""
    wrong = {(entry.patient, entry.form, entry.key): mistake for entry, mistake in _found(steps)}
    for step in steps:
        mistake = wrong.get((step.patient, step.form, step.key)) if isinstance(step, Entry) else None
        if mistake is None:
            yield step
            continue
        yield replace(step, values=frozen({**step.values, mistake.field: mistake.entered}))
        yield Change(
            on=step.on + timedelta(days=mistake.days),
            patient=step.patient,
            form=step.form,
            key=step.key,
            values=frozen({mistake.field: step.values.get(mistake.field)}),
            reason=mistake.reason,
        )
    yield from _misread_platelets(steps)
    yield from _remeasured(steps)


def _found(steps: Sequence[Step]) -> Iterator[tuple[Entry, Mistake]]:
    for mistake in MISTAKES:
        yield nth(steps, mistake.patient, mistake.form, mistake.nth), mistake


def nth(steps: Sequence[Step], patient: str, form: str, number: int) -> Entry:
    """The n-th form of a kind that is entered for a patient, by date."""
    entered = [s for s in steps if isinstance(s, Entry) and (s.patient, s.form) == (patient, form)]
    return sorted(entered, key=lambda s: s.on)[number]


def _misread_platelets(steps: Sequence[Step]) -> Iterator[Step]:
    """After enrolment a source value is changed by mistake: the judgement of eligibility differs until it is
    back.
    """
    panel = nth(steps, "SYN-008", "laboratory", 0)
    enrolled = nth(steps, "SYN-008", "enrolment", 0).on
    right = panel.values["platelets"]
    for days, value, why in (
        (8, Decimal(16000), "Compared with the laboratory's list."),
        (11, right, "The list was of another sample; the first value was right."),
    ):
        yield Change(
            on=enrolled + timedelta(days=days),
            patient=panel.patient,
            form=panel.form,
            key=panel.key,
            values=frozen({"platelets": value}),
            reason=why,
        )


def _remeasured(steps: Sequence[Step]) -> Iterator[Step]:
    """A diameter of an imaging read is put to another value, and back after a second look."""
    read = nth(steps, "SYN-003", "imaging", 2)
    measured = next(line for line in read.lines if line["line"] == "reading" and line["diameter"] is not None)
    for days, millimetres, why in (
        (2, measured["diameter"] + 2, "Measured again on another slice."),
        (5, measured["diameter"], "The first slice was the largest after all."),
    ):
        yield Change(
            on=read.on + timedelta(days=days),
            patient=read.patient,
            form=read.form,
            key=read.key,
            lines=(frozen({**measured, "diameter": millimetres}),),
            reason=why,
        )


ASKED = (
    (
        "SYN-002",
        "vital-signs",
        2,
        "weight",
        "Weight rose by a third within two weeks. Please check.",
        "Digits were swapped; corrected.",
        "Agrees with the source.",
    ),
    (
        "SYN-006",
        "adverse-event",
        0,
        "causality",
        "Source notes say “certainly the drug”. Please check the level.",
        "Investigator keeps the level entered.",
        "Documented in the notes.",
    ),
    (
        "SYN-009",
        "adverse-event",
        5,
        "outcome",
        "Is an autopsy report available?",
        "No autopsy was done.",
        "Noted.",
    ),
    (
        "SYN-011",
        "laboratory",
        3,
        "alt",
        "Was the sample taken again within a week?",
        "Yes, see the next panel.",
        "",
    ),
    ("SYN-014", "adverse-event", 1, "end", "Still going on at the end of treatment?", "", ""),
    ("SYN-019", "vital-signs", 3, "ecog", "Source document for the performance status is missing.", "", ""),
    (
        "SYN-023",
        "dosing",
        1,
        "dose_reason_text",
        "Which toxicity led to the reduction after seven months?",
        "",
        "",
    ),
    ("SYN-030", "imaging", 0, "modality", "Please confirm that contrast medium was given.", "", ""),
)
"""Patient, form, which of them, field, question, answer, closing note."""


def questions(steps: Iterable[Step]) -> Iterator[Question]:
    """What the monitors asked after the data were in."""
    known = list(steps)
    for patient, form, number, field, text, answer, note in ASKED:
        asked_of = nth(known, patient, form, number)
        yield Question(
            on=asked_of.on + timedelta(days=28),
            patient=patient,
            form=form,
            key=asked_of.key,
            field=field,
            text=text,
            answer=answer,
            closing_note=note,
        )
