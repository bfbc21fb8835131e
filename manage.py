#!/usr/bin/env python3
"""Django's command line; without DATABASE_URL it works on this machine's own services."""

import os
import sys

WITHOUT_DATABASE = {
    *("help", "--help", "-h", "version", "--version"),
    *("check", "makemigrations", "makemessages", "compilemessages"),
    *("collectstatic", "findstatic", "build_figures"),
}


def execute() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if os.environ.get("DATABASE_URL") or command in WITHOUT_DATABASE:
        execute()
        return
    from config.local_services import LocalServices
    from config.processes import ServiceError
    from config.state import default_folder

    try:
        with LocalServices(default_folder()) as services:
            os.environ.update(services.variables)
            execute()
    except ServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
