"""The laboratory form and what it says beside each value; every value over time."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assessments.forms_laboratory import LabPanelForm
from assessments.laboratory import PatientLaboratory
from assessments.models import DoseInterval, LabPanel
from casebook.models import Query
from tests.assessments.conftest import make_range
from tests.factories import change, coordinator_of, enter, posted_new, signed_in
from trial.audit import acting, row_history


def new_url(patient) -> str:
    return f"/casebook/{patient.number}/laboratory/new/"


def test_one_panel_a_day(patient):
    enter(LabPanel, patient)
    with pytest.raises(ValidationError, match="of this day are already entered"):
        enter(LabPanel, patient)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("hemoglobin", "25.1", "1 to 25 g/dL is possible"),
        ("hemoglobin", "12.55555", "no more than"),
        ("hemoglobin", "1e400", "no more than"),
        ("hemoglobin", "NaN", "Enter a number"),
        ("hemoglobin", "Infinity", "Enter a number"),
        ("hemoglobin", "１２", None),
        ("hemoglobin", "12\x005", "Enter a number"),
        ("hemoglobin", "9" * 10_000, "no more than"),
        ("hemoglobin", "🩸", "Enter a number"),
        ("platelets", "-1", "greater than or equal to 0"),
        ("platelets", "150.5", "Cells per mm³ are a whole number"),
        ("date", "2012-02-30", "Enter a valid date"),
        ("date", "", "required"),
        ("date", "0000-00-00", "Enter a valid date"),
    ],
)
def test_a_wrong_value_gets_its_message_at_the_field(study, patient, field, typed, said):
    client = signed_in(study.coordinator_a)
    with acting(study.coordinator_a):
        data = posted_new(LabPanel, patient, **{field: typed})
    response = client.post(new_url(patient), data | {"confirmed": "1"})
    assert response.status_code == (302 if said is None else 200)
    if said is not None:
        assert said in " ".join(response.context["form"].errors[field])


def test_a_value_is_shown_with_range_flag_grade_and_baseline(study, enrolled):
    enter(DoseInterval, enrolled)
    later = enter(LabPanel, enrolled, date=date(2012, 3, 1), alt=Decimal(121))
    page = signed_in(study.coordinator_a).get(f"/casebook/{enrolled.number}/laboratory/{later.pk}/")
    with acting(study.coordinator_a):
        hint = str(LabPanelForm(instance=later)["alt"].help_text)
    assert hint in page.content.decode()
    assert hint == (
        'Range 0.1–40 U/L · <strong class="lab-high">▲ high</strong> · <strong>CTCAE grade 2</strong> '
        "Alanine aminotransferase increased, worse than before treatment · before treatment 35"
    )


def test_the_range_is_converted_to_the_unit_of_the_form(study, patient):
    make_range(study, analyte="creatinine", unit="umol/L", lln=Decimal("44.2"), uln=Decimal("88.4"))
    panel = enter(LabPanel, patient, creatinine=Decimal("1.51"))
    with acting(study.coordinator_a):
        judged = PatientLaboratory(patient).judge(panel)["creatinine"]
    assert (judged.lln, judged.uln, judged.flag) == (Decimal("0.5"), Decimal(1), "H")
    assert [g.grade for g in judged.grades] == [2]


def test_baseline_is_the_last_value_by_the_first_dose_of_each_analyte(study, enrolled):
    enter(DoseInterval, enrolled)
    at_dose = enter(LabPanel, enrolled, date=date(2012, 1, 20), alt=Decimal(50))
    later = enter(LabPanel, enrolled, date=date(2012, 2, 1), alt=Decimal(60))
    with acting(study.coordinator_a):
        laboratory = PatientLaboratory(enrolled)
        baseline = {name: laboratory.judge(later)[name].baseline for name in ("alt", "ast", "ggt")}
        assert baseline == {"alt": Decimal(50), "ast": Decimal(40), "ggt": None}
        assert laboratory.judge(at_dose)["alt"].baseline is None


def test_values_without_a_range_ask_one_question(study, patient):
    panel = enter(LabPanel, patient, alt=Decimal(30), afp=Decimal(9))
    with acting(study.coordinator_a):
        query = Query.objects.get(rule_id="lab.no_reference_range")
    assert query.field == "date"
    assert query.text == (
        "The site has no reference range on 2012-01-20 for: Hemoglobin, Platelets, Alanine aminotransferase."
    )
    for analyte, unit in (("hemoglobin", "g/dL"), ("platelets", "/mm3"), ("alt", "U/L")):
        make_range(study, analyte=analyte, unit=unit)
    change(panel, alt=Decimal(31))
    with acting(study.coordinator_a):
        query.refresh_from_db()
        assert query.state == "closed"


def test_more_neutrophils_than_white_cells_is_asked_about(study, patient):
    enter(LabPanel, patient, white_cells=Decimal(3000), neutrophils=Decimal(2000), lymphocytes=Decimal(1001))
    with acting(study.coordinator_a):
        assert Query.objects.filter(rule_id="lab.more_than_white_cells").count() == 1


def test_what_is_being_typed_is_judged_without_saving(study, patient):
    make_range(study)
    url = f"/assessments/{patient.number}/laboratory/judge/"
    response = signed_in(study.coordinator_a).post(url, {"date": "2012-03-01", "alt": "121", "ast": "x"})
    assert response.status_code == 200
    assert "<strong>CTCAE grade 2</strong>" in response.content.decode()
    assert 'id="id_ast_helptext"' in response.content.decode()
    with acting(study.coordinator_a):
        assert not LabPanel.objects.exists()
    assert signed_in(study.monitor_a).post(url, {}).status_code == 403
    assert signed_in(study.coordinator_b).post(url, {}).status_code == 404


@pytest.mark.parametrize("offered", ["?date=2012-03-01", "?date=x", "?date=%00", "?alt=12", ""])
def test_an_empty_form_opens(study, patient, offered):
    make_range(study)
    page = signed_in(study.coordinator_a).get(new_url(patient) + offered)
    assert page.status_code == 200
    assert ("Range 5–40 U/L" in page.content.decode()) == (offered == "?date=2012-03-01")


def test_every_value_of_a_patient_on_one_page(study, patient, django_assert_max_num_queries):
    make_range(study)
    for day in range(1, 15):
        enter(LabPanel, patient, date=date(2012, 2, day), alt=Decimal(41))
    client = signed_in(study.monitor_a)
    url = f"/assessments/{patient.number}/laboratory/"
    client.get(url)
    with django_assert_max_num_queries(12):
        page = client.get(url).content.decode()
    assert page.count("▲") == 15
    assert page.count("G1</abbr>") == 14
    assert signed_in(study.coordinator_b).get(url).status_code == 404


def test_the_trail_keeps_every_value(study, patient):
    panel = enter(LabPanel, patient)
    change(panel, hemoglobin=Decimal("11.5"))
    with acting(coordinator_of(patient)):
        entries = row_history("assessments_labpanel", panel.pk)
    assert entries[-1].before["hemoglobin"] == 12.5
    assert entries[-1].image["hemoglobin"] == 11.5
