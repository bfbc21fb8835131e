"""Adverse events: grades that exist for the term, a course that can be true, words at field and line."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from assessments.models import AdverseEvent, AdverseEventGrade
from casebook.models import Query
from casebook.services import create_crf, edit_crf
from tests.assessments.conftest import ALOPECIA, DEATH_NOS, DIARRHEA, grades
from tests.factories import because, coordinator_of, remove, signed_in, unsaved
from trial.audit import acting, row_history

FATAL = {"outcome": "FATAL", "serious": True, "death": True}


def report(patient, *lines: tuple[str, int], **values) -> AdverseEvent:
    by = coordinator_of(patient)
    with acting(by):
        saved = create_crf(unsaved(AdverseEvent, patient, **values), lines=grades(*lines), by=by)
        return AdverseEvent.objects.select_related("patient").get(pk=saved.pk)


def refused(patient, *lines: tuple[str, int], **values) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        report(patient, *lines, **values)
    with acting(coordinator_of(patient)):
        assert not AdverseEvent.objects.exists()
    return error.value.message_dict


ONSET = ("2012-03-01", 2)

COURSES = """
    term      | grades                    | values                     | refused at
    Diarrhea  | 2012-03-01:2              |                            | -
    Diarrhea  | 2012-03-01:2 2012-03-10:3 |                            | -
    Diarrhea  | 2012-03-10:3 2012-03-01:2 |                            | -
    Diarrhea  |                           |                            | __all__
    Diarrhea  | 2012-03-02:2              |                            | __all__
    Diarrhea  | 2012-03-01:2 2012-02-29:1 |                            | lines-1-date
    Diarrhea  | 2012-03-01:2 2012-02:1    |                            | lines-1-date
    Diarrhea  | 2012-03-01:2 2012-03:1    |                            | -
    Diarrhea  | 2012-03-01:2 2012-03-21:1 |                            | lines-1-date
    Diarrhea  | 2012-03-01:2 2012-03-20:1 |                            | -
    Diarrhea  | 2012-03-01:2 2012-03-01:3 |                            | lines-1-date
    Diarrhea  | 2012-03-01:6              |                            | lines-0-grade
    Diarrhea  | 2012-03-01:5              |                            | outcome
    Diarrhea  | 2012-03-01:2 2012-03-20:5 | fatal                      | -
    Diarrhea  | 2012-03-01:4              | fatal                      | outcome
    Alopecia  | 2012-03-01:2              |                            | -
    Alopecia  | 2012-03-01:3              |                            | lines-0-grade
    Death NOS | 2012-03-01:5              | fatal                      | -
    Death NOS | 2012-03-01:4              | fatal                      | lines-0-grade
    Diarrhea  | 2012-03:2                 | onset=2012-03              | -
    Diarrhea  | UNK:2                     | onset=UNK                  | -
    Diarrhea  | 2012-03-01:2              | end=2012-02-29             | end
    Diarrhea  | 2012-03-01:2              | end=2012-02                | end
    Diarrhea  | 2012-03-01:2              | end=2012                   | -
    Diarrhea  | 2012-03-01:2              | ongoing=y                  | end
    Diarrhea  | 2012-03-01:2              | ongoing=y end= outcome=    | -
    Diarrhea  | 2012-03-01:2              | ongoing=y end=             | outcome
    Diarrhea  | 2012-03-01:2              | serious=y                  | serious
    Diarrhea  | 2012-03-01:2              | serious=y disability=y     | -
    Diarrhea  | 2012-03-01:2              | disability=y               | serious
"""


def course(line: str) -> tuple[dict, list[tuple[str, int]], str]:
    term, listed, typed, at = (cell.strip() for cell in line.split("|"))
    values: dict = {"term_id": f"4.03 {term}"}
    for word in typed.split():
        name, _, value = word.partition("=")
        values |= FATAL if name == "fatal" else {name: {"y": True, "": None}.get(value, value)}
    if "outcome" in values and values["outcome"] is None:
        values["outcome"] = ""
    lines = [(day, int(grade)) for day, grade in (one.split(":") for one in listed.split())]
    return values, lines, at


@pytest.mark.parametrize("line", COURSES.strip().splitlines()[1:], ids=lambda line: " ".join(line.split()))
def test_a_course_that_can_be_true(patient, line):
    values, lines, at = course(line)
    if at == "-":
        assert report(patient, *lines, **values).pk
    else:
        assert at in refused(patient, *lines, **values)


def test_the_words_name_the_term_and_its_grades(patient):
    said = refused(patient, ("2012-03-01", 4), term_id=ALOPECIA)
    assert said["lines-0-grade"] == ["CTCAE 4.03 has no grade 4 for “Alopecia”; its grades are 1, 2."]


def test_the_worst_grade_and_the_version(patient):
    event = report(patient, ONSET, ("2012-03-10", 3), ("2012-03-12", 1))
    with acting(coordinator_of(patient)):
        assert (event.worst_grade, event.ctcae_version) == (3, "4.03")
        assert str(event) == "Diarrhea from 2012-03-01"


def test_questions_that_do_not_refuse(patient):
    event = report(patient, ("2012-03-01", 4), end=None, outcome="UNKNOWN", serious=True, death=True)
    with acting(coordinator_of(patient)):
        rules = set(Query.objects.filter(crf_id=event.pk).values_list("rule_id", flat=True))
    assert {"ae.end_missing", "ae.death_not_fatal"} <= rules


def change(event, *lines, removed=(), **values):
    by = coordinator_of(event.patient)
    with acting(by):
        for name, value in values.items():
            setattr(event, name, value)
        return edit_crf(
            event, version=event.version, lines=lines, removed_lines=removed, by=by, reason="source corrected"
        )


def test_a_change_is_judged_with_all_its_lines(patient):
    event = report(patient, ONSET, ("2012-03-10", 3))
    with acting(coordinator_of(patient)):
        first, second = event.grades.order_by("date")
        removed = second.pk
    with pytest.raises(ValidationError, match="no grade 3 for “Alopecia”"):
        change(event, term_id=ALOPECIA)
    event = fresh(event)
    with pytest.raises(ValidationError, match="Enter the grade the event had at its onset"):
        change(event, removed=[first])
    event = fresh(event)
    change(event, removed=[second], term_id=ALOPECIA)
    with acting(coordinator_of(patient)):
        assert [line.grade for line in fresh(event).grades.all()] == [2]
        history = row_history("assessments_adverseeventgrade", removed)
        assert [(e.operation, e.reason) for e in history] == [("I", ""), ("D", "source corrected")]


def fresh(event) -> AdverseEvent:
    with acting(coordinator_of(event.patient)):
        return AdverseEvent.objects.select_related("patient").get(pk=event.pk)


def test_removing_an_event_removes_its_grades(patient):
    event = report(patient, ONSET)
    remove(event)
    with acting(coordinator_of(patient)):
        assert not AdverseEventGrade.objects.exists()
        assert not Query.objects.exclude(state="closed").exists()


def test_the_database_refuses_a_sixth_grade(patient):
    event = report(patient, ONSET)
    with acting(coordinator_of(patient), reason="test"), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="adverse_event_grade_grade_choice"), transaction.atomic():
            cursor.execute("UPDATE assessments_adverseeventgrade SET grade = 6")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="term_id"), transaction.atomic():
            cursor.execute("UPDATE assessments_adverseevent SET term_id = '4.03 Nothing'")
    assert fresh(event).pk


POSTED = {
    "term": "Diarrhea",
    "description": "",
    "onset": "2012-03-01",
    "ongoing": "False",
    "end": "2012-03-20",
    "outcome": "RECOVERED/RESOLVED",
    "causality": "PROBABLE",
    "action_taken": "DOSE REDUCED",
    "serious": "False",
    "lines-TOTAL_FORMS": "2",
    "lines-INITIAL_FORMS": "0",
    "lines-0-date": "2012-03-01",
    "lines-0-grade": "2",
    "lines-1-date": "",
    "lines-1-grade": "",
}


@pytest.fixture
def page(study, patient):
    client = signed_in(study.coordinator_a)
    url = f"/casebook/{patient.number}/adverse-event/new/"
    return lambda **typed: client.post(url, POSTED | typed)


def test_the_form_saves_an_event_with_its_grades(study, patient, page):
    assert page(term=" diarrhea ").status_code == 302
    with acting(study.coordinator_a):
        event = AdverseEvent.objects.get()
        assert (event.term_id, event.onset.day) == (DIARRHEA, date(2012, 3, 1))
        assert [(line.date.text, line.grade) for line in event.grades.all()] == [("2012-03-01", 2)]
    client = signed_in(study.coordinator_a)
    shown = client.get(f"/casebook/{patient.number}/adverse-event/{event.pk}/").content.decode()
    assert 'value="Diarrhea"' in shown
    assert "criterion 3" in shown
    history = client.get(f"/casebook/{patient.number}/adverse-event/{event.pk}/history/").content.decode()
    assert "4.03 Diarrhea" in history


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"term": ""}, "term", "required"),
        ({"term": "Diarea"}, "term", "Did you mean Diarrhea?"),
        ({"term": "x" * 10_000}, "term", "Choose one from the list"),
        ({"term": "Diarrhea\x00"}, "term", "is no term"),
        ({"term": "🤢"}, "term", "Choose one from the list"),
        ({"onset": ""}, "onset", "required"),
        ({"onset": "2012-02-30"}, "onset", "not a day of the calendar"),
        ({"onset": "yesterday"}, "onset", "is not a date"),
        ({"onset": "2" * 10_000}, "onset", "at most 10 characters"),
        ({"onset": "2012\x00"}, "onset", "Null characters"),
        ({"outcome": "MULTIPLE"}, "outcome", "not one of the available"),
        ({"action_taken": "MULTIPLE"}, "action_taken", "not one of the available"),
        ({"causality": "maybe"}, "causality", "not one of the available"),
        ({"serious": ""}, "serious", "required"),
        ({"ongoing": "perhaps"}, "ongoing", "not one of the available"),
        ({"description": "x" * 10_000}, "description", "at most 2000 characters"),
        ({"end": "2012-01"}, "end", "cannot end before its onset"),
    ],
)
def test_bad_input_gets_its_message_at_the_field(page, typed, field, said):
    response = page(**typed)
    assert response.status_code == 200
    assert said in " ".join(response.context["form"].errors[field])


@pytest.mark.parametrize(
    ("typed", "line", "field", "said"),
    [
        ({"lines-0-grade": "6"}, 0, "grade", "not one of the available"),
        ({"lines-0-grade": ""}, 0, "grade", "required"),
        ({"lines-0-date": "2012-13"}, 0, "date", "not a day of the calendar"),
        ({"lines-1-date": "2012-04", "lines-1-grade": "1"}, 1, "date", "This is after the end, 2012-03-20."),
        ({"term": "Alopecia", "lines-0-grade": "3"}, 0, "grade", "no grade 3 for “Alopecia”"),
        ({"lines-1-date": "2012-03-01", "lines-1-grade": "1"}, 1, "date", "Another line has this date."),
    ],
)
def test_bad_lines_get_their_message_at_the_line(page, typed, line, field, said):
    response = page(**typed)
    assert response.status_code == 200
    lines = response.context["lines"]
    errors = " ".join([*lines.forms[line].errors.get(field, []), *lines.non_form_errors()])
    assert said in errors
    assert said in response.content.decode()


def test_an_edited_term_is_judged_with_the_lines_as_typed(study, patient, page):
    page(**{"lines-1-date": "2012-03-05", "lines-1-grade": "3"})
    with acting(study.coordinator_a):
        event = AdverseEvent.objects.get()
        first, second = event.grades.order_by("date")
    client = signed_in(study.coordinator_a)
    url = f"/casebook/{patient.number}/adverse-event/{event.pk}/"
    typed = POSTED | {
        "version": "1",
        **because("wrong term"),
        "term": "Alopecia",
        "lines-INITIAL_FORMS": "2",
        "lines-0-id": first.pk,
        "lines-1-id": second.pk,
        "lines-1-date": "2012-03-05",
        "lines-1-grade": "3",
    }
    response = client.post(url, typed)
    assert "no grade 3" in " ".join(response.context["lines"].forms[1].errors["grade"])
    assert client.post(url, typed | {"lines-1-DELETE": "on"}).status_code == 302
    with acting(study.coordinator_a):
        assert AdverseEvent.objects.get().term_id == ALOPECIA


def test_a_fatal_event(patient):
    event = report(patient, ("2012-03-01", 5), term_id=DEATH_NOS, end="2012-03-01", **FATAL)
    assert event.pk


def test_the_grades_typed_into_an_event_that_somebody_removed_are_entered_with_it(patient):
    def in_page(response) -> dict[str, str]:
        lines = response.context["lines"]
        forms = (response.context["form"], lines.management_form, *lines.forms)
        shown = {field.html_name: field.value() for form in forms for field in form}
        return {name: "" if value in (None, False) else str(value) for name, value in shown.items()}

    event = report(patient, ("2012-03-01", 2), ("2012-03-10", 1))
    client = signed_in(coordinator_of(patient))
    edit = reverse("casebook:edit", args=[patient.number, "adverse-event", event.pk])
    typed = in_page(client.get(edit)) | {"lines-0-grade": "3"}
    remove(event)
    response = client.post(edit, typed)
    assert response.status_code == 409
    new = reverse("casebook:new", args=[patient.number, "adverse-event"])
    assert client.post(new, in_page(response)).status_code == 302
    with acting(coordinator_of(patient)):
        assert [line.grade for line in AdverseEventGrade.objects.order_by("date")] == [3, 1]
