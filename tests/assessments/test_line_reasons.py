"""Why the lines of a form changed: each field of a line, and each line that came or went."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import AdverseEvent, AdverseEventGrade
from casebook.reasons import ChangeReason, Reason, ReasonMissing
from casebook.services import create_crf, edit_crf
from tests.assessments.conftest import grades
from tests.factories import coordinator_of, signed_in, unsaved
from trial.audit import acting, row_history

MISREAD = Reason(ChangeReason.TRANSCRIPTION_ERROR)
LETTER = Reason(ChangeReason.NEW_INFORMATION, "letter of 12 March")


@pytest.fixture
def event(patient) -> AdverseEvent:
    by = coordinator_of(patient)
    with acting(by):
        lines = grades(("2012-03-01", 2), ("2012-03-10", 1))
        saved = create_crf(unsaved(AdverseEvent, patient), lines=lines, by=by)
        return AdverseEvent.objects.select_related("patient").get(pk=saved.pk)


def in_page(response, **typed: str) -> dict[str, str]:
    lines = response.context["lines"]
    forms = [response.context["form"], lines.management_form, *lines.forms]
    shown = {field.html_name: field.value() for form in forms for field in form}
    return {name: "" if value in (None, False) else str(value) for name, value in shown.items()} | typed


def test_lines_have_reasons_of_their_own(study, event):
    by = study.coordinator_a
    with acting(by):
        first, second = AdverseEventGrade.objects.filter(adverse_event=event).order_by("date")
        first.grade, removed = 3, second.pk
        [added] = grades(("2012-03-20", 1))
        why = {"lines-0-grade": MISREAD, "lines-1": LETTER, "removed-0": Reason(ChangeReason.QUERY_ANSWERED)}
        for name in why:
            left = {key: reason for key, reason in why.items() if key != name}
            with pytest.raises(ReasonMissing) as refusal:
                edit_crf(event, version=1, lines=[first, added], removed_lines=[second], by=by, reason=left)
            assert list(refusal.value.message_dict) == [name]
            event.version, added.pk, added._state.adding = 1, None, True
            second = AdverseEventGrade.objects.filter(adverse_event=event).order_by("date").last()
        edit_crf(event, version=1, lines=[first, added], removed_lines=[second], by=by, reason=why)
        table = AdverseEventGrade._meta.db_table
        changed, new, gone = (row_history(table, key)[-1] for key in (first.pk, added.pk, removed))
    assert changed.reasons == {"grade": MISREAD.kept}
    assert [gone.reason, new.reason] == ["Query answered", str(LETTER)]


def test_lines_are_looked_over_too(study, event):
    coordinator = signed_in(study.coordinator_a)
    address = reverse("casebook:edit", args=[event.patient.number, "adverse-event", event.pk])
    typed = in_page(
        coordinator.get(address),
        **{"lines-0-grade": "3", "lines-1-DELETE": "on", "lines-2-date": "2012-03-20", "lines-2-grade": "1"},
    )
    shown = coordinator.post(address, typed)
    changes = [(c.name, c.label, c.before, c.after) for c in shown.context["reasons"].changes]
    assert changes == [
        ("lines-0-grade", "Grades over time, line 1: grade", "2 – moderate", "3 – severe"),
        ("lines-1", "Grades over time, line 3", "—", "2012-03-20, 1 – mild"),
        ("removed-0", "Grades over time, line 2", "2012-03-10, 1 – mild", "—"),
    ]
    why = {"why-lines-0-grade": "SOURCE CORRECTED", "why-lines-1": "NEW SOURCE INFORMATION"}
    sent = in_page(shown, confirmed="1", **why, **{"why-removed-0": "QUERY ANSWERED"})
    sent |= {name: typed[name] for name in ("lines-1-DELETE",)}
    assert coordinator.post(address, sent).status_code == 302
    with acting(study.coordinator_a):
        left = AdverseEventGrade.objects.filter(adverse_event=event).order_by("date")
        assert [(line.date.text, line.grade) for line in left] == [("2012-03-01", 3), ("2012-03-20", 1)]
        table = AdverseEventGrade._meta.db_table
        assert row_history(table, left[0].pk)[-1].reasons["grade"]["code"] == "SOURCE CORRECTED"


def test_a_line_that_says_the_same_is_not_written_anew(study, event):
    coordinator = signed_in(study.coordinator_a)
    address = reverse("casebook:edit", args=[event.patient.number, "adverse-event", event.pk])
    typed = in_page(coordinator.get(address), **{"lines-1-grade": "3"})
    shown = coordinator.post(address, typed)
    assert [line.has_changed() for line in shown.context["lines"].initial_forms] == [False, True]


def test_only_the_line_that_changed_is_written(study, event):
    with acting(study.coordinator_a), CaptureQueriesContext(connection) as statements:
        first, second = AdverseEventGrade.objects.filter(adverse_event=event).order_by("date")
        second.grade = 3
        edit_crf(event, version=1, lines=[first, second], by=study.coordinator_a, reason=MISREAD)
    table = f'UPDATE "{AdverseEventGrade._meta.db_table}"'
    assert len([s for s in statements if s["sql"].startswith(table)]) == 1
