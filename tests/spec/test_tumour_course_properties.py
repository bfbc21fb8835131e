"""What holds of every tumour course, against a naive reading made from the definitions scan by scan."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.domain.lesions import (
    LesionMeasurement,
    LesionRole,
    MeasurementState,
    NewLesionFinding,
    NonTargetFinding,
    NonTargetState,
    Scan,
)
from assessments.domain.tumour_course import TumourCourse, derive_tumour_course
from tests.spec.tumour_cases import FIRST_DOSE, lesion, on, roles

LESIONS = [lesion(label) for label in ("T1", "T2", "L1", "N1", "X1")]
BASELINE = Scan(
    id="baseline",
    date=on(-7),
    measurements=tuple(
        LesionMeasurement(lesion_id=label, diameter=size)
        for label, size in (("T1", 500), ("T2", 300), ("L1", 200))
    ),
    non_targets=(NonTargetFinding(lesion_id="N1", state=NonTargetState.PRESENT),),
)


SIMPLE = [s for s in MeasurementState if s not in (MeasurementState.SPLIT, MeasurementState.MERGED)]


@st.composite
def measurements(draw: st.DrawFn, label: str) -> LesionMeasurement:
    state = draw(st.sampled_from([MeasurementState.MEASURED] * 12 + SIMPLE))
    size = draw(st.integers(0, 90).map(lambda mm: 10 * mm)) if state is MeasurementState.MEASURED else None
    return LesionMeasurement(lesion_id=label, state=state, diameter=size)


@st.composite
def new_lesions(draw: st.DrawFn) -> tuple[NewLesionFinding, ...]:
    if draw(st.integers(0, 3)):
        return ()
    size, typical = draw(st.sampled_from([60, 99, 100, 150, 200, 250])), draw(st.integers(0, 2)) == 0
    return (NewLesionFinding(lesion_id="X1", diameter=size, typical=typical),)


@st.composite
def follow_up(draw: st.DrawFn) -> list[Scan]:
    """Return up to eight scans on different days after the first dose."""
    days = sorted(draw(st.sets(st.integers(0, 400), max_size=8)))
    return [
        Scan(
            id=f"scan {number}",
            date=on(day),
            measurements=tuple(draw(measurements(label)) for label in ("T1", "T2", "L1")),
            non_targets=(
                NonTargetFinding(
                    lesion_id="N1",
                    state=draw(st.sampled_from([NonTargetState.PRESENT] * 6 + list(NonTargetState))),
                ),
            ),
            new_lesions=draw(new_lesions()),
            new_lesions_evaluated=draw(st.integers(0, 9)) > 0,
        )
        for number, day in enumerate(days)
    ]


ROLES1 = roles(1, "baseline", "T1 T2 L1 / N1")
ROLES2 = roles(2, "", "T1 L1 / N1")
SECOND_PERIODS = st.sampled_from([[], ROLES2])


def derive(scans: list[Scan], second: list[LesionRole]) -> TumourCourse:
    return derive_tumour_course(
        lesions=LESIONS,
        baseline_scan=BASELINE,
        scans=scans,
        roles=ROLES1 + second,
        first_dose_date=FIRST_DOSE,
    )


def mm(scan: Scan, label: str) -> Fraction | None:
    """Return what a lesion measures, in mm."""
    (found,) = (m for m in scan.measurements if m.lesion_id == label)
    if found.state is MeasurementState.ABSENT:
        return Fraction(0)
    if found.state is MeasurementState.TOO_SMALL:
        return Fraction(5)
    return None if found.diameter is None else Fraction(found.diameter, 10)


def naive_target(labels: list[str], scan: Scan, baseline: Scan, between: list[Scan]) -> str:
    """Return the response of the targets from every earlier scan of the period, looked up afresh."""
    base = [mm(baseline, label) for label in labels]
    if None in base:
        return "NE"
    earlier = [[mm(past, label) for label in labels] for past in [baseline, *between]]
    nadir = min(sum(sizes) for sizes in earlier if None not in sizes)
    now = {label: mm(scan, label) for label in labels}
    measured = {label: size for label, size in now.items() if size is not None}
    total = sum(measured.values())
    viable = any(size >= 10 if label == "L1" else size > 0 for label, size in measured.items())
    grown = total > 0 if nadir == 0 else total / nadir >= Fraction(6, 5)
    if viable and grown:
        return "PD"
    if len(measured) < len(labels):
        return "NE"
    if not viable:
        return "CR"
    return "PR" if total / sum(base) <= Fraction(7, 10) else "SD"


def naive_new(scan: Scan, baseline: Scan, after: list[Scan]) -> str:
    """Return what X1 is on a scan: the status of that day, unless equivocal and confirmed on a later one."""
    if any(found.lesion_id == "X1" for found in baseline.new_lesions):
        return "no" if scan.new_lesions_evaluated else "not_evaluated"
    sizes: list[int] = []
    status: dict[str, str] = {}
    for past in after:
        for found in past.new_lesions:
            grown = any(found.diameter >= size + 100 for size in sizes)
            if found.diameter < 100:
                status[past.id] = "no"
            else:
                status[past.id] = "yes" if found.typical or grown else "equivocal"
            sizes.append(found.diameter)
    order = [past.id for past in after]
    here = status.get(scan.id, "no")
    later = [status.get(id_) for id_ in order[order.index(scan.id) :]]
    earlier = [status.get(id_) for id_ in order[: order.index(scan.id)]]
    if here == "equivocal" and "yes" in later and "yes" not in earlier:
        here = "yes"
    if here == "yes":
        return "yes"
    return here if scan.new_lesions_evaluated else "not_evaluated"


def naive_overall(target: str, scan: Scan, new: str) -> str:
    state = scan.non_targets[0].state
    if target == "PD" or state is NonTargetState.UNEQUIVOCAL_PROGRESSION or new == "yes":
        return "PD"
    if new == "not_evaluated" or target == "NE":
        return "NE"
    if target == "CR" and (state is not NonTargetState.ABSENT or new == "equivocal"):
        return "PR"
    return target


def naive_period(labels: list[str], baseline: Scan, scans: list[Scan]) -> list[str]:
    """Return the overall response of every scan after a baseline."""
    return [
        naive_overall(
            naive_target(labels, scan, baseline, scans[:index]), scan, naive_new(scan, baseline, scans)
        )
        for index, scan in enumerate(scans)
    ]


def naive_course(scans: list[Scan], rebaseline: bool) -> list[tuple[int, str]]:
    """Return period and overall response of every scan, reading the periods one after the other."""
    first = naive_period(["T1", "T2", "L1"], BASELINE, scans)
    if "PD" not in first or not rebaseline:
        return [(1, response) for response in first]
    pd1 = first.index("PD")
    second = naive_period(["T1", "L1"], scans[pd1], scans[pd1 + 1 :])
    return [(1, response) for response in first[: pd1 + 1]] + [(2, response) for response in second]


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS)
def test_every_scan_is_read_as_the_definitions_say(scans: list[Scan], second: list[LesionRole]) -> None:
    points = derive(scans, second).time_points
    assert [(p.period, p.overall) for p in points] == naive_course(scans, bool(second))


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS, st.randoms(use_true_random=False))
def test_the_order_in_which_scans_arrive_changes_nothing(
    scans: list[Scan], second: list[LesionRole], chance: object
) -> None:
    shuffled = [BASELINE, *scans]
    chance.shuffle(shuffled)
    assert derive(shuffled, second) == derive(scans, second)


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS, st.randoms(use_true_random=False))
def test_the_order_changes_nothing_even_for_scans_of_one_day(
    scans: list[Scan], second: list[LesionRole], chance: object
) -> None:
    same_days = [replace(scan, date=on(42 * (index // 2))) for index, scan in enumerate(scans)]
    shuffled = list(same_days)
    chance.shuffle(shuffled)
    assert derive(shuffled, second) == derive(same_days, second)


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS)
def test_the_nadir_never_rises_and_is_never_above_baseline(
    scans: list[Scan], second: list[LesionRole]
) -> None:
    for period in derive(scans, second).periods:
        nadirs = [period.baseline_sum, *(point.target.nadir for point in period.time_points)]
        if period.baseline_sum is not None:
            assert nadirs == sorted(nadirs, reverse=True)


def without_new_lesions(scans: list[Scan]) -> list[Scan]:
    return [replace(scan, new_lesions=()) for scan in scans]


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS)
def test_scans_after_the_first_progression_never_change_it(
    scans: list[Scan], second: list[LesionRole]
) -> None:
    """Only the confirmation of an equivocal lesion may reach back; without new lesions nothing does."""
    scans = without_new_lesions(scans)
    whole = derive(scans, second)
    if whole.pd1 is not None:
        cut = derive([scan for scan in scans if scan.date <= whole.pd1.date], second)
        assert (cut.pd1, cut.bor1) == (whole.pd1, whole.bor1)


@settings(deadline=None)
@given(follow_up())
def test_scans_after_the_second_progression_never_change_the_times(scans: list[Scan]) -> None:
    scans = without_new_lesions(scans)
    whole = derive(scans, ROLES2)
    if whole.pd2 is not None:
        cut = derive([scan for scan in scans if scan.date <= whole.pd2.date], ROLES2)
        assert (cut.pd1, cut.pd2, cut.bor1, cut.bor2) == (whole.pd1, whole.pd2, whole.bor1, whole.bor2)


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS)
def test_later_knowledge_only_ever_moves_progression_to_an_earlier_scan(
    scans: list[Scan], second: list[LesionRole]
) -> None:
    final = derive(scans, second).pd1
    for count in range(len(scans)):
        so_far = derive(scans[:count], second).pd1
        assert so_far is None or (final is not None and final.date <= so_far.date)


@settings(deadline=None)
@given(follow_up(), SECOND_PERIODS)
def test_the_parts_of_a_course_agree(scans: list[Scan], second: list[LesionRole]) -> None:
    result = derive(scans, second)
    assert [point.scan_id for point in result.time_points] == [scan.id for scan in scans]
    assert (result.period2 is not None) == (result.pd1 is not None and bool(second))
    assert (result.bor2 is None) == (result.period2 is None)
    for period in result.periods:
        assert all(point.date > period.baseline_date for point in period.time_points)
        assert all(not (point.pending and point.overall == "PD") for point in period.time_points)
    for dated in result.back_datings:
        assert dated.first_date < dated.confirming_date
        assert dated.first_scan_id in {pd.scan_id for pd in (result.pd1, result.pd2) if pd}


@settings(deadline=None)
@given(follow_up(), st.integers(-2000, 2000))
def test_only_days_between_dates_matter(scans: list[Scan], days: int) -> None:
    shift = timedelta(days=days)
    moved = derive_tumour_course(
        lesions=LESIONS,
        baseline_scan=replace(BASELINE, date=BASELINE.date + shift),
        scans=[replace(scan, date=scan.date + shift) for scan in scans],
        roles=ROLES1 + ROLES2,
        first_dose_date=FIRST_DOSE + shift,
    )
    here = derive(scans, ROLES2)
    assert [p.overall for p in moved.time_points] == [p.overall for p in here.time_points]
    assert (moved.bor1, moved.bor2) == (here.bor1, here.bor2)
