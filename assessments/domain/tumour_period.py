"""One treatment period of a patient's tumour: from its baseline scan, scan by scan, to progression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assessments.domain.lesions import (
    Lesion,
    LesionId,
    LesionKind,
    Scan,
    ScanId,
)
from assessments.domain.mrecist import (
    NewLesion,
    NonTargetResponse,
    Response,
    ResponseCriteria,
    TargetResponse,
    best_overall_response,
    is_pending,
    overall_response,
)
from assessments.domain.tumour_new_lesions import BackDating, NewLesionReading, derive_new_lesions
from assessments.domain.tumour_non_target import evaluate_non_targets
from assessments.domain.tumour_split_merge import Followed, resolve_split_and_merged
from assessments.domain.tumour_target import TargetEvaluation, explain_target_response


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePoint:
    """The responses at one scan. ``pending``: an equivocal new lesion may still make it PD.

    ``after_progression``: the scan follows the progression that ended its period and counts for nothing.
    """

    scan_id: ScanId
    date: date
    period: int
    read_by: str
    target: TargetEvaluation
    non_target_response: NonTargetResponse
    new_lesion: NewLesion
    overall: Response
    pending: bool
    after_progression: bool
    explanation: tuple[str, ...]

    @property
    def target_response(self) -> TargetResponse:
        """Return the response of the target lesions."""
        return self.target.response

    @property
    def sum_of_diameters(self) -> int | None:
        """Return the sum in tenths of a mm; None where a target was not measured or there is none."""
        return self.target.current if self.target.is_complete else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TumourPeriod:
    """Treatment 1 or 2: its baseline scan, the lesions chosen there, and the time points after it.

    ``reference_date`` is the day from which the duration of SD counts; ``baseline_sum`` is in tenths of a mm,
    None without target lesions or when one was not measured. ``back_datings`` are the new lesions whose
    later confirmation dates the progression to its scan. ``best_response`` is NE without any scan.
    """

    number: int
    baseline_scan_id: ScanId
    baseline_date: date
    reference_date: date
    target_ids: tuple[LesionId, ...]
    non_target_ids: tuple[LesionId, ...]
    baseline_sum: int | None
    time_points: tuple[TimePoint, ...]
    back_datings: tuple[BackDating, ...]
    best_response: Response

    @property
    def progression(self) -> TimePoint | None:
        """Return the time point of the first PD of the period; clinical progression alone is none."""
        return next((point for point in self.time_points if point.overall is Response.PD), None)

    @property
    def last_assessment_date(self) -> date | None:
        """Return the date of the last evaluable scan up to progression; None where there was none."""
        evaluable = (
            point.date
            for point in reversed(self.time_points)
            if point.overall is not Response.NE and not point.after_progression
        )
        return next(evaluable, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBaseline:
    """What the reading of a period starts from; ``known`` are the lesions that are not new in it."""

    number: int
    scan: Scan
    reference_date: date
    targets: tuple[Lesion, ...]
    non_targets: tuple[Lesion, ...]
    known: frozenset[LesionId]
    criteria: ResponseCriteria

    @property
    def sum_of_diameters(self) -> int | None:
        """Return the baseline sum in tenths of a mm; None without targets or where one was not measured."""
        parts = [self.scan.contribution(lesion.id, self.criteria) for lesion in self.targets]
        measured = [part for part in parts if part is not None]
        return sum(measured) if parts and len(measured) == len(parts) else None

    def followed(self, lesions: Mapping[LesionId, Lesion]) -> Followed:
        """Return the lesions followed in the period among all of the patient."""
        return Followed(
            targets=frozenset(lesion.id for lesion in self.targets),
            non_targets=frozenset(lesion.id for lesion in self.non_targets),
            lesions=lesions,
        )


def derive_period(
    baseline: PeriodBaseline,
    scans: Sequence[Scan],
    lesions: Mapping[LesionId, Lesion],
    new_therapy_date: date | None = None,
) -> TumourPeriod:
    """Return the period that begins at a (re)baseline scan; ``scans`` are the later ones in order of date."""
    readings, back_datings = derive_new_lesions(scans, lesions, baseline.known)
    points: list[TimePoint] = []
    nadir, nadir_date, progressed = baseline.sum_of_diameters, baseline.scan.date, False
    for scan, joined in resolve_split_and_merged(scans, baseline.followed(lesions), baseline.criteria):
        target = _evaluate_targets(baseline, scan, nadir, nadir_date)
        point = _time_point(baseline, scan, target, readings[scan.id], joined, progressed)
        points.append(point)
        progressed = progressed or point.overall is Response.PD
        total = point.sum_of_diameters
        if nadir is not None and total is not None and total < nadir:
            nadir, nadir_date = total, scan.date
    first_pd = next((point.scan_id for point in points if point.overall is Response.PD), None)
    return TumourPeriod(
        number=baseline.number,
        baseline_scan_id=baseline.scan.id,
        baseline_date=baseline.scan.date,
        reference_date=baseline.reference_date,
        target_ids=tuple(lesion.id for lesion in baseline.targets),
        non_target_ids=tuple(lesion.id for lesion in baseline.non_targets),
        baseline_sum=baseline.sum_of_diameters,
        time_points=tuple(points),
        back_datings=tuple(dated for dated in back_datings if dated.first_scan_id == first_pd),
        best_response=best_overall_response(
            [(point.date, point.overall) for point in points],
            reference_date=baseline.reference_date,
            criteria=baseline.criteria,
            new_therapy_date=new_therapy_date,
        ),
    )


def _time_point(
    baseline: PeriodBaseline,
    scan: Scan,
    target: TargetEvaluation,
    new: NewLesionReading,
    split_and_merged: tuple[str, ...],
    after_progression: bool,
) -> TimePoint:
    """Return the responses at one scan, put together and explained."""
    non_target, non_target_sentence = evaluate_non_targets(baseline.non_targets, scan)
    overall = overall_response(target.response, non_target, new.status)
    pending = is_pending(new.status, overall)
    conclusion = f"Overall response: {overall}{', pending the equivocal new lesion' if pending else ''}."
    return TimePoint(
        scan_id=scan.id,
        date=scan.date,
        period=baseline.number,
        read_by=scan.read_by,
        target=target,
        non_target_response=non_target,
        new_lesion=new.status,
        overall=overall,
        pending=pending,
        after_progression=after_progression,
        explanation=(
            *split_and_merged,
            target.sentence,
            non_target_sentence,
            *(new.sentences or ("No new lesion.",)),
            conclusion,
        ),
    )


def _evaluate_targets(
    baseline: PeriodBaseline, scan: Scan, nadir: int | None, nadir_date: date
) -> TargetEvaluation:
    """Return the reading of the period's targets at a scan; NE where the baseline sum is not known."""
    if not baseline.targets:
        return TargetEvaluation(response=TargetResponse.NONE, sentence="There is no target lesion.")
    parts = {lesion: scan.contribution(lesion.id, baseline.criteria) for lesion in baseline.targets}
    measured = {lesion: part for lesion, part in parts.items() if part is not None}
    is_complete = len(measured) == len(parts)
    if baseline.sum_of_diameters is None or nadir is None:
        return TargetEvaluation(
            response=TargetResponse.NE,
            sentence="The sum at baseline is not known: NE.",
            current=sum(measured.values()),
            is_complete=is_complete,
        )
    return explain_target_response(
        baseline=baseline.sum_of_diameters,
        nadir=nadir,
        current=sum(measured.values()),
        nadir_date=nadir_date,
        nodal_short_axes=[part for lesion, part in measured.items() if lesion.kind is LesionKind.NODE],
        not_measured=[lesion.label for lesion in parts if lesion not in measured],
        criteria=baseline.criteria,
    )
