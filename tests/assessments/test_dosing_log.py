"""The dosing log: one dose a day, kept so by the database; reasons; words at the field."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from assessments.models import AdverseEvent, DoseInterval
from casebook.models import Query
from casebook.services import create_crf
from tests.assessments.conftest import enrol, grades
from tests.factories import change, coordinator_of, enter, make_patient, remove, unsaved
from trial.audit import acting, row_history

OVERLAPS = "Another line of the dosing log covers some of these days."


def days(start: str, end: str | None) -> dict:
    return {"start": date.fromisoformat(start), "end": date.fromisoformat(end) if end else None}


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        (("2012-01-20", "2012-01-31"), ("2012-02-01", None), True),
        (("2012-01-20", "2012-01-31"), ("2012-01-31", None), False),
        (("2012-01-20", None), ("2012-06-01", "2012-06-02"), False),
        (("2012-02-01", None), ("2012-01-20", "2012-01-31"), True),
        (("2012-02-01", None), ("2012-01-20", None), False),
        (("2012-01-20", "2012-01-20"), ("2012-01-21", "2012-01-21"), True),
        (("2012-01-20", "2012-01-20"), ("2012-01-20", "2012-01-20"), False),
    ],
)
def test_a_day_has_one_dose(enrolled, first, second, fits):
    enter(DoseInterval, enrolled, **days(*first))
    if fits:
        assert enter(DoseInterval, enrolled, **days(*second)).pk
        return
    with pytest.raises(ValidationError) as refused:
        enter(DoseInterval, enrolled, **days(*second))
    assert refused.value.message_dict["start"][0].startswith(OVERLAPS)


def test_the_database_itself_refuses_an_overlap(enrolled):
    saved = enter(DoseInterval, enrolled, **days("2012-01-20", "2012-01-31"))
    copy = (
        'INSERT INTO assessments_doseinterval (patient_id, version, start, "end", mg, frequency, '
        "dose_reason, dose_reason_text) "
        "SELECT patient_id, 1, start + 11, NULL, mg, frequency, dose_reason, '' "
        "FROM assessments_doseinterval WHERE id = %s"
    )
    with acting(coordinator_of(enrolled)), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="one_dose_a_day"), transaction.atomic():
            cursor.execute(copy, [saved.pk])
        cursor.execute(copy.replace("11", "12"), [saved.pk])


def test_patients_do_not_get_in_each_others_way(study, enrolled):
    enter(DoseInterval, enrolled)
    assert enter(DoseInterval, enrol(study, make_patient(study))).pk


def test_a_changed_line_does_not_overlap_itself(enrolled):
    saved = enter(DoseInterval, enrolled)
    change(saved, end=date(2012, 2, 1))
    with acting(coordinator_of(enrolled)):
        entries = row_history("assessments_doseinterval", saved.pk)
    assert [e.operation for e in entries] == ["I", "U"]
    assert entries[1].before == {"end": None, "version": 1}


def test_a_dose_cannot_end_before_it_begins(enrolled):
    with pytest.raises(ValidationError) as refused:
        enter(DoseInterval, enrolled, end=date(2012, 1, 19))
    assert refused.value.message_dict == {"end": ["This is before the start, 2012-01-20."]}


@pytest.mark.parametrize(
    ("mg", "frequency", "daily"),
    [("400", "BID", "800"), ("400", "QD", "400"), ("400", "QOD", "200"), ("0", "QD", "0")],
)
def test_daily_dose(enrolled, mg, frequency, daily):
    dose = unsaved(DoseInterval, enrolled, mg=Decimal(mg), frequency=frequency)
    assert dose.daily_dose_mg == Decimal(daily)


def test_a_dose_changed_for_an_event_asks_which(enrolled):
    saved = enter(DoseInterval, enrolled, dose_reason="ADVERSE EVENT")
    with acting(coordinator_of(enrolled)):
        query = Query.objects.get(rule_id="dose.event_missing")
        assert (query.crf, query.crf_id, query.field) == ("dosing", saved.pk, "adverse_event")
        change(saved, adverse_event=enter_event(enrolled))
        query.refresh_from_db()
        assert query.state == "closed"


def enter_event(patient) -> AdverseEvent:
    by = coordinator_of(patient)
    with acting(by):
        return create_crf(unsaved(AdverseEvent, patient), lines=grades(("2012-03-01", 2)), by=by)


def test_the_event_must_be_the_patients_own(study, enrolled):
    event = enter_event(enrol(study, make_patient(study)))
    with pytest.raises(ValidationError) as refused:
        enter(DoseInterval, enrolled, dose_reason="ADVERSE EVENT", adverse_event=event)
    assert "adverse_event" in refused.value.message_dict


def test_an_event_a_dose_refers_to_stays(enrolled):
    event = enter_event(enrolled)
    enter(DoseInterval, enrolled, dose_reason="ADVERSE EVENT", adverse_event=event)
    with pytest.raises(ValidationError, match="dose: 400 mg BID from 2012-01-20"):
        remove(event)
    with acting(coordinator_of(enrolled)):
        assert AdverseEvent.objects.filter(pk=event.pk).exists()
        assert event.grades.exists()
