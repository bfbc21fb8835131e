"""Times to event: patients, events and the Kaplan-Meier median under every confidence band."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.domain.descriptive import NOT_AVAILABLE, format_median_time
from analysis.domain.endpoints import TimeToEvent
from analysis.domain.survival import KaplanMeier, kaplan_meier
from analysis.facts import StudyFacts
from analysis.outputs import Cell, Column, Row, Table, Why
from analysis.settings import BANDS
from analysis.tables.cells import why


def estimate(facts: StudyFacts, records: Sequence[TimeToEvent], conf_type: str) -> KaplanMeier | None:
    """The Kaplan-Meier estimate of these records; None of nobody."""
    if not records:
        return None
    return kaplan_meier(
        [record.days for record in records],
        [record.event for record in records],
        conf_type=conf_type,
        confidence=float(facts.protocol.statistics.confidence_percent) / 100,
    )


def median_text(found: KaplanMeier | None) -> str:
    return (
        format_median_time(found.median, found.median_lower, found.median_upper) if found else NOT_AVAILABLE
    )


def estimates_table(facts: StudyFacts) -> Table:
    chosen = facts.settings.conf_type
    confidence = f"{facts.protocol.statistics.confidence_percent:f} % CI"
    return Table(
        title="Times to event",
        population="The analysis set of each endpoint",
        columns=[
            Column(id="n", label="Patients"),
            Column(id="events", label="Events"),
            Column(id="censored", label="Censored"),
            Column(id="median", label=f"Median, days ({confidence})"),
            *(Column(id=band, label=f"with the {band} band") for band in BANDS),
        ],
        rows=[_row(facts, paramcd, records) for paramcd, records in facts.records.items()],
        footnotes=[
            f"Kaplan-Meier; the band of this run is {chosen}. Days by plain subtraction. NR: not reached.",
            *(f"{e.paramcd}: {e.param}, from {e.start.label}." for e in facts.endpoints),
            *(note for endpoint in facts.endpoints for note in left_out(facts, endpoint.paramcd)),
        ],
    )


def left_out(facts: StudyFacts, paramcd: str) -> list[str]:
    """The patients of an endpoint's analysis set without a record, and why."""
    found = facts.not_derived[paramcd]
    return [f"{paramcd}, {record.patient_number} left out: {record.reason}." for record in found]


def _row(facts: StudyFacts, paramcd: str, records: Sequence[TimeToEvent]) -> Row:
    events = [record for record in records if record.event]
    censored = [record for record in records if not record.event]
    cells = {
        "n": replace(counted(records), rest=_without_record(facts, paramcd)),
        "events": counted(events, among=records),
        "censored": counted(censored, among=records),
    }
    texts = {band: median_text(estimate(facts, records, band)) for band in BANDS}
    cells["median"] = of_records(texts[facts.settings.conf_type], records)
    cells |= {band: of_records(text, records) for band, text in texts.items()}
    label = next(endpoint.label for endpoint in facts.protocol.endpoints if endpoint.id == paramcd)
    return Row(id=paramcd.lower(), label=f"{label} ({paramcd})", cells=cells)


def _without_record(facts: StudyFacts, paramcd: str) -> Why:
    """Those of the analysis set who are left out, with the forms that put them into it."""
    left = {record.patient_number for record in facts.not_derived[paramcd]}
    return why(
        [subject for subject in facts.subjects if subject.number in left],
        facts.membership(facts.protocol.endpoint(paramcd).analysis_set),
    )


def counted(records: Sequence[TimeToEvent], *, among: Sequence[TimeToEvent] = ()) -> Cell:
    return of_records(str(len(records)), records, n=len(records), among=among)


def of_records(
    text: str, records: Sequence[TimeToEvent], *, n: int | None = None, among: Sequence[TimeToEvent] = ()
) -> Cell:
    """A number of these records; the others of `among` stand beside them."""
    patients = [record.patient_number for record in records]
    rest = [record for record in among if record.patient_number not in patients]
    return Cell(text=text, n=n, patients=patients, why=why_of(records), rest=why_of(rest))


def why_of(records: Sequence[TimeToEvent]) -> Why:
    """The forms that give the start and the end of each time."""
    return {
        record.patient_number: list(
            dict.fromkeys(r for r in (record.start_reference, record.source_reference) if r)
        )
        for record in records
    }
