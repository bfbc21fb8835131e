"""Missed visits: entered with a reason, refused where they cannot be, asked about where they contradict."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.models import DoseInterval, LabPanel
from casebook.models import Query
from patients.models import Discontinuation, MissedVisit, Visit
from tests.factories import change, enter, remove
from trial.audit import acting


def asked(study) -> list[tuple[str, str]]:
    with acting(study.coordinator_a):
        found = Query.objects.filter(rule_id__startswith="schedule.").exclude(state="closed")
        return [(query.rule_id, query.text) for query in found]


@pytest.fixture
def treated(study, enrolled):
    enter(DoseInterval, enrolled)
    return enrolled


def test_another_reason_is_said_in_words(study, treated):
    for words in ("", "  "):
        with pytest.raises(ValidationError) as refused:
            enter(MissedVisit, treated, missed_reason="OTHER", missed_reason_text=words)
        assert refused.value.message_dict == {"missed_reason_text": ["Say what the other reason was."]}
    missed = enter(MissedVisit, treated, missed_reason="OTHER", missed_reason_text=" flood ")
    assert missed.reason_in_words == "flood"
    assert str(missed) == "clinic visit of 2012-02-03, missed"
    assert change(missed, missed_reason="PATIENT AWAY", missed_reason_text="").reason_in_words == (
        "patient travelling or prevented"
    )


def test_what_is_still_to_come_was_not_missed(study, treated):
    today = timezone.localdate()
    with pytest.raises(ValidationError) as refused:
        enter(MissedVisit, treated, planned_date=today + timedelta(days=1))
    assert refused.value.message_dict == {
        "planned_date": ["This day lies in the future: it can still take place."]
    }
    enter(MissedVisit, treated, planned_date=today)


def test_it_is_missed_once(study, treated):
    enter(MissedVisit, treated)
    enter(MissedVisit, treated, kind="LABORATORY")
    with pytest.raises(ValidationError, match="already entered as missed"):
        enter(MissedVisit, treated)


def test_missed_and_done_on_one_day_is_asked_about(study, treated):
    enter(MissedVisit, treated)
    enter(LabPanel, treated, date=date(2012, 2, 3))
    assert asked(study) == []
    visit = enter(Visit, treated, date=date(2012, 2, 3))
    assert asked(study) == [
        ("schedule.missed_but_done", "It is entered as missed, but also as done on 2012-02-03.")
    ]
    remove(visit)
    assert asked(study) == []


def test_missed_on_a_day_when_nothing_was_due_is_asked_about(study, enrolled):
    missed = enter(MissedVisit, enrolled)
    outside = [("schedule.missed_not_due", "Nothing was due on 2012-02-03, a day outside treatment.")]
    assert asked(study) == outside
    enter(DoseInterval, enrolled)
    assert asked(study) == []
    enter(Discontinuation, enrolled, date=date(2012, 2, 2))
    assert asked(study) == outside
    change(missed, planned_date=date(2012, 2, 2))
    assert asked(study) == []
