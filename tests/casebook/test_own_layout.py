"""A form that lays out its own fields is drawn so, with the controls and messages of every other form."""

import pytest
from crispy_forms.layout import Div, Fieldset, Layout
from django.urls import reverse

from assessments.forms import VitalSignsForm
from assessments.models import VitalSigns
from tests.factories import enter, make_patient, posted_new, signed_in


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = VitalSignsForm.__init__

    def with_layout(form, *args, **kwargs):
        plain(form, *args, **kwargs)
        fieldset = Fieldset("Circulation", "pulse", "systolic", css_class="fields")
        form.helper.layout = Layout(fieldset, Div("date", css_class="last-of-all"))

    monkeypatch.setattr(VitalSignsForm, "__init__", with_layout)


def in_order(page: str, *texts: str) -> None:
    assert [page.count(text) for text in texts] == [1] * len(texts)
    assert sorted(texts, key=page.index) == list(texts)


def test_a_new_form_is_drawn_by_its_layout(study, laid_out):
    patient = make_patient(study)
    client = signed_in(study.coordinator_a)
    page = client.get(reverse("casebook:new", args=[patient.number, "vital-signs"])).content.decode()
    in_order(
        page, "<legend>Circulation</legend>", 'name="pulse"', 'name="systolic"', "last-of-all", 'name="date"'
    )
    in_order(page, 'id="div_id_pulse" class="field')
    assert 'name="weight"' not in page
    assert page.count("csrfmiddlewaretoken") == 2  # of the form, and of signing out
    assert page.count("<form") == 2


def test_a_saved_form_keeps_its_version_and_its_messages(study, laid_out):
    form = enter(VitalSigns, make_patient(study))
    address = reverse("casebook:edit", args=[form.patient.number, "vital-signs", form.pk])
    client = signed_in(study.coordinator_a)
    page = client.get(address).content.decode()
    in_order(page, 'name="pulse"', 'name="date"')
    assert page.count('name="version"') == 1
    typed = posted_new(VitalSigns, form.patient, pulse="999")
    refused = client.post(address, typed | {"version": "1"}).content.decode()
    in_order(refused, 'id="id_pulse_error"')


def test_without_a_layout_of_its_own_a_form_shows_every_field(study):
    client = signed_in(study.coordinator_a)
    page = client.get(reverse("casebook:new", args=[make_patient(study).number, "vital-signs"]))
    shown = page.content.decode()
    assert all(f'name="{name}"' in shown for name in page.context["form"].fields)
