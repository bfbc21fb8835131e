"""The pages of analysis runs: asked for, watched, read, and followed from a number to the forms."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis import tasks
from analysis.downloads import FORMATS
from analysis.forms import RunForm
from analysis.models import AnalysisRun, OutputKind, RunState
from analysis.outputs import Cell, Column, Row, Table
from analysis.published import Comparison
from assessments.models import VitalSigns
from casebook.extraction import begin_as_of
from patients.models import Consent
from tests.analysis.runs import CUT_OFF, dataset, finished_run, make_run, store
from tests.factories import change, enter, make_patient, make_study, remove, signed_in
from trial.audit import acting

READERS = ("statistician", "data_manager", "auditor")
OTHERS = ("coordinator_a", "investigator_a", "monitor_a", "administrator")


@pytest.fixture
def study(db):
    return make_study()


@pytest.fixture
def forms(study):
    """Three patients with a consent and vital signs each."""
    patients = [make_patient(study) for _ in range(3)]
    return [(enter(Consent, patient), enter(VitalSigns, patient)) for patient in patients]


@pytest.fixture
def run(study, forms) -> AnalysisRun:
    why = {c.patient.number: [f"consent/{c.pk}", f"vital-signs/{v.pk}"] for c, v in forms}
    return finished_run(study, why)


@pytest.fixture
def statistician(study):
    return signed_in(study.statistician)


@pytest.fixture
def enqueued(monkeypatch) -> list[int]:
    """The runs given to the worker."""
    given: list[int] = []
    monkeypatch.setattr(tasks.compute, "delay", given.append)
    return given


def pages_of(run: AnalysisRun) -> list[str]:
    place = [run.pk, "table_1", "sex", "all"]
    return [
        reverse("analysis:runs"),
        reverse("analysis:run", args=[run.pk]),
        *(reverse("analysis:output", args=[run.pk, name]) for name in ("flow", "table_1", "os", "adae")),
        reverse("analysis:cell", args=place),
        reverse("analysis:point", args=[run.pk, "os", "day-20"]),
        reverse("analysis:point", args=[run.pk, "flow", "enrolled"]),
        reverse("analysis:compare", args=[run.pk]),
    ]


def files_of(run: AnalysisRun) -> list[str]:
    return [
        reverse("analysis:workbook", args=[run.pk]),
        *(
            reverse("analysis:download", args=[run.pk, name, file_format])
            for name, kind in (("flow", "FLOW"), ("table_1", "TABLE"), ("os", "FIGURE"), ("adae", "DATASET"))
            for file_format in FORMATS[kind]
        ),
    ]


@pytest.mark.parametrize("name", READERS)
def test_people_of_the_whole_trial_see_every_page_within_twelve_queries(
    study, run, name, django_assert_max_num_queries
):
    client = signed_in(getattr(study, name))
    for address in pages_of(run):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200, address


def test_a_statistician_takes_files_within_twelve_queries(
    study, run, statistician, django_assert_max_num_queries
):
    for address in files_of(run):
        with django_assert_max_num_queries(12):
            assert statistician.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["data_manager", "auditor"])
def test_who_only_reads_takes_no_files_and_is_shown_no_link_to_one(study, run, name):
    client = signed_in(getattr(study, name))
    for address in files_of(run):
        assert client.get(address).status_code == 403, address
    for address in pages_of(run):
        page = client.get(address).content.decode()
        assert not [file for file in files_of(run) if file in page], address


def test_every_file_is_offered_to_a_statistician(run, statistician):
    names = ("flow", "table_1", "os", "adae")
    pages = [reverse("analysis:run", args=[run.pk])]
    pages += [reverse("analysis:output", args=[run.pk, name]) for name in names]
    first, *others = (statistician.get(address).content.decode() for address in pages)
    for file in files_of(run):
        assert f'href="{file}"' in first
    for file in files_of(run)[1:]:
        assert any(f'href="{file}"' in page for page in others)


@pytest.mark.parametrize("name", OTHERS)
def test_everybody_else_gets_403(study, run, name):
    client = signed_in(getattr(study, name))
    new, restart = reverse("analysis:run-new"), reverse("analysis:run-restart", args=[run.pk])
    for address in [*pages_of(run), *files_of(run), new, reverse("analysis:run-progress", args=[run.pk])]:
        assert client.get(address).status_code == 403, address
    for address in (new, restart):
        assert client.post(address, {}).status_code == 403


@pytest.mark.parametrize("name", ["data_manager", "auditor"])
def test_who_only_reads_starts_nothing(study, run, name):
    client = signed_in(getattr(study, name))
    new, restart = reverse("analysis:run-new"), reverse("analysis:run-restart", args=[run.pk])
    assert client.get(new).status_code == 403
    assert client.post(new, {}).status_code == 403
    assert client.post(restart).status_code == 403
    assert "New run" not in client.get(reverse("analysis:runs")).content.decode()


def test_a_stranger_is_asked_to_sign_in(client, run):
    for address in [*pages_of(run), *files_of(run)]:
        assert client.get(address)["Location"].startswith(reverse("account_login"))


def test_queries_do_not_grow_with_the_patients(study, run, statistician):
    many = [enter(Consent, make_patient(study)) for _ in range(12)]
    larger = finished_run(study, {c.patient.number: [f"consent/{c.pk}"] for c in many})
    place_of(statistician, run)
    asked = []
    for each in (run, larger):
        with CaptureQueriesContext(connection) as queries:
            place_of(statistician, each)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12


# Asking for a run


def typed(study, **values: str) -> dict[str, str]:
    usual = {
        "protocol_version": str(study.version.pk),
        "cut_off": "2014-06-01",
        "as_of": "",
        "conf_type": "log-log",
        "os_origin": "enrolment",
        "sd_min_days": "42",
        "pd_min_abs_mm": "0",
    }
    return usual | values


def test_the_form_starts_with_what_the_protocol_says(study, statistician):
    form = statistician.get(reverse("analysis:run-new")).context["form"]
    protocol = study.version.protocol
    assert form["cut_off"].value() == protocol.cut_off
    assert form["conf_type"].value() == protocol.statistics.band.value
    assert form["sd_min_days"].value() == protocol.response.sd_min_days
    assert not form["as_of"].value()


def test_a_run_is_started_and_given_to_the_worker_after_the_commit(
    study, statistician, enqueued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        response = statistician.post(
            reverse("analysis:run-new"), typed(study, conf_type="plain", sd_min_days="28")
        )
    assert enqueued == []
    for callback in callbacks:
        callback()
    with acting(study.statistician):
        run = AnalysisRun.objects.get()
    assert response["Location"] == reverse("analysis:run", args=[run.pk])
    assert enqueued == [run.pk]
    assert (run.state, run.cut_off, run.requested_by) == (RunState.QUEUED, CUT_OFF, study.statistician)
    assert run.settings["conf_type"] == "plain"
    assert run.settings["sd_min_days"] == 28


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cut_off", "01/06/2014"),
        ("cut_off", "2014-02-30"),
        ("cut_off", "2999-01-01"),
        ("cut_off", "0001-01-01"),
        ("cut_off", ""),
        ("as_of", "yesterday"),
        ("as_of", "2999-01-01 00:00"),
        ("as_of", "0001-01-01 00:00"),
        ("as_of", "9999-12-31 23:59"),
        ("conf_type", "linear"),
        ("os_origin", "birth"),
        ("sd_min_days", "-1"),
        ("sd_min_days", "366"),
        ("sd_min_days", "6.5"),
        ("pd_min_abs_mm", "0.05"),
        ("pd_min_abs_mm", "NaN"),
        ("protocol_version", "999999"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    study, statistician, enqueued, name, value
):
    sent = typed(study, sd_min_days="28") | {name: value}
    response = statistician.post(reverse("analysis:run-new"), sent)
    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [name]
    assert {field.name: field.value() for field in form} == sent
    with acting(study.statistician):
        assert not AnalysisRun.objects.exists()
    assert enqueued == []


def test_a_cut_off_after_the_data_is_refused_at_its_field(study, statistician, enqueued):
    sent = typed(study, cut_off="2014-06-02", as_of="2014-06-01 23:59")
    form = statistician.post(reverse("analysis:run-new"), sent).context["form"]
    assert form.errors == {"cut_off": ["The data are of 2014-06-01: the cut-off cannot lie after that day."]}


def test_all_that_is_wrong_is_said_at_once(study, statistician, enqueued):
    sent = typed(study, cut_off="2999-01-01", as_of="2998-01-01 00:00", sd_min_days="-1")
    form = statistician.post(reverse("analysis:run-new"), sent).context["form"]
    assert sorted(form.errors) == ["as_of", "cut_off", "sd_min_days"]


def test_while_the_planned_cut_off_is_to_come_the_form_starts_with_today(study, statistician):
    with time_machine.travel(datetime(2013, 3, 1, 3, tzinfo=UTC), tick=False):
        form = RunForm(versions=[study.version])
    assert form["cut_off"].value() == date(2013, 3, 1)


def test_without_a_protocol_nothing_can_be_analysed(study, statistician, monkeypatch):
    from analysis import views

    monkeypatch.setattr(views.ProtocolVersion.objects, "order_by", lambda *names: [])
    assert statistician.get(reverse("analysis:run-new")).status_code == 404


# A run under way


def test_the_progress_is_asked_for_until_the_run_is_over(study, statistician):
    run = make_run(study, state=RunState.RUNNING, progress=40, step="Table 3")
    page = statistician.get(reverse("analysis:run", args=[run.pk])).content.decode()
    progress = reverse("analysis:run-progress", args=[run.pk])
    assert f'hx-get="{progress}"' in page
    assert 'value="40"' in page
    assert f'href="{reverse("analysis:run", args=[run.pk])}"' in page
    fragment = statistician.get(progress, headers={"HX-Request": "true"})
    assert "Table 3" in fragment.content.decode()
    assert "HX-Refresh" not in fragment.headers
    with acting(study.statistician, "test"):
        AnalysisRun.objects.filter(pk=run.pk).update(state=RunState.FINISHED, sha256="0" * 64)
    assert statistician.get(progress).headers["HX-Refresh"] == "true"
    assert "hx-get" not in statistician.get(reverse("analysis:run", args=[run.pk])).content.decode()


def test_a_failed_run_says_why_and_is_started_again(
    study, statistician, enqueued, django_capture_on_commit_callbacks
):
    run = make_run(study, state=RunState.FAILED, error="The worker met a fault at “Table 3”.")
    address = reverse("analysis:run", args=[run.pk])
    page = statistician.get(address).content.decode()
    assert "The worker met a fault at “Table 3”." in page
    assert "Start again" in page
    assert "Start again" not in signed_in(study.auditor).get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert statistician.post(reverse("analysis:run-restart", args=[run.pk])).status_code == 302
    with acting(study.statistician):
        run.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert enqueued == [run.pk]


def test_a_run_that_did_not_fail_is_not_started_again(run, statistician, enqueued):
    response = statistician.post(reverse("analysis:run-restart", args=[run.pk]), follow=True)
    assert "Only a run that failed can be started again." in response.content.decode()
    assert enqueued == []


# A finished run


def test_a_finished_run_says_what_was_analysed_and_lists_its_outputs(study, run, statistician):
    page = statistician.get(reverse("analysis:run", args=[run.pk])).content.decode()
    for said in ("2014-06-01", "test-1", "ab" * 32, study.version.version, "log-log"):
        assert said in page
    for output in run.outputs.all():
        assert reverse("analysis:output", args=[run.pk, output.name]) in page
        assert output.title in page


def test_a_setting_that_departs_from_the_protocol_is_marked(study, forms, statistician):
    run = finished_run(study, {}, settings={"conf_type": "plain"})
    assert "protocol: log-log" in statistician.get(reverse("analysis:run", args=[run.pk])).content.decode()


def test_a_table_shows_every_cell_and_leads_from_those_with_patients(run, statistician):
    page = statistician.get(reverse("analysis:output", args=[run.pk, "table_1"])).content.decode()
    assert reverse("analysis:cell", args=[run.pk, "table_1", "sex", "all"]) in page
    assert reverse("analysis:cell", args=[run.pk, "table_1", "age/50 or more", "all"]) in page
    assert reverse("analysis:cell", args=[run.pk, "table_1", "sex", "p"]) not in page
    for said in ("3 (100.0)", "0.0431", "n = 3", "Safety set", "Percentages of the safety set."):
        assert said in page


def test_remarks_are_read_from_the_left_and_numbers_stand_at_the_right(study, statistician):
    run = make_run(study, state=RunState.FINISHED, sha256="ab" * 32)
    cells = {"n": Cell(text="3 (100.0)"), "test": Cell(text="Fisher"), "none": Cell(text="–")}
    with acting(study.statistician):
        store(run, 1, "table_1", OutputKind.TABLE, one_row(cells))
    response = statistician.get(reverse("analysis:output", args=[run.pk, "table_1"]))
    assert response.context["words"] == {"test"}
    assert '<td class="words">Fisher</td>' in response.content.decode()
    assert "<td>–</td>" in response.content.decode()


def test_a_figure_brings_its_specification_its_table_and_its_marks(run, statistician):
    response = statistician.get(reverse("analysis:output", args=[run.pk, "os"]))
    page = response.content.decode()
    point = reverse("analysis:point", args=[run.pk, "os", "__point__"])
    assert f'data-figure data-spec="figure-spec" data-point-url="{point}"' in page
    assert response.context["spec"]["title"]["text"] == "Overall survival"
    for mark in ("day-20", "day-100"):
        assert reverse("analysis:point", args=[run.pk, "os", mark]) in page
    assert reverse("analysis:cell", args=[run.pk, "os", "sex", "all"]) in page


def test_the_flow_shows_who_left_beside_who_went_on(run, statistician):
    root = statistician.get(reverse("analysis:output", args=[run.pk, "flow"])).context["roots"][0]
    assert (root.label, root.n) == ("Enrolled", 3)
    assert [(box.label, box.n) for box in root.left] == [("Not treated", 1)]
    assert [(box.label, box.n) for box in root.left[0].left] == [("Refused", 1)]
    assert [(box.label, box.n) for box in root.next] == [("Treated", 2)]


def test_records_of_a_data_set_lead_to_their_form(run, forms, statistician):
    page = statistician.get(reverse("analysis:output", args=[run.pk, "adae"])).content.decode()
    consent = forms[0][0]
    source = reverse("analysis:source", args=["consent", consent.pk])
    assert source in page
    assert statistician.get(source)["Location"] == reverse(
        "casebook:edit", args=[consent.patient.number, "consent", consent.pk]
    )


def test_a_data_set_says_who_has_no_record(study, forms, statistician):
    run = make_run(study, state=RunState.FINISHED, sha256="ab" * 32)
    noted = replace(dataset({}), footnotes=["PFS, T-0001 left out: no day of death."])
    with acting(study.statistician):
        store(run, 1, "adtte", OutputKind.DATASET, noted)
    page = statistician.get(reverse("analysis:output", args=[run.pk, "adtte"])).content.decode()
    assert "PFS, T-0001 left out: no day of death." in page


def test_a_source_that_is_no_form_is_not_found(forms, statistician):
    consent = forms[0][0]
    remove(consent)
    for slug, pk in (("consent", consent.pk), ("no-such-form", 1)):
        assert statistician.get(reverse("analysis:source", args=[slug, pk])).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "{pk}/no_such_output/",
        "{pk}/no_such_output.csv",
        "{pk}/table_1.pdf",
        "{pk}/os.exe",
        "{pk}/table_1/cell/sex/none/",
        "{pk}/table_1/cell/none/all/",
        "{pk}/table_1/cell/age/50 or more/p/",
        "{pk}/flow/cell/sex/all/",
        "{pk}/adae/cell/sex/all/",
        "{pk}/os/point/day-21/",
        "{pk}/table_1/point/day-20/",
        "999999/",
        "999999/tables.xlsx",
        "999999/progress/",
    ],
)
def test_what_is_not_in_a_run_is_not_found(run, statistician, path):
    assert statistician.get(f"/analysis/runs/{path.format(pk=run.pk)}").status_code == 404


def test_an_unfinished_run_has_no_tables_and_no_comparison(study, statistician):
    run = make_run(study)
    for name in ("workbook", "compare"):
        assert statistician.get(reverse(f"analysis:{name}", args=[run.pk])).status_code == 404


# Beside the published figures


@pytest.fixture
def compared(monkeypatch) -> None:
    rows = [
        ("F1.01", "Figure 1", "enrolled", "n", "30", "3", "differs", "flow", "", "", "enrolled"),
        ("F1.02", "Figure 1", "refused", "n", "1", "0", "differs", "flow", "", "", "nobody"),
        ("T1.sex.all", "Table 1", "sex", "all", "3", "3 (100.0)", "agrees", "table_1", "sex", "all", ""),
        (
            "T3.gone.1",
            "Table 3",
            "gone",
            "1",
            "3",
            "not in the table",
            "differs",
            "table_3",
            "gone",
            "t1",
            "",
        ),
    ]
    names = [
        "id",
        "source",
        "row",
        "column",
        "printed",
        "computed",
        "verdict",
        "output",
        "output_row",
        "output_column",
        "point",
    ]
    found = [Comparison(reason="because", **dict(zip(names, row, strict=True))) for row in rows]
    monkeypatch.setattr("analysis.views_compare.compare", lambda run: found)


def test_the_published_figures_stand_beside_the_computed_and_lead_to_them(run, statistician, compared):
    page = statistician.get(reverse("analysis:compare", args=[run.pk]))
    rows = {row["id"]: row for row in page.context["rows"]}
    assert rows["F1.01"]["href"] == reverse("analysis:point", args=[run.pk, "flow", "enrolled"])
    assert rows["T1.sex.all"]["href"] == reverse("analysis:cell", args=[run.pk, "table_1", "sex", "all"])
    assert (rows["F1.02"]["href"], rows["T3.gone.1"]["href"]) == ("", "")
    for row in rows.values():
        if row["href"]:
            assert statistician.get(row["href"]).status_code == 200
    assert page.context["counts"] == [("agrees", 1), ("differs", 3)]
    assert "because" in page.content.decode()


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ({"verdict": "agrees"}, ["T1.sex.all"]),
        ({"source": "Figure 1"}, ["F1.01", "F1.02"]),
        ({"source": "Figure 1", "verdict": "agrees"}, []),
        ({"verdict": "no such verdict"}, ["F1.01", "F1.02", "T1.sex.all", "T3.gone.1"]),
    ],
)
def test_the_comparison_is_filtered(run, statistician, compared, chosen, shown):
    page = statistician.get(reverse("analysis:compare", args=[run.pk]), chosen)
    assert [row["id"] for row in page.context["rows"]] == shown


def test_every_published_figure_is_listed_within_twelve_queries(
    run, statistician, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        page = statistician.get(reverse("analysis:compare", args=[run.pk]))
    assert len(page.context["rows"]) == 158


# From a number to the forms


def place_of(client, run: AnalysisRun):
    return client.get(reverse("analysis:cell", args=[run.pk, "table_1", "sex", "all"]))


def test_a_cell_leads_to_its_patients_their_forms_and_the_history_of_those(run, forms, statistician):
    page = place_of(statistician, run).content.decode()
    for consent, vital_signs in forms:
        number = consent.patient.number
        assert reverse("casebook:patient", args=[number]) in page
        for slug, form in (("consent", consent), ("vital-signs", vital_signs)):
            assert reverse("casebook:edit", args=[number, slug, form.pk]) in page
            assert reverse("casebook:history", args=[number, slug, form.pk]) in page
    assert "changed since" not in page
    assert "128" in page


@pytest.mark.parametrize(("output", "point"), [("os", "day-100"), ("flow", "enrolled")])
def test_a_mark_leads_to_its_patients_too(run, forms, statistician, output, point):
    response = statistician.get(reverse("analysis:point", args=[run.pk, output, point]))
    assert [patient.number for patient in response.context["counted"]] == [c.patient.number for c, _ in forms]


def test_a_count_of_some_leads_to_the_others_of_its_denominator_after_them(study, forms, statistician):
    patients = [consent.patient.number for consent, _ in forms]
    why = {c.patient.number: [f"consent/{c.pk}"] for c, _ in forms}
    run = make_run(study, state=RunState.FINISHED, sha256="ab" * 32, as_of=now_of(study))
    cells = {
        "some": Cell(
            text="1 (33.3)", patients=patients[2:], why={patients[2]: why[patients[2]]}, rest=firsts(why, 2)
        ),
        "none": Cell(text="0 (0.0)", rest=why),
    }
    with acting(study.statistician):
        store(run, 1, "table_1", OutputKind.TABLE, one_row(cells))
    page = statistician.get(reverse("analysis:output", args=[run.pk, "table_1"])).content.decode()
    for column, counted in (("some", patients[2:]), ("none", [])):
        address = reverse("analysis:cell", args=[run.pk, "table_1", "row", column])
        assert f'href="{address}"' in page
        place = statistician.get(address)
        assert [p.number for p in place.context["counted"]] == counted
        assert [p.number for p in place.context["others"]] == [n for n in patients if n not in counted]
        assert all(p.forms for p in (*place.context["counted"], *place.context["others"]))
    assert "The other 2 of these 3" in statistician.get(address.replace("none", "some")).content.decode()
    assert "None of these 3 patients" in place.content.decode()


def now_of(study):
    with acting(study.statistician):
        return begin_as_of()


def firsts(why: dict[str, list[str]], n: int) -> dict[str, list[str]]:
    return dict(list(why.items())[:n])


def one_row(cells: dict[str, Cell]) -> Table:
    columns = [Column(id=id, label=id, n=3) for id in cells]
    return Table(title="T", columns=columns, rows=[Row(id="row", label="row", cells=cells)])


def test_a_box_of_the_flow_leads_to_the_others_of_the_box_above(run, forms, statistician):
    patients = [consent.patient.number for consent, _ in forms]
    place = statistician.get(reverse("analysis:point", args=[run.pk, "flow", "treated"]))
    assert [p.number for p in place.context["counted"]] == patients[1:]
    assert [p.number for p in place.context["others"]] == patients[:1]
    top = statistician.get(reverse("analysis:point", args=[run.pk, "flow", "enrolled"]))
    assert top.context["others"] == []


def test_a_value_changed_since_the_run_is_shown_beside_what_it_was(run, forms, statistician):
    _, vital_signs = forms[0]
    change(vital_signs, weight=Decimal("72.5"))
    patient = place_of(statistician, run).context["counted"][0]
    consent, form = patient.forms
    assert (consent.changed, form.changed) == (False, True)
    assert {v.label: (v.now, v.then) for v in form.values if v.then is not None} == {
        "weight, kg": ("72.5", "61.5")
    }
    page = place_of(statistician, run).content.decode()
    assert "changed since the run" in page
    assert "at the run: 61.5" in page


def test_a_form_removed_since_the_run_is_shown_as_it_was(run, forms, statistician):
    _, vital_signs = forms[0]
    remove(vital_signs)
    form = place_of(statistician, run).context["counted"][0].forms[1]
    assert form.removed
    assert ("weight, kg", "61.5") in [(value.label, value.now) for value in form.values]
    number = vital_signs.patient.number
    page = place_of(statistician, run).content.decode()
    assert reverse("casebook:edit", args=[number, "vital-signs", vital_signs.pk]) not in page
    assert "removed since the run" in page


def test_many_patients_are_listed_page_by_page(study, statistician):
    entered = [enter(Consent, make_patient(study), consent_date=date(2012, 1, 10)) for _ in range(51)]
    run = finished_run(study, {c.patient.number: [f"consent/{c.pk}"] for c in entered})
    assert len(place_of(statistician, run).context["counted"]) == 50
    address = reverse("analysis:cell", args=[run.pk, "table_1", "sex", "all"])
    assert len(statistician.get(address, {"page": "2"}).context["counted"]) == 1
    assert len(statistician.get(address, {"page": "x"}).context["counted"]) == 50


def test_what_draws_figures_is_among_the_static_files():
    assert finders.find("js/figures.js")
    assert finders.find("css/figures.css")
