"""A patient's tumour course: Treatment 1 to the first PD, that scan as new baseline, Treatment 2 to the next.

Nothing of the first period but the lesions themselves enters the second: its sums, nadir and new lesions are
counted from the scan of the first PD. Only imaging makes a progression here; worsening on clinical grounds
takes a patient off protocol and is no PD.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assessments.domain.lesions import Lesion, LesionId, LesionRole, RoleKind, Scan
from assessments.domain.mrecist import MRECIST, Response, ResponseCriteria, SdReference
from assessments.domain.tumour_checks import (
    check_new_baseline,
    check_new_lesions,
    check_roles,
    check_scan_contents,
    check_scan_dates,
)
from assessments.domain.tumour_findings import TumourFinding
from assessments.domain.tumour_new_lesions import BackDating
from assessments.domain.tumour_period import PeriodBaseline, TimePoint, TumourPeriod, derive_period
from assessments.domain.tumour_split_merge import check_split_and_merged


@dataclass(frozen=True, slots=True, kw_only=True)
class TumourCourse:
    """The one or two treatment periods of a patient and what is wrong with the data behind them.

    ``period2`` is None until there is a first PD and lesions were chosen for the new baseline.
    """

    period1: TumourPeriod
    period2: TumourPeriod | None
    findings: tuple[TumourFinding, ...]

    @property
    def periods(self) -> tuple[TumourPeriod, ...]:
        """Return the periods there are, the first one first."""
        return (self.period1,) if self.period2 is None else (self.period1, self.period2)

    @property
    def time_points(self) -> tuple[TimePoint, ...]:
        """Return every evaluated scan after baseline, by date."""
        return tuple(point for period in self.periods for point in period.time_points)

    @property
    def pd1(self) -> TimePoint | None:
        """Return the time point of the first progression, whose scan is the new baseline."""
        return self.period1.progression

    @property
    def pd2(self) -> TimePoint | None:
        """Return the time point of the second progression."""
        return None if self.period2 is None else self.period2.progression

    @property
    def bor1(self) -> Response:
        """Return the best overall response of Treatment 1; NE without an evaluable scan."""
        return self.period1.best_response

    @property
    def bor2(self) -> Response | None:
        """Return the best overall response of Treatment 2; None where there is no Treatment 2."""
        return None if self.period2 is None else self.period2.best_response

    @property
    def back_datings(self) -> tuple[BackDating, ...]:
        """Return the new lesions whose later confirmation dates a progression back to its scan."""
        return tuple(dated for period in self.periods for dated in period.back_datings)


def derive_tumour_course(
    *,
    lesions: Iterable[Lesion],
    baseline_scan: Scan,
    scans: Iterable[Scan],
    roles: Iterable[LesionRole],
    first_dose_date: date | None,
    criteria: ResponseCriteria = MRECIST,
    new_therapy_date: date | None = None,
) -> TumourCourse:
    """Return both periods, read anew from all scans.

    ``scans`` may come in any order and hold the baseline scan too. Scans not after baseline, or before the
    first dose, are reported and not read. ``first_dose_date`` None: SD counts from the baseline scan.
    ``new_therapy_date`` is the start of other anticancer therapy (None: none), after which no scan counts
    towards best response. A new lesion confirmed at any later scan, after the first PD included, moves
    progression back to where it was equivocal, and with it the new baseline. Without lesions chosen for
    period 2, scans after the first PD stay in period 1, marked as after progression.
    """
    by_id = {lesion.id: lesion for lesion in lesions}
    all_scans, all_roles = tuple(scans), tuple(roles)
    known_roles = [role for role in all_roles if role.lesion_id in by_id]
    ordered = _assessments(baseline_scan, all_scans, first_dose_date)
    start = _baseline(1, baseline_scan, known_roles, by_id, criteria)
    if criteria.sd_reference is SdReference.FIRST_DOSE and first_dose_date is not None:
        start = replace(start, reference_date=first_dose_date)
    period1 = derive_period(start, ordered, by_id, new_therapy_date)
    period2 = None
    pd1 = period1.progression
    pd1_scan = next((scan for scan in ordered if pd1 is not None and scan.id == pd1.scan_id), None)
    starts = [start]
    if pd1_scan is not None and any(role.period == 2 for role in known_roles):
        restart = _baseline(2, pd1_scan, known_roles, by_id, criteria)
        starts.append(restart)
        later = [scan for scan in ordered if scan.date > pd1_scan.date]
        period2 = derive_period(restart, later, by_id, new_therapy_date)
        in_period1 = tuple(point for point in period1.time_points if point.date <= pd1_scan.date)
        period1 = replace(period1, time_points=in_period1)
    findings = (
        *check_scan_dates(baseline_scan, all_scans, first_dose_date),
        *check_scan_contents(ordered, by_id),
        *check_roles(1, baseline_scan, all_roles, by_id, criteria),
        *check_new_baseline(pd1_scan, ordered, all_roles, by_id, criteria),
        *check_new_lesions(baseline_scan, pd1_scan, ordered, all_roles),
        *_check_split_and_merged(starts, ordered, by_id),
    )
    return TumourCourse(period1=period1, period2=period2, findings=findings)


def _check_split_and_merged(
    starts: Sequence[PeriodBaseline], scans: Sequence[Scan], lesions: Mapping[LesionId, Lesion]
) -> Iterator[TumourFinding]:
    """Yield what is wrong with split and merged lesions, each scan looked at in the period it belongs to."""
    for scan in scans:
        begun = [start for start in starts if start is starts[0] or start.scan.date < scan.date]
        yield from check_split_and_merged(scan, begun[-1].followed(lesions), begun[-1].number)


def _assessments(baseline_scan: Scan, scans: Sequence[Scan], first_dose_date: date | None) -> list[Scan]:
    """Return the scans that assess treatment, by date (and id, so that the order given never matters)."""
    return sorted(
        (
            scan
            for scan in scans
            if scan.date > baseline_scan.date and (first_dose_date is None or scan.date >= first_dose_date)
        ),
        key=lambda scan: (scan.date, str(scan.id)),
    )


def _baseline(
    number: int,
    scan: Scan,
    roles: Sequence[LesionRole],
    lesions: Mapping[LesionId, Lesion],
    criteria: ResponseCriteria,
) -> PeriodBaseline:
    """Return the baseline of a period: its lesions, and all that were there already and are never new.

    Not new is what was seen on the scan, and what has had a role until now unless the scan shows it gone.
    """
    target_ids, non_target_ids = (
        dict.fromkeys(r.lesion_id for r in roles if r.period == number and r.role is kind)
        for kind in (RoleKind.TARGET, RoleKind.NON_TARGET)
    )
    followed = frozenset(role.lesion_id for role in roles if role.period <= number)
    return PeriodBaseline(
        number=number,
        scan=scan,
        reference_date=scan.date,
        targets=tuple(lesions[lesion_id] for lesion_id in target_ids),
        non_targets=tuple(lesions[lesion_id] for lesion_id in non_target_ids if lesion_id not in target_ids),
        known=scan.seen() | (followed - scan.absent()),
        criteria=criteria,
    )
