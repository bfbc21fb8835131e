"""What every test stands on: a database made by its owner and used as the application's role."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connections, transaction

from tests.databases import PRISTINE, copy_database, drop_database, pointed_at

# No test fails for the time it takes. `make test` looks longer for counterexamples than the inner loop does.
UNTIMED = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("ci", max_examples=100, **UNTIMED)
hypothesis.settings.register_profile("dev", max_examples=20, **UNTIMED)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_configure() -> None:
    """Pages are served from a folder that a fresh machine does not have yet; an empty one is enough."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """The owner migrates; every test then connects as the application does, row-level security included."""
    with django_db_blocker.unblock():
        owner, default = connections["owner"], connections["default"]
        before = default.settings_dict["NAME"]
        name = owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        default.close()
        default.settings_dict["NAME"] = name
        owner.close()
        copy_database(PRISTINE, template=name)
        yield
        drop_database(PRISTINE)
        default.close()
        default.settings_dict["NAME"] = before
        owner.creation.destroy_test_db(owner.settings_dict["NAME"], verbosity=0)


@pytest.fixture(scope="session")
def demo_template(django_db_setup, django_db_blocker) -> Iterator[str]:
    """The name of a database with the SYNTHETIC demonstration trial, loaded once for all tests.

    Tests that commit copy it: `own_database(name, template=demo_template)`.
    """
    from demo.load import load

    with django_db_blocker.unblock():
        copy_database("rebaseline_test_demo")
        try:
            with pointed_at("rebaseline_test_demo"):
                load()
            yield "rebaseline_test_demo"
        finally:
            drop_database("rebaseline_test_demo")


@pytest.fixture
def demo_database(demo_template, django_db_blocker) -> Iterator[None]:
    """Work on the demonstration trial; whatever the test writes is rolled back."""
    with django_db_blocker.unblock(), pointed_at(demo_template), transaction.atomic():
        yield
        transaction.set_rollback(True)
