"""The demonstration trial is there whole or not at all, however often its loading is interrupted."""

from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from config.local_services import LocalServices
from config.prepare import Preparation
from config.processes import ServiceError


def query(url: str, sql: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []


class Rehearsal(Preparation):
    """Management commands reduced to what they leave in the database."""

    interrupted = False

    def manage(self, *arguments: str, environment: dict[str, str] | None = None, show: bool = False) -> str:
        self.done = [*getattr(self, "done", []), arguments[0]]
        url = (environment or self.environment)["DATABASE_OWNER_URL"]
        if arguments[0] == "migrate":
            for table in ("django_migrations", "trial_trial"):
                query(url, f"CREATE TABLE IF NOT EXISTS {table} (code text)")
        if arguments[0] == "demo":
            query(url, "INSERT INTO trial_trial VALUES ('loaded')")
            if self.interrupted:
                raise ServiceError("interrupted in the middle")
        return ""


def databases(url: str) -> list[str]:
    names = query(url, "SELECT datname FROM pg_database WHERE datname LIKE 'rebaseline%' ORDER BY 1")
    return [str(name) for (name,) in names]


def test_an_interrupted_load_leaves_nothing_and_the_next_start_loads_again(folder: Path) -> None:
    with LocalServices(folder) as services:
        url = services.variables["DATABASE_OWNER_URL"]
        rehearsal = Rehearsal(services.state, services.variables, own_server=True)
        rehearsal.interrupted = True
        with pytest.raises(ServiceError, match="interrupted"):
            rehearsal.prepare()
        assert query(url, "SELECT to_regclass('trial_trial')") == [(None,)]
        rehearsal.interrupted = False
        rehearsal.prepare()
        assert query(url, "SELECT code FROM trial_trial") == [("loaded",)]
        assert databases(url) == ["rebaseline"]
        rehearsal.done = []
        rehearsal.prepare()
        assert rehearsal.done == ["migrate", "build_figures", "collectstatic"]


def test_what_somebody_made_without_a_trial_is_set_aside_and_kept(folder: Path) -> None:
    with LocalServices(folder) as services:
        url = services.variables["DATABASE_OWNER_URL"]
        query(url, "CREATE TABLE django_migrations AS SELECT 'by hand' AS code")
        Rehearsal(services.state, services.variables, own_server=True).prepare()
        aside, current = sorted(databases(url), key=len, reverse=True)
        assert query(url, "SELECT code FROM trial_trial") == [("loaded",)]
        assert current == "rebaseline"
        assert query(url.replace("/rebaseline?", f"/{aside}?"), "SELECT code FROM django_migrations") == [
            ("by hand",)
        ]


def test_a_server_that_is_not_safe_is_refused_before_anything_is_done(folder: Path) -> None:
    with LocalServices(folder, durable=False) as services:
        rehearsal = Rehearsal(services.state, services.variables, own_server=True)
        with pytest.raises(ServiceError, match=r"would lose saved data in a crash: fsync = off"):
            rehearsal.prepare()


def test_a_failing_command_is_quoted_with_the_end_of_its_log(folder: Path) -> None:
    with LocalServices(folder) as services:
        preparation = Preparation(services.state, services.variables, own_server=True)
        with pytest.raises(ServiceError, match=r"“manage.py no-such-command” failed; .*\n.*Unknown command"):
            preparation.manage("no-such-command")
