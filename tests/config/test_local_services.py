"""The embedded services come up for whoever needs them, and go with the last of them, whatever happens."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psycopg2
import pytest
import redis

from config.local_postgres import LocalPostgres, assert_durable
from config.local_services import LocalServices
from config.processes import Identity, ServiceError
from config.state import ROOT, State
from tests.config.service_processes import Session, arguments_of, environment, eventually, processes_of

POSTMASTER = "SELECT pg_postmaster_start_time()"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "config.local_services", "run", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True)


def keeper_of(folder: Path) -> int:
    keepers = [pid for pid in processes_of(folder) if "config.keeper" in arguments_of(pid)]
    assert len(keepers) == 1
    return keepers[0]


def test_a_command_gets_both_services_and_its_own_exit_status(folder: Path) -> None:
    script = (
        "import os, sys, psycopg2, redis; k = psycopg2.connect(os.environ['DATABASE_URL']).cursor();"
        "q = redis.from_url(os.environ['REDIS_URL']);"
        "k.execute('SELECT current_user'); print(k.fetchone()[0], q.ping());"
        "sys.exit(7)"
    )
    done = run(folder, "--data", str(folder), "--", sys.executable, "-c", script)
    assert (done.stdout, done.stderr, done.returncode) == ("rebaseline_app True\n", "", 7)
    assert not processes_of(folder)


def test_temporary_services_leave_nothing_behind(folder: Path) -> None:
    done = run(
        folder, "--temporary", "--", sys.executable, "-c", "import os; print(os.environ['REBASELINE_DATA'])"
    )
    assert done.returncode == 0
    assert not Path(done.stdout.strip()).exists()


def test_a_missing_command_is_named_and_nothing_stays(folder: Path) -> None:
    done = run(folder, "--data", str(folder), "--", "no-such-command")
    assert (done.returncode, done.stderr) == (1, "no-such-command: no such command\n")
    assert not processes_of(folder)


def test_the_second_attaches_and_may_stay_longer_than_the_first(
    session: Callable[[], Session], folder: Path
) -> None:
    first, second = session(), session()
    started = first.query(POSTMASTER)
    assert second.query(POSTMASTER) == started
    assert first.end() == 0
    third = session()
    assert second.query(POSTMASTER) == third.query(POSTMASTER) == started
    third.end()
    second.end()
    assert eventually(lambda: not processes_of(folder))


def test_two_who_start_at_the_same_moment_share_one_server(folder: Path) -> None:
    command = [sys.executable, "-m", "config.local_services", "run", "--data", str(folder), "--"]
    show = (
        "import os, sys, psycopg2; psycopg2.connect(os.environ['DATABASE_URL']).cursor().execute(sys.argv[1])"
    )
    both = [
        subprocess.Popen(
            [*command, sys.executable, "-c", show, POSTMASTER], cwd=ROOT, env=environment(folder)
        )
        for _ in range(2)
    ]
    assert [process.wait() for process in both] == [0, 0]
    assert not processes_of(folder)


def test_services_end_with_a_killed_user_and_keep_what_was_saved(
    session: Callable[[], Session], folder: Path
) -> None:
    user = session()
    user.query("CREATE TABLE kept AS SELECT 42 AS answer", "DATABASE_OWNER_URL")
    user.kill()
    assert eventually(lambda: not processes_of(folder))
    again = session()
    assert again.query("SELECT answer FROM kept", "DATABASE_OWNER_URL") == "[(42,)]"


def test_servers_end_with_a_killed_keeper_and_the_next_user_starts_them(
    session: Callable[[], Session], folder: Path
) -> None:
    user = session()
    user.query("CREATE TABLE kept AS SELECT 42 AS answer", "DATABASE_OWNER_URL")
    os.kill(keeper_of(folder), signal.SIGKILL)
    next_user = session()
    assert next_user.query("SELECT answer FROM kept", "DATABASE_OWNER_URL") == "[(42,)]"
    assert next_user.end() == 0
    assert user.query("SELECT answer FROM kept", "DATABASE_OWNER_URL") == "[(42,)]"


def test_a_lock_left_by_a_power_cut_is_recovered_even_where_its_number_is_taken(
    session: Callable[[], Session], folder: Path
) -> None:
    session().query("CREATE TABLE kept AS SELECT 42 AS answer", "DATABASE_OWNER_URL")
    lock = folder / "postgres" / "postmaster.pid"
    written = lock.read_text()
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):  # it went with one killed before it
            os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not processes_of(folder))
    lock.write_text(f"{os.getppid()}\n" + written.split("\n", 1)[1])
    assert session().query("SELECT answer FROM kept", "DATABASE_OWNER_URL") == "[(42,)]"


def test_a_server_that_ends_is_started_again(session: Callable[[], Session], folder: Path) -> None:
    user = session()
    started = user.query(POSTMASTER)
    os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    user.wait_for_database()
    assert user.query(POSTMASTER) not in ("", started)


def test_roles_have_the_rights_they_need_and_no_more(folder: Path) -> None:
    with LocalServices(folder, durable=False) as services:
        app_url, owner_url = services.variables["DATABASE_URL"], services.variables["DATABASE_OWNER_URL"]
        with closing(psycopg2.connect(owner_url)) as owner:
            owner.autocommit = True
            cursor = owner.cursor()
            cursor.execute(
                "SELECT rolname, rolcanlogin, rolcreatedb, rolsuper, rolcreaterole, rolbypassrls, "
                "rolreplication FROM pg_roles WHERE rolname LIKE 'rebaseline%' ORDER BY 1"
            )
            assert cursor.fetchall() == [
                ("rebaseline_app", True, False, False, False, False, False),
                ("rebaseline_owner", True, True, False, False, False, False),
            ]
            cursor.execute("CREATE DATABASE test_of_the_owner")
        with closing(psycopg2.connect(app_url.replace("/rebaseline?", "/test_of_the_owner?"))) as app:
            cursor = app.cursor()
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("CREATE TABLE here (id int)")
        with closing(psycopg2.connect(app_url)) as app:
            app.autocommit = True
            cursor = app.cursor()
            cursor.execute("SHOW listen_addresses")
            assert cursor.fetchone() == ("",)
            for refused in (
                "CREATE DATABASE mine",
                "SET ROLE rebaseline_owner",
                "ALTER SYSTEM SET fsync = off",
            ):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(refused)


def test_passwords_are_asked_for_and_private(folder: Path) -> None:
    with LocalServices(folder, durable=False) as services:
        url = services.variables["DATABASE_URL"]
        for wrong in (
            url.replace("rebaseline_app:", "rebaseline_app:x"),
            url.replace("rebaseline_app:", "postgres:"),
        ):
            with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
                psycopg2.connect(wrong)
        private = [folder, folder / "secrets.json", folder / "run" / "offered.json", services.state.sockets]
        assert [oct(path.stat().st_mode & 0o077) for path in private] == ["0o0"] * 4


def test_a_refused_row_is_not_quoted_in_the_server_log(folder: Path) -> None:
    with LocalServices(folder, durable=False) as services:
        with closing(psycopg2.connect(services.variables["DATABASE_OWNER_URL"])) as owner:
            cursor = owner.cursor()
            cursor.execute("CREATE TABLE visit (weight text CHECK (weight <> '4711'), id int PRIMARY KEY)")
            with pytest.raises(psycopg2.errors.CheckViolation, match="4711"):
                cursor.execute("INSERT INTO visit VALUES ('4711', 1)")
        log = (folder / "log" / "postgres.log").read_text()
    assert "violates check constraint" in log
    assert "4711" not in log


def test_safe_settings_are_required_and_the_fast_ones_refused(folder: Path, tmp_path: Path) -> None:
    with (
        LocalServices(folder) as safe,
        closing(psycopg2.connect(safe.variables["DATABASE_URL"])) as connection,
    ):
        assert_durable(connection)
        connection.cursor().execute("SET synchronous_commit = off")
        with pytest.raises(ServiceError, match="synchronous_commit = off"):
            assert_durable(connection)


def test_the_queue_survives_a_killed_server(folder: Path) -> None:
    with LocalServices(folder) as services:
        queue = redis.from_url(services.variables["REDIS_URL"])
        queue.rpush("celery", "task")
        os.kill(queue.info()["process_id"], signal.SIGKILL)
        queue.close()

        def task() -> list[bytes]:
            try:
                return queue.lrange("celery", 0, -1)
            except redis.ConnectionError:
                return []

        assert eventually(task)
        assert task() == [b"task"]
        queue.close()


def test_what_the_environment_provides_is_not_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/rebaseline")
    with LocalServices(folder, durable=False) as services:
        assert set(services.variables) == {"REDIS_URL", "SECRET_KEY", "REBASELINE_DATA", "EMAIL_URL"}
        monkeypatch.delenv("DATABASE_URL")
        with pytest.raises(ServiceError, match="in use without postgres"), LocalServices(folder):
            pass
    assert not (folder / "postgres").exists()


def test_a_cluster_of_another_version_is_refused_in_words(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("9\n")
    (folder / "secrets.json").write_text(json.dumps(dict.fromkeys(("postgres", "secret_key"), "x")))
    with pytest.raises(ServiceError, match="made by PostgreSQL 9"), LocalServices(folder):
        pass


def test_a_cluster_without_its_passwords_is_refused_in_words(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServiceError, match=r"Without .*secrets\.json"), LocalServices(folder):
        pass


def test_a_folder_of_another_user_is_refused_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    State(folder)
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(ServiceError, match="belongs to another user"):
        State(folder)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root takes another identity; this run is an ordinary user's"
)
@pytest.mark.parametrize("second", [Identity.NAMESPACE, Identity.NOBODY])
@pytest.mark.parametrize("first", [Identity.NAMESPACE, Identity.NOBODY])
def test_root_starts_the_server_under_either_identity(
    folder: Path, first: Identity, second: Identity
) -> None:
    folder.parent.chmod(0o700)
    for identity in (first, second):
        server = LocalPostgres(State(folder), durable=False, identity=identity)
        try:
            server.start()
            with closing(psycopg2.connect(server.url("rebaseline_app"))) as connection:
                assert connection.server_version >= 150000
        finally:
            server.stop()
        assert (folder / "postgres").stat().st_uid == identity.owner
