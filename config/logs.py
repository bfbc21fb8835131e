"""Log lines that say where something failed and never what a patient's value was."""

import logging
import traceback
from typing import Any


class WithoutValues(logging.Formatter):
    """Writes type and stack of an exception, not its message: PostgreSQL quotes the failing row in it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        kind, _, trace = ei
        frames = "".join(traceback.format_tb(trace))
        return f"{frames}{kind.__name__ if kind else 'error'} (message withheld: it may hold clinical values)"
