"""The receipt of a seal: kept elsewhere, it shows later that the trail still holds all that was sealed then.

Seals are a chain, so the newest one vouches for every entry before it. Inside the database nobody could tell
that the newest entries were taken away together with their seal; whoever holds a receipt of that seal can.
"""

import re
from dataclasses import dataclass

HEADING = "Rebaseline: receipt of a seal of the audit trail"
LINES = {
    "trial": r"\S+",
    "seal": r"\d{1,18}",
    "last entry": r"\d{1,18}",
    "sealed at": r"\S+",
    "sha256": r"[0-9a-f]{64}",
}


class ReceiptError(Exception):
    """Why a text is no receipt, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReceipt:
    """What a seal was: its number, the last entry it covers, and the hash of the chain up to there."""

    trial: str
    seal: int
    last_entry: int
    sealed_at: str
    sha256: str

    def to_text(self) -> str:
        """The receipt as people keep it; `read_receipt` reads it back."""
        return (
            f"{HEADING}\n\n"
            "Keep this where nobody who can change the database can change it.\n"
            "manage.py verify_audit --receipt FILE shows that the trail still holds what was sealed.\n\n"
            f"trial: {self.trial}\n"
            f"seal: {self.seal}\n"
            f"last entry: {self.last_entry}\n"
            f"sealed at: {self.sealed_at}\n"
            f"sha256: {self.sha256}\n"
        )

    def differences(self, kept: "SealReceipt | None") -> list[str]:
        """Every way in which the trail's seal of that number (None: there is none) is not the receipt's."""
        if kept is None:
            covered = f"seal {self.seal} of the receipt, over entries up to {self.last_entry}"
            return [f"{covered}, is not in the trail: the newest of them were taken away"]
        names = {"trial": "trial", "last_entry": "last entry", "sealed_at": "time", "sha256": "hash"}
        return [
            f"seal {self.seal} has another {words} than its receipt: {getattr(kept, name)} instead of "
            f"{getattr(self, name)}"
            for name, words in names.items()
            if getattr(kept, name) != getattr(self, name)
        ]


def read_receipt(text: str) -> SealReceipt:
    """Read a receipt; ReceiptError names the line that is missing or wrong."""
    if not text.lstrip("\ufeff").startswith(HEADING):
        raise ReceiptError(f"This is no receipt: it does not begin with “{HEADING}”.")
    found = {}
    for name, pattern in LINES.items():
        line = re.search(rf"^{name}: *({pattern})\s*$", text, re.MULTILINE)
        if line is None:
            raise ReceiptError(f"The receipt's line “{name}: …” is missing or damaged.")
        found[name] = line[1]
    return SealReceipt(
        trial=found["trial"],
        seal=int(found["seal"]),
        last_entry=int(found["last entry"]),
        sealed_at=found["sealed at"],
        sha256=found["sha256"],
    )
