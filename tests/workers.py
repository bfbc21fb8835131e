"""Every process of a parallel run has its own PostgreSQL and Valkey: `pytest -p tests.workers -n 2`."""

import os
from collections.abc import Iterator

import pytest

from config.local_services import PROVIDED_BY, LocalServices


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Before settings look where the services are; the process that only hands out tests needs none."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        for variable in (*PROVIDED_BY.values(), "DATABASE_OWNER_URL"):
            os.environ.pop(variable, None)
        services = LocalServices(durable=False)
        services.__enter__()
        early_config.add_cleanup(lambda: services.__exit__(None, None, None))
        os.environ.update(services.variables)
    return (yield)
