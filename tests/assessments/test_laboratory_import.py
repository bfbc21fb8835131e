"""Laboratory values from files: shown first, saved once, never over what is there without a word."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from assessments.laboratory_file import FileRefused, read_lab_file
from assessments.laboratory_plan import State
from assessments.models import LabImport, LabPanel
from assessments.services_laboratory import import_laboratory, try_import
from patients.models import Death
from tests.factories import change, enter, make_patient, remove, signed_in
from trial.audit import acting, row_history

URL = "/assessments/laboratory/import/"
HEADING = "Patient,Date,Analyte,Value,Unit\n"


@pytest.fixture
def number(patient) -> str:
    return patient.number


def file(text: str, *, heading: str = HEADING, name: str = "values.csv"):
    return read_lab_file(name, (heading + text).encode())


def run(study, text: str, *, by=None, replace=None, save: bool = True):
    by = by or study.coordinator_a
    with acting(by):
        if save:
            return import_laboratory(file(text), replace=replace or {}, by=by)
        return try_import(file(text), by=by)


def panels(study) -> dict[tuple[str, date], LabPanel]:
    with acting(study.data_manager):
        return {(p.patient.number, p.date): p for p in LabPanel.objects.select_related("patient")}


def test_a_dry_run_counts_and_saves_nothing(study, number):
    result = run(study, f"{number},2012-03-01,Hb,131,g/L\n{number},2012-03-01,ALT,41,U/L\n", save=False)
    assert (result.panels_new, result.problems) == (1, ())
    assert [value.in_words for value in result.plan.of(State.NEW)] == ["131 g/L", "41 U/L"]
    assert panels(study) == {}


def test_an_import_saves_values_as_they_stand_in_the_file_and_says_where_they_came_from(study, number):
    result = run(study, f"{number},2012-03-01,Hb,131.0,g/L\n{number},2012-03-01,ALT,41,U/L\n")
    assert (result.panels_new, result.panels_changed) == (1, 0)
    panel = panels(study)[number, date(2012, 3, 1)]
    assert (str(panel.hemoglobin), panel.hemoglobin_unit, panel.alt) == ("131.0", "g/L", Decimal(41))
    with acting(study.coordinator_a):
        [came] = LabImport.objects.all()
        assert (came.file_name, came.lines, came.panel) == ("values.csv", "2, 3", panel.pk)
        assert str(came) == "values.csv, lines 2, 3"
        assert row_history("assessments_labimport", came.pk)[0].actor_id == study.coordinator_a.pk
    page = (
        signed_in(study.monitor_a).get(f"/casebook/{number}/laboratory/{panel.pk}/history/").content.decode()
    )
    assert came.sha256 in page
    assert "values.csv" in page


def test_the_same_file_twice_changes_nothing(study, number):
    text = f"{number},2012-03-01,Hb,131,g/L\n{number},2012-03-01,ALT,41,U/L\n"
    run(study, text)
    before = panels(study)[number, date(2012, 3, 1)].version
    again = run(study, text)
    assert again.changes_nothing
    assert [value.state for value in again.plan.values] == [State.IDENTICAL] * 2
    assert panels(study)[number, date(2012, 3, 1)].version == before
    assert run(study, text.replace("131,g/L", "13.1,g/dL")).changes_nothing


def test_new_values_are_added_to_a_saved_panel(study, patient, number):
    saved = enter(LabPanel, patient, date=date(2012, 3, 1))
    result = run(study, f"{number},2012-03-01,ALT,41,U/L\n")
    assert (result.panels_new, result.panels_changed) == (0, 1)
    with acting(study.coordinator_a):
        saved.refresh_from_db()
        last = row_history("assessments_labpanel", saved.pk)[-1]
    assert (saved.alt, saved.hemoglobin, saved.version) == (Decimal(41), Decimal("12.5"), 2)
    assert last.reason == "Values added from the file values.csv."


def test_a_differing_value_stays_unless_it_is_ticked_with_a_reason(study, patient, number):
    enter(LabPanel, patient, date=date(2012, 3, 1), alt=Decimal(41))
    text = f"{number},2012-03-01,ALT,14,U/L\n"
    left = run(study, text)
    assert left.changes_nothing
    [differing] = left.plan.of(State.DIFFERS)
    assert (differing.saved, differing.in_words) == ("41 U/L", "14 U/L")
    without = run(study, text, replace={differing.key: " "})
    assert "Say why" in without.problems[0].message
    assert panels(study)[number, date(2012, 3, 1)].alt == 41
    done = run(study, text, replace={differing.key: "digits swapped"})
    assert done.panels_changed == 1
    panel = panels(study)[number, date(2012, 3, 1)]
    assert panel.alt == 14
    with acting(study.coordinator_a):
        assert row_history("assessments_labpanel", panel.pk)[-1].reason == "digits swapped"


def test_a_value_saved_since_it_was_looked_at_is_not_replaced(study, patient, number):
    panel = enter(LabPanel, patient, date=date(2012, 3, 1), alt=Decimal(41))
    text = f"{number},2012-03-01,ALT,14,U/L\n"
    [seen] = run(study, text, save=False).plan.of(State.DIFFERS)
    change(panel, alt=Decimal(44))
    result = run(study, text, replace={seen.key: "digits swapped"})
    assert "Somebody saved this panel meanwhile" in result.problems[0].message
    assert panels(study)[number, date(2012, 3, 1)].alt == 44


def test_what_was_taken_out_is_not_put_back_by_the_same_file(study, number):
    text = f"{number},2012-03-01,ALT,41,U/L\n{number},2012-03-01,AST,30,U/L\n"
    run(study, text)
    panel = panels(study)[number, date(2012, 3, 1)]
    change(panel, alt=None)
    again = run(study, text)
    assert again.changes_nothing
    assert [value.saved for value in again.plan.of(State.DIFFERS)] == ["empty: the value was taken out"]
    assert panels(study)[number, date(2012, 3, 1)].alt is None


def test_a_removed_panel_comes_back_only_if_asked_for(study, number):
    text = f"{number},2012-03-01,ALT,41,U/L\n"
    run(study, text)
    remove(panels(study)[number, date(2012, 3, 1)])
    again = run(study, text)
    assert again.changes_nothing
    [differing] = again.plan.of(State.DIFFERS)
    assert differing.saved == "the form of this day was removed"
    assert run(study, text, replace={differing.key: "was the right patient after all"}).panels_new == 1


def test_one_wrong_row_keeps_all_from_being_saved(study, number):
    text = f"{number},2012-03-01,ALT,41,U/L\n{number},2012-03-02,ALT,4x,U/L\nNOBODY,2012-03-02,ALT,4,U/L\n"
    result = run(study, text)
    assert [(p.line, p.letter) for p in result.problems] == [(3, "D"), (4, "A")]
    assert panels(study) == {}


def test_what_the_checks_refuse_is_said_at_the_date_of_the_row(study, patient, number):
    enter(Death, patient, date="2012-02-01")
    result = run(study, f"{number},2012-03-01,ALT,41,U/L\n", save=False)
    assert [(p.line, p.letter) for p in result.problems] == [(2, "B")]
    assert "2012-02-01" in result.problems[0].message


def test_whose_patients_one_imports(study, number):
    other = make_patient(study, site=study.site_b)
    text = f"{number},2012-03-01,ALT,41,U/L\n{other.number},2012-03-01,ALT,41,U/L\n"
    refused = run(study, text)
    assert [(p.line, p.letter) for p in refused.problems] == [(3, "A")]
    assert f"no patient “{other.number}” at your sites" in refused.problems[0].message
    assert run(study, text, by=study.data_manager).panels_new == 2
    changed = run(study, text.replace("ALT", "AST"), by=study.data_manager)
    assert changed.panels_changed == 2
    for person in (study.monitor_a, study.statistician, study.auditor):
        with pytest.raises(PermissionDenied):
            run(study, text, by=person)


def test_a_data_manager_still_enters_no_form_by_hand(study, patient):
    with pytest.raises(PermissionDenied):
        enter(LabPanel, patient, by=study.data_manager)


def upload(client, data: bytes, name: str = "values.csv"):
    return client.post(URL, {"file": SimpleUploadedFile(name, data)})


def carried(page) -> dict[str, str]:
    return dict(page.context["carried"])


def test_the_page_shows_first_and_saves_on_confirming(study, patient, number):
    enter(LabPanel, patient, date=date(2012, 3, 1), alt=Decimal(41))
    client = signed_in(study.coordinator_a)
    assert client.get(URL).status_code == 200
    text = HEADING + f"{number},2012-03-01,ALT,14,U/L\n{number},2012-03-15,Hb,131,g/L\n"
    page = upload(client, text.encode())
    assert "Different from what is saved" in page.content.decode()
    assert len(panels(study)) == 1
    [(differing, ticked, _)] = page.context["differing"]
    assert not ticked
    tick = {f"replace-{differing.key}": "1"}
    refused = client.post(URL, carried(page) | tick | {"confirm": "1"})
    assert "Say why the saved value is replaced." in refused.content.decode()
    [(_, ticked, _)] = refused.context["differing"]
    assert ticked
    done = client.post(
        URL, carried(refused) | tick | {"confirm": "1", "reason": "digits swapped"}, follow=True
    )
    assert "Imported: 1 new panel, 1 panel changed." in done.content.decode()
    saved = panels(study)
    assert (saved[number, date(2012, 3, 1)].alt, saved[number, date(2012, 3, 15)].hemoglobin) == (14, 131)
    again = upload(client, text.encode())
    nothing = client.post(URL, carried(again) | {"confirm": "1"}, follow=True)
    assert "Nothing to import" in nothing.content.decode()


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "Choose a file."),
        ({"content": "%%%", "file_name": "x"}, "did not arrive whole"),
        ({"content": "", "confirm": "1"}, "Choose a file."),
        ({"file": SimpleUploadedFile("x.csv", b"")}, "The file is empty."),
        ({"file": SimpleUploadedFile("x.csv", b"x" * 1_000_001)}, "larger than 1 MB"),
        ({"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04broken")}, "not an Excel workbook"),
        ({"file": SimpleUploadedFile("x.csv", b"\xff\xfe\x00")}, "neither text"),
        ({"file": SimpleUploadedFile("x.csv", b'a,"b\nc')}, "“a” (column A) is no column known here."),
        (
            {"content": "QQ==", "confirm": "1", "replace-1": "1", "replace-9.9.9.9": "1"},
            "“A” (column A) is no column known here.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_said_in_words(study, posted, said):
    page = signed_in(study.coordinator_a).post(URL, posted)
    assert page.status_code == 200
    assert said in page.content.decode()


def test_the_template_is_a_file_that_imports_nothing(study):
    response = signed_in(study.coordinator_a).get(URL + "template/")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    page = upload(signed_in(study.coordinator_a), response.content)
    assert (page.context["result"].problems, page.context["result"].plan.values) == ((), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_every_usual_kind_are_read(encoding, delimiter):
    text = "被験者番号,採血日,検査項目,結果,単位\r\nT-1,2012-03-01,血小板数,15.2,万/μL\r\n\r\n"
    if encoding == "cp932":
        text = text.replace("μ", "µ".upper())
        text = text.replace("Μ", "μ")
    read = read_lab_file("x", text.replace(",", delimiter).encode(encoding))
    assert read.rows[0][0] == "被験者番号"
    assert [row[3] for row in read.rows[1:]] == ["15.2"]


def workbook(*rows) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_its_dates_and_numbers(study, number):
    heading = ["Patient", "Date", "Hb (g/dL)", "ALT (U/L)"]
    data = workbook(
        heading, [number, datetime(2012, 3, 1), 13.1, 41], [number, date(2012, 3, 15), 0.1 + 12.2, True]
    )
    read = read_lab_file("values.xlsx", data)
    assert read.rows[1] == (number, datetime(2012, 3, 1), Decimal("13.1"), Decimal(41))
    assert read.rows[2][2:] == (Decimal("12.3"), "True")
    page = upload(
        signed_in(study.coordinator_a), workbook(heading, [number, datetime(2012, 3, 1), 13.1, "=40+1"])
    )
    [problem] = page.context["result"].problems
    assert (problem.line, problem.letter) == (2, "D")
    assert "formula" in problem.message


def test_a_workbook_that_grows_when_unpacked_is_refused(monkeypatch):
    monkeypatch.setattr("assessments.laboratory_file.LARGEST_UNPACKED", 100)
    with pytest.raises(FileRefused, match="too large once unpacked"):
        read_lab_file("x.xlsx", workbook(["Patient"]))


def test_csv_that_cannot_be_parsed_names_its_line():
    with pytest.raises(FileRefused, match="Line 2 cannot be read"):
        read_lab_file("x.csv", b"a,b\n" + b"x" * 200_000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: (HEADING + t).encode()))
def test_any_file_gets_an_answer_in_words(study, data):
    page = upload(signed_in(study.coordinator_a), data)
    assert page.status_code == 200
    assert page.context["form"].errors or page.context["result"] is not None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["import", "edit", "take out", "remove"]),
        st.sampled_from(["alt", "ast"]),
        st.integers(10, 60),
    ),
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_importing_again_never_undoes_what_was_done_since(study, steps):
    number = make_patient(study).number
    day = date(2012, 3, 1)
    text = f"{number},{day},ALT,41,U/L\n{number},{day},AST,30,U/L\n"
    run(study, text)
    for step, field, value in steps:
        panel = panels(study).get((number, day))
        if step == "import" or panel is None:
            run(study, text)
        elif step == "remove":
            remove(panel)
        else:
            change(panel, **{field: Decimal(value) if step == "edit" else None})
        after = panels(study).get((number, day))
        assert run(study, text).changes_nothing
        again = panels(study).get((number, day))
        assert (again and (again.alt, again.ast, again.version)) == (
            after and (after.alt, after.ast, after.version)
        )
