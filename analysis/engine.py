"""What a run computes: from a snapshot to every table, figure and data set, in the order shown."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from analysis.adam.events import adae
from analysis.adam.exposures import adex
from analysis.adam.responses import adrs
from analysis.adam.subjects import adsl
from analysis.adam.times import adtte
from analysis.domain.endpoints import Endpoint
from analysis.facts import StudyFacts, study_facts
from analysis.figures.survival import survival_figure
from analysis.flow import patient_flow
from analysis.models import AnalysisRun, OutputKind
from analysis.outputs import Dataset, Output
from analysis.run_data import RunData
from analysis.settings import RunSettings
from analysis.tables.adverse_events import adverse_event_table
from analysis.tables.baseline import baseline_table
from analysis.tables.bilirubin import bilirubin_table
from analysis.tables.estimates import estimates_table
from analysis.tables.exposure import exposure_table
from analysis.tables.logistic import logistic_table
from analysis.tables.responses import response_table
from trial.domain.protocol import Protocol

FACTS_READ, ALL_COMPUTED = 10, 95
Report = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One output: its name, its kind, and how it is made; `doing` is what the progress bar says."""

    name: str
    kind: OutputKind
    doing: str
    make: Callable[[StudyFacts], Output]


def compute(run: AnalysisRun, data: RunData, report: Report) -> list[tuple[str, str, Output]]:
    """Every output of the run with its name and kind; `report` hears how far it is, in percent."""
    protocol = run.protocol_version.protocol
    settings = RunSettings.from_protocol(protocol, run.settings)
    report(5, "Deriving the facts of every patient")
    facts = study_facts(data.snapshot, protocol, cut_off=run.cut_off, settings=settings)
    return list(_outputs(facts, steps(facts, data.organ_classes), report, notes(run, settings)))


def _outputs(
    facts: StudyFacts, wanted: list[Step], report: Report, notes: list[str]
) -> Iterator[tuple[str, str, Output]]:
    for done, step in enumerate(wanted):
        report(FACTS_READ + done * (ALL_COMPUTED - FACTS_READ) // len(wanted), step.doing)
        yield step.name, step.kind.value, _noted(step.make(facts), notes)
    report(ALL_COMPUTED, "Storing the results")


def steps(facts: StudyFacts, organ_classes: Mapping[str, str]) -> list[Step]:
    return [
        Step("flow", OutputKind.FLOW, "Patient flow", patient_flow),
        Step("table_1", OutputKind.TABLE, "Table 1", baseline_table),
        Step("table_2", OutputKind.TABLE, "Table 2", exposure_table),
        Step("table_3", OutputKind.TABLE, "Table 3", adverse_event_table),
        Step("responses", OutputKind.TABLE, "Responses", response_table),
        Step("estimates", OutputKind.TABLE, "Times to event", estimates_table),
        *map(_figure, facts.endpoints),
        Step("logistic", OutputKind.TABLE, "Logistic regression", logistic_table),
        Step("bilirubin", OutputKind.TABLE, "Bilirubin", bilirubin_table),
        Step("adsl", OutputKind.DATASET, "ADSL", adsl),
        Step("adtte", OutputKind.DATASET, "ADTTE", adtte),
        Step("adrs", OutputKind.DATASET, "ADRS", adrs),
        Step("adae", OutputKind.DATASET, "ADAE", partial(adae, organ_classes=organ_classes)),
        Step("adex", OutputKind.DATASET, "ADEX", adex),
    ]


def _figure(endpoint: Endpoint) -> Step:
    return Step(
        endpoint.paramcd.lower(),
        OutputKind.FIGURE,
        f"Figure of {endpoint.paramcd}",
        partial(survival_figure, endpoint=endpoint),
    )


def notes(run: AnalysisRun, settings: RunSettings) -> list[str]:
    """What every output says at its foot: source of the data, cut-off, departures from the protocol."""
    protocol = run.protocol_version.protocol
    return [
        *(["SYNTHETIC data: no patient of this trial is a real person."] if run.trial.is_synthetic else []),
        f"Data cut-off {run.cut_off.isoformat()}; protocol version {protocol.version}.",
        *_departures(protocol, settings),
    ]


def _departures(protocol: Protocol, settings: RunSettings) -> list[str]:
    planned, chosen = RunSettings.from_protocol(protocol, {}).as_json(), settings.as_json()
    return [
        f"Sensitivity analysis: {name} is {chosen[name]}; the protocol has {planned[name]}."
        for name in planned
        if chosen[name] != planned[name]
    ]


def _noted(output: Output, notes: list[str]) -> Output:
    return output if isinstance(output, Dataset) else replace(output, footnotes=[*output.footnotes, *notes])
