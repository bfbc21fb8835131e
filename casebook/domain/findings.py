"""What an edit check has to say about the data of a patient."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How strongly a finding binds.

    ``HARD``: the value cannot be true and is refused at its field.
    ``SOFT``: the value is unusual; it is saved and a query asks the site about it.
    """

    HARD = "HARD"
    SOFT = "SOFT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of one rule.

    ``rule_id`` names the rule and never changes once queries refer to it. ``field`` is the CRF field the
    remark belongs to ("" when it concerns the page as a whole); ``message`` is a sentence for the site.
    """

    rule_id: str
    severity: Severity
    message: str
    field: str = ""

    @property
    def is_hard(self) -> bool:
        """Tell whether the data are refused until this is put right."""
        return self.severity is Severity.HARD
