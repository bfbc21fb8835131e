"""Load the SYNTHETIC demonstration trial, or say how to sign in to it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.load import NotLoaded, is_loaded, load
from demo.people import PASSWORD, sign_ins


class Command(BaseCommand):
    help = "Loads the SYNTHETIC demonstration trial into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sign-ins", action="store_true", help="only print one sign-in per role: role, e-mail, password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sign_ins"]:
            for role, email in sign_ins():
                self.stdout.write(f"{role.value:<15} {email:<30} {PASSWORD}")
            return
        try:
            if is_loaded():
                self.stdout.write("The SYNTHETIC demonstration trial is already here; nothing was changed.")
                return
        except NotLoaded as reason:
            raise CommandError(str(reason)) from reason
        load(say=self.stdout.write)
        self.stdout.write("The SYNTHETIC demonstration trial is loaded.")
