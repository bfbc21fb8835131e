"""What a printed casebook says: every form, what was entered, what was not, and what became of it."""

from datetime import date
from decimal import Decimal

import pytest

from assessments.models import (
    AdverseEvent,
    AdverseEventGrade,
    DoseInterval,
    LabPanel,
    Lesion,
    VitalSigns,
)
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import begin_as_of, extract
from casebook.models import Patient
from casebook.reasons import ChangeReason, Reason
from casebook.registry import specs
from casebook.services import answer_query, close_query, create_crf, raise_query
from documents.models import CasebookKind
from documents.structure import entered, lines_with, printed
from documents.values import Words, label, unit
from patients.models import Consent, Death, Visit
from tests.assessments.imaging_cases import Entered
from tests.documents.prints import document_of, everything, items, parts, table
from tests.factories import change, coordinator_of, enter, make_patient, remove, unsaved
from trial.audit import acting

BLANK, FILLED, AUDIT = CasebookKind.BLANK, CasebookKind.FILLED, CasebookKind.AUDIT


def enter_event(patient, **values) -> AdverseEvent:
    """An adverse event whose grade went from 2 to 3."""
    by = coordinator_of(patient)
    with acting(by):
        lines = [
            AdverseEventGrade(date=PartialDate("2012-03-10"), grade=3),
            AdverseEventGrade(date=PartialDate(values.get("onset", "2012-03-01")), grade=2),
        ]
        return create_crf(unsaved(AdverseEvent, patient, **values), lines=lines, by=by)


@pytest.fixture
def event(patient) -> AdverseEvent:
    return enter_event(patient)


def test_a_value_stands_beside_its_label_with_its_unit(study, patient):
    enter(VitalSigns, patient, weight=Decimal("61.5"), pulse=None)
    form = parts(document_of(study, patient, FILLED))["Vital signs and ECOG · 2012-01-20"]
    said = items(form)
    assert said["weight"] == "61.5 kg"
    assert said["systolic blood pressure"] == "128 mmHg"
    assert said["body temperature"] == "36.4 °C"
    assert said["pulse"] == "not entered"
    assert said["date measured"] == "2012-01-20"
    assert said["ECOG performance status"] == "0 – fully active"


def test_what_was_not_entered_is_seen_to_be_missing(study, patient):
    enter(Consent, patient, protocol_version="")
    found = parts(document_of(study, patient, FILLED))
    [tone] = [
        row[1].tone
        for row in found["Consent and demographics"].tables[0].rows
        if row[1].text == "not entered"
    ]
    assert tone == "missing"
    assert [note.text for note in found["Death"].notes] == ["Nothing was entered."]


def test_yes_no_choices_and_partial_dates_are_said_in_words(study, patient, event):
    enter(Consent, patient, birth_date="1944-05")
    enter(Death, patient, date="2013")
    found = parts(document_of(study, patient, FILLED))
    assert items(found["Consent and demographics"])["sex at birth"] == "male"
    assert items(found["Consent and demographics"])["date of birth"] == "1944-05"
    said = items(found["Adverse event · 2012-03-01"])
    assert (said["still going on"], said["caused by the study drug"]) == ("No", "probable")
    assert said["CTCAE term"] == "4.03 Diarrhea"


def test_forms_come_in_the_order_of_the_visits(study, patient, event):
    enter(Visit, patient, date=date(2012, 2, 3))
    enter(Consent, patient)
    enter(Visit, patient, date=date(2012, 1, 20))
    enter(VitalSigns, patient, date=date(2012, 1, 20))
    document = document_of(study, patient, FILLED)
    assert [(section.title, [part.title for part in section.parts]) for section in document.sections[:4]] == [
        ("2012-01-10", ["Consent and demographics"]),
        ("2012-01-20", ["Visit · 2012-01-20", "Vital signs and ECOG · 2012-01-20"]),
        ("2012-02-03", ["Visit · 2012-02-03"]),
        ("2012-03-01", ["Adverse event · 2012-03-01"]),
    ]
    assert document.sections[-1].title == "Not entered"


def test_an_event_of_unknown_day_comes_last_and_says_so(study, patient):
    enter_event(patient, onset="UNK", ongoing=True, end=None, outcome="NOT RECOVERED/NOT RESOLVED")
    enter(Consent, patient)
    document = document_of(study, patient, FILLED)
    assert [section.title for section in document.sections] == ["2012-01-10", "Day unknown", "Not entered"]
    [form] = document.sections[1].parts
    assert form.title == "Adverse event"
    assert items(form)["onset"] == "unknown (UNK)"


def test_lines_stand_under_their_form_in_their_order(study, patient, event):
    form = parts(document_of(study, patient, FILLED))["Adverse event · 2012-03-01"]
    assert table(form, "Grades over time") == [["2012-03-01", "2 – moderate"], ["2012-03-10", "3 – severe"]]


def test_what_a_form_refers_to_is_named_as_it_names_itself(study, patient, event):
    with acting(coordinator_of(patient)):
        unsaved(DoseInterval, patient, adverse_event=event, dose_reason="ADVERSE EVENT").save()
    form = parts(document_of(study, patient, FILLED))["Dosing log · 2012-01-20"]
    assert items(form)["because of this adverse event"] == "Diarrhea from 2012-03-01"


def test_a_lesion_is_printed_with_the_first_scan_that_shows_it(study, patient):
    entered_reads = Entered(patient)
    entered_reads.enter("0 T1=30 T2=20", first="T1 T2")
    entered_reads.enter("42 T1=28 T2=18 +X1=12/typical")
    found = {
        t: p for t, p in parts(document_of(study, patient, FILLED)).items() if t.startswith("Imaging read")
    }
    first, second = found.values()
    assert [row[0] for row in table(first, "lesion")] == ["T1", "T2"]
    assert [row[0] for row in table(second, "lesion")] == ["X1"]
    assert [row[:3] for row in table(first, "lesion reading")] == [
        ["T1", "measured", "30.0 mm"],
        ["T2", "measured", "20.0 mm"],
    ]


def test_a_lesion_that_no_scan_refers_to_is_not_lost(study, patient):
    with acting(coordinator_of(patient)):
        Lesion.objects.create(patient=patient, label="T9", organ="LIVER")
    document = document_of(study, patient, FILLED)
    [rest] = [section for section in document.sections if section.title == "Lines of no form"]
    assert [part.title for part in rest.parts] == ["Imaging read"]
    assert table(rest.parts[0], "lesion")[0][:2] == ["T9", "liver"]


def test_every_value_entered_is_printed(study, patient):
    values = {
        name: Decimal(number) for number, name in enumerate(("hemoglobin", "albumin", "sodium"), start=3)
    }
    values = {"hemoglobin": Decimal("11.3"), "albumin": Decimal("3.71"), "sodium": Decimal("141.5")}
    enter(LabPanel, patient, **values)
    form = parts(document_of(study, patient, FILLED))["Laboratory values · 2012-01-20"]
    assert {"11.3 g/dL", "3.71 g/dL", "141.5 mmol/L", "150000 /mm³"} <= set(items(form).values())
    assert len(items(form)) == len(printed(LabPanel))


def test_a_result_stands_in_the_unit_in_which_it_was_entered(study, patient):
    enter(LabPanel, patient, hemoglobin=Decimal("113"), hemoglobin_unit="g/L", pt_inr=Decimal("1.05"))
    said = items(parts(document_of(study, patient, FILLED))["Laboratory values · 2012-01-20"])
    assert (said["hemoglobin"], said["prothrombin time, INR"]) == ("113 g/L", "1.05")
    assert "unit of hemoglobin" not in said
    blank = items(parts(document_of(study, patient, BLANK))["Laboratory values"])
    assert blank["hemoglobin"] == "________ □ g/dL □ g/L □ mmol/L"


def test_the_casebook_is_as_it_stood_at_the_instant(study, patient):
    signs = enter(VitalSigns, patient, weight=Decimal("61.5"))
    with acting(study.monitor_a):
        before = begin_as_of()
    change(signs, weight=Decimal("60.1"), reason="transcription error")
    enter(Visit, patient)
    past = document_of(study, patient, AUDIT, as_of=before)
    assert "61.5 kg" in everything(past)
    assert "60.1" not in everything(past)
    assert "Visit · 2012-01-20" not in parts(past)
    now = document_of(study, patient, AUDIT)
    assert items(parts(now)["Vital signs and ECOG · 2012-01-20"])["weight"] == "60.1 kg"


# Blank


def test_a_blank_casebook_has_every_form_and_no_value(study, patient, event):
    enter(Consent, patient, birth_date="1951")
    document = document_of(study, patient, BLANK)
    assert set(parts(document)) == {str(spec.title) for spec in specs()}
    assert "1951" not in everything(document)
    said = items(parts(document)["Vital signs and ECOG"])
    assert (said["weight"], said["date measured"]) == ("________ kg", "____-__-__")
    consent = items(parts(document)["Consent and demographics"])
    assert consent["sex at birth"] == "□ male   □ female"
    assert consent["date of birth"] == "____-__-__"
    assert items(parts(document)["Eligibility decision"])["the patient is eligible"] == "□ Yes   □ No"
    assert len(table(parts(document)["Adverse event"], "Grades over time")) == 3


# With trail and queries


def history(document, title: str) -> list[list[str]]:
    return table(parts(document)[title], "History")


def test_the_history_says_who_when_what_and_why(study, patient):
    signs = enter(VitalSigns, patient, weight=Decimal("61.5"))
    change(signs, weight=Decimal("60.1"), reason="transcription error")
    made, changed = history(document_of(study, patient, AUDIT), "Vital signs and ECOG · 2012-01-20")
    when, who, what, why = changed
    assert when.endswith("JST")
    assert (who, why) == ("Coordinator A", "transcription error")
    assert what == "Vital signs and ECOG: changed\nweight, kg: 61.5 → 60.1"
    assert made[2].startswith("Vital signs and ECOG: entered\n")
    assert "weight, kg: — → 61.5" in made[2]


def test_the_history_says_each_reason_where_they_differ(study, patient):
    signs = enter(VitalSigns, patient, weight=Decimal("61.5"), pulse=68)
    why = {
        "weight": Reason(ChangeReason.SOURCE_CORRECTED),
        "pulse": Reason(ChangeReason.OTHER, "counted anew"),
    }
    change(signs, weight=Decimal("60.1"), pulse=70, reason=why)
    _, changed = history(document_of(study, patient, AUDIT), "Vital signs and ECOG · 2012-01-20")
    assert changed[-1].splitlines() == ["pulse, per minute: counted anew", "weight, kg: source corrected"]


def test_without_the_trail_nothing_of_it_is_printed(study, patient):
    signs = enter(VitalSigns, patient)
    change(signs, weight=Decimal("60.1"), reason="transcription error")
    assert "transcription error" not in everything(document_of(study, patient, FILLED))


def test_the_history_of_a_form_has_that_of_its_lines(study, patient, event):
    with acting(coordinator_of(patient), "entered twice"):
        AdverseEventGrade.objects.filter(adverse_event=event, grade=3).get().delete()
    said = [row[2] for row in history(document_of(study, patient, AUDIT), "Adverse event · 2012-03-01")]
    assert said[1].startswith("Grades over time: entered\nfrom: — → 2012-03-10")
    assert said[-1].startswith("Grades over time: removed\nfrom: 2012-03-10 → —")


def test_the_history_of_a_scan_names_its_lesions(study, patient):
    Entered(patient).enter("0 T1=30", first="T1")
    [title] = [t for t in parts(document_of(study, patient, AUDIT)) if t.startswith("Imaging read")]
    said = "\n".join(row[2] for row in history(document_of(study, patient, AUDIT), title))
    for words in (
        "Imaging read: entered",
        "lesion: entered\nlabel: — → T1",
        "lesion reading T1: entered",
        "lesion role T1:",
    ):
        assert words in said


def test_a_change_of_what_a_form_refers_to_names_both(study, patient, event):
    other = enter_event(patient, onset="2012-02-02")
    with acting(coordinator_of(patient), "caused by another event"):
        dose = unsaved(DoseInterval, patient, adverse_event=event)
        dose.save()
        dose.adverse_event = other
        dose.save()
    entered_first, changed = history(document_of(study, patient, AUDIT), "Dosing log · 2012-01-20")
    assert entered_first[2].endswith("because of this adverse event: — → Diarrhea from 2012-03-01")
    assert changed[2] == (
        "Dosing log: changed\nbecause of this adverse event: "
        "Diarrhea from 2012-03-01 → Diarrhea from 2012-02-02"
    )


def test_a_form_taken_out_is_printed_with_its_history(study, patient):
    signs = enter(VitalSigns, patient)
    remove(signs, reason="entered for the wrong patient")
    document = document_of(study, patient, AUDIT)
    [section] = [s for s in document.sections if s.title == "Forms taken out"]
    assert [part.title for part in section.parts] == ["Vital signs and ECOG 2012-01-20"]
    assert table(section.parts[0], "History")[-1][3] == "entered for the wrong patient"
    assert "Forms taken out" not in [s.title for s in document_of(study, patient, FILLED).sections]


def test_a_query_is_printed_with_its_answer_and_who_closed_it(study, patient):
    signs = enter(VitalSigns, patient)
    where = {"patient": patient, "crf": "vital-signs", "crf_id": signs.pk}
    with acting(study.monitor_a):
        query = raise_query(**where, field="pulse", text="Is 68 right?", by=study.monitor_a)
        raise_query(
            patient=patient, crf="", crf_id=None, field="", text="Where is the visit?", by=study.monitor_a
        )
    with acting(study.coordinator_a):
        answer_query(query, answer="Yes, see the chart.", by=study.coordinator_a)
    with acting(study.monitor_a):
        close_query(query, note="Seen.", by=study.monitor_a)
    document = document_of(study, patient, AUDIT)
    [[field, question, state, answer, happened]] = table(
        parts(document)["Vital signs and ECOG · 2012-01-20"], "Queries"
    )
    assert (field, question, state, answer) == (
        "pulse",
        "Is 68 right?",
        "closed",
        "Yes, see the chart.\nSeen.",
    )
    assert [line.split(" ", 3)[3] for line in happened.splitlines()] == [
        "Monitor A: open",
        "Coordinator A: answered",
        "Monitor A: closed",
    ]
    first = document.sections[0]
    assert (first.title, table(first.parts[0], "Queries")[0][1]) == (
        "Queries on the patient",
        "Where is the visit?",
    )


# Title and language


def test_the_title_page_says_what_this_is(study, patient):
    document = document_of(study, patient, AUDIT)
    said = {row[0].text: row[1].text for row in document.facts.rows}
    assert document.title == "Casebook of patient T-7001"
    assert document.banner.startswith("SYNTHETIC")
    assert said["Trial"] == "Sorafenib beyond progression (SYNTHETIC) (sbp)"
    assert said["Site"] == "01 Minatogawa General Hospital (SYNTHETIC)"
    assert said["Printed for"] == "Monitor A (monitor_a@example.org)"
    assert said["Data as of"].endswith("JST")
    assert "T-7001" in document.head


def test_a_casebook_in_japanese_keeps_what_was_typed(study, patient):
    enter_event(patient, description="下痢、水様 (患者の言葉)")
    document = document_of(study, patient, FILLED, language="ja")
    assert document.language == "ja"
    [form] = [s.parts[0] for s in document.sections if s.title == "2012-03-01"]
    values = [row[1] for row in [[cell.text for cell in row] for row in form.tables[0].rows]]
    assert "下痢、水様 (患者の言葉)" in values
    assert "いいえ" in values


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.slug)
def test_every_form_of_the_registry_is_printed_with_all_its_lines(spec):
    assert [field.name for field in entered(spec.model)]
    for lines in lines_with(spec.slug):
        assert lines.parent or lines.referred_by, f"{lines.model} leads to no form"
        assert lines.fields


def test_only_numbers_have_units():
    fields = [field for spec in specs() for field in entered(spec.model)]
    with_unit = {f.name: unit(f) for f in fields if unit(f)}
    assert with_unit["systolic"] == "mmHg"
    assert "encephalopathy_grade" not in with_unit
    assert label(Consent._meta.get_field("consent_date")) == "date of written consent"


def test_a_patient_without_a_form_can_be_printed(study):
    patient = make_patient(study)
    assert [s.title for s in document_of(study, patient, AUDIT).sections] == ["Not entered"]


def test_a_casebook_with_every_form_lists_none_as_missing(study, patient, monkeypatch):
    enter(Consent, patient)
    [consent] = [spec for spec in specs() if spec.model is Consent]
    monkeypatch.setattr("documents.patient_casebook.specs", lambda: [consent])
    assert [section.title for section in document_of(study, patient, FILLED).sections] == ["2012-01-10"]


def test_a_key_to_a_row_of_no_patient_is_named_as_that_row_is(study, patient):
    with acting(study.coordinator_a):
        words = Words(extract([patient]), patient)
        assert words.cell(patient, Patient._meta.get_field("site")).text == str(study.site_a)
