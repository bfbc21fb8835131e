"""What holds of mRECIST for all sums, against a naive reading in fractions of a millimetre."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.domain.mrecist import (
    BEST_FIRST,
    Response,
    ResponseCriteria,
    TargetResponse,
    best_overall_response,
    target_response,
)
from assessments.domain.tumour_target import explain_target_response

SUMS = st.integers(0, 400) | st.integers(0, 5000)
WORSE_LAST = [TargetResponse.CR, TargetResponse.PR, TargetResponse.SD, TargetResponse.PD]


@st.composite
def readings(draw: st.DrawFn) -> dict[str, object]:
    """Return baseline, nadir, what was measured now and whether that was all, often near a cut."""
    baseline = draw(SUMS)
    nadir = draw(st.integers(0, baseline))
    near = st.sampled_from([baseline * 7 // 10, nadir * 6 // 5]).flatmap(
        lambda cut: st.integers(max(0, cut - 2), cut + 2)
    )
    others = draw(SUMS | near | st.just(0))
    nodes = draw(st.lists(st.integers(0, 200), max_size=2))
    return {
        "baseline": baseline,
        "nadir": nadir,
        "current": others + sum(nodes),
        "nodal_short_axes": nodes,
        "any_not_measured": draw(st.booleans()),
    }


def naive_response(
    baseline: int,
    nadir: int,
    current: int,
    nodal_short_axes: list[int],
    any_not_measured: bool,
    minimum: int,
) -> str:
    """Return the response as the publication words it, with ratios instead of products."""
    b, n, s = (Fraction(length, 10) for length in (baseline, nadir, current))
    nothing_viable = s - sum(Fraction(axis, 10) for axis in nodal_short_axes) == 0
    normal_nodes = all(Fraction(axis, 10) < 10 for axis in nodal_short_axes)
    if n > 0:
        worse = s / n - 1 >= Fraction(1, 5) and s - n >= minimum
    else:
        worse = s > 0
    if nothing_viable and normal_nodes:
        return "NE" if any_not_measured else "CR"
    if worse:
        return "PD"
    if any_not_measured:
        return "NE"
    return "PR" if b > 0 and 1 - s / b >= Fraction(3, 10) else "SD"


@settings(deadline=None)
@given(readings(), st.sampled_from([0, 5]))
def test_target_response_is_that_of_exact_ratios(reading: dict, minimum: int) -> None:
    criteria = ResponseCriteria(pd_min_abs_mm=minimum)
    assert target_response(**reading, criteria=criteria) == naive_response(**reading, minimum=minimum)


@settings(deadline=None)
@given(readings(), st.integers(1, 500))
def test_more_tumour_is_never_a_better_response(reading: dict, more: int) -> None:
    reading |= {"any_not_measured": False, "nodal_short_axes": []}
    less = target_response(**reading)
    reading["current"] += more
    assert WORSE_LAST.index(less) <= WORSE_LAST.index(target_response(**reading))


@settings(deadline=None)
@given(readings(), st.integers(1, 50))
def test_only_proportions_matter_without_nodes(reading: dict, factor: int) -> None:
    reading["nodal_short_axes"] = []
    scaled = {name: reading[name] * factor for name in ("baseline", "nadir", "current")}
    assert target_response(**reading) == target_response(**(reading | scaled))


@settings(deadline=None)
@given(readings())
def test_the_order_of_the_nodes_is_of_no_account(reading: dict) -> None:
    turned = reading | {"nodal_short_axes": list(reversed(reading["nodal_short_axes"]))}
    assert target_response(**reading) == target_response(**turned)


@settings(deadline=None)
@given(readings())
def test_an_absolute_minimum_only_ever_withholds_progression(reading: dict) -> None:
    strict = target_response(**reading, criteria=ResponseCriteria(pd_min_abs_mm=5))
    plain = target_response(**reading)
    assert strict == plain or plain is TargetResponse.PD


@settings(deadline=None)
@given(readings())
def test_the_figures_shown_agree_with_the_response(reading: dict) -> None:
    measured_all = not reading.pop("any_not_measured")
    shown = explain_target_response(**reading, not_measured=[] if measured_all else ["T9"])
    assert shown.sentence.endswith(f": {shown.response}.")
    if shown.response in (TargetResponse.PR, TargetResponse.SD):
        assert shown.change_from_nadir is not None
        assert shown.change_from_nadir < 20
        assert shown.change_from_baseline is not None
        assert (shown.change_from_baseline <= -30) == (shown.response is TargetResponse.PR)
    if shown.response is TargetResponse.PD and shown.change_from_nadir is not None:
        assert shown.change_from_nadir >= 20


COURSES = st.lists(st.tuples(st.integers(1, 200), st.sampled_from(list(Response))), max_size=8).map(
    lambda pairs: [(date(2012, 1, 1) + timedelta(days=day), response) for day, response in pairs]
)


def naive_best(course: list[tuple[date, Response]]) -> Response:
    """Return the best response by asking for each, best first, whether the course ever earns it."""
    start = date(2012, 1, 1)
    course = sorted(course, key=lambda pair: pair[0])
    first_pd = next((index for index, (_, response) in enumerate(course) if response == "PD"), len(course))
    counted = course[: first_pd + 1]
    for wanted in ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NED"):
        least = 42 if wanted in ("SD", "NON-CR/NON-PD") else 0
        if any(response == wanted and day >= start + timedelta(days=least) for day, response in counted):
            return Response(wanted)
    return Response.NE


@settings(deadline=None)
@given(COURSES)
def test_best_response_is_the_best_ever_earned(course: list[tuple[date, Response]]) -> None:
    assert best_overall_response(course, reference_date=date(2012, 1, 1)) == naive_best(course)


@settings(deadline=None)
@given(COURSES)
def test_confirmation_never_betters_the_best_response(course: list[tuple[date, Response]]) -> None:
    confirmed = best_overall_response(
        course, reference_date=date(2012, 1, 1), criteria=ResponseCriteria(confirmation_required=True)
    )
    plain = best_overall_response(course, reference_date=date(2012, 1, 1))
    assert BEST_FIRST.index(plain) <= BEST_FIRST.index(confirmed)
