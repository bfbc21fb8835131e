from celery import shared_task

from documents.services import abandoned_prints, discard_expired, give_up_lost_prints, make_print
from trial.audit import system_person


@shared_task(name="documents.make_print")
def make(job_id: int) -> None:
    make_print(job_id, actor=system_person())


@shared_task(name="documents.take_up_abandoned_prints")
def take_up_abandoned_prints() -> None:
    system = system_person()
    give_up_lost_prints(actor=system)
    for job_id in abandoned_prints(actor=system):
        make_print(job_id, actor=system, taken_up=True)


@shared_task(name="documents.discard_expired_prints")
def discard_expired_prints() -> None:
    discard_expired(actor=system_person())
