"""A run over the SYNTHETIC demonstration trial as it was entered: results, sources, past instants."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis.models import AnalysisRun, RunState
from analysis.outputs import Why
from analysis.services import compute_run, start_run
from analysis.sources import sources_behind
from assessments.models import ImagingRead
from assessments.services_imaging import save_imaging_read
from casebook.extraction import begin_as_of
from casebook.models import Patient
from casebook.registry import spec
from casebook.services import edit_crf
from patients.models import BaselineDisease, Death, ProgressionDecision
from trial.audit import acting, system_person
from trial.models import Person, ProtocolVersion, Role

pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture
def statistician(demo_database) -> Person:
    return Person.objects.get(memberships__role=Role.STATISTICIAN)


def finished(by: Person, **options: Any) -> AnalysisRun:
    version = ProtocolVersion.objects.get()
    asked = {"cut_off": version.protocol.cut_off, "as_of": None, "settings": {}} | options
    with acting(by):
        run = start_run(protocol_version=version, by=by, **asked)
    assert compute_run(run.pk, actor=system_person())
    with acting(by):
        run.refresh_from_db()
        assert run.state == RunState.FINISHED
    return run


def contents(by: Person, run: AnalysisRun) -> dict[str, Any]:
    with acting(by):
        return dict(run.outputs.values_list("name", "content"))


def whys(content: Any) -> Iterator[Why]:
    """Every list of sources in an output, wherever it stands."""
    if isinstance(content, dict):
        if "why" in content:
            yield content["why"]
        for value in content.values():
            yield from whys(value)
    elif isinstance(content, list):
        for value in content:
            yield from whys(value)


def test_every_number_leads_to_forms_that_exist_and_belong_to_its_patient(statistician):
    outputs = contents(statistician, finished(statistician))
    wanted = {
        (number, reference)
        for content in outputs.values()
        for why in whys(content)
        for number, references in why.items()
        for reference in references
    }
    for name in ("adtte", "adrs", "adae", "adex"):
        names = [column["name"] for column in outputs[name]["columns"]]
        for row in outputs[name]["rows"]:
            record = dict(zip(names, row, strict=True))
            wanted |= {(record["SUBJID"], record[v]) for v in ("SRCREF", "STARTREF") if record.get(v)}
    assert len(wanted) > 500
    with acting(statistician):
        for slug in {reference.split("/")[0] for _, reference in wanted}:
            found = set(spec(slug).model._default_manager.values_list("patient__number", "pk"))
            assert {(n, int(r.split("/")[1])) for n, r in wanted if r.split("/")[0] == slug} <= found


def test_a_changed_form_changes_the_run_of_today_and_not_that_of_then(statistician):
    with acting(statistician):
        then = begin_as_of()
        patient = Patient.objects.get(number="SYN-003")
        site = patient.site
    before = finished(statistician, as_of=then)
    coordinator = Person.objects.get(memberships__role=Role.COORDINATOR, memberships__site=site)
    with acting(coordinator):
        disease = BaselineDisease.objects.select_related("patient").get(patient=patient)
        disease.etiology = "HBV"
        edit_crf(disease, version=disease.version, by=coordinator, reason="hepatitis B serology came in")
    again, today = finished(statistician, as_of=then), finished(statistician)
    assert again.sha256 == before.sha256
    assert today.sha256 != before.sha256
    cells = [
        next(
            row["cells"]["all"]["text"]
            for row in contents(statistician, run)["table_1"]["rows"]
            if row["id"] == "etiology"
        )
        for run in (again, today)
    ]
    assert cells == ["8/13/8", "9/13/7"]


def test_a_lesion_measured_anew_moves_progression_and_the_trace_shows_its_diameters(statistician):
    """SYN-003 progressed by its targets on 2012-01-28; measured smaller, it progresses on 2012-03-19."""
    with acting(statistician):
        patient = Patient.objects.select_related("site").get(number="SYN-003")
        read = ImagingRead.objects.get(patient=patient, date=date(2012, 1, 28))
        readings = list(read.readings.select_related("lesion").order_by("lesion__label"))
        decision = ProgressionDecision.objects.get(patient=patient)
    before = finished(statistician)
    coordinator = Person.objects.get(memberships__role=Role.COORDINATOR, memberships__site=patient.site)
    with acting(coordinator):
        decision.date = date(2012, 3, 19)
        edit_crf(decision, version=decision.version, by=coordinator, reason="the scan is read anew")
    targets = {f"lesion {r.lesion.label}": f"measured, {r.diameter} mm" for r in readings if r.diameter}
    for reading in readings:
        reading.diameter = Decimal("12.0") if reading.diameter else None
    read.comment = "The reader's own response is still that of the first measurement."
    with acting(coordinator):
        save_imaging_read(
            patient=patient,
            read=read,
            readings=readings,
            version=read.version,
            by=coordinator,
            reason="the scan is read anew",
            move_reason="the targets are smaller than first measured",
        )
    after, again = finished(statistician), finished(statistician, as_of=before.as_of)
    assert again.sha256 == before.sha256 != after.sha256
    days = [
        [p["id"] for p in contents(statistician, run)["ttp1"]["points"] if "SYN-003" in p["patients"]]
        for run in (before, after)
    ]
    assert days == [["day-168"], ["day-219"]]
    [point] = [p for p in contents(statistician, before)["ttp1"]["points"] if p["id"] == "day-168"]
    with acting(statistician):
        [sources] = sources_behind(["SYN-003"], point["why"], as_of=before.as_of)
    [form] = [form for form in sources.forms if form.spec.slug == "imaging"]
    assert form.changed
    assert {v.label: (v.now, v.then) for v in form.values if v.then is not None} == {
        label: ("measured, 12.0 mm", then) for label, then in targets.items()
    } | {"comment": (read.comment, "–")}
    assert len(targets) == 2


def test_at_an_earlier_cut_off_later_deaths_have_not_happened(statistician):
    outputs = contents(statistician, finished(statistician, cut_off=date(2013, 6, 1)))
    [row] = [row["cells"] for row in outputs["estimates"]["rows"] if row["id"] == "os"]
    with acting(statistician):
        died = sum(death.date.day <= date(2013, 6, 1) for death in Death.objects.all())
    assert (row["n"]["n"], row["events"]["n"]) == (29, died)
    assert died < 23


def test_the_data_of_a_run_are_read_at_once(statistician):
    version = ProtocolVersion.objects.get()
    with acting(statistician):
        run = start_run(
            protocol_version=version,
            cut_off=version.protocol.cut_off,
            as_of=None,
            settings={},
            by=statistician,
        )
    with CaptureQueriesContext(connection) as queries:
        assert compute_run(run.pk, actor=system_person())
    clinical = [q["sql"] for q in queries if "patients_" in q["sql"] or "assessments_" in q["sql"]]
    assert len(clinical) <= 3, "the patients, their rows, the terms"


def test_every_output_says_synthetic_and_is_plain_json(statistician):
    for name, content in contents(statistician, finished(statistician)).items():
        assert json.loads(json.dumps(content)) == content
        if not name.startswith("ad"):
            assert any("SYNTHETIC" in note for note in content["footnotes"]), name
