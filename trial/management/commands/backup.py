"""`manage.py backup FILE`"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trial.backups import BackupError, Server, back_up
from trial.version import code_version


class Command(BaseCommand):
    help = "Write the whole database, trail included, to one file."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if "owner" not in settings.DATABASES:
            raise CommandError("Set DATABASE_OWNER_URL: only the owner sees every row.")
        server = Server.from_settings(settings.DATABASES["owner"])
        try:
            manifest = back_up(server, file, code_version=code_version())
        except BackupError as error:
            raise CommandError(str(error)) from error
        rows = sum(rows for rows, _ in manifest.tables.values())
        self.stdout.write(f"{file}: {len(manifest.tables)} tables, {rows} rows, SHA-256 {manifest.sha256}")
