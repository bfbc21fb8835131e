"""Eligibility criteria as data: what is asked, of which item, against which limit."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from trial.domain.data_items import UNITS, DataItem, ItemType
from trial.domain.errors import require, require_at_most, require_distinct, require_text
from trial.domain.response import ImagingModality


class CriterionKind(StrEnum):
    """An inclusion criterion must be met, an exclusion criterion must not."""

    INCLUSION = "INCLUSION"
    EXCLUSION = "EXCLUSION"


class Operator(StrEnum):
    """How a value is compared with its limit."""

    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"

    def holds(self, value: Decimal, limit: Decimal) -> bool:
        """Tell whether the value stands in this relation to the limit (exact decimals)."""
        if value == limit:
            return self in (Operator.AT_LEAST, Operator.AT_MOST)
        return (value > limit) == (self in (Operator.AT_LEAST, Operator.ABOVE))


class Sex(StrEnum):
    """Sex at birth, CDISC submission values."""

    MALE = "M"
    FEMALE = "F"


OTHER_DATE = "must be another date than the item"


def _require_type(item: DataItem, item_type: ItemType, *path: str | int) -> None:
    require(item.item_type is item_type, f"“{item}” is {item.item_type}; {item_type} is needed here", *path)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRule:
    """Completed years between a birth date and the day of another item."""

    TYPE: ClassVar[str] = "age"

    item: DataItem
    reference: DataItem
    operator: Operator
    limit: Decimal

    def __post_init__(self) -> None:
        _require_type(self.item, ItemType.DATE, "item")
        _require_type(self.reference, ItemType.DATE, "reference")
        require(self.item is DataItem.BIRTH_DATE, "must be birth_date", "item")
        require(self.reference is not self.item, OTHER_DATE, "reference")
        require(self.limit >= 0, "an age cannot be negative", "limit")
        require_at_most(self.limit, 120, "limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    """At least one of the items is answered yes. ``only_for`` leaves the question out for the other sex."""

    TYPE: ClassVar[str] = "flag"

    items: tuple[DataItem, ...]
    only_for: Sex | None = None

    def __post_init__(self) -> None:
        require(bool(self.items), "at least one item is needed", "items")
        require_distinct(self.items, "items")
        for index, item in enumerate(self.items):
            _require_type(item, ItemType.FLAG, "items", index)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRule:
    """A number against a fixed limit, in the unit in which the item is recorded."""

    TYPE: ClassVar[str] = "number"

    item: DataItem
    operator: Operator
    limit: Decimal
    unit: str

    def __post_init__(self) -> None:
        _require_type(self.item, ItemType.NUMBER, "item")
        recorded = UNITS[self.item]
        require(self.unit == recorded, f"“{self.item}” is recorded in “{recorded}”", "unit")
        require(self.limit >= 0, "must not be negative", "limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class UlnRule:
    """A number against a multiple of the upper limit of normal of the same laboratory."""

    TYPE: ClassVar[str] = "uln"

    item: DataItem
    uln_item: DataItem
    operator: Operator
    multiple: Decimal

    def __post_init__(self) -> None:
        _require_type(self.item, ItemType.NUMBER, "item")
        _require_type(self.uln_item, ItemType.NUMBER, "uln_item")
        require(UNITS[self.item] == UNITS[self.uln_item], "not in the unit of the item", "uln_item")
        mistaken = f"“{self.uln_item}” is not the upper limit of normal of “{self.item}”"
        require(self.uln_item.value == f"{self.item.value}_uln", mistaken, "uln_item")
        require(self.multiple > 0, "must be above 0", "multiple")
        require_at_most(self.multiple, 100, "multiple")


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionRule:
    """A lesion of a size, seen with one of the named imaging modalities."""

    TYPE: ClassVar[str] = "lesion"

    item: DataItem
    operator: Operator
    limit: Decimal
    unit: str
    modality_item: DataItem
    modalities: tuple[ImagingModality, ...]

    def __post_init__(self) -> None:
        NumberRule(item=self.item, operator=self.operator, limit=self.limit, unit=self.unit)
        require(self.unit == "mm", f"“{self.item}” is not a size in mm", "item")
        _require_type(self.modality_item, ItemType.CHOICE, "modality_item")
        require(bool(self.modalities), "at least one modality is needed", "modalities")
        require_distinct(self.modalities, "modalities")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRule:
    """A date that is present and not after the date of another item."""

    TYPE: ClassVar[str] = "date"

    item: DataItem
    not_after: DataItem

    def __post_init__(self) -> None:
        _require_type(self.item, ItemType.DATE, "item")
        _require_type(self.not_after, ItemType.DATE, "not_after")
        require(self.not_after is not self.item, OTHER_DATE, "not_after")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentEventRule:
    """An event within so many calendar months before a reference day, both boundary days included."""

    TYPE: ClassVar[str] = "recent_event"

    item: DataItem
    date_item: DataItem
    months: int
    before: DataItem

    def __post_init__(self) -> None:
        _require_type(self.item, ItemType.FLAG, "item")
        _require_type(self.date_item, ItemType.DATE, "date_item")
        _require_type(self.before, ItemType.DATE, "before")
        mistaken = f"“{self.date_item}” is not the date of “{self.item}”"
        require(self.date_item.value == f"{self.item.value}_date", mistaken, "date_item")
        anchors = (DataItem.CONSENT_DATE, DataItem.ENROLMENT_DATE)
        require(self.before in anchors, f"must be {' or '.join(anchors)}", "before")
        require(self.months > 0, "must be above 0", "months")
        require_at_most(self.months, 1200, "months")


Rule = AgeRule | FlagRule | NumberRule | UlnRule | LesionRule | DateRule | RecentEventRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One eligibility criterion: its number in the protocol, its words, and the rule that judges it."""

    id: str
    kind: CriterionKind
    text: str
    rule: Rule

    def __post_init__(self) -> None:
        require_text(self.id, 10, "id")
        require_text(self.text, 300, "text")
