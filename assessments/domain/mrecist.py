"""Modified RECIST for hepatocellular carcinoma: from sums and states to responses.

Sources: Lencioni & Llovet, Semin Liver Dis 2010;30:52 (mRECIST); Eisenhauer et al., Eur J Cancer 2009;45:228
(RECIST 1.1) where mRECIST is silent. Sums of diameters are whole tenths of a millimetre and every comparison
is between integers, so that a fall of exactly 30 % or a rise of exactly 20 % is never lost to rounding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum


class TargetResponse(StrEnum):
    """Response of the target lesions together; NONE where the patient has no target lesion."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"
    NONE = "none"


class NonTargetResponse(StrEnum):
    """Response of the non-target lesions together; IR/SD is incomplete response or stable disease."""

    CR = "CR"
    IR_SD = "IR/SD"
    PD = "PD"
    NE = "NE"
    NONE = "none"


class NewLesion(StrEnum):
    """Whether tumour has appeared that was absent at the baseline of the treatment period."""

    NO = "no"
    YES = "yes"
    EQUIVOCAL = "equivocal"
    NOT_EVALUATED = "not_evaluated"


class Response(StrEnum):
    """Overall response at a time point, or the best of a treatment period; NED is no evidence of disease."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    NON_CR_NON_PD = "NON-CR/NON-PD"
    PD = "PD"
    NE = "NE"
    NED = "NED"


class SdReference(StrEnum):
    """The day from which the minimum duration of stable disease is counted in the first period."""

    FIRST_DOSE = "FIRST DOSE"
    BASELINE_SCAN = "BASELINE SCAN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCriteria:
    """What a protocol may set about the reading of responses; the defaults are mRECIST.

    Lengths end in ``_mm`` and are in mm, down to a tenth. ``pd_min_abs_mm``: rise over the nadir that PD
    of the targets needs besides the per cent; 0 in mRECIST, 5 in RECIST 1.1. ``too_small_to_measure_mm``:
    what a target counts that is seen but too small to measure (RECIST 1.1).
    ``sd_min_days``: days after the reference on which SD (and NON-CR/NON-PD) first counts as best response.
    ``sd_reference``: that reference in Treatment 1; in Treatment 2 it is always the new baseline scan.
    ``confirmation_required``: CR and PR count as best response only when a scan at least
    ``confirmation_min_days`` later agrees, with at most ``confirmation_max_ne`` unevaluable scans between.
    """

    pr_decrease_percent: int | Decimal = 30
    pd_increase_percent: int | Decimal = 20
    pd_min_abs_mm: int | Decimal = 0
    normal_node_below_mm: int | Decimal = 10
    too_small_to_measure_mm: int | Decimal = 5
    max_targets: int = 5
    max_targets_per_organ: int = 2
    min_target_mm: int | Decimal = 10
    min_target_node_mm: int | Decimal = 15
    min_porta_hepatis_node_mm: int | Decimal = 20
    sd_min_days: int = 42
    sd_reference: SdReference = SdReference.FIRST_DOSE
    confirmation_required: bool = False
    confirmation_min_days: int = 28
    confirmation_max_ne: int = 1

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if isinstance(value, int | Decimal) and value < 0:
                raise ValueError(f"{setting.name} is negative")
            if setting.name.endswith("_mm"):
                tenths(value)


def tenths(millimetres: int | Decimal) -> int:
    """Return a length in whole tenths of a millimetre; a finer one is an error, never rounded."""
    if 10 * millimetres % 1:
        raise ValueError(f"{millimetres} mm is finer than a tenth of a millimetre")
    return int(10 * millimetres)


MRECIST = ResponseCriteria()
"""mRECIST as published, with SD counted from day 42."""


def target_response(
    *,
    baseline: int,
    nadir: int,
    current: int,
    nodal_short_axes: Sequence[int] = (),
    any_not_measured: bool = False,
    criteria: ResponseCriteria = MRECIST,
) -> TargetResponse:
    """Return the response of the target lesions at one scan (mRECIST 2010; node clause RECIST 1.1).

    ``baseline`` is the sum at the (re)baseline scan, ``nadir`` the smallest of it and of all earlier complete
    sums of the same treatment period, ``current`` the sum of what was measured now, all in tenths of a mm.
    ``nodal_short_axes`` are the parts of ``current`` that are short axes of lymph nodes. Where a
    target was not measured the answer is NE, unless the measured ones alone are PD and are not all gone or
    normal nodes (a node growing from 5 to 8 mm is no progression, whether or not the rest was measured).
    """
    if min(baseline, nadir, current, *nodal_short_axes) < 0:
        raise ValueError("a sum of diameters is negative")
    if nadir > baseline:
        raise ValueError("the nadir lies above the baseline of its own period")
    if sum(nodal_short_axes) > current:
        raise ValueError("the lymph nodes alone exceed the sum they belong to")

    progressed = is_target_progression(nadir=nadir, current=current, criteria=criteria)
    tumour_free = current == sum(nodal_short_axes) and all(
        axis < tenths(criteria.normal_node_below_mm) for axis in nodal_short_axes
    )
    if any_not_measured:
        return TargetResponse.PD if progressed and not tumour_free else TargetResponse.NE
    if tumour_free:
        return TargetResponse.CR
    if progressed:
        return TargetResponse.PD
    if 100 * current <= (100 - criteria.pr_decrease_percent) * baseline:
        return TargetResponse.PR
    return TargetResponse.SD


def is_target_progression(*, nadir: int, current: int, criteria: ResponseCriteria = MRECIST) -> bool:
    """Tell whether a sum is 20 % or more above the nadir, or above a nadir of nothing (tenths of a mm).

    The protocol's absolute minimum rise does not apply when tumour returns after none was left.
    """
    if nadir == 0:
        return current > 0
    rise = current - nadir
    return 100 * rise >= criteria.pd_increase_percent * nadir and rise >= tenths(criteria.pd_min_abs_mm)


def overall_response(
    target: TargetResponse, non_target: NonTargetResponse, new_lesion: NewLesion
) -> Response:
    """Return the overall response at a time point (mRECIST 2010 Table 3, RECIST 1.1 Tables 1 and 2).

    Progression anywhere is PD. Without it, new lesions that were not looked for make the time point NE, and
    an equivocal new lesion withholds CR (PR instead) but changes nothing else. Where no target exists the
    non-targets decide; where neither exists there is no evidence of disease (NED).
    """
    target, non_target, new_lesion = (
        TargetResponse(target),
        NonTargetResponse(non_target),
        NewLesion(new_lesion),
    )
    if target is TargetResponse.PD or non_target is NonTargetResponse.PD or new_lesion is NewLesion.YES:
        return Response.PD
    if new_lesion is NewLesion.NOT_EVALUATED:
        return Response.NE
    response = _WITHOUT_PROGRESSION[target, non_target]
    if response is Response.CR and new_lesion is NewLesion.EQUIVOCAL:
        return Response.PR
    return response


def is_pending(new_lesion: NewLesion, overall: Response) -> bool:
    """Tell whether the overall response may still become PD because a new lesion is equivocal."""
    return new_lesion is NewLesion.EQUIVOCAL and overall is not Response.PD


_WITHOUT_PROGRESSION = {
    (TargetResponse(target), NonTargetResponse(non_target)): Response(overall)
    for target, cells in {
        "CR": {"CR": "CR", "IR/SD": "PR", "NE": "PR", "none": "CR"},
        "PR": {"CR": "PR", "IR/SD": "PR", "NE": "PR", "none": "PR"},
        "SD": {"CR": "SD", "IR/SD": "SD", "NE": "SD", "none": "SD"},
        "NE": {"CR": "NE", "IR/SD": "NE", "NE": "NE", "none": "NE"},
        "none": {"CR": "CR", "IR/SD": "NON-CR/NON-PD", "NE": "NE", "none": "NED"},
    }.items()
    for non_target, overall in cells.items()
}

BEST_FIRST = (
    Response.CR,
    Response.PR,
    Response.SD,
    Response.NON_CR_NON_PD,
    Response.PD,
    Response.NED,
    Response.NE,
)
"""Overall responses from best to worst, as best overall response ranks them."""

_STABLE = (Response.SD, Response.NON_CR_NON_PD)


def best_overall_response(
    assessments: Iterable[tuple[date, Response]],
    *,
    reference_date: date,
    criteria: ResponseCriteria = MRECIST,
    new_therapy_date: date | None = None,
) -> Response:
    """Return the best overall response of one treatment period.

    ``assessments`` are the dated overall responses after the (re)baseline, in any order; those after the
    first PD, or after the day another anticancer therapy began (None: none did), do not count. SD and
    NON-CR/NON-PD count from ``sd_min_days`` after ``reference_date``: earlier ones leave PD where PD followed
    and NE where nothing did. No assessment at all is NE.
    """
    counted = _until_progression(assessments, new_therapy_date)
    candidates = [
        _counted_response(counted, index, reference_date, criteria) for index in range(len(counted))
    ]
    return min(candidates, key=BEST_FIRST.index, default=Response.NE)


def _until_progression(
    assessments: Iterable[tuple[date, Response]], new_therapy_date: date | None
) -> list[tuple[date, Response]]:
    """Return the assessments by date, up to and including the first PD or the start of other therapy."""
    counted: list[tuple[date, Response]] = []
    for day, response in sorted(assessments, key=lambda assessment: assessment[0]):
        if new_therapy_date is not None and day > new_therapy_date:
            break
        counted.append((day, response))
        if response is Response.PD:
            break
    return counted


def _counted_response(
    assessments: Sequence[tuple[date, Response]],
    index: int,
    reference_date: date,
    criteria: ResponseCriteria,
) -> Response:
    """Return what one assessment contributes: an unconfirmed response falls to SD, an early SD to NE."""
    day, response = assessments[index]
    if response in (Response.CR, Response.PR):
        if not criteria.confirmation_required or _is_confirmed(assessments[index:], criteria):
            return response
        response = Response.SD
    if response in _STABLE and (day - reference_date).days < criteria.sd_min_days:
        return Response.NE
    return response


def _is_confirmed(from_response: Sequence[tuple[date, Response]], criteria: ResponseCriteria) -> bool:
    """Tell whether the first response given is confirmed by a later one of the same depth or deeper.

    Nothing worse may lie between, PR after CR included; unevaluable scans up to the protocol's number may.
    """
    first_day, first = from_response[0]
    least, unevaluable = first, 0
    for day, response in from_response[1:]:
        if response is Response.NE:
            unevaluable += 1
            if unevaluable > criteria.confirmation_max_ne:
                return False
            continue
        if BEST_FIRST.index(response) > BEST_FIRST.index(least):
            return False
        if (day - first_day).days >= criteria.confirmation_min_days:
            return True
        least = response
    return False
