"""How a run is asked for, computed once, fails in words, starts again, and outlives its worker."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.utils import timezone

from analysis import services, tasks
from analysis.models import AnalysisRun, RunOutput, RunState
from analysis.outputs import canonical, fingerprint
from analysis.services import abandoned_runs, compute_run, restart_run, start_run
from assessments.models import AdverseEvent, AdverseEventGrade, CtcaeTerm
from casebook.domain.partial_dates import PartialDate
from casebook.extraction import begin_as_of
from patients.models import BaselineDisease, Consent
from tests.databases import own_database
from tests.factories import change, enter, make_patient, make_study
from trial import jobs
from trial.audit import acting, row_history, system_person
from trial.jobs import JobNotReady
from trial.models import Membership

CUT_OFF = date(2014, 6, 1)
NAMES = ["flow", "table_1", "table_2", "table_3", "responses", "estimates", "ttp1", "ttp2", "os"]
NAMES += ["logistic", "bilirubin", "adsl", "adtte", "adrs", "adae", "adex"]


@pytest.fixture
def study(db):
    return make_study()


@pytest.fixture
def enrolled(study):
    """Two patients enrolled, none treated."""
    found = [make_patient(study) for _ in range(2)]
    for patient in found:
        enter(Consent, patient)
        enter(BaselineDisease, patient)
    return found


def ask(study, *, by=None, cut_off=CUT_OFF, as_of=None, **chosen) -> AnalysisRun:
    by = by or study.statistician
    with acting(by):
        return start_run(protocol_version=study.version, cut_off=cut_off, as_of=as_of, settings=chosen, by=by)


def compute(run: AnalysisRun, **options) -> bool:
    return compute_run(run.pk, actor=system_person(), **options)


def read(study, run: AnalysisRun) -> AnalysisRun:
    with acting(study.statistician):
        run.refresh_from_db()
    return run


def outputs(study, run: AnalysisRun) -> list[RunOutput]:
    with acting(study.statistician):
        return list(run.outputs.order_by("position"))


def set_run(study, run: AnalysisRun, **values) -> None:
    with acting(system_person(), "a test"):
        assert AnalysisRun.objects.filter(pk=run.pk).update(**values) == 1


# Asking


def test_a_run_is_entered_for_the_worker_with_the_settings_of_the_protocol(study):
    before = timezone.now()
    run = ask(study)
    assert (run.state, run.trial, run.requested_by) == (RunState.QUEUED, study.trial, study.statistician)
    assert before <= run.as_of <= timezone.now()
    assert run.settings == {
        "conf_type": "log-log",
        "os_origin": "enrolment",
        "sd_min_days": 42,
        "pd_min_abs_mm": "0",
    }
    assert run.code_version


@pytest.mark.parametrize(
    "role", ["coordinator_a", "investigator_a", "monitor_a", "data_manager", "auditor", "administrator"]
)
def test_only_a_statistician_may_ask(study, role):
    with pytest.raises(PermissionDenied):
        ask(study, by=getattr(study, role))


def test_a_statistician_of_one_site_may_not_ask(study):
    with acting(system_person(), "a test"):
        Membership.objects.filter(person=study.statistician).update(site=study.site_a)
    study.statistician.__dict__.pop("roles", None)
    with pytest.raises(PermissionDenied):
        ask(study)


def test_the_data_cannot_be_taken_from_the_future(study):
    with pytest.raises(ValidationError) as refused:
        ask(study, as_of=timezone.now() + timedelta(days=1))
    assert list(refused.value.message_dict) == ["as_of"]


def days_from_now(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


NOON = datetime(2014, 6, 1, 12, tzinfo=ZoneInfo(settings.TIME_ZONE))
IMPOSSIBLE_CLOCKS = {
    "a cut-off to come": (lambda: (days_from_now(1), None), ["cut_off"]),
    "data of a day to come": (lambda: (CUT_OFF, timezone.now() + timedelta(days=1)), ["as_of"]),
    "both to come": (lambda: (days_from_now(3), timezone.now() + timedelta(days=2)), ["as_of", "cut_off"]),
    "a cut-off after the data": (lambda: (date(2014, 6, 2), NOON), ["cut_off"]),
    "a cut-off before all trials": (lambda: (date(1, 1, 1), None), ["cut_off"]),
    "data before all trials": (lambda: (CUT_OFF, datetime(1, 1, 1, tzinfo=NOON.tzinfo)), ["as_of"]),
    "an instant without a time zone": (lambda: (CUT_OFF, datetime(2014, 6, 1, 12)), ["as_of"]),
}


@pytest.mark.parametrize("name", IMPOSSIBLE_CLOCKS)
def test_clocks_that_cannot_be_are_refused_at_their_fields(study, name):
    make, fields = IMPOSSIBLE_CLOCKS[name]
    cut_off, as_of = make()
    with pytest.raises(ValidationError) as refused:
        ask(study, cut_off=cut_off, as_of=as_of)
    assert sorted(refused.value.message_dict) == fields


def test_the_day_of_the_data_is_that_of_the_trial_not_of_greenwich(study):
    """20:00 of 31 May in Greenwich is 1 June in Tokyo: the cut-off of 1 June is no later day."""
    assert ask(study, as_of=datetime(2014, 5, 31, 20, tzinfo=UTC)).cut_off == CUT_OFF
    with pytest.raises(ValidationError, match="The data are of 2014-05-31"):
        ask(study, as_of=datetime(2014, 5, 31, 10, tzinfo=UTC))


def test_a_wrong_setting_is_refused_at_its_field(study):
    with pytest.raises(ValidationError) as refused:
        ask(study, conf_type="wald")
    assert refused.value.message_dict == {"conf_type": ["The band is one of log-log, log, plain."]}


# Computing


def test_a_run_stores_every_output_once_with_its_hash(study, enrolled):
    run = ask(study)
    assert compute(run)
    stored = outputs(study, run)
    assert [output.name for output in stored] == NAMES
    assert all(output.sha256 == fingerprint(canonical(output.content)) for output in stored)
    run = read(study, run)
    assert (run.state, run.progress, run.step, run.attempt) == (RunState.FINISHED, 100, "", 1)
    assert run.sha256 == fingerprint(*(f"{output.name} {output.sha256}" for output in stored))
    assert run.finished_at is not None


def test_the_same_question_of_the_same_data_gives_the_same_bytes(study, enrolled):
    first, second = ask(study), ask(study)
    assert compute(first)
    assert compute(second)
    assert read(study, first).sha256 == read(study, second).sha256
    assert [o.content for o in outputs(study, first)] == [o.content for o in outputs(study, second)]


def test_another_setting_is_said_on_every_table(study, enrolled):
    run = ask(study, sd_min_days=28)
    compute(run)
    said = "Sensitivity analysis: sd_min_days is 28; the protocol has 42."
    for output in outputs(study, run):
        if output.kind != "DATASET":
            assert said in output.content["footnotes"]
            assert "Data cut-off 2014-06-01; protocol version 1.0." in output.content["footnotes"]
            assert "SYNTHETIC data: no patient of this trial is a real person." in output.content["footnotes"]


def test_the_run_sees_the_data_as_they_were(study, enrolled):
    with acting(study.statistician):
        then = begin_as_of()
        disease = BaselineDisease.objects.select_related("patient").get(patient=enrolled[0])
    change(disease, afp="999.0")
    newcomer = make_patient(study)
    enter(Consent, newcomer)
    past, now = ask(study, as_of=then), ask(study)
    compute(past)
    compute(now)
    assert [records(study, run)[enrolled[0].number]["AFPBL"] for run in (past, now)] == [33.5, 999.0]
    assert [newcomer.number in records(study, run) for run in (past, now)] == [False, True]


def test_organ_classes_are_those_the_catalogue_had_then(study, enrolled):
    """A catalogue loaded again changes no run of earlier data, not by a byte."""
    with acting(system_person()):
        term = CtcaeTerm.objects.create(
            code="4.03 Alopecia", version="4.03", term="Alopecia", soc="Skin", criteria={"1": "thin"}
        )
    with acting(study.coordinator_a):
        onset = PartialDate("2012-03-01")
        row = AdverseEvent.objects.create(
            patient=enrolled[0], term_id=term.code, onset=onset, ongoing=True, serious=False
        )
        AdverseEventGrade.objects.create(patient=enrolled[0], adverse_event=row, date=onset, grade=1)
    before = ask(study)
    with acting(system_person(), "CTCAE terms loaded again"):
        CtcaeTerm.objects.filter(pk=term.pk).update(soc="Skin and subcutaneous tissue disorders")
        CtcaeTerm.objects.create(
            code="4.03 Rash", version="4.03", term="Rash", soc="Skin", criteria={"1": "a"}
        )
    again, now = ask(study, as_of=before.as_of), ask(study)
    for run in (before, again, now):
        assert compute(run)
    assert [organ_classes(study, run) for run in (before, again, now)] == [
        ["Skin"],
        ["Skin"],
        ["Skin and subcutaneous tissue disorders"],
    ]
    assert read(study, before).sha256 == read(study, again).sha256


def organ_classes(study, run: AnalysisRun) -> list[str]:
    [content] = [output.content for output in outputs(study, run) if output.name == "adae"]
    column = [c["name"] for c in content["columns"]].index("AEBODSYS")
    return [row[column] for row in content["rows"]]


def records(study, run: AnalysisRun) -> dict[str, dict]:
    [content] = [output.content for output in outputs(study, run) if output.name == "adsl"]
    names = [column["name"] for column in content["columns"]]
    return {
        record["SUBJID"]: record for record in (dict(zip(names, row, strict=True)) for row in content["rows"])
    }


def test_a_finished_run_is_computed_no_second_time(study, enrolled):
    run = ask(study)
    assert compute(run)
    before = read(study, run).sha256
    assert not compute(run)
    assert not compute(run, taken_up=True)
    assert (read(study, run).sha256, run.attempt, len(outputs(study, run))) == (before, 1, len(NAMES))


def test_progress_rises_and_every_report_is_a_heartbeat(study, enrolled, monkeypatch):
    seen: list[tuple[int, str]] = []
    report = jobs.report

    def watched(run, actor, progress, step):
        report(run, actor, progress, step)
        now = read(study, AnalysisRun(pk=run.pk))
        assert (now.progress, now.step) == (progress, step)
        assert timezone.now() - now.heartbeat < timedelta(seconds=30)
        seen.append((progress, step))

    monkeypatch.setattr(jobs, "report", watched)
    run = ask(study)
    assert compute(run)
    percents = [progress for progress, _ in seen]
    assert percents == sorted(percents)
    assert percents[0] > 0
    assert percents[-1] < 100
    assert len(seen) == len(NAMES) + 3


def test_the_worker_acts_for_who_asked(study, enrolled):
    """Row-level security applies to the computation: it reads what its statistician may read."""
    run = ask(study)
    with acting(system_person(), "left the trial"):
        Membership.objects.filter(person=study.statistician).delete()
    assert not compute(run)
    with acting(system_person()):
        run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.error.startswith("Statistician may no longer run analyses of the whole trial.")


# Failing and starting again


@pytest.fixture
def broken(monkeypatch):
    """The engine fails until it is repaired."""
    import analysis.engine as engine

    whole = engine.compute

    def fail(run, data, report):
        report(40, "Table 2")
        raise ZeroDivisionError("the albumin of T-0001 is 0.0")

    monkeypatch.setattr(engine, "compute", fail)
    return lambda: monkeypatch.setattr(engine, "compute", whole)


def test_a_failed_run_says_why_without_a_value_and_can_be_started_again(study, enrolled, broken, caplog):
    run = ask(study)
    assert not compute(run)
    run = read(study, run)
    assert run.state == RunState.FAILED
    assert "while it computed “Table 2” (ZeroDivisionError)" in run.error
    assert "albumin" not in run.error
    assert outputs(study, run) == []
    broken()
    with acting(study.statistician):
        again = restart_run(run, by=study.statistician)
    assert (again.state, again.error, again.progress) == (RunState.QUEUED, "", 0)
    assert compute(run)
    assert (read(study, run).state, run.attempt) == (RunState.FINISHED, 2)
    with acting(study.auditor):
        states = [e.image["state"] for e in row_history("analysis_analysisrun", run.pk)]
    assert states == ["QUEUED", "RUNNING", "FAILED", "QUEUED", "RUNNING", "FINISHED"]


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_only_a_failed_run_is_started_again(study, state):
    run = ask(study)
    set_run(study, run, state=state)
    with acting(study.statistician), pytest.raises(JobNotReady):
        restart_run(run, by=study.statistician)


def test_a_finished_run_is_not_started_again(study):
    run = ask(study)
    compute(run)
    with acting(study.statistician), pytest.raises(JobNotReady):
        restart_run(run, by=study.statistician)


@pytest.mark.parametrize("role", ["data_manager", "auditor", "coordinator_a"])
def test_only_a_statistician_starts_a_run_again(study, broken, role):
    run = ask(study)
    compute(run)
    person = getattr(study, role)
    with acting(person), pytest.raises(PermissionDenied):
        restart_run(run, by=person)


# Abandoned runs


def test_runs_nobody_computes_are_found(study):
    now = timezone.now()
    long_ago = now - jobs.ABANDONED_AFTER - timedelta(seconds=1)
    runs = {name: ask(study) for name in ("silent", "alive", "forgotten", "fresh", "failed")}
    set_run(study, runs["silent"], state=RunState.RUNNING, heartbeat=long_ago)
    set_run(study, runs["alive"], state=RunState.RUNNING, heartbeat=now)
    set_run(study, runs["forgotten"], requested_at=long_ago)
    set_run(study, runs["failed"], state=RunState.FAILED, requested_at=long_ago, heartbeat=long_ago)
    found = abandoned_runs(actor=system_person())
    assert found == [runs["silent"].pk, runs["forgotten"].pk]


def test_a_run_whose_worker_died_finishes_when_it_is_taken_up_once(study, enrolled):
    run = ask(study)
    long_ago = timezone.now() - jobs.ABANDONED_AFTER - timedelta(seconds=1)
    set_run(study, run, state=RunState.RUNNING, attempt=1, progress=40, heartbeat=long_ago)
    assert not compute(run), "a task handed out again does not take a running run"
    tasks.take_up_abandoned_runs()
    assert (read(study, run).state, run.attempt) == (RunState.FINISHED, 2)
    assert len(outputs(study, run)) == len(NAMES)
    tasks.take_up_abandoned_runs()
    assert read(study, run).attempt == 2


def test_a_run_that_costs_every_worker_its_life_is_given_up_in_words(study, enrolled):
    run = ask(study)
    long_ago = timezone.now() - jobs.ABANDONED_AFTER - timedelta(seconds=1)
    set_run(study, run, state=RunState.RUNNING, attempt=jobs.MOST_ATTEMPTS, heartbeat=long_ago)
    tasks.take_up_abandoned_runs()
    run = read(study, run)
    assert (run.state, run.attempt) == (RunState.FAILED, jobs.MOST_ATTEMPTS)
    assert run.error.startswith("The worker was lost before the run was finished, 5 times.")
    with acting(study.statistician):
        restart_run(run, by=study.statistician)
    assert compute(run)


def test_a_worker_that_lost_its_run_throws_its_work_away(study, enrolled, monkeypatch):
    """A worker silent for too long: another one takes the run up and finishes it meanwhile."""
    import analysis.engine as engine

    whole = engine.compute
    run = ask(study)

    def overtaken(mine, data, report):
        monkeypatch.setattr(engine, "compute", whole)
        set_run(study, run, heartbeat=timezone.now() - jobs.ABANDONED_AFTER - timedelta(seconds=1))
        assert compute(run, taken_up=True)
        return whole(mine, data, report)

    monkeypatch.setattr(engine, "compute", overtaken)
    assert not compute(run)
    assert (read(study, run).state, run.attempt) == (RunState.FINISHED, 2)
    assert len(outputs(study, run)) == len(NAMES)


@pytest.mark.parametrize("late", [False, True], ids=["while computing", "at the very end"])
def test_a_worker_whose_run_another_one_computes_stops_and_stores_nothing(study, enrolled, monkeypatch, late):
    import analysis.engine as engine

    whole, reached = engine.compute, []
    run = ask(study)

    def overtaken(mine, data, report):
        made = whole(mine, data, report) if late else []
        set_run(study, run, attempt=mine.attempt + 1)
        made = made or whole(mine, data, report)
        reached.append("the end")
        return made

    monkeypatch.setattr(engine, "compute", overtaken)
    assert not compute(run)
    assert reached == (["the end"] if late else [])
    assert (read(study, run).state, run.attempt, outputs(study, run)) == (RunState.RUNNING, 2, [])


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A trial in a database of its own, where transactions really commit and threads see each other."""
    with django_db_blocker.unblock(), own_database("rebaseline_runs"):
        yield make_study()


def test_of_several_workers_given_one_run_exactly_one_computes_it(committed):
    enter(Consent, make_patient(committed))
    run, system, start = ask(committed), system_person(), Barrier(3)

    def work(_: int) -> bool:
        try:
            start.wait(timeout=30)
            return compute_run(run.pk, actor=system)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(work, range(3))) == [False, False, True]
    assert (read(committed, run).state, run.attempt) == (RunState.FINISHED, 1)
    assert len(outputs(committed, run)) == len(NAMES)


HANGING_WORKER = """
import sys, time
import django
django.setup()
from analysis import engine, services
from trial.audit import system_person

def compute(run, data, report):
    report(40, "Table 2")
    print("computing", flush=True)
    time.sleep(600)

engine.compute = compute
services.compute_run(int(sys.argv[1]), actor=system_person())
"""


def test_a_run_whose_worker_is_killed_is_finished_by_another_once(committed, monkeypatch):
    enter(Consent, make_patient(committed))
    run = ask(committed)
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    worker = subprocess.Popen(
        [sys.executable, "-c", HANGING_WORKER, str(run.pk)],
        env=os.environ | {"DATABASE_URL": address.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "computing\n"
        worker.kill()
    tasks.take_up_abandoned_runs()
    assert (read(committed, run).state, run.progress) == (RunState.RUNNING, 40), "it may still be alive"
    monkeypatch.setattr(jobs, "ABANDONED_AFTER", timedelta(0))
    for _ in range(2):
        tasks.take_up_abandoned_runs()
    assert (read(committed, run).state, run.attempt) == (RunState.FINISHED, 2)
    assert len(outputs(committed, run)) == len(NAMES)


def test_the_task_carries_an_id_and_nothing_else(study, enrolled):
    run = ask(study)
    tasks.compute(run.pk)
    assert read(study, run).state == RunState.FINISHED


def test_the_run_names_the_code_that_computed_it(study, monkeypatch):
    monkeypatch.setattr(services, "code_version", lambda: "1.2.3")
    run = ask(study)
    monkeypatch.setattr(services, "code_version", lambda: "1.2.4")
    compute(run)
    assert read(study, run).code_version == "1.2.4"
