"""Why each field changed: asked before anything is saved, kept on the trail, read in the history."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from assessments.models import VitalSigns
from casebook.reasons import ChangeReason, Reason, ReasonMissing
from casebook.services import edit_crf
from tests.factories import because, change, enter, signed_in
from trial.audit import acting, row_history
from trial.services import verify_trail

MISREAD = Reason(ChangeReason.TRANSCRIPTION_ERROR)
LETTER = Reason(ChangeReason.NEW_INFORMATION, "letter of 12 March")


@pytest.fixture
def coordinator(study) -> Client:
    return signed_in(study.coordinator_a)


@pytest.fixture
def signs(patient) -> VitalSigns:
    return enter(VitalSigns, patient)


def newest(row, reader):
    with acting(reader):
        return row_history(row._meta.db_table, row.pk)[-1]


def test_each_field_keeps_its_own_reason_on_the_trail(study, signs):
    change(signs, systolic=138, weight="60.5", reason={"systolic": MISREAD, "weight": LETTER})
    entry = newest(signs, study.auditor)
    assert entry.reasons == {
        "systolic": {"code": "TRANSCRIPTION ERROR", "text": ""},
        "weight": {"code": "NEW SOURCE INFORMATION", "text": "letter of 12 March"},
    }
    assert entry.reason == "Transcription error; New source information: letter of 12 March"


def test_one_reason_for_all_stands_at_every_field_that_changed(study, signs):
    change(signs, systolic=138, pulse=71, reason=LETTER)
    entry = newest(signs, study.auditor)
    assert entry.reasons == dict.fromkeys(("systolic", "pulse"), LETTER.kept)
    change(signs, pulse=72, reason="misread the chart")
    assert newest(signs, study.auditor).reasons == {"pulse": {"code": "OTHER", "text": "misread the chart"}}


def test_reasons_of_fields_that_did_not_change_are_not_kept(study, signs):
    change(signs, systolic=138, pulse=68, reason={"systolic": MISREAD, "pulse": LETTER})
    assert set(newest(signs, study.auditor).reasons) == {"systolic"}


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"systolic": MISREAD}, {"pulse"}),
        ({"weight": MISREAD}, {"systolic", "pulse"}),
        ({"systolic": MISREAD, "pulse": Reason(ChangeReason.OTHER, "  ")}, {"pulse"}),
        ({}, {"reason"}),
        (Reason(ChangeReason.OTHER), {"reason"}),
        ("  ", {"reason"}),
    ],
)
def test_a_field_changed_without_a_reason_is_refused_at_its_place(study, signs, given, at):
    with pytest.raises(ReasonMissing) as refusal:
        change(signs, systolic=138, pulse=71, reason=given)
    assert set(refusal.value.message_dict) == at
    with acting(study.auditor):
        assert len(row_history("assessments_vitalsigns", signs.pk)) == 1


def test_a_reason_ends_with_its_row(study, signs, patient):
    """What else the same transaction writes does not inherit it."""
    with acting(study.coordinator_a):
        for name, value in (("systolic", 138), ("pulse", 71)):
            setattr(signs, name, value)
            edit_crf(signs, version=signs.version, by=study.coordinator_a, reason={name: MISREAD})
        entries = row_history("assessments_vitalsigns", signs.pk)
    assert [set(entry.reasons or ()) for entry in entries] == [set(), {"systolic"}, {"pulse"}]


def test_seals_cover_the_reasons(committed):
    """See also test_tampering: a reason changed afterwards breaks its seal."""
    from tests.factories import make_patient
    from trial.services import seal_trail

    signs = enter(VitalSigns, make_patient(committed))
    seal_trail()
    change(signs, systolic=138, pulse=70, reason={"systolic": MISREAD, "pulse": LETTER})
    seal_trail()
    assert verify_trail() == []


# The page


def edit(crf) -> str:
    return reverse("casebook:edit", args=[crf.patient.number, "vital-signs", crf.pk])


def in_page(response, **typed: str) -> dict[str, str]:
    shown = {field.name: field.value() for field in response.context["form"]}
    return {name: "" if value is None else str(value) for name, value in shown.items()} | typed


def as_saved(signs: VitalSigns, reader) -> tuple:
    with acting(reader):
        signs.refresh_from_db()
        return signs.systolic, signs.pulse, signs.version


def test_nothing_is_saved_before_old_and_new_were_looked_over(study, signs, coordinator):
    typed = in_page(coordinator.get(edit(signs)), systolic="141", weight="")
    shown = coordinator.post(edit(signs), typed)
    assert shown.status_code == 200
    changes = [(c.name, c.label, c.before, c.after) for c in shown.context["reasons"].changes]
    assert changes == [
        ("systolic", "Systolic blood pressure, mmHg", "128", "141"),
        ("weight", "Weight, kg", "61.5", "—"),
    ]
    assert as_saved(signs, study.coordinator_a) == (128, 68, 1)
    carried = in_page(shown, confirmed="1", **{"why-systolic": "TRANSCRIPTION ERROR"})
    assert carried["systolic"] == "141"

    refused = coordinator.post(edit(signs), carried)
    assert refused.context["reasons"].errors == {"weight": ["Say why this is changed."]}
    assert as_saved(signs, study.coordinator_a) == (128, 68, 1)
    own = carried | {"why-all": "OTHER", "why-all-text": "not measured that day"}
    saved = coordinator.post(edit(signs), own)
    assert saved["Location"].endswith("#form-vital-signs")
    assert as_saved(signs, study.coordinator_a) == (141, 68, 2)
    assert newest(signs, study.auditor).reasons == {
        "systolic": MISREAD.kept,
        "weight": {"code": "OTHER", "text": "not measured that day"},
    }


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({}, {"systolic", "pulse"}),
        ({"why-all": "OTHER"}, {"all-text"}),
        ({"why-all": "OTHER", "why-all-text": "  "}, {"all-text"}),
        ({"why-all": "NO SUCH REASON"}, {"all", "systolic", "pulse"}),
        ({"why-all": "QUERY ANSWERED", "why-pulse": "OTHER"}, {"pulse-text"}),
        ({"why-systolic": "QUERY ANSWERED"}, {"pulse"}),
        ({"why-all": "QUERY ANSWERED", "why-pulse-text": "x" * 501}, {"pulse-text"}),
    ],
)
def test_what_is_missing_of_the_reasons_is_said_at_its_place(study, signs, coordinator, typed, at):
    sent = in_page(coordinator.get(edit(signs)), systolic="141", pulse="70", confirmed="1") | typed
    refused = coordinator.post(edit(signs), sent)
    assert refused.status_code == 200
    assert set(refused.context["reasons"].errors) == at
    assert as_saved(signs, study.coordinator_a) == (128, 68, 1)


def test_a_change_that_cannot_be_is_refused_at_its_field_before_anybody_asks_why(signs, coordinator):
    typed = in_page(coordinator.get(edit(signs)), systolic="60", diastolic="90")
    refused = coordinator.post(edit(signs), typed)
    assert "reasons" not in refused.context
    assert "must be below" in str(refused.context["form"].errors)


def test_nothing_changed_saves_nothing_and_asks_nothing(study, signs, coordinator):
    answer = coordinator.post(edit(signs), in_page(coordinator.get(edit(signs))), follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert as_saved(signs, study.coordinator_a) == (128, 68, 1)


def test_one_goes_back_to_the_form_with_everything_typed(study, signs, coordinator):
    shown = coordinator.post(edit(signs), in_page(coordinator.get(edit(signs)), systolic="141"))
    back = coordinator.post(edit(signs), in_page(shown, confirmed="1", back="1"))
    assert 'value="141"' in back.content.decode()
    assert back.context["form"]["systolic"].value() == "141"
    assert as_saved(signs, study.coordinator_a) == (128, 68, 1)


def test_the_history_says_the_reason_at_each_field(signs, coordinator):
    change(signs, systolic=138, weight=None, reason={"systolic": MISREAD, "weight": LETTER})
    address = reverse("casebook:history", args=[signs.patient.number, "vital-signs", signs.pk])
    response = coordinator.get(address)
    entry = response.context["history"][0]
    assert {(c.label, c.reason) for c in entry.changes} == {
        ("systolic blood pressure, mmHg", "transcription error"),
        ("weight, kg", "new source information: letter of 12 March"),
    }
    assert "letter of 12 March" in response.content.decode()


def test_what_the_form_itself_cannot_know_is_refused_when_the_changes_are_confirmed(
    signs, coordinator, study
):
    other = enter(VitalSigns, signs.patient, date="2012-02-03")
    typed = in_page(coordinator.get(edit(other)), date="2012-01-20") | because("the right day")
    refused = coordinator.post(edit(other), typed)
    assert refused.status_code == 200
    assert "already entered" in str(refused.context["form"].errors)


def test_a_reason_of_the_service_is_validated_by_nobody_else(signs):
    with pytest.raises(ValidationError):
        change(signs, systolic=400, reason=MISREAD)
