"""Before the demo serves: database and static files up to date, and the trial loaded the first time."""

import contextlib
import signal
import subprocess
import sys

import psycopg2
from psycopg2 import sql

from config.local_postgres import DATABASE, assert_durable
from config.log_files import keep_small
from config.processes import ServiceError, bound_to_parent
from config.state import ROOT, State
from trial.backups import Server, execute, put_in_place

BESIDE = f"{DATABASE}_loading"


class Preparation:
    """Management commands on one state folder, with the owner's rights."""

    def __init__(self, state: State, environment: dict[str, str], *, own_server: bool) -> None:
        self.state, self.environment, self.own_server = state, environment, own_server
        self.server = Server.from_url(environment["DATABASE_OWNER_URL"])

    def prepare(self) -> None:
        with contextlib.closing(psycopg2.connect(self.environment["DATABASE_URL"])) as connection:
            assert_durable(connection)
        if self._count("trial_trial"):
            print("Bringing the database up to date …", flush=True)
            self._migrate(self.environment)
        else:
            print("Loading the SYNTHETIC demonstration trial; this happens once …", flush=True)
            self._load()
        self.manage("build_figures")
        self.manage("collectstatic", "--no-input")

    def sign_ins(self) -> str:
        """One line per role: role, e-mail, password."""
        return self.manage("demo", "--sign-ins")

    def manage(self, *arguments: str, environment: dict[str, str] | None = None, show: bool = False) -> str:
        """Run one management command; return what it prints, or raise with the end of its log."""
        log = self.state.log("prepare")
        keep_small(log)
        with log.open("a") as errors:
            done = subprocess.run(
                [sys.executable, "-u", "manage.py", *arguments],
                cwd=ROOT,
                env=environment or self.environment,
                stdin=subprocess.DEVNULL,
                stdout=None if show else subprocess.PIPE,
                stderr=errors,
                text=True,
                preexec_fn=bound_to_parent(signal.SIGTERM),
            )
            errors.write(done.stdout or "")
        if done.returncode:
            last_words = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise ServiceError(f"“manage.py {' '.join(arguments)}” failed; {log} ends with:\n{last_words}")
        return done.stdout or ""

    def _load(self) -> None:
        """Load beside and take the place when whole: whoever interrupts this finds nothing half done."""
        if not self.own_server:
            self._migrate(self.environment)
            self.manage("demo", show=True)
            return
        maintenance = self.server.named("postgres")
        beside = sql.Identifier(BESIDE)
        execute(maintenance, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(beside))
        execute(maintenance, sql.SQL("CREATE DATABASE {}").format(beside))
        elsewhere = self.environment | {
            name: self.environment[name].replace(f"/{DATABASE}?", f"/{BESIDE}?")
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
        }
        self._migrate(elsewhere)
        self.manage("demo", environment=elsewhere, show=True)
        was_unused = not self._count("django_migrations")
        aside = put_in_place(maintenance, DATABASE, BESIDE)
        if was_unused:
            execute(maintenance, sql.SQL("DROP DATABASE {}").format(sql.Identifier(aside)))

    def _migrate(self, environment: dict[str, str]) -> None:
        self.manage("migrate", "--database=owner", "--no-input", environment=environment)

    def _count(self, table: str) -> int:
        """Rows of a table, none where there is no such table."""
        with contextlib.closing(self.server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if not cursor.fetchone()[0]:
                return 0
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            return int(cursor.fetchone()[0])
