"""`manage.py restore FILE`"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from trial.backups import BackupError, Server, restore


class Command(BaseCommand):
    help = "Bring a backup back into an empty database and check every table against it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--over",
            action="store_true",
            help="also where the database holds data: it is set aside under another name, sessions are ended",
        )

    def handle(self, *args: Any, file: Path, over: bool, **options: Any) -> None:
        if "owner" not in settings.DATABASES:
            raise CommandError("Set DATABASE_OWNER_URL: restoring is the owner's right.")
        connections.close_all()
        known = set(MigrationLoader(None).disk_migrations or {})
        try:
            manifest = restore(
                Server.from_settings(settings.DATABASES["owner"]), file, known_migrations=known, over=over
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        rows = sum(rows for rows, _ in manifest.tables.values())
        self.stdout.write(
            f"Restored and checked {len(manifest.tables)} tables, {rows} rows, of {manifest.made_at}."
        )
        self.stdout.write("Next: manage.py migrate --database=owner, then manage.py verify_audit.")
