from celery import shared_task

from analysis.services import abandoned_runs, compute_run, give_up_lost_runs
from trial.audit import system_person


@shared_task(name="analysis.compute_run")
def compute(run_id: int) -> None:
    compute_run(run_id, actor=system_person())


@shared_task(name="analysis.take_up_abandoned_runs")
def take_up_abandoned_runs() -> None:
    system = system_person()
    give_up_lost_runs(actor=system)
    for run_id in abandoned_runs(actor=system):
        compute_run(run_id, actor=system, taken_up=True)
