"""Values in the site's own units: kept as entered, judged, graded and checked by what they mean."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assessments.course import patient_course
from assessments.eligibility import eligibility_facts
from assessments.laboratory import PatientLaboratory
from assessments.models import DoseInterval, LabPanel, ReferenceRange
from assessments.selectors import ReferenceRanges, protocol_now
from casebook.extraction import begin_as_of, extract
from casebook.models import Query
from patients.models import Consent
from tests.assessments.conftest import make_range
from tests.factories import change, enter, posted_new, signed_in
from trial.audit import acting


def new_url(patient) -> str:
    return f"/casebook/{patient.number}/laboratory/new/"


def test_a_value_is_kept_as_entered_and_meant_as_converted(study, patient):
    panel = enter(LabPanel, patient, hemoglobin=Decimal("131.0"), hemoglobin_unit="g/L")
    assert (str(panel.hemoglobin), panel.hemoglobin_unit) == ("131.0", "g/L")
    assert panel.canonical("hemoglobin") == Decimal("13.1")
    assert panel.canonical("ast") is None


def test_both_sources_of_extraction_give_value_and_unit(study, patient):
    enter(LabPanel, patient, hemoglobin=Decimal("131.0"), hemoglobin_unit="g/L")
    with acting(study.coordinator_a):
        for snapshot in (extract([patient]), extract([patient], as_of=begin_as_of())):
            [panel] = snapshot.rows(patient, LabPanel)
            assert panel.canonical("hemoglobin") == Decimal("13.1")
            assert panel.unit_of("platelets") == "/mm3"


def test_the_unit_offered_is_that_of_the_site_s_range_of_the_day(study, patient):
    make_range(study, analyte="platelets", unit="10^3/uL", lln=150, uln=350, valid_to=date(2011, 12, 31))
    make_range(study, analyte="platelets", unit="10^9/L", lln=150, uln=350, valid_from=date(2012, 1, 1))
    client = signed_in(study.coordinator_a)
    for query, unit in (("?date=2011-05-01", "10^3/uL"), ("?date=2012-05-01", "10^9/L"), ("", "10^9/L")):
        form = client.get(new_url(patient) + query).context["form"]
        assert form["platelets_unit"].value() == unit
        assert form["hemoglobin_unit"].value() == "g/dL"


def test_a_panel_typed_in_the_site_s_units_is_saved_with_them(study, patient):
    client = signed_in(study.coordinator_a)
    make_range(study, analyte="hemoglobin", unit="g/L", lln=137, uln=168)
    with acting(study.coordinator_a):
        typed = posted_new(LabPanel, patient, hemoglobin="131", hemoglobin_unit="g/L", platelets="")
    assert client.post(new_url(patient), typed | {"ast_unit": "ukat/L"}).status_code == 302
    with acting(study.coordinator_a):
        panel = LabPanel.objects.get()
    assert (panel.canonical("hemoglobin"), panel.unit_of("ast")) == (Decimal("13.1"), "U/L")
    page = client.get(f"/casebook/{patient.number}/laboratory/{panel.pk}/")
    assert page.context["form"]["hemoglobin_unit"].value() == "g/L"
    assert "Range 137–168 g/L" in page.content.decode()
    history = client.get(f"/casebook/{patient.number}/laboratory/{panel.pk}/history/").content.decode()
    assert "131 g/L" in history
    assert "unit of" not in history
    read = signed_in(study.monitor_a).get(f"/casebook/{patient.number}/laboratory/{panel.pk}/")
    assert "131 g/L" in read.content.decode()
    listed = client.get(f"/assessments/{patient.number}/laboratory/").content.decode()
    assert "entered as 131 g/L" in listed
    assert ">13.1</abbr>" in listed


def test_a_changed_unit_alone_is_a_change_the_history_shows(study, patient):
    panel = enter(LabPanel, patient, platelets=Decimal(150))
    change(panel, platelets_unit="10^3/uL")
    page = signed_in(study.coordinator_a).get(f"/casebook/{patient.number}/laboratory/{panel.pk}/history/")
    said = page.content.decode()
    assert "150 /mm³" in said
    assert "150 10³/µL" in said


@pytest.mark.parametrize(
    ("field", "value", "unit", "said"),
    [
        ("hemoglobin", "131", "g/dL", "1 to 25 g/dL is possible"),
        ("platelets", "150.5", "/mm3", "whole number"),
        ("creatinine", "9000", "umol/L", "4.42 to 3536 µmol/L"),
    ],
)
def test_what_cannot_be_in_its_unit_is_refused_at_the_value(study, patient, field, value, unit, said):
    with pytest.raises(ValidationError) as refused:
        enter(LabPanel, patient, **{field: Decimal(value), f"{field}_unit": unit})
    assert said in refused.value.message_dict[field][0]


def test_a_unit_of_another_analyte_is_refused(study, patient):
    with pytest.raises(ValidationError) as refused:
        enter(LabPanel, patient, hemoglobin_unit="U/L")
    assert list(refused.value.message_dict) == ["hemoglobin_unit"]
    with acting(study.coordinator_a):
        typed = posted_new(LabPanel, patient, hemoglobin_unit="U/L")
    response = signed_in(study.coordinator_a).post(new_url(patient), typed)
    assert "hemoglobin_unit" in response.context["form"].errors


def test_values_in_other_units_are_graded_and_judged_alike(study, enrolled):
    make_range(study, analyte="hemoglobin", unit="g/dL", lln=Decimal("13.7"), uln=Decimal("16.8"))
    enter(DoseInterval, enrolled)
    panel = enter(
        LabPanel,
        enrolled,
        date=date(2012, 3, 1),
        hemoglobin=Decimal("79"),
        hemoglobin_unit="g/L",
        creatinine=Decimal("100"),
        creatinine_unit="umol/L",
    )
    with acting(study.coordinator_a):
        judged = PatientLaboratory(enrolled).judge(panel)
    assert (judged["hemoglobin"].flag, judged["hemoglobin"].lln) == ("LL", Decimal("137"))
    assert [g.grade for g in judged["hemoglobin"].grades] == [3]
    assert judged["creatinine"].baseline == Decimal("70.72")
    assert [g.grade for g in judged["creatinine"].grades] == [1]


def test_eligibility_reads_what_the_value_means(study, enrolled):
    enter(
        LabPanel,
        enrolled,
        date=date(2012, 1, 15),
        hemoglobin=Decimal("131"),
        hemoglobin_unit="g/L",
        platelets=Decimal("15.2"),
        platelets_unit="10^4/uL",
        creatinine=Decimal("70.72"),
        creatinine_unit="umol/L",
    )
    with acting(study.coordinator_a):
        course = patient_course(
            extract([enrolled]), enrolled, protocol_now(study.site_a.pk), data_end=date.max
        )
        facts = eligibility_facts(course, ReferenceRanges.of_sites(study.site_a.pk))
    assert (facts.hemoglobin, facts.platelets, facts.creatinine) == (
        Decimal("13.1"),
        Decimal(152000),
        Decimal("0.8"),
    )
    assert facts.creatinine_uln == Decimal("1.1")


def test_cells_are_added_up_whatever_their_units(study, patient):
    values = {"white_cells": Decimal("3.0"), "neutrophils": Decimal("2000"), "lymphocytes": Decimal("0.1")}
    units = {"white_cells_unit": "10^9/L", "lymphocytes_unit": "10^4/uL"}
    panel = enter(LabPanel, patient, **values, **units)
    with acting(study.coordinator_a):
        assert not Query.objects.filter(rule_id="lab.more_than_white_cells").exists()
    change(panel, lymphocytes=Decimal("0.11"))
    with acting(study.coordinator_a):
        assert Query.objects.filter(rule_id="lab.more_than_white_cells").count() == 1


def queries(study, rule: str) -> list[tuple[str, str]]:
    with acting(study.coordinator_a):
        live = Query.objects.filter(rule_id=rule).exclude(state="closed").order_by("id")
        return list(live.values_list("field", "text"))


def test_a_move_too_large_asks_until_either_value_is_corrected(study, patient):
    first = enter(LabPanel, patient, hemoglobin=Decimal("12.5"))
    second = enter(
        LabPanel, patient, date=date(2012, 2, 3), hemoglobin=Decimal("20.0"), hemoglobin_unit="g/L"
    )
    asked = [
        (
            "hemoglobin",
            "Hemoglobin went from 12.5 on 2012-01-20 to 2 g/dL: are value, unit and patient right?",
        )
    ]
    assert queries(study, "lab.delta") == asked
    page = signed_in(study.coordinator_a).get(f"/casebook/{patient.number}/laboratory/{second.pk}/")
    assert "are value, unit and patient right?" in page.content.decode()
    change(first, hemoglobin=Decimal("2.1"))
    assert queries(study, "lab.delta") == []
    change(first, hemoglobin=Decimal("12.5"))
    assert queries(study, "lab.delta") == asked
    change(second, hemoglobin_unit="g/dL", hemoglobin=Decimal("13.1"))
    assert queries(study, "lab.delta") == []


def test_the_first_alarming_value_of_a_row_is_asked_about(study, patient):
    make_range(study, analyte="potassium", unit="mmol/L", lln=Decimal("3.6"), uln=Decimal("4.8"))
    for number, value in ((1, "6.1"), (2, "6.2"), (3, "4.4"), (4, "2.9")):
        enter(LabPanel, patient, date=date(2012, 2, number), potassium=Decimal(value))
    assert queries(study, "lab.critical") == [
        (
            "potassium",
            "Potassium 6.1 mmol/L is critically high (range 3.6–4.8). Is it confirmed by the source?",
        ),
        (
            "potassium",
            "Potassium 2.9 mmol/L is critically low (range 3.6–4.8). Is it confirmed by the source?",
        ),
    ]


def test_a_range_by_age_is_chosen_by_the_age_at_the_sample(study, patient):
    make_range(study, age_to=67, uln=Decimal(40))
    make_range(study, age_from=68, uln=Decimal(50))
    with acting(study.coordinator_a):
        ranges = ReferenceRanges.of_sites(study.site_a.pk)
        assert ranges.find(study.site_a.pk, "alt", date(2012, 1, 20)) is None
    enter(Consent, patient, birth_date="1944-05-17")
    for day, uln in ((date(2012, 5, 16), 40), (date(2012, 5, 17), 50)):
        panel = enter(LabPanel, patient, date=day, alt=Decimal(45))
        with acting(study.coordinator_a):
            judged = PatientLaboratory(patient).judge(panel)["alt"]
        assert (judged.uln, judged.flag) == (uln, "H" if uln == 40 else "")
    assert not [text for _, text in queries(study, "lab.no_reference_range") if "Alanine" in text]


@pytest.mark.parametrize(
    ("ages", "refused"),
    [((60, 70), True), ((68, 90), True), ((None, 20), True), ((None, 17), False), ((90, None), False)],
)
def test_ranges_by_age_do_not_overlap(study, ages, refused):
    make_range(study, age_from=18, age_to=64)
    make_range(study, age_from=65, age_to=89)
    values = {"age_from": ages[0], "age_to": ages[1]}
    if refused:
        with pytest.raises(ValidationError, match="Another range"):
            make_range(study, **values)
    else:
        make_range(study, **values)


def test_ages_out_of_order_are_refused(study):
    with pytest.raises(ValidationError) as refused:
        make_range(study, age_from=65, age_to=64)
    assert "age_to" in refused.value.message_dict


@pytest.mark.parametrize(
    ("ages", "shown"), [((None, None), ""), ((65, None), "65+"), ((None, 64), "≤64"), ((18, 64), "18–64")]
)
def test_age_bands_in_words(ages, shown):
    assert ReferenceRange(age_from=ages[0], age_to=ages[1]).ages == shown


def test_the_page_says_for_which_days_a_range_is_missing(study):
    make_range(study, valid_to=date(2011, 12, 31))
    make_range(study, valid_from=date(2012, 2, 1), age_from=18, age_to=64)
    page = signed_in(study.coordinator_a).get("/assessments/ranges/").content.decode()
    assert "01, Alanine aminotransferase: 2012-01-01 to 2012-01-31, everybody" in page
    assert "everybody from 65 years" in page
    assert "<td>18–64</td>" in page
