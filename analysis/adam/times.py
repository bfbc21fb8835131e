"""ADTTE: one record per patient and time to event."""

from collections.abc import Iterator

from analysis.adam.responses import response_records
from analysis.adam.spec import ADTTE, build
from analysis.adam.subjects import Record, treatment
from analysis.facts import StudyFacts, Subject
from analysis.outputs import Dataset
from analysis.tables.estimates import left_out

IN_ADSL = {("DS", "DSSTDTC"): ("ADSL", "EOTDT")}
"""Sources outside the analysis data sets, and the variable of ours that holds the same day."""


def adtte(facts: StudyFacts) -> Dataset:
    """Patients of an analysis set without a record are named in the notes."""
    records = (record for subject in facts.subjects for record in _records(facts, subject))
    notes = [note for endpoint in facts.endpoints for note in left_out(facts, endpoint.paramcd)]
    return build(ADTTE, records, footnotes=notes)


def _records(facts: StudyFacts, subject: Subject) -> Iterator[Record]:
    scans = {r["SRCREF"]: r["ASEQ"] for r in response_records(facts, subject) if r["PARAMCD"] == "OVR"}
    shared = treatment(facts, subject)
    for sequence, record in enumerate(facts.records_by_patient[subject.number], start=1):
        domain, variable = record.source_domain, record.source_variable
        domain, variable = IN_ADSL.get((domain, variable), (domain, variable))
        yield shared | {
            "ASEQ": sequence,
            "PARAMCD": record.paramcd,
            "PARAM": record.param,
            "AVAL": record.aval,
            "STARTDT": record.start_date,
            "ADT": record.date,
            "CNSR": record.cnsr,
            "EVNTDESC": record.description,
            "CNSDTDSC": record.censor_date_description,
            "SRCDOM": domain,
            "SRCVAR": variable,
            "SRCSEQ": scans.get(record.source_reference) if domain == "ADRS" else None,
            "SRCREF": record.source_reference,
            "STARTREF": record.start_reference,
        }
