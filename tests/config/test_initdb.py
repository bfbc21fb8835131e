"""docker/initdb.sh, run as the PostgreSQL image runs it, makes the roles and database the settings need."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import yaml
from psycopg2 import extensions

from config.local_postgres import APP_ROLE, DATABASE, OWNER_ROLE, PORT, SUPERUSER, LocalPostgres
from config.state import ROOT, State
from tests.config.service_processes import environment

GIVEN = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["postgres"]["environment"]
PASSWORDS = {"OWNER_PASSWORD": "its owner's", "APP_PASSWORD": 'quote\'s "and" $(more)'}
RIGHTS = "rolcanlogin, rolcreatedb, rolsuper, rolcreaterole, rolbypassrls, rolreplication"


class EmptyCluster(LocalPostgres):
    """As the image hands it to the script: the superuser and nothing else."""

    def _ensure_roles(self, connection: extensions.connection) -> None:
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    started = EmptyCluster(State(tmp_path_factory.mktemp("cluster")), durable=False)
    started.start()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def initialised(server: LocalPostgres) -> LocalPostgres:
    """After the script; the passwords are those that its variables gave."""
    assert set(PASSWORDS) <= set(GIVEN)
    secrets = server.state.secrets
    image = {"POSTGRES_USER": SUPERUSER, "POSTGRES_PASSWORD": secrets[SUPERUSER], **PASSWORDS}
    reached = {"PGHOST": str(server.state.sockets), "PGPORT": str(PORT), "PGPASSWORD": secrets[SUPERUSER]}
    path = {"PATH": f"{server.programs}:{os.environ['PATH']}"}
    script = ["bash", str(ROOT / "docker" / "initdb.sh")]
    done = subprocess.run(script, env=path | reached | image, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    secrets |= {OWNER_ROLE: PASSWORDS["OWNER_PASSWORD"], APP_ROLE: PASSWORDS["APP_PASSWORD"]}
    return server


def ask(url: str, sql: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_both_roles_sign_in_with_the_passwords_given_and_have_their_rights_and_no_more(
    initialised: LocalPostgres,
) -> None:
    for role, creates_databases in ((APP_ROLE, False), (OWNER_ROLE, True)):
        rights = ask(initialised.url(role), f"SELECT {RIGHTS} FROM pg_roles WHERE rolname = current_user")
        assert rights == [(True, creates_databases, False, False, False, False)]
    owner = initialised.url(OWNER_ROLE)
    assert ask(owner, "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_'") == [(3,)]
    assert ask(owner, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'rebaseline'") == [
        (OWNER_ROLE,)
    ]
    members = ask(owner, "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members")
    assert (APP_ROLE, OWNER_ROLE) in members
    assert (OWNER_ROLE, APP_ROLE) not in members
    assert ask(owner, "SELECT current_database()") == [(DATABASE,)]


def manage(server: LocalPostgres, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    given = {"DATABASE_URL": server.url(APP_ROLE), "SECRET_KEY": "x", "EMAIL_URL": "smtps://mail.example"}
    own = environment(Path(server.state.folder), **given | variables)
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)


def test_the_owner_migrates_and_the_application_may_then_work_and_not_migrate(
    initialised: LocalPostgres,
) -> None:
    owner = {"DATABASE_OWNER_URL": initialised.url(OWNER_ROLE)}
    without_mail = manage(initialised, "migrate", "--database=owner", **owner, EMAIL_URL="")
    assert without_mail.returncode == 1
    assert "EMAIL_URL is not set" in without_mail.stderr
    migrated = manage(initialised, "migrate", "--database=owner", "--no-input", **owner)
    assert (migrated.returncode, migrated.stderr) == (0, "")
    ours = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert ask(initialised.url(APP_ROLE), ours) == [(OWNER_ROLE,)]
    loaded = manage(initialised, "load_ctcae")
    assert (loaded.returncode, loaded.stderr) == (0, "")
    checked = manage(initialised, "verify_audit")
    assert "The trail is whole" in checked.stdout
    refused = manage(initialised, "migrate", "trial", "zero", "--no-input")
    assert refused.returncode == 1
    assert "must be owner" in refused.stderr or "permission denied" in refused.stderr
