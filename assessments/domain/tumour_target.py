"""The reading of the target lesions at one scan, with the figures and the sentence a screen shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from assessments.domain.mrecist import (
    MRECIST,
    ResponseCriteria,
    TargetResponse,
    target_response,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEvaluation:
    """The response of the targets beside what it was computed from; lengths are whole tenths of a mm.

    ``current`` is the sum of what was measured; ``is_complete`` is False when a target was not measured, and
    such a sum is never a nadir. ``baseline`` and ``nadir`` are None where the baseline sum is not known, all
    three are None without target lesions. The changes are per cent for display, cut (never rounded) to one
    decimal, so that what is shown reaches 20 or -30 only where the rule does; None over a sum of zero.
    """

    response: TargetResponse
    sentence: str
    current: int | None = None
    is_complete: bool = True
    baseline: int | None = None
    nadir: int | None = None
    nadir_date: date | None = None
    change_from_baseline: Decimal | None = None
    change_from_nadir: Decimal | None = None


def explain_target_response(
    *,
    baseline: int,
    nadir: int,
    current: int,
    nadir_date: date | None = None,
    nodal_short_axes: Sequence[int] = (),
    not_measured: Sequence[str] = (),
    criteria: ResponseCriteria = MRECIST,
) -> TargetEvaluation:
    """Return the target response of mRECIST with its figures and one plain sentence.

    Lengths are whole tenths of a mm; ``not_measured`` are the labels of targets that could not be measured,
    ``current`` is then the sum of the others.
    """
    response = target_response(
        baseline=baseline,
        nadir=nadir,
        current=current,
        nodal_short_axes=nodal_short_axes,
        any_not_measured=bool(not_measured),
        criteria=criteria,
    )
    evaluation = TargetEvaluation(
        response=response,
        sentence="",
        current=current,
        is_complete=not not_measured,
        baseline=baseline,
        nadir=nadir,
        nadir_date=nadir_date,
        change_from_baseline=compute_change(current, baseline),
        change_from_nadir=compute_change(current, nadir),
    )
    reason = _reason(evaluation, has_nodes=bool(nodal_short_axes))
    missing = f"Not measured: {', '.join(not_measured)}. " if not_measured else ""
    return replace(evaluation, sentence=f"{missing}{reason}: {response}.")


def compute_change(current: int, reference: int) -> Decimal | None:
    """Return the change from a reference sum in per cent, cut towards zero to one decimal.

    None where the reference is zero. 59.9 mm over 50 mm shows 19.8, never 20: cutting keeps the figure shown
    on the same side of a threshold as the exact comparison.
    """
    if reference == 0:
        return None
    difference = current - reference
    per_mille = abs(difference) * 1000 // reference
    return Decimal(per_mille if difference >= 0 else -per_mille).scaleb(-1)


def format_mm(tenths: int) -> str:
    """Return a length in tenths of a millimetre as text, "48 mm" or "48.5 mm"."""
    return f"{tenths // 10} mm" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} mm"


def format_change(change: Decimal) -> str:
    """Return a percentage with its sign, "+23 %" or "-30.5 %"; no change is "0 %"."""
    if change == 0:
        return "0 %"
    shown = change.to_integral_value() if change == change.to_integral_value() else change
    return f"{shown:+} %"


def _reason(evaluation: TargetEvaluation, *, has_nodes: bool) -> str:
    """Return why the response is what it is, in words without the response itself."""
    if evaluation.response is TargetResponse.NE:
        return "Not every target was measured"
    if evaluation.response is TargetResponse.CR:
        nodes = " and every target node is under 10 mm" if has_nodes else ""
        return f"No viable target tumour is left{nodes}"
    if evaluation.response is TargetResponse.PD:
        partly = "" if evaluation.is_complete else "The measured ones alone: "
        return f"{partly}{_over_nadir(evaluation)}"
    from_baseline = _change_text(evaluation.change_from_baseline, "from the baseline", evaluation.baseline)
    if evaluation.response is TargetResponse.PR or evaluation.nadir == evaluation.baseline:
        return from_baseline
    return f"{from_baseline}, {_over_nadir(evaluation)}"


def _over_nadir(evaluation: TargetEvaluation) -> str:
    """Return the change over the nadir in words; over a nadir of zero, the tumour that came back."""
    on = f" on {evaluation.nadir_date}" if evaluation.nadir_date else ""
    if evaluation.change_from_nadir is None:
        return f"{format_mm(evaluation.current or 0)} of viable tumour after none was left{on}"
    return _change_text(evaluation.change_from_nadir, "over the nadir", evaluation.nadir) + on


def _change_text(change: Decimal | None, reference_name: str, reference: int | None) -> str:
    """Return "+23 % over the nadir of 48 mm", or "-30 % from the baseline of 100 mm"."""
    return f"{format_change(change or Decimal(0))} {reference_name} of {format_mm(reference or 0)}"
