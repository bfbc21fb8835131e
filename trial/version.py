"""Which version of the software this is: on every run, file and page."""

import os
import shutil
import subprocess
from functools import cache

from django.conf import settings


@cache
def code_version() -> str:
    """CODE_VERSION, else the commit of the checkout, else (neither, or no git) “unknown”."""
    named = os.environ.get("CODE_VERSION")
    if named or shutil.which("git") is None:
        return named or "unknown"
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "unknown"
