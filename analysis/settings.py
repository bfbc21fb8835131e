"""What a run may set otherwise than the protocol does: for sensitivity analyses, said on every output."""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from assessments.domain.mrecist import ResponseCriteria
from assessments.domain.tumour_criteria import response_criteria
from trial.domain.protocol import Protocol
from trial.domain.response import LONGEST_SD_DAYS, MOST_ABSOLUTE_RISE_MM

BANDS = ("log-log", "log", "plain")
ORIGINS = ("enrolment", "first_dose")


class SettingsError(ValueError):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """`conf_type`: band of the Kaplan-Meier curve; `os_origin`: from when survival counts; `sd_min_days`,
    `pd_min_abs_mm`: response rules."""

    conf_type: str
    os_origin: str
    sd_min_days: int
    pd_min_abs_mm: Decimal

    def __post_init__(self) -> None:
        if self.conf_type not in BANDS:
            raise SettingsError("conf_type", f"The band is one of {', '.join(BANDS)}.")
        if self.os_origin not in ORIGINS:
            raise SettingsError("os_origin", f"Survival counts from one of {', '.join(ORIGINS)}.")
        if not 0 <= self.sd_min_days <= LONGEST_SD_DAYS:
            raise SettingsError("sd_min_days", f"Give 0 to {LONGEST_SD_DAYS} days.")
        if not 0 <= self.pd_min_abs_mm <= MOST_ABSOLUTE_RISE_MM or 10 * self.pd_min_abs_mm % 1:
            mm = f"Give 0 to {MOST_ABSOLUTE_RISE_MM} mm, in tenths of a millimetre."
            raise SettingsError("pd_min_abs_mm", mm)

    @classmethod
    def from_protocol(cls, protocol: Protocol, given: dict[str, Any]) -> Self:
        """The protocol's settings with those given in their place; an unknown name is an error."""
        values: dict[str, Any] = {
            "conf_type": protocol.statistics.band.value,
            "os_origin": protocol.endpoint("OS").start.value,
            "sd_min_days": protocol.response.sd_min_days,
            "pd_min_abs_mm": protocol.response.pd_min_abs_mm,
        }
        for name, value in given.items():
            if name not in values:
                raise SettingsError(name, f"There is no setting called {name}.")
            if value not in (None, ""):
                values[name] = value
        try:
            values["sd_min_days"] = int(values["sd_min_days"])
        except (TypeError, ValueError):
            raise SettingsError("sd_min_days", "Give a whole number of days.") from None
        try:
            values["pd_min_abs_mm"] = Decimal(str(values["pd_min_abs_mm"]))
        except InvalidOperation:
            raise SettingsError("pd_min_abs_mm", "Give a length in mm.") from None
        if not values["pd_min_abs_mm"].is_finite():
            raise SettingsError("pd_min_abs_mm", "Give a length in mm.")
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"pd_min_abs_mm": str(self.pd_min_abs_mm)}

    def criteria(self, protocol: Protocol) -> ResponseCriteria:
        """The protocol's response criteria with this run's settings."""
        return replace(
            response_criteria(protocol.response),
            sd_min_days=self.sd_min_days,
            pd_min_abs_mm=self.pd_min_abs_mm,
        )
