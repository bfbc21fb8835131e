"""Where the value of a form's field goes in the Study Data Tabulation Model (CDISC SDTMIG 3.4).

A target is written as an annotated case report form shows it: "VS.VSORRES where VSTESTCD = SYSBP". Several
are parted by semicolons. A field that goes nowhere says so and why: "not submitted: …".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

NOT_SUBMITTED = "not submitted:"
_TARGET = re.compile(
    r"(?P<domain>[A-Z]{2}|SUPP[A-Z]{2}|RELREC)\.(?P<variable>[A-Z][A-Z0-9]{1,7})(?: where (?P<where>.+))?"
)
_CONDITION = re.compile(r"(?P<variable>[A-Z][A-Z0-9]{1,7}) = (?P<value>\S.*)")


class SdtmError(ValueError):
    """The text is no target."""


@dataclass(frozen=True, slots=True)
class Target:
    """A variable of a domain, in the records in which each of `where` holds."""

    domain: str
    variable: str
    where: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        conditions = " and ".join(f"{variable} = {value}" for variable, value in self.where)
        return f"{self.domain}.{self.variable}" + (f" where {conditions}" if conditions else "")


@dataclass(frozen=True, slots=True)
class Annotation:
    """The targets of one field; none where it is not submitted, for the reason given."""

    targets: Sequence[Target] = ()
    reason: str = ""

    def __str__(self) -> str:
        return "; ".join(map(str, self.targets)) or f"[not submitted] {self.reason}"


def parse_annotation(text: str) -> Annotation:
    """Read an annotation; SdtmError says what is wrong with it."""
    if text.startswith(NOT_SUBMITTED):
        reason = text.removeprefix(NOT_SUBMITTED).strip()
        if not reason:
            raise SdtmError(f"“{text}” does not say why")
        return Annotation(reason=reason)
    return Annotation(tuple(_target(part.strip()) for part in text.split(";")))


def _target(text: str) -> Target:
    found = _TARGET.fullmatch(text)
    if found is None:
        raise SdtmError(f"“{text}” is not DOMAIN.VARIABLE, optionally where VARIABLE = VALUE")
    conditions = [_condition(part) for part in found["where"].split(" and ")] if found["where"] else []
    return Target(found["domain"], found["variable"], tuple(conditions))


def _condition(text: str) -> tuple[str, str]:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise SdtmError(f"“{text}” is not VARIABLE = VALUE")
    return found["variable"], found["value"]
