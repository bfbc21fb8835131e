"""A PostgreSQL server for one machine, under our own supervision and out of the network's reach."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import extensions, sql

from config.processes import Child, Identity, ServiceError, bound_to_parent, unprivileged_identity
from config.state import State
from trial.postgres_programs import ProgramsMissing, server_folder

SUPERUSER, OWNER_ROLE, APP_ROLE, DATABASE = "postgres", "rebaseline_owner", "rebaseline_app", "rebaseline"
PORT = 5432  # names the socket file; no port is opened
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
READY_WITHIN = 300.0  # replaying the log after a crash may take its time

ROLE_RIGHTS = {
    OWNER_ROLE: "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
    APP_ROLE: "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
}


class LocalPostgres:
    """One cluster in the state folder. `durable=False` trades safety for speed and is for tests only."""

    def __init__(self, state: State, *, durable: bool = True, identity: Identity | None = None) -> None:
        self.state, self.durable = state, durable
        self.cluster = state.folder / "postgres"
        try:
            self.programs, self.major = server_folder()
        except ProgramsMissing as missing:
            raise ServiceError(str(missing)) from missing
        self.identity = identity or unprivileged_identity(self.programs / "postgres")
        self.child = Child(
            "PostgreSQL",
            self._command(),
            log=state.log("postgres"),
            stop_signal=signal.SIGINT,  # "fast": ends sessions, then writes everything out
            identity=self.identity,
            env=_environment(),
            cwd=state.folder,
        )

    def start(self) -> None:
        """Create the cluster the first time, recover it after a crash, and return when it answers."""
        _ = self.state.secrets  # without them an existing cluster is of no use
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._take_possession()
        self._await_predecessor()
        self.child.start()
        with contextlib.closing(self._connect_when_ready()) as connection:
            connection.autocommit = True
            if self.durable:
                assert_durable(connection)
            self._ensure_roles(connection)

    def stop(self) -> None:
        self.child.stop(patience=60)

    def url(self, role: str) -> str:
        """The URL of our database as `role`, by way of the socket."""
        password = quote(self.state.secrets[role], safe="")
        return f"postgresql://{role}:{password}@/{DATABASE}?host={quote(str(self.state.sockets))}&port={PORT}"

    def _command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.state.sockets),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "max_connections": "60",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            # A refused row is quoted in DETAIL and in the statement: clinical values stay out of the log.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            **(DURABLE if self.durable else dict.fromkeys(DURABLE, "off")),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.programs / "postgres", "-D", self.cluster, *options]

    def _initialise(self) -> None:
        """Make the cluster beside its place, then move it: a half-made one is never mistaken for ours."""
        draft = self.state.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, self.identity.owner, -1)
        password_file = self.state.write_private("initdb-password", self.state.secrets[SUPERUSER])
        command: list[str | Path] = [
            *(self.programs / "initdb", "-D", draft, "-U", SUPERUSER, f"--pwfile={password_file}"),
            *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--no-instructions"),
            *(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.major >= 17 else []),
            *("--locale=C", *([] if self.durable else ["--no-sync"])),
        ]
        try:
            made = subprocess.run(
                command,
                capture_output=True,
                text=True,
                env=_environment(),
                cwd=self.state.folder,
                preexec_fn=bound_to_parent(signal.SIGTERM, self.identity),
            )
        finally:
            password_file.unlink()
        if made.returncode:
            raise ServiceError(f"PostgreSQL could not create its files in {draft}:\n{made.stderr.strip()}")
        draft.rename(self.cluster)

    def _check_version(self) -> None:
        made_by = int((self.cluster / "PG_VERSION").read_text())
        if made_by != self.major:
            raise ServiceError(
                f"{self.cluster} was made by PostgreSQL {made_by}, here is version {self.major}. "
                "Back up with the old version and restore into an empty state folder."
            )

    def _take_possession(self) -> None:
        """Give the files to the identity the server runs under, when an earlier start used another."""
        owner = self.identity.owner
        if self.cluster.stat().st_uid == owner:
            return
        if os.geteuid() != 0:
            raise ServiceError(f"{self.cluster} belongs to another user; start as that user, or as root.")
        for folder, names, files in os.walk(self.cluster):
            for name in [*names, *files, "."]:
                os.chown(Path(folder) / name, owner, -1, follow_symlinks=False)

    def _await_predecessor(self) -> None:
        """Let a server that lost its keeper finish its shutdown; forget the lock of one that is gone.

        We hold the keeper's lock, so no other keeper runs this cluster. After a crash the number in the lock
        file may name a stranger: only a process that works in the cluster's folder is taken for a server.
        """
        if not Path("/proc/self/cwd").exists():
            return  # PostgreSQL's own check of the lock has to do
        lock = self.cluster / "postmaster.pid"
        deadline = time.monotonic() + 60
        while (server := _server_of(lock)) is not None:
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"PostgreSQL (process {server}) still uses {self.cluster} and does not end."
                )
            os.kill(server, signal.SIGINT)
            time.sleep(0.2)
        lock.unlink(missing_ok=True)
        for left_over in self.state.sockets.glob(".s.PGSQL.*"):
            left_over.unlink()

    def _connect_when_ready(self) -> extensions.connection:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                return psycopg2.connect(
                    dbname="postgres",
                    user=SUPERUSER,
                    password=self.state.secrets[SUPERUSER],
                    host=str(self.state.sockets),
                    port=PORT,
                )
            except psycopg2.OperationalError as error:
                if not self.child.is_running():
                    raise ServiceError(f"PostgreSQL did not start:\n{self.child.last_words()}") from error
                if "password authentication failed" in str(error):
                    raise ServiceError(
                        f"The passwords in {self.state.secrets_file} are not those of {self.cluster}."
                    ) from error
                if time.monotonic() > deadline:
                    raise ServiceError(f"PostgreSQL does not answer: {error}") from error
                time.sleep(0.02)

    def _ensure_roles(self, connection: extensions.connection) -> None:
        """The owner migrates and makes test databases; the application may do what it is granted."""
        with connection.cursor() as cursor:
            for role, rights in ROLE_RIGHTS.items():
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = "ALTER" if cursor.fetchone() else "CREATE"
                statement = sql.SQL(f"{verb} ROLE {{}} {rights} PASSWORD {{}}")
                cursor.execute(statement.format(sql.Identifier(role), sql.Literal(self.state.secrets[role])))
            # Lets the owner close the application's sessions, which restoring over a database needs.
            cursor.execute(f"GRANT {APP_ROLE} TO {OWNER_ROLE}")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")


def assert_durable(connection: extensions.connection) -> None:
    """Refuse a server that may lose what it acknowledged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)])
        actual = dict(cursor.fetchall())
    if actual != DURABLE:
        wrong = ", ".join(f"{name} = {value}" for name, value in sorted(actual.items()) if value != "on")
        raise ServiceError(f"PostgreSQL would lose saved data in a crash: {wrong}.")


def _environment() -> dict[str, str]:
    """Ours without PostgreSQL's own variables and without a locale the server would have to know."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_")) and name not in ("LANG", "LANGUAGE")
    } | {"LC_ALL": "C"}


def _server_of(lock: Path) -> int | None:
    """The process named in postmaster.pid, when it is alive and works in that cluster."""
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
        os.kill(pid, 0)
        workplace = Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
        return None
    return pid if workplace == lock.parent.resolve() else None
