"""Diameters of SYNTHETIC target lesions that give exactly the response wanted at each scan.

Diameters are drawn and judged by the trial's own rules until the response is the one of the cohort. All
lengths are whole tenths of a millimetre.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.domain.mrecist import TargetResponse, target_response
from demo.plan import Chance

Sizes = dict[str, int]

BOUNDARIES = {
    TargetResponse.PR: ((7, 10), "baseline"),
    TargetResponse.PD: ((12, 10), "nadir"),
}
"""A fall of exactly 30 % from the baseline, a rise of exactly 20 % over the nadir."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one scan shall show; `exactly` on the boundary of the response, `gone` a target without viable
    tumour.
    """

    response: TargetResponse
    exactly: bool = False
    gone: str = ""
    unchanged: bool = False


def grow(chance: Chance, start: Mapping[str, int], wishes: Sequence[Wish]) -> list[Sizes]:
    """The diameters of all targets at each scan after a (re)baseline."""
    scans: list[Sizes] = []
    now, nadir = dict(start), sum(start.values())
    for wish in wishes:
        now = _next(chance, dict(start), now, nadir, wish)
        nadir = min(nadir, sum(now.values()))
        scans.append(now)
    return scans


def _next(chance: Chance, start: Sizes, before: Sizes, nadir: int, wish: Wish) -> Sizes:
    if wish.unchanged:
        return before
    for _ in range(5000):
        drawn = _drawn(chance, start, before, wish)
        if wish.exactly:
            drawn = _on_boundary(drawn, sum(start.values()), nadir, wish.response)
        if min(
            size for label, size in drawn.items() if label != wish.gone
        ) >= 60 and wish.response is target_response(
            baseline=sum(start.values()), nadir=nadir, current=sum(drawn.values())
        ):
            return drawn
    raise ValueError(f"no diameters give {wish.response} after {before}")


def _drawn(chance: Chance, start: Sizes, before: Sizes, wish: Wish) -> Sizes:
    """Each target about as much larger or smaller as the others; whole millimetres, as readers measure."""
    common = _percent(chance, start, before, wish.response)
    drawn = {}
    for label, size in before.items():
        reference = size or 200  # a target that had vanished comes back small
        drawn[label] = reference * (common + chance.randint(-6, 6)) // 1000 * 10
    return drawn | ({wish.gone: 0} if wish.gone else {})


def _percent(chance: Chance, start: Sizes, before: Sizes, response: TargetResponse) -> int:
    if response is TargetResponse.PD:
        return chance.randint(116, 142)
    if response is TargetResponse.PR and 10 * sum(before.values()) > 7 * sum(start.values()):
        return chance.randint(52, 70)
    return chance.randint(92, 107)


def _on_boundary(drawn: Sizes, baseline: int, nadir: int, response: TargetResponse) -> Sizes:
    (numerator, denominator), reference = BOUNDARIES[response]
    total = numerator * (baseline if reference == "baseline" else nadir) // denominator
    label = max(drawn, key=lambda name: drawn[name])
    return drawn | {label: total - sum(drawn.values()) + drawn[label]}
