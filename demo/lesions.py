"""The lesions of a SYNTHETIC patient before treatment, and which are followed as targets."""

from dataclasses import dataclass

from assessments.domain.lesions import LesionKind
from demo.cohort import Baseline
from demo.plan import Chance

SEGMENTS = ("S2", "S3", "S4", "S5", "S6", "S7", "S8")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLesion:
    """A lesion as the reader describes it."""

    label: str
    organ: str
    place: str
    kind: LesionKind = LesionKind.LIVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """The lesions at baseline: targets with their diameter in tenths of a mm, and non-targets.

    `spare` is the size of each non-target liver nodule: one may be measured at the new baseline.
    `nodules` are all in the liver, those counted as one non-target included.
    """

    targets: tuple[tuple[PlannedLesion, int], ...]
    non_targets: tuple[PlannedLesion, ...]
    spare: dict[str, int]
    nodules: int

    @property
    def largest_in_liver(self) -> int:
        return max(size for lesion, size in self.targets if lesion.organ == "LIVER")

    @property
    def largest(self) -> int:
        return max(size for _, size in self.targets)


def make_disease(number: str, baseline: Baseline) -> Disease:
    chance = Chance(number, "lesions")
    segments = list(SEGMENTS)
    chance.shuffle(segments)
    liver = 2 if baseline.bclc == "B" or not chance.one_in(3) else 1
    targets = [
        ("LIVER", segments.pop(), LesionKind.LIVER, _liver_size(chance, first=n == 0)) for n in range(liver)
    ]
    non_targets: list[tuple[str, str, LesionKind]] = []
    if baseline.vascular_invasion:
        place = chance.choice(("main trunk", "right branch", "left branch"))
        non_targets.append(("PORTAL VEIN", place, LesionKind.PORTAL_VEIN_THROMBOSIS))
    if baseline.extrahepatic_spread:
        _spread(chance, targets, non_targets)
    small = chance.randint(1, 2) if liver == 2 and not chance.one_in(3) else 0
    first_small = len(non_targets)
    non_targets += [("LIVER", segments.pop(), LesionKind.LIVER) for _ in range(small)]
    named = _named("NT", non_targets)
    return Disease(
        targets=tuple(
            (PlannedLesion(label=f"T{n:02}", organ=organ, place=place, kind=kind), size)
            for n, (organ, place, kind, size) in enumerate(targets, start=1)
        ),
        non_targets=named,
        spare={lesion.label: chance.randint(12, 19) * 10 for lesion in named[first_small:]},
        nodules=_nodules(chance, baseline, liver, small),
    )


def _liver_size(chance: Chance, *, first: bool) -> int:
    """Tenths of a mm; the first one is larger than 30 mm."""
    return (chance.randint(34, 92) if first else chance.randint(14, 48)) * 10


def _nodules(chance: Chance, baseline: Baseline, liver: int, small: int) -> int:
    """At least two in stage B; where there are non-target nodules, one of them may stand for several."""
    more = chance.randint(1, 6) if small else 0
    return max(liver + small + more, 2 if baseline.bclc == "B" else 1)


def _spread(
    chance: Chance,
    targets: list[tuple[str, str, LesionKind, int]],
    non_targets: list[tuple[str, str, LesionKind]],
) -> None:
    """One to three lesions outside the liver, in lung, adrenal gland or a node; bone is never measured."""
    where = chance.choice(("lungs", "lung and node", "adrenal gland", "node and bone"))
    lobes = ["right upper lobe", "right lower lobe", "left upper lobe", "left lower lobe"]
    chance.shuffle(lobes)
    extranodal = LesionKind.EXTRANODAL
    if where == "lungs":
        targets += [("LUNG", lobe, extranodal, chance.randint(11, 26) * 10) for lobe in lobes[:2]]
    if where == "lung and node":
        targets.append(("LUNG", lobes[0], extranodal, chance.randint(11, 26) * 10))
    if "node" in where:
        targets.append(("LYMPH NODE", "para-aortic", LesionKind.NODE, chance.randint(17, 31) * 10))
    if where == "adrenal gland":
        targets.append(("ADRENAL GLAND", "left", extranodal, chance.randint(18, 44) * 10))
    if "bone" in where:
        non_targets.append(("BONE", "lumbar spine", extranodal))


def _named(prefix: str, lesions: list[tuple[str, str, LesionKind]]) -> tuple[PlannedLesion, ...]:
    return tuple(
        PlannedLesion(label=f"{prefix}{n:02}", organ=organ, place=place, kind=kind)
        for n, (organ, place, kind) in enumerate(lesions, start=1)
    )
