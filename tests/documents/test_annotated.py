"""The annotated blank forms: every field of every form has its place in SDTM, or says why it has none."""

import pytest
from django.core.cache import cache
from django.core.validators import MinValueValidator
from django.db.models import DecimalField
from django.http import Http404

from assessments.models import AdverseEvent, DoseInterval, LabPanel, VitalSigns
from casebook.registry import specs
from documents import views_annotated
from documents.annotated import _values, annotated_forms, annotations
from documents.structure import entered, lines_with
from patients.models import Consent, Enrolment, Screening
from tests.analysis.runs import AS_OF
from tests.documents.prints import everything, parts, pdf, rows, text_of
from tests.factories import signed_in

PRINTED = {spec.model: entered(spec.model) for spec in specs()} | {
    lines.model: lines.fields for spec in specs() for lines in lines_with(spec.slug)
}


@pytest.mark.parametrize("model", PRINTED, ids=lambda model: model._meta.label)
def test_every_field_is_annotated_and_no_annotation_is_of_a_field_that_is_gone(model):
    """A field that has none gets a line in documents/sdtm.toml: its target, or "not submitted: why"."""
    assert set(annotations().get(model._meta.label, {})) == {field.name for field in PRINTED[model]}


def test_no_annotation_is_of_a_form_that_is_gone():
    assert set(annotations()) == {model._meta.label for model in PRINTED}


@pytest.fixture
def forms(study):
    return annotated_forms(study.trial, language="en", at=AS_OF)


def field(forms, title: str, name: str) -> dict[str, str]:
    """What is said of a field of the form's first table, by the heads of the columns."""
    [table, *_] = parts(forms)[title].tables
    heads = [column.label for column in table.columns]
    [found] = [row for row in rows(table) if row[1] == name]
    return dict(zip(heads, found, strict=True))


def test_a_field_says_name_type_range_unit_and_target(forms):
    assert field(forms, "Vital signs and ECOG", "systolic") == {
        "Field": "systolic blood pressure [mmHg]",
        "Name": "systolic",
        "Type": "whole number",
        "Values": "50 – 300",
        "Required": "expected",
        "SDTM": "VS.VSORRES where VSTESTCD = SYSBP",
    }


@pytest.mark.parametrize(
    ("title", "name", "type_", "values", "required"),
    [
        ("Consent and demographics", "consent_date", "date", "YYYY-MM-DD", "required"),
        ("Consent and demographics", "sex", "one of a list", "M = male\nF = female", "required"),
        ("Consent and demographics", "protocol_version", "text", "at most 20 characters", "optional"),
        (
            "Vital signs and ECOG",
            "weight",
            "number, 4 digits, 1 of them decimals",
            "20.0 – 250.0",
            "expected",
        ),
        ("Eligibility items", "dialysis", "yes or no", "", "expected"),
        ("Dosing log", "adverse_event", "refers to adverse event", "", "optional"),
        ("Eligibility items", "arrhythmia_grade", "whole number", "0 – 5", "expected"),
    ],
)
def test_what_a_field_takes_is_read_off_the_model(forms, title, name, type_, values, required):
    said = field(forms, title, name)
    assert (said["Type"], said["Values"], said["Required"]) == (type_, values, required)


def test_a_partial_date_says_its_forms_and_what_is_asked_of_it(forms):
    said = field(forms, "Consent and demographics", "birth_date")
    assert said["Values"] == "YYYY-MM-DD, YYYY-MM, YYYY, UNK\nAt least the year of birth is needed."


def test_a_number_with_one_limit_says_that_one():
    at_least = DecimalField(max_digits=4, decimal_places=1, validators=[MinValueValidator(0)])
    assert list(_values(at_least)) == ["≥ 0"]


def test_codes_stand_beside_their_words(forms):
    said = field(forms, "Adverse event", "outcome")["Values"]
    assert "RECOVERED/RESOLVED = recovered or resolved" in said.splitlines()


def test_lines_are_annotated_with_their_form(forms):
    tables = {table.title: rows(table) for table in parts(forms)["Imaging read"].tables}
    assert set(tables) == {
        "",
        "lesion reading (assessments.LesionReading)",
        "lesion role (assessments.LesionRole)",
        "lesion (assessments.Lesion)",
    }
    [diameter] = [row for row in tables["lesion reading (assessments.LesionReading)"] if row[1] == "diameter"]
    assert diameter[-1] == "TR.TRORRES where TRTESTCD = VDIAM"


def test_a_field_without_annotation_is_seen(study, monkeypatch):
    monkeypatch.setattr("documents.annotated.annotations", lambda: {})
    forms = annotated_forms(study.trial, language="en", at=AS_OF)
    assert field(forms, "Consent and demographics", "sex")["SDTM"] == "not annotated"


@pytest.mark.parametrize(
    "model", [Consent, Screening, Enrolment, VitalSigns, LabPanel, DoseInterval, AdverseEvent]
)
def test_every_field_is_on_the_page_and_in_the_file(study, forms, model):
    said = everything(forms)
    assert all(field.name in said for field in entered(model))


def test_everybody_who_signed_in_reads_the_page(study):
    for person in (study.coordinator_a, study.administrator, study.statistician):
        page = signed_in(person).get("/documents/forms/")
        assert page.status_code == 200
        assert "VS.VSORRES where VSTESTCD = SYSBP" in page.content.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_file_is_a_pdf_in_the_language_asked_for(study, language):
    answer = signed_in(study.coordinator_a).get(f"/documents/forms/{language}.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="annotated-forms_{language}.pdf"'
    reader = pdf(answer.content)
    assert reader.trailer["/Root"]["/Lang"] == language
    assert "VS.VSORRES where VSTESTCD = SYSBP" in text_of(reader)


def test_it_is_set_in_type_once(study, monkeypatch):
    cache.clear()
    made = []
    monkeypatch.setattr(views_annotated, "pdf_of", lambda document: made.append(document) or b"%PDF-")
    client = signed_in(study.coordinator_a)
    assert [client.get("/documents/forms/en.pdf").content for _ in range(2)] == [b"%PDF-"] * 2
    assert len(made) == 1
    cache.clear()


def test_a_language_nobody_speaks_here_is_not_found(study):
    assert signed_in(study.coordinator_a).get("/documents/forms/xx.pdf").status_code == 404


def test_before_there_is_a_trial_there_are_no_forms(db):
    with pytest.raises(Http404, match="no trial yet"):
        views_annotated._forms_today("en")
