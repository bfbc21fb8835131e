from celery import shared_task

from casebook.services_drafts import forget_old_drafts


@shared_task(name="casebook.forget_old_drafts")
def forget_old_drafts_now() -> None:
    forget_old_drafts()
