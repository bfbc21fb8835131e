"""Lesions, and what an imaging read says of them at a scan. Lengths are whole tenths of a millimetre."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assessments.domain.mrecist import MRECIST, ResponseCriteria, tenths

LesionId = int | str
ScanId = int | str


class LesionKind(StrEnum):
    """What a lesion is, as far as it changes how the lesion is read."""

    LIVER = "LIVER"
    EXTRANODAL = "EXTRANODAL"
    NODE = "NODE"
    PORTAL_VEIN_THROMBOSIS = "PORTAL VEIN THROMBOSIS"
    EFFUSION = "EFFUSION"


class MeasurementState(StrEnum):
    """Whether a target lesion could be measured; ABSENT also means without arterial enhancement.

    SPLIT: it has come apart into parts that are read as lesions of their own. MERGED: it can no longer be
    told from another lesion, and is measured with that one.
    """

    MEASURED = "MEASURED"
    ABSENT = "ABSENT"
    TOO_SMALL = "TOO SMALL TO MEASURE"
    NOT_EVALUABLE = "NOT EVALUABLE"
    SPLIT = "SPLIT"
    MERGED = "MERGED"


class NonTargetState(StrEnum):
    """State of one non-target lesion; ABSENT is no enhancement, and for a node a short axis under 10 mm."""

    ABSENT = "ABSENT"
    PRESENT = "PRESENT"
    UNEQUIVOCAL_PROGRESSION = "UNEQUIVOCAL PROGRESSION"
    NOT_EVALUABLE = "NOT EVALUABLE"


class RoleKind(StrEnum):
    """The role a lesion plays in a treatment period, chosen at the baseline of that period."""

    TARGET = "TARGET"
    NON_TARGET = "NON-TARGET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One lesion of a patient; its id is kept through both treatment periods.

    ``organ`` counts for the limit of two targets per organ. ``enhancing``: it takes up contrast in the
    arterial phase; ``well_delineated``: its viable part has a clear border (not infiltrative, and after local
    treatment not blurred). ``porta_hepatis``: a node at the liver hilum, malignant only from 20 mm.
    ``part_of`` is the lesion it was a part of before that one split (None: it is no part).
    """

    id: LesionId
    label: str
    site: str
    organ: str
    kind: LesionKind = LesionKind.LIVER
    enhancing: bool = True
    well_delineated: bool = True
    porta_hepatis: bool = False
    part_of: LesionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionMeasurement:
    """A target lesion at a scan.

    ``diameter`` is the longest viable (arterially enhancing) diameter of a liver lesion, the short axis of a
    node, the longest diameter of any other lesion; it belongs to MEASURED alone. MEASURED without a diameter
    is a value that is missing: the lesion counts as not measured. ``merged_into`` is the lesion it is
    measured with, and belongs to MERGED alone. SPLIT and MERGED have no size of their own: see
    ``tumour_split_merge``.
    """

    lesion_id: LesionId
    state: MeasurementState = MeasurementState.MEASURED
    diameter: int | None = None
    merged_into: LesionId | None = None

    def __post_init__(self) -> None:
        if (self.merged_into is not None) != (self.state is MeasurementState.MERGED):
            raise ValueError("a lesion that has merged names the other lesion, and only such a lesion does")
        if self.diameter is not None and self.diameter < 0:
            raise ValueError("a diameter is negative")
        if self.diameter is not None and self.state is not MeasurementState.MEASURED:
            raise ValueError(f"a lesion that is {self.state} has a diameter")

    def contribution(self, criteria: ResponseCriteria = MRECIST) -> int | None:
        """Return what the lesion adds to the sum of diameters; None where it was not measured."""
        if self.state is MeasurementState.ABSENT:
            return 0
        if self.state is MeasurementState.TOO_SMALL:
            return tenths(criteria.too_small_to_measure_mm)
        return self.diameter


@dataclass(frozen=True, slots=True, kw_only=True)
class NonTargetFinding:
    """A non-target lesion at a scan; an effusion progresses only with cytology (``malignancy_proven``)."""

    lesion_id: LesionId
    state: NonTargetState
    malignancy_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLesionFinding:
    """A lesion that was absent at baseline, each time it is seen.

    ``diameter`` is its longest diameter, None where it was not taken; ``typical``: arterial hypervascularity
    with washout in the portal venous or late phase; ``unequivocal``: the reader's judgement of a lesion
    outside the liver; ``malignancy_proven``: by cytology or pathology.
    """

    lesion_id: LesionId
    diameter: int | None = None
    typical: bool = False
    unequivocal: bool = False
    malignancy_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One imaging read: the date is that of the scan, not of the reading.

    ``measurements`` may hold lesions that are no targets yet: a sum takes only the targets of its period.
    ``new_lesions_evaluated`` is False where the scan did not cover what is needed to exclude a new lesion.
    """

    id: ScanId
    date: date
    measurements: tuple[LesionMeasurement, ...] = ()
    non_targets: tuple[NonTargetFinding, ...] = ()
    new_lesions: tuple[NewLesionFinding, ...] = ()
    new_lesions_evaluated: bool = True
    read_by: str = ""

    def measurement(self, lesion_id: LesionId) -> LesionMeasurement | None:
        """Return the measurement of a lesion; of one that is new on this scan, the diameter found then.

        A new lesion at the first progression may so become a target of Treatment 2. None: not measured.
        """
        found = [m for m in self.measurements if m.lesion_id == lesion_id] + [
            LesionMeasurement(lesion_id=lesion_id, diameter=new.diameter)
            for new in self.new_lesions
            if new.lesion_id == lesion_id
        ]
        return found[0] if found else None

    def contribution(self, lesion_id: LesionId, criteria: ResponseCriteria = MRECIST) -> int | None:
        """Return what a target adds to the sum at this scan; None where it was not measured."""
        measurement = self.measurement(lesion_id)
        return None if measurement is None else measurement.contribution(criteria)

    def seen(self) -> frozenset[LesionId]:
        """Return the lesions recorded at this scan that are not recorded as absent."""
        return frozenset(
            [m.lesion_id for m in self.measurements if m.state is not MeasurementState.ABSENT]
            + [n.lesion_id for n in self.non_targets if n.state is not NonTargetState.ABSENT]
            + [new.lesion_id for new in self.new_lesions]
        )

    def absent(self) -> frozenset[LesionId]:
        """Return the lesions looked for at this scan and recorded as absent."""
        return frozenset(
            [m.lesion_id for m in self.measurements if m.state is MeasurementState.ABSENT]
            + [n.lesion_id for n in self.non_targets if n.state is NonTargetState.ABSENT]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionRole:
    """The choice of a lesion as target or non-target of period 1 or 2, made on one scan."""

    period: int
    lesion_id: LesionId
    role: RoleKind
    scan_id: ScanId
