"""ADRS: the response at every scan, and what each period makes of them."""

from collections.abc import Callable, Iterator
from typing import Any

from analysis.adam.spec import ADRS, build
from analysis.adam.subjects import Record, flag, period, treatment
from analysis.facts import PERIODS, StudyFacts, Subject, ref
from analysis.outputs import Dataset
from analysis.tables.responses import CONTROLLED, RESPONDED, best_response
from assessments.domain.mrecist import Response
from assessments.domain.tumour_period import TimePoint

ORDER = (
    Response.CR,
    Response.PR,
    Response.SD,
    Response.NON_CR_NON_PD,
    Response.PD,
    Response.NE,
    Response.NED,
)
PARAMETERS = {
    "OVR": "Overall Response by Scan",
    "PD": "Disease Progression",
    "LSTA": "Last Disease Assessment",
    "RSP": "Response (CR or PR)",
    "CB": "Disease Control (CR, PR or SD)",
    "BOR": "Best Overall Response",
}


def adrs(facts: StudyFacts) -> Dataset:
    return build(ADRS, (record for subject in facts.subjects for record in response_records(facts, subject)))


def response_records(facts: StudyFacts, subject: Subject) -> list[Record]:
    """The records of one patient, numbered."""
    records = [
        record
        for number in PERIODS
        if facts.is_treated_in(subject, number)
        for record in _period(subject, number)
    ]
    shared = treatment(facts, subject)
    numbered = [shared | record | {"ASEQ": n} for n, record in enumerate(records, start=1)]
    by_scan = {record["SRCREF"]: record["ASEQ"] for record in numbered if record["PARAMCD"] == "OVR"}
    return [
        record
        | period(facts, record["APERIOD"])
        | {"SRCSEQ": record.get("SRCSEQ") or by_scan.get(record.get("SRCREF"))}
        for record in numbered
    ]


def _period(subject: Subject, number: int) -> Iterator[Record]:
    tumour = subject.course.tumour
    points = [p for p in tumour.time_points if p.period == number] if tumour else []
    for position, point in enumerate(points, start=1):
        yield _overall(subject, point, position)
    yield from _summary(subject, number, [point for point in points if not point.after_progression])


def _overall(subject: Subject, point: TimePoint, position: int) -> Record:
    return _dated(
        subject, point.period, "OVR", point, point.overall.value, ORDER.index(point.overall) + 1
    ) | {
        "AVISIT": f"Scan {position}",
        "AVISITN": position,
        "ANL01FL": None if point.after_progression else "Y",
        "SRCDOM": "RS",
        "SRCVAR": "RSSTRESC",
        "SRCSEQ": position,
    }


def _summary(subject: Subject, number: int, points: list[TimePoint]) -> Iterator[Record]:
    """Progression, last assessment, response, disease control and best response of one period."""
    best = best_response(subject, number)

    def first(wanted: Callable[[Response], bool]) -> TimePoint | None:
        return next((point for point in points if wanted(point.overall)), None)

    last = next((point for point in reversed(points) if point.overall is not Response.NE), None)
    progressed = first(lambda overall: overall is Response.PD)
    responded = first(lambda overall: overall in RESPONDED) if best in RESPONDED else None
    reached = _when_best(subject, number, points, best)
    yield _yes_no(subject, number, "PD", last, progressed is not None)
    if last is not None:
        yield _dated(subject, number, "LSTA", last, last.overall.value, ORDER.index(last.overall) + 1)
    yield _yes_no(subject, number, "RSP", responded or last, best in RESPONDED)
    yield _yes_no(subject, number, "CB", reached or last, best in CONTROLLED)
    yield _dated(subject, number, "BOR", reached, best.value, ORDER.index(best) + 1)


def _when_best(subject: Subject, number: int, points: list[TimePoint], best: Response) -> TimePoint | None:
    """The first scan with the best response; stable disease counts from its least duration on."""
    tumour = subject.course.tumour
    reference = (
        next((p.reference_date for p in tumour.periods if p.number == number), None) if tumour else None
    )
    too_early = subject.course.criteria.sd_min_days
    stable = best in (Response.SD, Response.NON_CR_NON_PD)
    return next(
        (
            p
            for p in points
            if (p.overall is best or (stable and p.overall in RESPONDED))
            and not (stable and reference is not None and (p.date - reference).days < too_early)
        ),
        None,
    )


def _yes_no(subject: Subject, number: int, code: str, point: TimePoint | None, answer: bool) -> Record:
    return _dated(subject, number, code, point, flag(answer), int(answer))


def _dated(
    subject: Subject, number: int, code: str, point: TimePoint | None, text: str | None, value: int
) -> Record:
    record: dict[str, Any] = {
        "APERIOD": number,
        "PARAMCD": code,
        "PARAM": PARAMETERS[code],
        "AVALC": text,
        "AVAL": value,
        "ANL01FL": "Y",
    }
    if point is not None:
        read = next(read for read in subject.course.reads if read.pk == point.scan_id)
        record |= {"ADT": point.date, "ADY": _study_day(subject, point), "SRCREF": ref(read)}
        record |= {} if code == "OVR" else {"SRCDOM": "ADRS", "SRCVAR": "AVALC"}
    return record


def _study_day(subject: Subject, point: TimePoint) -> int | None:
    """Day 1 is the first dose; there is no day 0."""
    start = subject.history.first_dose
    if start is None:
        return None
    days = (point.date - start).days
    return days + 1 if days >= 0 else days
