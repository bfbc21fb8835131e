"""Best overall response of each treatment period, response rate and disease control rate."""

from collections.abc import Callable, Sequence

from analysis.domain.descriptive import format_interval
from analysis.domain.proportions import clopper_pearson
from analysis.facts import PERIODS, StudyFacts, Subject, ref
from analysis.outputs import Cell, Column, Row, Table
from analysis.tables.cells import Reasons, count_cell, either, value_cell
from assessments.domain.mrecist import Response

RESPONDED = (Response.CR, Response.PR)
CONTROLLED = (*RESPONDED, Response.SD)
PRINTED = {
    Response.CR: "Complete response (CR)",
    Response.PR: "Partial response (PR)",
    Response.SD: "Stable disease (SD)",
    Response.NON_CR_NON_PD: "Non-CR/non-PD",
    Response.PD: "Progressive disease (PD)",
    Response.NE: "Not evaluable (NE)",
    Response.NED: "No evidence of disease",
}
ONLY_IF_SEEN = (Response.NON_CR_NON_PD, Response.NED)


def best_response(subject: Subject, period: int) -> Response:
    """Best overall response of a period; NE where there is no scan that says more."""
    tumour = subject.course.tumour
    best = None if tumour is None else tumour.bor1 if period == 1 else tumour.bor2
    return best or Response.NE


def scans_behind(subject: Subject, period: int) -> list[str]:
    """The imaging reads of a period, its baseline first."""
    tumour = subject.course.tumour
    found = [p for p in tumour.periods if p.number == period] if tumour else []
    ids = {i for p in found for i in (p.baseline_scan_id, *(point.scan_id for point in p.time_points))}
    return [ref(read) for read in subject.course.reads if read.pk in ids]


def response_table(facts: StudyFacts) -> Table:
    seen = {best_response(s, period) for period in PERIODS for s in facts.treated_in(period)}
    confidence = facts.protocol.statistics.confidence_percent
    return Table(
        title="Best overall response",
        population="Patients treated in the period",
        columns=[
            Column(id=f"t{n}", label=facts.protocol.periods[n - 1].label, n=len(facts.treated_in(n)))
            for n in PERIODS
        ],
        rows=[
            *(
                _row(facts, response.value.lower().replace("/", "-"), f"{label}, n (%)", [response], _counted)
                for response, label in PRINTED.items()
                if response in seen or response not in ONLY_IF_SEEN
            ),
            _row(facts, "rr", f"Response rate (CR, PR), % ({confidence:f} % CI)", RESPONDED, _rate),
            _row(
                facts, "dcr", f"Disease control rate (CR, PR, SD), % ({confidence:f} % CI)", CONTROLLED, _rate
            ),
        ],
        footnotes=[
            f"{facts.protocol.response.standard} as derived from the reads. All patients treated in the "
            "period are in "
            "the denominator, those who could not be evaluated included. Intervals: Clopper-Pearson.",
            f"Stable disease counts from day {facts.settings.sd_min_days} after the start of the period on.",
            *_confirmation(facts),
        ],
    )


def _confirmation(facts: StudyFacts) -> list[str]:
    criteria = facts.settings.criteria(facts.protocol)
    confirmed = f"CR and PR count where a scan at least {criteria.confirmation_min_days} days later agrees."
    return [confirmed] if criteria.confirmation_required else []


def _row(
    facts: StudyFacts,
    id: str,
    label: str,
    wanted: Sequence[Response],
    make: Callable[[list[Subject], list[Subject], int, StudyFacts], Cell],
) -> Row:
    cells = {}
    for period in PERIODS:
        treated = facts.treated_in(period)
        having = [subject for subject in treated if best_response(subject, period) in wanted]
        cells[f"t{period}"] = make(having, treated, period, facts)
    return Row(id=id, label=label, cells=cells)


def _forms(period: int, facts: StudyFacts) -> Reasons:
    return either(lambda s: scans_behind(s, period), facts.membership_in(period))


def _counted(having: list[Subject], among: list[Subject], period: int, facts: StudyFacts) -> Cell:
    forms = _forms(period, facts)
    return count_cell(having, among, forms, forms)


def _rate(having: list[Subject], among: list[Subject], period: int, facts: StudyFacts) -> Cell:
    share = clopper_pearson(
        len(having), len(among), confidence=float(facts.protocol.statistics.confidence_percent) / 100
    )
    interval = format_interval(share.percent, share.percent_lower, share.percent_upper)
    return value_cell(
        f"{share.count}/{share.n} = {interval}",
        having,
        _forms(period, facts),
        among=among,
        n=share.count,
        total=share.n,
    )
