"""The dosing form with the protocol's levels, and the log with its interruptions."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import AdverseEvent, DoseInterval, LabPanel
from casebook.registry import spec_of
from casebook.services import create_crf
from tests.assessments.conftest import grades
from tests.factories import because, coordinator_of, enter, signed_in, unsaved
from trial.audit import acting

POSTED = {"start": "2012-01-20", "end": "", "level": "0", "mg": "", "frequency": "", "dose_reason": "INITIAL"}


@pytest.fixture
def page(study, enrolled):
    client = signed_in(study.coordinator_a)
    return lambda **typed: client.post(f"/casebook/{enrolled.number}/dosing/new/", POSTED | typed)


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ({}, (400, "BID")),
        ({"level": "-1"}, (400, "QD")),
        ({"level": "-2"}, (400, "QOD")),
        ({"level": "other", "mg": "200", "frequency": "QD"}, (200, "QD")),
        ({"level": "", "mg": "200", "frequency": "QD"}, (200, "QD")),
        ({"level": "0", "mg": "400", "frequency": "BID"}, (400, "BID")),
    ],
)
def test_a_level_or_any_dose(study, page, typed, saved):
    assert page(**typed).status_code == 302
    with acting(study.coordinator_a):
        dose = DoseInterval.objects.get()
    assert (dose.mg, dose.frequency) == saved


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"level": ""}, "mg", "Choose a dose above"),
        ({"level": "other", "mg": "200"}, "frequency", "Choose a dose above"),
        ({"level": "0", "mg": "200"}, "mg", "leave this empty"),
        ({"level": "-1", "frequency": "BID"}, "frequency", "leave this empty"),
        ({"level": "-3"}, "level", "not one of the available"),
        ({"level": "other", "mg": "NaN", "frequency": "QD"}, "mg", "Enter a number"),
        ({"level": "other", "mg": "9e999", "frequency": "QD"}, "mg", "no more than"),
        ({"level": "other", "mg": "-1", "frequency": "QD"}, "mg", "greater than or equal to 0"),
        ({"level": "other", "mg": "2000.5", "frequency": "QD"}, "mg", "less than or equal to 2000"),
        ({"dose_reason": ""}, "dose_reason", "required"),
        ({"dose_reason_text": "x" * 10_000}, "dose_reason_text", "at most 200 characters"),
        ({"dose_reason_text": "a\x00b"}, "dose_reason_text", "Null characters"),
        ({"start": ""}, "start", "required"),
        ({"start": "20120-01-01"}, "start", "date"),
        ({"end": "2012-01-19"}, "end", "before the start, 2012-01-20"),
        ({"adverse_event": "999999"}, "adverse_event", "not one of the available"),
        ({"adverse_event": "\x00"}, "adverse_event", "Null characters"),
        ({"adverse_event": "9" * 10_000}, "adverse_event", "not one of the available"),
    ],
)
def test_bad_input_gets_its_message_at_the_field(page, typed, field, said):
    response = page(**typed)
    assert response.status_code == 200
    assert said in " ".join(response.context["form"].errors[field])


def test_an_overlap_is_said_at_the_first_day(page):
    page()
    response = page(start="2012-02-01", dose_reason="TOLERATED INCREASE")
    assert "Another line of the dosing log" in " ".join(response.context["form"].errors["start"])


def test_a_saved_dose_shows_as_its_level_and_another_as_mg(study, enrolled):
    level = enter(DoseInterval, enrolled, end=date(2012, 1, 31))
    other = enter(DoseInterval, enrolled, start=date(2012, 2, 1), mg=200, frequency="QD")
    with acting(study.coordinator_a):
        forms = [spec_of(DoseInterval).form(instance=dose) for dose in (level, other)]
        shown = [[form[name].value() for name in ("level", "mg", "frequency")] for form in forms]
    assert shown == [["0", None, None], ["other", 200, "QD"]]
    client = signed_in(study.coordinator_a)
    url = f"/casebook/{enrolled.number}/dosing/{level.pk}/"
    typed = POSTED | {"end": "2012-01-31", "level": "-1", "version": "1"}
    unsaid = client.post(url, typed)
    assert [change.name for change in unsaid.context["reasons"].changes] == ["frequency"]
    assert client.post(url, typed | because("read from the wrong line")).status_code == 302
    with acting(study.coordinator_a):
        level.refresh_from_db()
    assert (level.frequency, level.dose_reason) == ("QD", "INITIAL")


def test_the_log_shows_its_interruptions(study, enrolled):
    by = coordinator_of(enrolled)
    enter(DoseInterval, enrolled, end=date(2012, 3, 1))
    with acting(by):
        event = create_crf(unsaved(AdverseEvent, enrolled), lines=grades(("2012-03-01", 2)), by=by)
    enter(
        DoseInterval,
        enrolled,
        start=date(2012, 3, 9),
        mg=400,
        frequency="QD",
        dose_reason="ADVERSE EVENT",
        adverse_event=event,
    )
    url = f"/assessments/{enrolled.number}/dosing/"
    log = signed_in(study.monitor_a).get(url)
    assert [(line.start, line.end, line.days, line.is_interruption) for line in log.context["log"]] == [
        (date(2012, 1, 20), date(2012, 3, 1), 42, False),
        (date(2012, 3, 2), date(2012, 3, 8), 7, True),
        (date(2012, 3, 9), None, None, False),
    ]
    assert "Diarrhea from 2012-03-01" in log.content.decode()
    assert signed_in(study.coordinator_b).get(url).status_code == 404
    assert signed_in(study.administrator).get(url).status_code == 403


TEXT = st.text(max_size=40) | st.sampled_from(
    ["", "\x00", "NaN", "-1", "1e99", "9" * 400, "2012-02-30", "9999-12-31", "0001-01-01", "UNK", "🩸" * 50]
)
POSTS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("model", [DoseInterval, LabPanel, AdverseEvent])
def test_no_input_breaks_a_form(study, enrolled, model):
    """Whatever is posted, saved or refused, the answer is a page."""
    spec = spec_of(model)
    client = signed_in(study.coordinator_a)
    url = f"/casebook/{enrolled.number}/{spec.slug}/new/"
    with acting(study.coordinator_a):
        names = list(spec.form(instance=model(patient=enrolled)).fields)
    lines = ["lines-TOTAL_FORMS", "lines-INITIAL_FORMS", "lines-0-date", "lines-0-grade", "lines-0-id"]
    posts = st.dictionaries(st.sampled_from(names + lines * bool(spec.rows)), TEXT)

    @POSTS
    @given(posts)
    def answer(typed):
        assert client.post(url, typed).status_code in (200, 302)

    answer()
