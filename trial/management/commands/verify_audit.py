from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trial.models import AuditSeal
from trial.services import verify_trail


class Command(BaseCommand):
    help = "Check every seal of the trail, and that each table equals what the trail says of it."

    def handle(self, **options: Any) -> None:
        problems = verify_trail()
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(
            f"The trail is whole: {AuditSeal.objects.count()} seals hold, every table equals its trail."
        )
