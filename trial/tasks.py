from celery import shared_task

from trial.services import seal_trail


@shared_task(name="trial.seal_trail")
def seal_trail_now() -> None:
    seal_trail()
