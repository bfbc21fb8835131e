"""How a form's controls are drawn, and how one gets from form to form."""

import re
from datetime import date

import pytest
from django import forms
from django.template.loader import render_to_string

from assessments.models import VitalSigns
from casebook.forms import DateInput, YesNoField
from casebook.models import Query
from casebook.registry import spec
from casebook.selectors import neighbours
from casebook.templatetags.controls import shown
from tests.factories import Study, enter, posted_new, signed_in
from trial.audit import acting

STAGES = [("", "---------"), ("B", "intermediate"), ("C", 'advanced "C" <b>')]


class Example(forms.Form):
    day = forms.DateField(label="day seen", widget=DateInput, help_text="The day of the visit.")
    pulse = forms.IntegerField(label="pulse, per minute", required=False, min_value=20, max_value=250)
    weight = forms.DecimalField(label="weight, kg", required=False, decimal_places=1)
    stage = forms.ChoiceField(label="stage", choices=STAGES, required=False)
    cause = forms.ChoiceField(choices=[("Liver", [("1", "cancer")]), ("2", "other")], required=False)
    done = YesNoField(label="done", required=False)
    sure = YesNoField(label="sure", required=True)
    remark = forms.CharField(widget=forms.Textarea, required=False)
    ticked = forms.BooleanField(label="led to death", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    several = forms.MultipleChoiceField(choices=STAGES[1:], required=False)


def drawn(name: str, data: dict[str, str] | None = None, **initial: object) -> str:
    form = Example(data, initial=initial)
    html = render_to_string("bootstrap5/field.html", {"field": form[name]})
    return re.sub(r"\s+", " ", html)


def test_a_date_is_typed_and_shown_as_iso_8601():
    html = drawn("day", day=date(2012, 1, 2))
    assert 'type="text"' in html
    assert 'value="2012-01-02"' in html
    assert 'placeholder="YYYY-MM-DD"' in html


@pytest.mark.parametrize("typed", ["01/02/2012", "2012-02-30", "2 January 2012", "120102"])
def test_a_date_that_could_be_read_in_two_ways_is_refused_and_kept(typed):
    html = drawn("day", {"day": typed})
    assert "Enter a valid date." in html
    assert f'value="{typed}"' in html


def test_a_number_is_typed_as_text_so_that_what_is_none_comes_back():
    html = drawn("pulse", {"pulse": "seventy"})
    assert 'type="text"' in html
    assert 'inputmode="numeric"' in html
    assert 'value="seventy"' in html
    assert " max=" not in html
    assert 'inputmode="decimal"' in drawn("weight")


def test_an_error_is_said_to_eye_and_ear():
    html = drawn("pulse", {"pulse": "7"})
    assert 'aria-invalid="true"' in html
    assert "is-invalid" in html
    described = re.search(r'<input[^>]*aria-describedby="([^"]*)"', html)[1]
    assert described == "id_pulse_error"
    assert f'id="{described}"' in html


def test_a_help_text_belongs_to_its_field():
    html = drawn("day")
    assert 'aria-describedby="id_day_helptext"' in html
    assert 'id="id_day_helptext"' in html


def test_choices_are_escaped_and_the_saved_one_is_chosen():
    html = drawn("stage", stage="B")
    assert '<option value="B" selected>intermediate</option>' in html
    assert '<option value="C">advanced &quot;C&quot; &lt;b&gt;</option>' in html
    assert '<optgroup label="Liver"><option value="1">cancer</option></optgroup>' in drawn("cause")


def test_yes_and_no_are_a_group_with_its_question():
    html = drawn("done", done=False)
    assert re.search(r"<fieldset><legend[^>]*>Done</legend>", html)
    assert re.search(r'value="False"[^>]* checked', html)
    assert not re.search(r'value="True"[^>]* checked', html)


def test_only_an_optional_choice_can_be_taken_back():
    assert "choice-clear" in drawn("done")
    assert "choice-clear" not in drawn("sure")
    assert "required" in drawn("sure")


def test_a_remark_has_room_but_not_too_much():
    assert re.search(r'<textarea name="remark"[^>]* rows="3"', drawn("remark"))


def test_what_is_hidden_is_drawn_without_looks():
    assert drawn("version", version=3) == '<input type="hidden" name="version" value="3" id="id_version"> '
    assert "value" not in drawn("version")


def test_whatever_was_typed_is_escaped():
    typed = '"><script>&'
    for name in ("pulse", "remark", "version"):
        html = drawn(name, {name: typed})
        assert "<script>" not in html
        assert "&quot;&gt;&lt;script&gt;&amp;" in html


def test_other_controls_are_drawn_as_django_does():
    assert re.search(r'<input type="checkbox" name="ticked" class="form-check-input"', drawn("ticked"))
    assert re.search(
        r'<select name="several" class="form-control form-control-sm"[^>]* multiple', drawn("several")
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        *(("stage", "B", "intermediate"), ("cause", "1", "cancer"), ("stage", "", "–"), ("pulse", None, "–")),
        *(("done", False, "No"), ("pulse", 0, "0"), ("day", date(2012, 1, 2), "2012-01-02")),
    ],
)
def test_who_only_reads_sees_words(name, value, words):
    assert shown(Example(initial={name: value})[name]) == words


def test_the_forms_of_a_kind_stand_in_the_order_of_their_days(study, patient):
    later, first, second = (enter(VitalSigns, patient, date=date(2012, 3, day)) for day in (20, 1, 5))
    with acting(study.coordinator_a):
        found = [neighbours(crf, spec("vital-signs")) for crf in (first, second, later)]
    assert found == [(None, second.pk), (first.pk, later.pk), (second.pk, None)]


def page_of(signs: VitalSigns, study: Study) -> str:
    address = f"/casebook/{signs.patient.number}/vital-signs/{signs.pk}/"
    return signed_in(study.coordinator_a).get(address).content.decode()


def test_the_form_leads_to_the_one_before_and_the_one_after(study, patient):
    first, second = (enter(VitalSigns, patient, date=date(2012, 3, day)) for day in (1, 5))
    page = page_of(first, study)
    assert f'rel="next" href="/casebook/{patient.number}/vital-signs/{second.pk}/"' in page
    assert 'rel="prev"' not in page


def test_save_and_enter_another_opens_an_empty_form_of_the_same_kind(study, patient):
    new = f"/casebook/{patient.number}/vital-signs/new/"
    answer = signed_in(study.coordinator_a).post(new, posted_new(VitalSigns, patient) | {"another": "1"})
    assert (answer.status_code, answer.url) == (302, new)


def test_a_query_stands_at_its_field(study, patient):
    crf = enter(VitalSigns, patient, pulse=None)
    with acting(study.data_manager):
        Query.objects.create(
            patient=patient, crf="vital-signs", crf_id=crf.pk, field="pulse", text="Not measured?"
        )
    at_field = page_of(crf, study).split('id="div_id_pulse"')[1].split('id="div_id_')[0]
    assert "Not measured?" in at_field
