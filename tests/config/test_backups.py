"""A backup restored into an empty cluster is the same database: rows, trail, guards and rights."""

import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql

from config.local_services import LocalServices
from tests.databases import own_database
from trial import backups
from trial.backups import BackupError, Server, back_up, read_manifest, restore, table_digests

GRANTEE = "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, is_grantable"
CATALOGUE = {
    "columns": """SELECT table_name, column_name, data_type, column_default, is_nullable, is_identity,
                      generation_expression FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal",
    "row-level security": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    "policies": "SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies",
    "functions": "SELECT pg_get_functiondef(p.oid) FROM pg_proc p "
    "WHERE pronamespace = 'public'::regnamespace "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    "rights on tables": f"""SELECT relname, {GRANTEE} FROM pg_class, aclexplode(relacl)
                            WHERE relnamespace = 'public'::regnamespace""",
    "rights on columns": f"""SELECT attrelid::regclass::text, attname, {GRANTEE}
                             FROM pg_attribute, aclexplode(attacl)
                             WHERE attrelid::regclass::text NOT LIKE 'pg\\_%'""",
    "rights on functions": f"""SELECT p.oid::regprocedure::text, {GRANTEE} FROM pg_proc p, aclexplode(proacl)
                               WHERE pronamespace = 'public'::regnamespace""",
    "rights to come": f"SELECT defaclobjtype::text, {GRANTEE} FROM pg_default_acl, aclexplode(defaclacl)",
}


def rows(server: Server, query: str | sql.Composable, *values: object) -> list[tuple[Any, ...]]:
    with closing(server.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return list(cursor.fetchall()) if cursor.description else []


def as_written(definition: object) -> object:
    """PostgreSQL writes the same condition with casts and brackets elsewhere after reading it back."""
    if not isinstance(definition, str):
        return definition
    return re.sub(r"::(character varying|text)(\[\])?|[()\s]", "", definition)


def catalogue(server: Server) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted((tuple(map(as_written, row)) for row in rows(server, query)), key=repr)
        for name, query in CATALOGUE.items()
    }


def digests(server: Server) -> dict[str, tuple[int, str]]:
    with closing(server.connect()) as connection:
        return table_digests(connection)


def known() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations or {})


@pytest.fixture(scope="module")
def source(django_db_setup: None, django_db_blocker: Any) -> Iterator[Server]:
    """A migrated database with a trail, changes in it, and text that is hard to carry."""
    with django_db_blocker.unblock(), own_database("backup_source"):
        server = Server.from_settings(connections["owner"].settings_dict)
        with closing(server.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('rebaseline.actor', id::text, true), "
                "set_config('rebaseline.reason', 'test', true) FROM trial_person WHERE is_system"
            )
            for number, name in enumerate(["山田 太郎", 'O\'Neill\\\t"x"', "two\nlines", ""]):
                cursor.execute(
                    "INSERT INTO trial_person (email, full_name, password, is_active, is_system) "
                    "VALUES (%s, %s, '!', true, false)",
                    [f"{number}@example.org", name],
                )
            cursor.execute("UPDATE trial_person SET full_name = 'changed' WHERE email = '3@example.org'")
            cursor.execute("SELECT trial_seal_trail()")
        yield server


@pytest.fixture(scope="module")
def backup(source: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "trial backup.tar"
    back_up(source, file, code_version="test")
    return file


@pytest.fixture
def empty_cluster(tmp_path: Path, no_services: None) -> Iterator[Server]:
    with LocalServices(tmp_path / "elsewhere") as services:
        yield Server.from_url(services.variables["DATABASE_OWNER_URL"])


def test_an_empty_cluster_becomes_the_same_database(
    source: Server, backup: Path, empty_cluster: Server
) -> None:
    manifest = restore(empty_cluster, backup, known_migrations=known())
    assert digests(empty_cluster) == digests(source) == manifest.tables
    assert manifest.tables["public.trial_auditentry"][0] >= 5
    for kind, expected in catalogue(source).items():
        assert catalogue(empty_cluster)[kind] == expected, kind
    assert rows(empty_cluster, "SELECT * FROM trial_verify_trail()") == []
    with pytest.raises(psycopg2.Error, match="refused"):
        rows(empty_cluster, "UPDATE trial_auditentry SET reason = 'forged'")
    numbered = "SELECT nextval(pg_get_serial_sequence('trial_person', 'id')) > max(id) FROM trial_person"
    assert rows(empty_cluster, numbered) == [(True,)]
    with pytest.raises(BackupError, match="is not empty, so nothing was restored"):
        restore(empty_cluster, backup, known_migrations=known())


def test_over_a_full_database_the_old_one_is_set_aside(
    source: Server, backup: Path, empty_cluster: Server
) -> None:
    rows(empty_cluster, "CREATE TABLE later_work AS SELECT 42 AS answer")
    with closing(empty_cluster.connect()):  # a session that is still open
        restore(empty_cluster, backup, known_migrations=known(), over=True)
    assert digests(empty_cluster) == digests(source)
    ((aside,),) = rows(
        empty_cluster, "SELECT datname FROM pg_database WHERE datname LIKE 'rebaseline_until_%'"
    )
    assert rows(replace(empty_cluster, name=aside), "SELECT answer FROM later_work") == [(42,)]


def test_a_damaged_table_is_noticed_after_restoring(
    source: Server, backup: Path, empty_cluster: Server
) -> None:
    manifest = read_manifest(backup)
    altered = manifest.tables | {"public.trial_person": (4, "1")}
    with pytest.raises(BackupError, match=r"not as they were backed up: public\.trial_person"):
        backups._restore_into(empty_cluster, backup, replace(manifest, tables=altered))


def test_one_changed_value_changes_the_digest_and_its_row_order_does_not(source: Server) -> None:
    before = digests(source)["public.trial_person"]
    with closing(source.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("SET TimeZone = 'Asia/Tokyo'")
        cursor.execute(
            "SELECT set_config('rebaseline.actor', '1', true), set_config('rebaseline.reason', 'x', true)"
        )
        cursor.execute("UPDATE trial_person SET full_name = full_name || '' WHERE email = '0@example.org'")
        assert table_digests(connection)["public.trial_person"] == before
        cursor.execute("UPDATE trial_person SET full_name = full_name || ' ' WHERE email = '0@example.org'")
        assert table_digests(connection)["public.trial_person"] != before


def test_the_file_is_private_complete_and_alone(backup: Path) -> None:
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    manifest = read_manifest(backup)
    assert (manifest.format, manifest.code_version) == (1, "test")
    assert set(manifest.migrations) <= known()


@pytest.mark.parametrize(("offset", "why"), [(-20_000, "SHA-256 is not the one"), (600, "is not a backup")])
def test_a_changed_byte_is_noticed_before_anything_is_restored(
    source: Server, backup: Path, tmp_path: Path, offset: int, why: str
) -> None:
    content = bytearray(backup.read_bytes())
    content[offset] ^= 0xFF
    (tmp_path / "damaged.tar").write_bytes(content)
    with pytest.raises(BackupError, match=why):
        restore(source, tmp_path / "damaged.tar", known_migrations=known())


@pytest.mark.parametrize("length", [0, 100, 700, 20_000])
def test_a_cut_file_is_noticed(source: Server, backup: Path, tmp_path: Path, length: int) -> None:
    (tmp_path / "cut.tar").write_bytes(backup.read_bytes()[:length])
    with pytest.raises(BackupError, match="is not a backup of this product"):
        restore(source, tmp_path / "cut.tar", known_migrations=known())


def test_a_file_of_another_kind_is_refused(source: Server, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.tar"
    with tarfile.open(stranger, "w") as tar:
        tar.add(__file__, "database.dump")
    with pytest.raises(BackupError, match="is not a backup of this product"):
        restore(source, stranger, known_migrations=known())
    with pytest.raises(BackupError, match="There is no file"):
        restore(source, tmp_path / "absent.tar", known_migrations=known())


def test_a_backup_of_a_newer_version_is_refused(source: Server, backup: Path) -> None:
    last = read_manifest(backup).migrations[-1]
    with pytest.raises(BackupError, match=f"newer version of the product: {'.'.join(last)} is unknown"):
        restore(source, backup, known_migrations=known() - {last})


def test_a_failed_backup_leaves_the_earlier_file(source: Server, backup: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    file.write_text("the earlier backup")
    with pytest.raises(BackupError, match="nothing to back up"):
        back_up(replace(source, name="postgres"), file, code_version="")
    assert file.read_text() == "the earlier backup"
    assert os.listdir(tmp_path) == ["kept.tar"]
    with pytest.raises(BackupError, match="no folder"):
        back_up(source, tmp_path / "absent" / "file.tar", code_version="")
    with pytest.raises(BackupError, match="is a folder"):
        back_up(source, tmp_path, code_version="")


def test_the_commands_say_what_they_did_and_why_they_did_not(
    source: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", str(tmp_path / "by command.tar"))
    assert "rows, SHA-256 " in capsys.readouterr().out
    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", str(tmp_path / "by command.tar"))
