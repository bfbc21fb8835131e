"""A run over the SYNTHETIC demonstration trial as it was entered: results, sources, past instants."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis.models import AnalysisRun, RunState
from analysis.outputs import Why
from analysis.services import compute_run, start_run
from casebook.extraction import begin_as_of
from casebook.models import Patient
from casebook.registry import spec
from casebook.services import edit_crf
from patients.models import BaselineDisease, Death
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
