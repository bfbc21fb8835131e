"""Write the script that draws figures in the browser beside the collected static files; needs no database."""

import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from whitenoise.compress import Compressor

DRAWING = "vendor/vega.js"


class Command(BaseCommand):
    help = "Write the script that draws figures (Vega) to the static files, unless it is up to date."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.STATIC_ROOT) / DRAWING
        head = (
            f"// Vega, Vega-Lite, Vega-Embed: bundled by vl-convert-python {version('vl-convert-python')}\n"
        )
        if _begins_with(target, head):
            return
        import vl_convert

        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, head + vl_convert.javascript_bundle("export default vegaEmbed;"))
        list(Compressor(quiet=True, use_brotli=False).compress(str(target)))
        self.stdout.write(f"{target}\n")


def _begins_with(path: Path, head: str) -> bool:
    """Whether the script is there whole (it is moved into place once written) and of this version."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8") as file:
        return file.readline() == head


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    Path(file.name).replace(path)
