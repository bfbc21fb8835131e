from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trial.domain.receipts import ReceiptError, read_receipt
from trial.models import AuditSeal
from trial.services import verify_receipt, verify_trail


class Command(BaseCommand):
    help = "Check every seal of the trail, and that each table equals what the trail says of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--receipt",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="a seal's receipt kept elsewhere: the trail must still hold what was sealed then",
        )

    def handle(self, *args: Any, receipt: list[Path], **options: Any) -> None:
        problems = verify_trail()
        for file in receipt:
            try:
                problems += verify_receipt(read_receipt(file.read_text(encoding="utf-8", errors="replace")))
            except (ReceiptError, OSError) as error:
                raise CommandError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(
            f"The trail is whole: {AuditSeal.objects.count()} seals hold, every table equals its trail."
        )
        for file in receipt:
            self.stdout.write(f"It holds all that was sealed when {file} was taken.")
