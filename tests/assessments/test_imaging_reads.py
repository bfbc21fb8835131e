"""Imaging reads entered, changed and taken out through the services; what follows is never stored."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.domain.tumour_course import TumourCourse
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole
from assessments.services_imaging import (
    choose_new_baseline,
    next_label,
    remove_imaging_read,
    save_imaging_read,
)
from casebook.models import Query
from casebook.reasons import ReasonMissing
from casebook.services import EditConflict
from tests.assessments.imaging_cases import Entered, enter_course, make_lesion, make_reading
from tests.factories import make_patient
from tests.spec import tumour_cases as text_cases
from trial.audit import acting
from trial.models import AuditEntry

pytestmark = pytest.mark.django_db
BASELINE = "-7 T1=60 T2=40 N1:present"
FIRST = "T1 T2 / N1"
TWO_PERIODS = """
    -7  T1=60 T2=40 N1:present
    42  T1=40 T2=30 N1:present
    84  T1=45 T2=35 N1:present
    126 T1=50 T2=37 N1:present +X1=15/typical
    168 T1=50 X1=16 N1:present
    210 T1=60 X1=20 N1:present
"""

COURSES = """
    scans                                                        | first         | second, on
    -7 T1=50 T2=50; 42 T1=40 T2=?                                | T1 T2         |
    -7 T1=50 T2=50; 42 T1=40                                     | T1 T2         |
    -7 T1=50 T2=50; 42 T1=10 T2=?; 84 T1=50 T2=50                | T1 T2         |
    -7 T1=50 T2=50; 42 T1=30 T2=small                            | T1 T2         |
    -7 T1=50; 42 T1=small; 84 T1=5.9; 126 T1=6                   | T1            |
    -7 T1=50; 42 T1=gone; 84 T1=small                            | T1            |
    -7 T1=100; 42 T1=70; 84 T1=70.1                              | T1            |
    -7 T1=50 L1=20; 42 T1=gone L1=9.9                            | T1 L1         |
    -7 T1=50 L1=20; 42 T1=gone L1=5; 84 T1=gone L1=8             | T1 L1         |
    -7 T1=50 N1:present; 42 T1=gone N1:gone                      | T1 / N1       |
    -7 T1=50 N1:present; 42 T1=10 N1:worse                       | T1 / N1       |
    -7 T1=50 N1:present; 42 T1=gone N1:?                         | T1 / N1       |
    -7 T1=50 F1:present; 42 T1=50 F1:worse                       | T1 / F1       |
    -7 T1=50 F1:present; 42 T1=50 F1:worse/proven                | T1 / F1       |
    -7 T1=50; 42 T1=50 unread; 84 T1=60 unread                   | T1            |
    -7 T1=50; 42 T1=50 +X1=9; 84 T1=50 +X1=12; 126 T1=50 +X1=19  | T1            |
    -7 T1=50; 42 T1=50 +X1=12; 84 T1=50 +X1=14/typical           | T1            |
    -7 T1=50; 42 T1=50 +P1=?; 84 T1=50 +P1=20/unequivocal        | T1            |
    -7 T1=50; 42 T1=50 +F1=?; 84 T1=50 +F1=?/proven              | T1            |
    -7 T1=50; 42 T1=50 +X1=?/typical                             | T1            |
    -7 T1=50; 42 T1=60; 84 T1=20                                 | T1            |
    -7 T1=50; 42 T1=60; 84 T1=72; 126 T1=0                       | T1            | T1, 42
    -7 T1=100; 42 T1=40; 84 T1=48; 126 T1=50                     | T1            | T1, 84
    -7 T1=50 N1:present; 42 T1=60 N1=12 N1:present; 84 T1:present N1=15 | T1 / N1 | N1 / T1, 42
    -7 T1=50; 42 T1=50 +X1=12; 84 T1=60 X1=12; 126 T1=60 X1=15   | T1            | T1 X1, 84
    -7 T1=60 P1=22 V1:present; 42 T1=80 P1=22 V1:gone; 84 T1=80 P1=30 V1:worse | T1 P1 / V1 | T1 P1 / V1, 42
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def told(course: TumourCourse) -> list[object]:
    """A course without the keys of its scans and lesions."""
    points = [
        (point.date, point.period, point.target, point.non_target_response, point.new_lesion)
        for point in course.time_points
    ]
    points += [
        (point.overall, point.pending, point.after_progression, point.explanation)
        for point in course.time_points
    ]
    findings = [(finding.rule_id, finding.severity, finding.message) for finding in course.findings]
    periods = [(p.baseline_date, p.reference_date, p.baseline_sum, p.best_response) for p in course.periods]
    return [points, findings, periods]


@pytest.mark.parametrize("row", rows(COURSES), ids=lambda row: row[0])
def test_what_is_saved_is_read_as_the_rules_read_the_same_scans(patient, row):
    text, first, second = row[0].replace("; ", "\n"), row[1], row[2].partition(",")
    chosen = {"second": second[0], "chosen_on": second[2].strip()}
    expected = text_cases.course(text, first=first, first_dose=None, **chosen)
    assert told(enter_course(patient, text, first=first, **chosen).course()) == told(expected)


def test_first_progression_new_baseline_second_progression(patient):
    entered = enter_course(patient, TWO_PERIODS, first="T1 T2 / N1", second="T1 X1 / N1", chosen_on="126")
    assert entered.overall() == "1: 42 PR, 84 SD, 126 PD; 2: 168 SD, 210 PD"
    assert entered.course().periods[1].baseline_sum == 650


def test_a_non_target_node_below_10_mm_is_gone(patient):
    entered = enter_course(patient, "-7 T1=50 L1=12\n42 T1=gone L1=9.9\n84 T1=gone L1=10", first="T1 / L1")
    assert entered.overall() == "1: 42 CR, 84 PR"


def test_a_new_lesion_too_small_to_measure_is_recorded_and_no_progression(patient):
    entered = enter_course(patient, "-7 T1=50\n42 T1=50 +X1=small", first="T1")
    point = entered.course().time_points[0]
    assert (point.new_lesion, point.overall) == ("no", "SD")


def test_a_new_lesion_that_is_gone_again_is_none(patient):
    entered = enter_course(patient, "-7 T1=50\n42 T1=50 +X1=12\n84 T1=50 +X1=gone", first="T1")
    assert [point.new_lesion for point in entered.course().time_points] == ["equivocal", "no"]


def test_without_lesions_chosen_there_is_no_course(patient):
    from assessments.imaging_checks import course_of

    Entered(patient).enter("-7 T1=50")
    with acting(Entered(patient).by):
        assert course_of(patient) is None


def test_a_confirmed_equivocal_lesion_moves_the_first_progression_back(patient):
    """The new baseline was chosen on a later scan by then: it is asked about, and can be chosen anew."""
    entered = enter_course(
        patient,
        "-7 T1=60 N1:present\n42 T1=60 N1:present +X1=12\n84 T1=80 N1=12 X1=13",
        first="T1 / N1",
        second="T1 N1 / X1",
        chosen_on="84",
    )
    assert entered.name_of(entered.course().pd1.scan_id) == "84"
    entered.enter("126 T1=80 N1:present +X1=15/typical")
    assert entered.name_of(entered.course().pd1.scan_id) == "42"
    assert [f.rule_id for f in entered.course().findings if f.is_hard] == []
    with acting(entered.by):
        query = Query.objects.get(rule_id="tumour.selected_on_other_scan")
        assert query.crf_id == entered.reads["84"].pk
    entered.rebaseline("42", "T1 / N1 X1")
    assert entered.course().period2.baseline_date == text_cases.on(42)
    with acting(entered.by):
        query.refresh_from_db()
        assert query.state == "closed"
        assert {role.read_id for role in LesionRole.objects.filter(period=2)} == {entered.reads["42"].pk}


def test_a_new_baseline_begins_on_the_first_progression_only(patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=60 T2=40 N1:present", first=FIRST)
    with pytest.raises(ValidationError, match="not the first progression"):
        entered.rebaseline("42", "T1 / N1")


def test_targets_of_the_new_baseline_are_checked_at_their_lines(patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=120 T2=8 N1:present", first=FIRST)
    with pytest.raises(ValidationError) as refused:
        entered.rebaseline("42", "T1 T2 N1")
    assert refused.value.message_dict == {
        "lines-1-diameter": ["T2 is 8 mm at this baseline; a target lesion needs at least 10 mm."],
        "lines-2-diameter": ["N1 is a target lesion but was not measured at this baseline."],
    } | {"__all__": refused.value.message_dict["__all__"]}
    assert "at most 2" in refused.value.message_dict["__all__"][0]
    entered.rebaseline("42", "T1 / T2 N1")
    assert entered.course().period2.baseline_sum == 1200


def test_the_choice_of_the_new_baseline_can_be_changed_and_withdrawn(patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=90 T2=40 N1:present", first=FIRST)
    entered.rebaseline("42", "T1 / T2 N1")
    entered.rebaseline("42", "T1 T2 / N1", reason="both are measurable")
    assert entered.course().period2.baseline_sum == 1300
    entered.rebaseline("42", "", reason="treatment does not go on")
    assert entered.course().period2 is None


def test_targets_at_baseline_are_refused_at_their_lines_and_nothing_is_saved(patient):
    entered = Entered(patient)
    with pytest.raises(ValidationError) as refused:
        entered.enter("-7 T1=9.9 V1:present T3=30", "T1 V1 T3")
    assert set(refused.value.message_dict) == {
        *("lines-0-diameter", "lines-1-kind", "lines-1-diameter", "__all__")
    }
    with acting(entered.by):
        assert not ImagingRead.objects.exists()
        assert not Lesion.objects.exists()


def test_a_read_refused_can_be_saved_again_once_put_right(patient):
    by = Entered(patient).by
    lesion, read = make_lesion("T1"), ImagingRead(date=date(2012, 1, 1), modality="CT SCAN")
    role = LesionRole(period=1, lesion=lesion, role="TARGET")
    with acting(by), pytest.raises(ValidationError):
        save_imaging_read(
            patient=patient,
            read=read,
            readings=[make_reading(lesion, "T1=5")],
            lesions=[lesion],
            roles=[role],
            by=by,
        )
    assert read.pk is None


def test_lesions_get_the_next_label_of_what_they_are_chosen_as(patient):
    assert next_label("T", []) == "T01"
    assert next_label("T", ["T01", "T09", "NT12", "T1-old"]) == "T10"
    assert next_label("NT", ["T01", "NT02"]) == "NT03"
    entered = Entered(patient)
    lesions = [Lesion(organ="LIVER") for _ in range(3)]
    with acting(entered.by):
        save_imaging_read(
            patient=patient,
            read=ImagingRead(date=date(2012, 1, 1), modality="CT SCAN"),
            readings=[LesionReading(lesion=one, state="MEASURED", diameter=Decimal(20)) for one in lesions],
            lesions=lesions,
            roles=[
                LesionRole(period=1, lesion=lesions[0], role="TARGET"),
                LesionRole(period=1, lesion=lesions[1], role="NON-TARGET"),
            ],
            by=entered.by,
        )
    assert [lesion.label for lesion in lesions] == ["T01", "NT01", "NEW01"]


def changed(entered: Entered, name: str, **words: str) -> dict[str, object]:
    """The arguments of a save of a read with these readings changed."""
    read = ImagingRead.objects.select_related("patient").get(pk=entered.reads[name].pk)
    readings = list(LesionReading.objects.filter(read=read).select_related("lesion"))
    for reading in readings:
        if reading.lesion.label in words:
            word = words[reading.lesion.label]
            fresh = make_reading(reading.lesion, f"{reading.lesion.label}={word}")
            reading.state, reading.diameter = fresh.state, fresh.diameter
    return {"patient": read.patient, "read": read, "readings": readings, "version": read.version}


def test_a_correction_asks_why_and_leaves_its_trail(patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=60 T2=40 N1:present", first=FIRST)
    with acting(entered.by):
        arguments = changed(entered, "42", T1="90")
        with pytest.raises(ReasonMissing):
            save_imaging_read(**arguments, by=entered.by, reason=" ")
        save_imaging_read(**arguments, by=entered.by, reason="misread the report")
        entry = AuditEntry.objects.filter(table="assessments_lesionreading", operation="U").get()
        assert (entry.reason, entry.before) == ("misread the report", {"diameter": 60.0})
        assert entered.reads["42"].pk == entry.image["read_id"]
    assert entered.overall() == "1: 42 PD"


def test_two_people_never_overwrite_each_other(study, patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=60 T2=40 N1:present", first=FIRST)
    with acting(study.coordinator_a):
        mine = changed(entered, "42", T1="90")
    with acting(study.investigator_a):
        theirs = changed(entered, "42", T2="10")
        save_imaging_read(**theirs, by=study.investigator_a, reason="measured again")
    with acting(study.coordinator_a), pytest.raises(EditConflict):
        save_imaging_read(**mine, by=study.coordinator_a, reason="misread")
    assert entered.course().time_points[0].sum_of_diameters == 700


def test_a_reading_left_out_is_taken_out_and_with_it_a_lesion_nobody_else_has(patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=60 T2=40 N1:present +X1=12", first=FIRST)
    with acting(entered.by):
        arguments = changed(entered, "42")
        arguments["readings"] = [r for r in arguments["readings"] if r.lesion.label in ("T1", "T2")]
        save_imaging_read(**arguments, by=entered.by, reason="not on this scan")
        assert set(Lesion.objects.values_list("label", flat=True)) == {"T1", "T2", "N1"}
        assert LesionReading.objects.filter(read=entered.reads["42"].pk).count() == 2


def test_a_read_entered_by_mistake_is_taken_out_with_all_its_lines(patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=60 T2=40 N1:present +X1=12", first=FIRST)
    with acting(entered.by):
        read = changed(entered, "42")["read"]
        with pytest.raises(ReasonMissing):
            remove_imaging_read(read, version=1, by=entered.by, reason="")
        remove_imaging_read(read, version=1, by=entered.by, reason="wrong patient")
        assert list(ImagingRead.objects.values_list("pk", flat=True)) == [entered.reads["-7"].pk]
        assert set(Lesion.objects.values_list("label", flat=True)) == {"T1", "T2", "N1"}
        assert AuditEntry.objects.filter(operation="D", reason="wrong patient").count() == 6


def test_only_those_who_enter_data_at_the_site_save_reads(study, patient):
    entered = enter_course(patient, BASELINE, first=FIRST)
    with acting(study.coordinator_a):
        arguments = changed(entered, "-7")
    for person in (study.monitor_a, study.coordinator_b, study.data_manager, study.statistician):
        with acting(person), pytest.raises(PermissionDenied):
            save_imaging_read(**arguments, by=person, reason="no right")
        with acting(person), pytest.raises(PermissionDenied):
            save_imaging_read(
                patient=patient,
                read=ImagingRead(date=date(2012, 5, 1), modality="MRI"),
                readings=[],
                by=person,
            )


def test_the_lesion_of_another_patient_is_refused(study, patient):
    other = enter_course(make_patient(study), BASELINE, first=FIRST)
    with acting(other.by), pytest.raises(ValidationError, match="not one of this patient"):
        save_imaging_read(
            patient=patient,
            read=ImagingRead(date=date(2012, 5, 1), modality="MRI"),
            readings=[make_reading(other.lesions["T1"], "T1=50")],
            by=other.by,
        )


def test_a_lesion_is_read_once_on_a_scan(patient):
    entered = enter_course(patient, BASELINE, first=FIRST)
    with pytest.raises(ValidationError, match="on this read twice"):
        entered.enter("42 T1=50 T1=60 T2=40 N1:present")


def test_a_scan_of_one_day_is_read_once(patient):
    entered = enter_course(patient, BASELINE, first=FIRST)
    with pytest.raises(ValidationError, match="already read"):
        entered.enter("-7b T1=50 T2=40 N1:present")


def test_lesions_of_treatment_1_are_chosen_on_one_scan(patient):
    entered = enter_course(patient, BASELINE, first=FIRST)
    with pytest.raises(ValidationError, match="were chosen on the scan of 2011-12-25"):
        entered.enter("42 T1=60 T2=40 N1:present", "T1 / N1")


@pytest.mark.parametrize(
    ("state", "diameter", "field"),
    [("MEASURED", None, "diameter"), ("ABSENT", "5", "diameter"), ("GONE", None, "state")],
)
def test_a_reading_that_contradicts_itself_is_refused_at_its_field(patient, state, diameter, field):
    entered = enter_course(patient, BASELINE, first=FIRST)
    reading = LesionReading(
        lesion=entered.lesions["T1"], state=state, diameter=diameter and Decimal(diameter)
    )
    with acting(entered.by), pytest.raises(ValidationError) as refused:
        save_imaging_read(
            patient=patient,
            read=ImagingRead(date=date(2012, 5, 1), modality="MRI"),
            readings=[reading],
            by=entered.by,
        )
    assert list(refused.value.message_dict) == [f"lines-0-{field}"]


def test_the_database_itself_keeps_a_diameter_and_its_state_together(patient):
    from django.db import IntegrityError, connection, transaction

    entered = enter_course(patient, BASELINE, first=FIRST)
    with acting(entered.by, reason="test"), connection.cursor() as cursor:
        for statement in ("state = 'ABSENT'", "diameter = NULL"):
            with pytest.raises(IntegrityError, match="diameter"), transaction.atomic():
                cursor.execute(f"UPDATE assessments_lesionreading SET {statement} WHERE diameter > 0")


def test_a_reader_who_differs_is_asked_and_the_question_closes_when_they_agree(patient):
    entered = enter_course(patient, BASELINE, first=FIRST)
    entered.enter("42 T1=60 T2=40 N1:present", reader_overall="PR", reader_target="SD", comment="by eye")
    with acting(entered.by):
        query = Query.objects.get(rule_id="imaging.reader_differs")
        assert (query.field, query.crf, query.state) == ("reader_overall", "imaging", "open")
        assert query.text == "The reader says PR; by the protocol's criteria it is SD. Which is right?"
        arguments = changed(entered, "42", T1="30")
        save_imaging_read(**arguments, by=entered.by, reason="measured again")
        states = Query.objects.filter(rule_id="imaging.reader_differs").values_list("field", "state")
        assert set(states) == {("reader_overall", "closed"), ("reader_target", "open")}


def test_a_later_scan_may_leave_the_reader_of_an_earlier_one_differing(patient):
    entered = enter_course(patient, BASELINE, first=FIRST)
    entered.enter("42 T1=60 T2=40 N1:present +X1=12", reader_overall="SD")
    with acting(entered.by):
        assert not Query.objects.filter(rule_id="imaging.reader_differs").exists()
    entered.enter("84 T1=60 T2=40 N1:present +X1=14/typical", reader_overall="PD")
    with acting(entered.by):
        query = Query.objects.get(rule_id="imaging.reader_differs")
        assert (query.crf_id, query.field) == (entered.reads["42"].pk, "reader_overall")


def test_a_new_baseline_needs_the_right_to_enter_and_a_reason(study, patient):
    entered = enter_course(patient, BASELINE + "\n42 T1=90 T2=40 N1:present", first=FIRST)
    with pytest.raises(ReasonMissing):
        entered.rebaseline("42", "T1 / T2 N1", reason="")
    with acting(study.monitor_a), pytest.raises(PermissionDenied):
        choose_new_baseline(
            patient=patient, read=changed(entered, "42")["read"], roles=[], version=1, by=study.monitor_a
        )
