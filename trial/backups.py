"""Safe keeping: the whole database in one file, and back from it, with the server's own programs.

The file is a tar of `database.dump` (pg_dump's custom format) and `manifest.json`, which says what the dump
must be: its SHA-256, the migrations it was made under, rows and digest of every table in that snapshot.
"""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg2
from psycopg2 import extensions, sql

from trial.postgres_programs import ProgramsMissing, client_program
from trial.protect import APP_ROLE

DUMP, MANIFEST, FORMAT = "database.dump", "manifest.json", 1
CHUNK = 1 << 20
# A row's text must not depend on how a session likes to see dates, numbers or bytes.
COMPARABLE = (
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("row_security", "off"),
)
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""

Migrations = list[tuple[str, str]]


class BackupError(Exception):
    """Why a backup was not made or not restored, as a sentence."""


@dataclass(frozen=True, slots=True)
class Server:
    """A database as its owner reaches it."""

    host: str
    port: str
    user: str
    password: str
    name: str

    @classmethod
    def from_settings(cls, entry: dict[str, Any]) -> "Server":
        """From an entry of Django's DATABASES."""
        return cls(*(str(entry[key]) for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")))

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """From postgresql://user:password@host:port/name or …@/name?host=/socket/folder&port=5432."""
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        host = query.get("host", [parts.hostname or ""])[0]
        port = query.get("port", [str(parts.port or 5432)])[0]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(host, port, user, password, parts.path.lstrip("/"))

    def named(self, name: str) -> "Server":
        """Another database of the same server."""
        return replace(self, name=name)

    def connect(self) -> extensions.connection:
        return psycopg2.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=self.name
        )

    def environment(self) -> dict[str, str]:
        """For PostgreSQL's programs: in their arguments a password could be read by other users."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return own | {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    format: int
    made_at: str
    code_version: str
    postgres: int
    migrations: Migrations
    tables: dict[str, tuple[int, str]]
    sha256: str

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        try:
            fields = json.loads(text)
            fields["migrations"] = [(app, name) for app, name in fields["migrations"]]
            fields["tables"] = {name: (rows, digest) for name, (rows, digest) in fields["tables"].items()}
            return cls(**fields)
        except (ValueError, TypeError, KeyError) as error:
            raise BackupError(f"Its {MANIFEST} cannot be read ({error}).") from error


def back_up(server: Server, file: Path, *, code_version: str) -> Manifest:
    """Write the database of this moment to `file`, whole or not at all, readable by its owner only."""
    with (
        closing(server.connect()) as connection,
        tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=_folder_of(file)) as draft_folder,
    ):
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        dump = Path(draft_folder) / DUMP
        arguments = ["--format=custom", "--no-comments", f"--snapshot={snapshot}", f"--file={dump}"]
        _run_program("pg_dump", arguments, server, connection)
        manifest = Manifest(
            format=FORMAT,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            code_version=code_version,
            postgres=_major(connection),
            migrations=_applied_migrations(connection),
            tables=table_digests(connection),
            sha256=_sha256_of(dump),
        )
        draft = Path(draft_folder) / "backup"
        _write_tar(draft, dump, manifest)
        draft.replace(file)
    _flush(file.absolute().parent)
    return manifest


def restore(
    server: Server, file: Path, *, known_migrations: set[tuple[str, str]], over: bool = False
) -> Manifest:
    """Bring a backup back and find every table equal to what was dumped.

    The database must be empty. With `over` a full one is set aside under another name, and only after the
    backup has been restored and checked beside it.
    """
    manifest = read_manifest(file)
    if newer := sorted(set(manifest.migrations) - known_migrations):
        raise BackupError(
            f"{file} was made by a newer version of the product: {'.'.join(newer[0])} is unknown here."
        )
    with closing(server.connect()) as connection:
        _require_role(connection)
        empty = not _tables(connection)
        if not empty and not over:
            raise BackupError(f"Database {server.name} is not empty, so nothing was restored.")
    if empty:
        _restore_into(server, file, manifest)
        return manifest
    beside = server.named(f"{server.name}_restoring")
    maintenance = server.named("postgres")
    execute(maintenance, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(beside.name)))
    execute(maintenance, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(beside.name)))
    _restore_into(beside, file, manifest)
    put_in_place(maintenance, server.name, beside.name)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup whose dump is the one it describes."""
    try:
        with tarfile.open(file, "r:") as tar:
            described, dump = tar.extractfile(MANIFEST), tar.extractfile(DUMP)
            assert described is not None
            assert dump is not None
            manifest = Manifest.from_json(described.read())
            actual = hashlib.sha256()
            while chunk := dump.read(CHUNK):
                actual.update(chunk)
    except FileNotFoundError as error:
        raise BackupError(f"There is no file {file}.") from error
    except (tarfile.TarError, KeyError, OSError, AssertionError) as error:
        raise BackupError(f"{file} is not a backup of this product, or is cut short ({error}).") from error
    except BackupError as error:
        raise BackupError(f"{file} is not a backup of this product. {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{file} has format {manifest.format}; this version reads {FORMAT}.")
    if actual.hexdigest() != manifest.sha256:
        raise BackupError(f"{file} is damaged: its SHA-256 is not the one it was made with.")
    return manifest


def table_digests(connection: extensions.connection) -> dict[str, tuple[int, str]]:
    """Per table the number of rows and a sum over their hashes, whatever their order."""
    digests = {}
    with connection.cursor() as cursor:
        for name, value in COMPARABLE:
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
        for schema, table in _tables(connection):
            row_hash = "('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint"
            query = sql.SQL(f"SELECT count(*), coalesce(sum({row_hash}), 0)::text FROM {{}} t")
            cursor.execute(query.format(sql.Identifier(schema, table)))
            digests[f"{schema}.{table}"] = cursor.fetchone()
    return digests


def put_in_place(maintenance: Server, name: str, beside: str) -> str:
    """Put one database in the place of another, which is kept under the name returned, in one step."""
    aside = f"{name}_until_{datetime.now(UTC):%Y%m%d%H%M%S}"
    sessions = sql.SQL(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname IN ({}, {})"
    )
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}; ALTER DATABASE {} RENAME TO {}")
    execute(maintenance, sessions.format(sql.Literal(name), sql.Literal(beside)))
    execute(maintenance, rename.format(*map(sql.Identifier, (name, aside, beside, name))))
    return aside


def execute(server: Server, statement: sql.Composable) -> None:
    """One statement of its own, outside any transaction."""
    with closing(server.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except psycopg2.Error as error:
                raise BackupError(f"PostgreSQL refused: {str(error).strip()}") from error


def _restore_into(server: Server, file: Path, manifest: Manifest) -> None:
    with closing(server.connect()) as connection:
        connection.autocommit = True
        with tarfile.open(file, "r:") as tar:
            arguments = ["--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={server.name}"]
            _run_program("pg_restore", arguments, server, connection, tar.extractfile(DUMP))
        restored = table_digests(connection)
    if wrong := sorted(
        name for name in {*restored, *manifest.tables} if restored.get(name) != manifest.tables.get(name)
    ):
        raise BackupError(
            f"After restoring, these tables are not as they were backed up: {', '.join(wrong)}."
        )


def _run_program(
    name: str, arguments: list[str], server: Server, connection: extensions.connection, feed: Any = None
) -> None:
    """Run one of the server's own programs; its complaint becomes the error."""
    try:
        program = client_program(name, _major(connection))
    except ProgramsMissing as missing:
        raise BackupError(str(missing)) from missing
    with subprocess.Popen(
        [program, *arguments],
        env=server.environment(),
        stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        if feed and process.stdin:
            try:
                while chunk := feed.read(CHUNK):
                    process.stdin.write(chunk)
                process.stdin.close()
            except BrokenPipeError:
                process.stdin = None
        assert process.stderr is not None
        complaint = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise BackupError(f"{name} failed: {complaint}")


def _write_tar(target: Path, dump: Path, manifest: Manifest) -> None:
    described = json.dumps(asdict(manifest), indent=1).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(described), 0o600
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.addfile(entry, io.BytesIO(described))
            tar.add(dump, DUMP)
        file.flush()
        os.fsync(file.fileno())


def _require_role(connection: extensions.connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if not cursor.rowcount:
            raise BackupError(
                f"This server has no role {APP_ROLE}; create it first, as for a new installation."
            )


def _tables(connection: extensions.connection) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return list(cursor.fetchall())


def _applied_migrations(connection: extensions.connection) -> Migrations:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            raise BackupError("The database has no tables of this product yet; there is nothing to back up.")
        cursor.execute("SELECT DISTINCT app, name FROM django_migrations ORDER BY 1, 2")
        return list(cursor.fetchall())


def _major(connection: extensions.connection) -> int:
    return int(connection.server_version) // 10000


def _folder_of(file: Path) -> Path:
    folder = file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise BackupError(f"There is no folder {folder} one can write to.")
    if file.is_dir():
        raise BackupError(f"{file} is a folder; name a file.")
    return folder


def _sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
