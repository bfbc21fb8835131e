"""The Celery application: tasks carry an id and nothing else."""

import logging
import logging.config
import os
import signal
from collections.abc import Mapping
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from config.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("rebaseline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def end_with_worker(**_: Any) -> None:
    """A task's process must not outlive a killed worker: the task is handed out again."""
    end_with_parent(signal.SIGKILL)


def log_as_the_site_does(**_: Any) -> None:
    """Celery's own lines would quote what a task raised or returned, clinical values included."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
    logging.getLogger("celery.app.trace").addFilter(withhold_values)


def withhold_values(record: logging.LogRecord) -> bool:
    """Keep a task's name, id and duration in its log line; leave out what may hold a patient's value."""
    if isinstance(record.args, Mapping):
        record.args = {
            name: "(withheld)" if name in ("exc", "return_value", "args", "kwargs") else value
            for name, value in record.args.items()
        }
    return True


worker_process_init.connect(end_with_worker)
setup_logging.connect(log_as_the_site_does)
