"""Load CTCAE terms: the project's own, or the publisher's sheet over them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.domain.ctcae_catalogue import CatalogueError, bundled_catalogue
from assessments.services import load_catalogue, read_publisher_file
from trial.audit import acting, system_person


class Command(BaseCommand):
    help = "Load the project's CTCAE terms, or the publisher's sheet (v4.03 .csv, v5.0 .xlsx) over them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the sheet; none: the project's own terms")
        parser.add_argument("--ctcae-version", default="", help="the version the sheet states")
        parser.add_argument(
            "--with-meddra-codes", action="store_true", help="keep the MedDRA codes too; they need a licence"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        try:
            terms = bundled_catalogue().terms if path is None else self._read(path, options)
        except (CatalogueError, OSError) as error:
            raise CommandError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
        source = path.name if path else "the project's catalogue"
        with acting(system_person(), reason=f"CTCAE terms loaded from {source}"):
            done = load_catalogue(terms)
        self.stdout.write(f"{done.added} terms added, {done.changed} changed, {done.unchanged} as they were.")

    @staticmethod
    def _read(path: Path, options: dict[str, Any]) -> Any:
        return read_publisher_file(
            path, version=options["ctcae_version"], with_meddra_codes=options["with_meddra_codes"]
        )
