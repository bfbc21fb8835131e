"""What every test stands on: a database made by its owner and used as the application's role."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections


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
        yield
        default.close()
        default.settings_dict["NAME"] = before
        owner.creation.destroy_test_db(owner.settings_dict["NAME"], verbosity=0)
