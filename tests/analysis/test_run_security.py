"""Results hold every patient's data: shown to people of the whole trial only, and kept as they are."""

import pytest

from analysis.models import AnalysisRun, RunOutput, RunState
from tests.analysis.runs import make_run, outputs_of, store
from tests.databases import as_application, refused
from tests.factories import make_person, make_study
from trial.audit import acting, row_history, system_person
from trial.models import Person, Role

READERS = ("statistician", "data_manager", "auditor")
STRANGERS = ("coordinator_a", "coordinator_b", "investigator_a", "monitor_a", "administrator")
DENIED = "42501"
OUTPUT = "UPDATE analysis_runoutput SET title = 'other'"


@pytest.fixture
def study(db):
    return make_study()


@pytest.fixture
def run(study) -> AnalysisRun:
    run = make_run(study)
    with acting(study.statistician):
        name, kind, output = outputs_of({"T-0001": ["consent/1"]})[1]
        store(run, 1, name, kind, output)
    with acting(system_person(), "finished by hand"):
        AnalysisRun.objects.filter(pk=run.pk).update(state=RunState.FINISHED, sha256="ab" * 32)
    return run


def counts(person: Person) -> tuple[int, int]:
    """How many runs and outputs the database shows this person."""
    with acting(person):
        [runs] = as_application("SELECT count(*) FROM analysis_analysisrun")
        [outputs] = as_application("SELECT count(*) FROM analysis_runoutput")
    return runs[0], outputs[0]


@pytest.mark.parametrize("role", READERS)
def test_people_of_the_whole_trial_read_results(study, run, role):
    assert counts(getattr(study, role)) == (1, 1)


@pytest.mark.parametrize("role", STRANGERS)
def test_nobody_else_does(study, run, role):
    assert counts(getattr(study, role)) == (0, 0)


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.DATA_MANAGER, Role.AUDITOR])
def test_a_role_at_one_site_is_no_role_in_the_whole_trial(study, run, role):
    person = make_person(f"one_site_{role.name.lower()}", study.trial, (role, study.site_a))
    assert counts(person) == (0, 0)


def test_who_may_no_longer_sign_in_reads_nothing(study, run):
    with acting(system_person(), "left"):
        Person.objects.filter(pk=study.statistician.pk).update(is_active=False)
    assert counts(study.statistician) == (0, 0)


def test_without_an_actor_nothing_is_shown(study, run):
    assert as_application("SELECT count(*) FROM analysis_analysisrun") == [(0,)]


@pytest.mark.parametrize("role", ["data_manager", "auditor", "coordinator_a", "administrator"])
def test_only_a_statistician_enters_a_run(study, run, role):
    with acting(getattr(study, role)):
        assert refused(INSERT, *values(study)) == DENIED


def test_a_statistician_enters_one(study, run):
    with acting(study.statistician):
        assert refused(INSERT, *values(study)) == ""


INSERT = """
    INSERT INTO analysis_analysisrun (trial_id, protocol_version_id, requested_by_id, requested_at, cut_off,
        as_of, settings, code_version, state, progress, step, attempt, error, sha256)
    VALUES (%s, %s, %s, now(), '2014-06-01', now(), '{}', 'x', 'QUEUED', 0, '', 0, '', '')
"""


def values(study) -> tuple[int, int, int]:
    return study.trial.pk, study.version.pk, study.statistician.pk


@pytest.mark.parametrize(
    "statement", [OUTPUT, "DELETE FROM analysis_runoutput", "DELETE FROM analysis_analysisrun"]
)
def test_results_are_never_edited_or_removed(study, run, statement):
    for person in (study.statistician, system_person()):
        with acting(person, "a reason"):
            assert refused(statement) == DENIED


def test_a_finished_run_is_never_changed(study, run):
    with acting(study.statistician, "a reason"):
        assert AnalysisRun.objects.filter(pk=run.pk).update(cut_off="2015-01-01") == 0
    with acting(system_person(), "a reason"):
        assert AnalysisRun.objects.filter(pk=run.pk).update(state=RunState.QUEUED) == 0


def test_the_trail_has_states_and_hashes_but_no_results_and_no_heartbeats(study, run):
    other = make_run(study)
    with acting(system_person()):
        AnalysisRun.objects.filter(pk=other.pk).update(
            progress=50, step="Table 2", heartbeat="2014-06-01T00:00Z"
        )
    with acting(study.auditor):
        [entered] = row_history("analysis_analysisrun", other.pk)
        [output] = row_history("analysis_runoutput", RunOutput.objects.get().pk)
    assert not {"progress", "step", "heartbeat"} & set(entered.image)
    assert "content" not in output.image
    assert output.image["sha256"]


def test_a_finished_run_needs_its_hash(study):
    run = make_run(study)
    with acting(system_person(), "a reason"):
        assert refused("UPDATE analysis_analysisrun SET state = 'FINISHED' WHERE id = %s", run.pk) == "23514"
