"""The imaging reads of a SYNTHETIC patient: scans, lesions, new baseline, and what the reader wrote."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from assessments.domain import lesions as facts
from assessments.domain.lesions import LesionKind, RoleKind
from assessments.domain.mrecist import TargetResponse
from assessments.domain.tumour_course import TumourCourse, derive_tumour_course
from assessments.domain.tumour_period import TimePoint
from demo.calendar import Calendar
from demo.cohort import Subject
from demo.growth import Sizes, Wish, grow
from demo.lesions import Disease, PlannedLesion
from demo.plan import Chance

WAYS = {("SYN-023", 1): "growth", ("SYN-006", 1): "growth", ("SYN-029", 2): "growth", ("SYN-004", 2): "new"}
"""How these progressions came about; the others are drawn."""
ON_THE_BOUNDARY = {("SYN-006", 1, 1), ("SYN-029", 2, 2)}
VANISHING = {"SYN-023": "T02"}
"""A target without viable tumour while its patient responds."""
NOT_EVALUABLE = {("SYN-023", 4): ("T01", "ARTEFACT")}
UNCERTAIN = {"SYN-007": (3, "S1", 110), "SYN-012": (1, "S1", 70)}
"""A new nodule that never becomes a progression: from which scan, where, how large in tenths of a mm."""

SLIPS: dict[tuple[str, int, int], dict[str, str]] = {
    ("SYN-004", 2, 0): {"reader_target": "PD"},
    ("SYN-007", 1, 4): {"reader_new_lesion": "no"},
    ("SYN-008", 1, 3): {"reader_target": "PR", "reader_overall": "PR"},
    ("SYN-011", 1, 1): {"reader_target": "SD", "reader_overall": "SD"},
    ("SYN-023", 1, 4): {"reader_target": "SD", "reader_overall": "SD"},
    ("SYN-025", 2, 1): {"reader_target": "PR", "reader_overall": "PR"},
}
"""Where the reader's own response is not the computed one: patient, period, scan of the period."""
WHY_OTHERWISE = "Judged by eye, before the diameters were added up."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One lesion at one scan; the diameter in tenths of a mm."""

    label: str
    state: str
    diameter: int | None = None
    is_new: bool = False
    typical: bool = False
    unequivocal: bool = False
    why_not_evaluable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """`lesions` are described here for the first time; `roles` are chosen here, for the new period."""

    date: date
    readings: tuple[Reading, ...]
    lesions: tuple[PlannedLesion, ...] = ()
    roles: tuple[tuple[int, str, RoleKind], ...] = ()
    reader: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Period:
    """What is followed from a baseline on: targets with their size, non-targets, nodules without a role."""

    number: int
    start: date
    targets: Sizes
    non_targets: list[str]


def make_scans(subject: Subject, calendar: Calendar, disease: Disease) -> tuple[Scan, ...]:
    """Every read of the patient, the baseline first."""
    start = _Period(
        1,
        calendar.baseline_scan,
        {lesion.label: size for lesion, size in disease.targets},
        [lesion.label for lesion in disease.non_targets],
    )
    baseline = Scan(
        date=calendar.baseline_scan,
        lesions=(*(lesion for lesion, _ in disease.targets), *disease.non_targets),
        readings=tuple(_seen(start.targets, start.non_targets)),
        roles=_roles(start),
    )
    scans = [baseline]
    if subject.start is not None and subject.t1_scans:
        first = _Follower(subject, disease, start)
        scans += first.scans([subject.start + timedelta(days=d) for d in subject.t1_scans], subject.bor1)
        if subject.pd1 is not None and subject.continued:
            restart = _new_baseline(subject, disease, first, scans)
            days = [subject.pd1 + timedelta(days=d) for d in subject.t2_scans]
            scans += _Follower(subject, disease, restart).scans(days, subject.bor2)
    return tuple(_read(subject, scans))


class _Follower:
    """Makes the scans of one period."""

    def __init__(self, subject: Subject, disease: Disease, period: _Period) -> None:
        self.subject, self.disease, self.period = subject, disease, period
        self.chance = Chance(subject.number, "scans", str(period.number))
        self.way = WAYS.get((subject.number, period.number)) or self._drawn_way()
        self.sizes: Sizes = dict(period.targets)
        self.found: PlannedLesion | None = None
        self.uncertain: PlannedLesion | None = None

    def _drawn_way(self) -> str:
        ways = ["growth"] * 6 + ["new"] * 3
        return self.chance.choice([*ways, "non-target"] if self.period.non_targets else ways)

    def scans(self, days: Sequence[date], best: str) -> list[Scan]:
        wishes = [self._wish(index, index == len(days) - 1, best) for index in range(len(days))]
        grown = grow(self.chance, self.period.targets, wishes)
        made = [
            self._scan(day, index, sizes, index == len(days) - 1)
            for index, (day, sizes) in enumerate(zip(days, grown, strict=True))
        ]
        self.sizes = grown[-1]
        return made

    def _wish(self, index: int, last: bool, best: str) -> Wish:
        number, period = self.subject.number, self.period.number
        if last and self.way == "growth":
            response = TargetResponse.PD
        else:
            response = TargetResponse.PR if best == "PR" and index > 0 else TargetResponse.SD
        return Wish(
            response=response,
            exactly=(number, period, index) in ON_THE_BOUNDARY,
            gone=VANISHING.get(number, "") if response is TargetResponse.PR and period == 1 else "",
            unchanged=period == 1 and (number, index) in NOT_EVALUABLE,
        )

    def _scan(self, day: date, index: int, sizes: Sizes, last: bool) -> Scan:
        readings = list(_seen(sizes, self.period.non_targets))
        if self.period.number == 1 and (self.subject.number, index) in NOT_EVALUABLE:
            label, why = NOT_EVALUABLE[self.subject.number, index]
            unread = Reading(label=label, state="NOT EVALUABLE", why_not_evaluable=why)
            readings = [unread if reading.label == label else reading for reading in readings]
        if last and self.way == "non-target":
            worse = self.period.non_targets[0]
            readings = [
                replace(r, state="UNEQUIVOCAL PROGRESSION") if r.label == worse else r for r in readings
            ]
        described = [*self._uncertain_nodule(index, readings), *(self._new_lesion(readings) if last else ())]
        return Scan(date=day, readings=tuple(readings), lesions=tuple(described))

    def _uncertain_nodule(self, index: int, readings: list[Reading]) -> Iterator[PlannedLesion]:
        since, place, size = UNCERTAIN.get(self.subject.number, (99, "", 0))
        if self.period.number == 2 or index < since:
            return
        if index == since:
            self.uncertain = PlannedLesion(label="NEW01", organ="LIVER", place=place)
            yield self.uncertain
        readings.append(
            Reading(label="NEW01", state="MEASURED", diameter=size + 10 * (index - since), is_new=True)
        )

    def _new_lesion(self, readings: list[Reading]) -> Iterator[PlannedLesion]:
        """The new lesion that is the progression: a typical nodule in the liver, or one in the lung."""
        if self.way != "new":
            return
        in_lung = self.chance.one_in(4)
        self.found = PlannedLesion(
            label=f"NEW{self.period.number + (self.uncertain is not None):02}",
            organ="LUNG" if in_lung else "LIVER",
            place="right middle lobe" if in_lung else ("S1" if self.period.number == 1 else "S4/S8"),
            kind=LesionKind.EXTRANODAL if in_lung else LesionKind.LIVER,
        )
        yield self.found
        readings.append(
            Reading(
                label=self.found.label,
                state="MEASURED",
                diameter=self.chance.randint(11, 24) * 10,
                is_new=True,
                typical=not in_lung,
                unequivocal=in_lung,
            )
        )


def _seen(targets: Sizes, non_targets: Iterable[str]) -> Iterator[Reading]:
    for label, size in targets.items():
        yield (
            Reading(label=label, state="MEASURED", diameter=size)
            if size
            else Reading(label=label, state="ABSENT")
        )
    for label in non_targets:
        yield Reading(label=label, state="PRESENT")


def _roles(period: _Period) -> tuple[tuple[int, str, RoleKind], ...]:
    return (
        *((period.number, label, RoleKind.TARGET) for label in period.targets),
        *((period.number, label, RoleKind.NON_TARGET) for label in period.non_targets),
    )


def _new_baseline(subject: Subject, disease: Disease, first: _Follower, scans: list[Scan]) -> _Period:
    """Choose the lesions of Treatment 2 on the last scan; a nodule made a target is measured there."""
    chance = Chance(subject.number, "new baseline")
    last = scans[-1]
    organs = {lesion.label: lesion.organ for scan in scans for lesion in scan.lesions}
    sizes = {r.label: r.diameter for r in last.readings if r.diameter is not None}
    if first.uncertain is not None:
        sizes.pop(first.uncertain.label)  # it may be no tumour at all
    if disease.spare and chance.one_in(3):
        label = next(iter(disease.spare))
        sizes[label] = disease.spare[label]
    targets = _chosen(chance, sizes, organs, first.found)
    period = _Period(
        2,
        last.date,
        {label: sizes[label] for label in targets},
        [label for label in organs if label not in targets],
    )
    readings = (
        replace(r, state="MEASURED", diameter=sizes[r.label])
        if r.label in targets and r.state == "PRESENT"
        else r
        for r in last.readings
    )
    scans[-1] = replace(last, readings=tuple(readings), roles=_roles(period))
    return period


def _chosen(
    chance: Chance, sizes: Sizes, organs: Mapping[str, str], found: PlannedLesion | None
) -> list[str]:
    """The largest lesions, two of an organ at most and seldom only one; what progressed goes first."""
    large_enough = [
        label for label in sizes if sizes[label] >= (150 if organs[label] == "LYMPH NODE" else 100)
    ]
    large_enough.sort(key=lambda label: (found is None or label != found.label, -sizes[label]))
    targets: list[str] = []
    for label in large_enough:
        in_organ = sum(organs[name] == organs[label] for name in targets)
        most = 1 if organs[label] == "LIVER" and chance.one_in(6) else 2
        if in_organ < most and len(targets) < 5:
            targets.append(label)
    return sorted(targets)


def derive_course(scans: Sequence[Scan], first_dose: date | None) -> TumourCourse:
    """What the trial's rules make of the reads, as they will once these are entered."""
    described = [lesion for scan in scans for lesion in scan.lesions]
    as_facts = [_scan_facts(scan) for scan in scans]
    return derive_tumour_course(
        lesions=[
            facts.Lesion(
                id=lesion.label, label=lesion.label, site=lesion.place, organ=lesion.organ, kind=lesion.kind
            )
            for lesion in described
        ],
        baseline_scan=as_facts[0],
        scans=as_facts,
        roles=[
            facts.LesionRole(period=period, lesion_id=label, role=role, scan_id=scan.date.isoformat())
            for scan in scans
            for period, label, role in scan.roles
        ],
        first_dose_date=first_dose,
    )


def _scan_facts(scan: Scan) -> facts.Scan:
    states = {"PRESENT": "MEASURED", "UNEQUIVOCAL PROGRESSION": "MEASURED"}
    seen = {"MEASURED": "PRESENT", "TOO SMALL TO MEASURE": "PRESENT"}
    return facts.Scan(
        id=scan.date.isoformat(),
        date=scan.date,
        measurements=tuple(
            facts.LesionMeasurement(
                lesion_id=r.label,
                state=facts.MeasurementState(states.get(r.state, r.state)),
                diameter=r.diameter,
            )
            for r in scan.readings
        ),
        non_targets=tuple(
            facts.NonTargetFinding(lesion_id=r.label, state=facts.NonTargetState(seen.get(r.state, r.state)))
            for r in scan.readings
        ),
        new_lesions=tuple(
            facts.NewLesionFinding(
                lesion_id=r.label, diameter=r.diameter, typical=r.typical, unequivocal=r.unequivocal
            )
            for r in scan.readings
            if r.is_new
        ),
    )


def _read(subject: Subject, scans: Sequence[Scan]) -> Iterator[Scan]:
    """Each scan with the reader's own responses, which in some patients slip."""
    points = {point.scan_id: point for point in derive_course(scans, subject.start).time_points}
    seen = {1: 0, 2: 0}
    for scan in scans:
        point = points.get(scan.date.isoformat())
        if point is None:
            yield scan
            continue
        slip = SLIPS.get((subject.number, point.period, seen[point.period]), {})
        slip = slip | {"comment": WHY_OTHERWISE} if slip else {}
        seen[point.period] += 1
        yield replace(scan, reader=_responses(point) | slip)


def _responses(point: TimePoint) -> dict[str, str]:
    return {
        "reader_target": point.target_response.value,
        "reader_non_target": point.non_target_response.value,
        "reader_new_lesion": point.new_lesion.value,
        "reader_overall": point.overall.value,
    }
