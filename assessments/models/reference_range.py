"""The limits of normal of a site's laboratory, as they held from one day to another."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.domain.laboratory import ANALYTES, convert
from assessments.domain.reference_ranges import OLDEST, RangeSpan
from assessments.models.constraints import NoOverlap, refuse_end_before_start
from casebook.models.backstop import Backstop, backed_up

HIGHEST_LIMIT = Decimal(20_000_000)
"""As the highest value a panel may hold; no unit in use makes the number of a limit larger."""


class RangeSex(models.TextChoices):
    BOTH = "", "both sexes"
    FEMALE = "F", "women"
    MALE = "M", "men"


def _age(label: str, help_text: Any) -> Any:
    return models.PositiveSmallIntegerField(
        label, null=True, blank=True, validators=[AtMost(OLDEST)], help_text=help_text
    )


@backed_up
class ReferenceRange(models.Model):
    """Lower and upper limit of one analyte at one site, in the unit its laboratory reports.

    A range for one sex goes before a range for both of the same day. Empty limit: none is stated. Empty ages:
    for everybody. Two ranges of the same days and sex are for ages that do not touch.
    """

    site = models.ForeignKey("trial.Site", models.PROTECT, related_name="+")
    analyte = models.CharField(max_length=20, choices=[(a.field, a.name) for a in ANALYTES.values()])
    sex = models.CharField("for", max_length=1, choices=RangeSex, blank=True, default=RangeSex.BOTH)
    age_from = _age("age from, years", _("Completed years at the sample, included; empty: any."))
    age_to = _age("age to, years", _("Included; empty: any."))
    unit = models.CharField(max_length=10)
    lln = models.DecimalField(
        "lower limit of normal",
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal(0)), AtMost(HIGHEST_LIMIT)],
    )
    uln = models.DecimalField(
        "upper limit of normal",
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal("0.0001")), AtMost(HIGHEST_LIMIT)],
    )
    valid_from = models.DateField("valid from")
    valid_to = models.DateField(
        "valid to", null=True, blank=True, help_text="The last day; empty while in force."
    )

    class Meta:
        ordering = ["site_id", "analyte", "sex", "valid_from"]
        verbose_name = "reference range"
        constraints = [
            Backstop(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="range_ends_after_it_begins",
            ),
            Backstop(
                condition=models.Q(
                    *(models.Q(analyte=a.field, unit__in=a.units) for a in ANALYTES.values()),
                    _connector=models.Q.OR,
                ),
                name="range_in_a_unit_of_its_analyte",
            ),
            Backstop(
                condition=models.Q(age_from=None)
                | models.Q(age_to=None)
                | models.Q(age_to__gte=models.F("age_from")),
                name="range_ages_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(lln=None, uln__isnull=False)
                | models.Q(uln=None, lln__isnull=False)
                | models.Q(lln__isnull=False, uln__isnull=False, lln__lt=models.F("uln")),
                name="range_has_limits_in_order",
                violation_error_message="Give one limit or both, the lower one below the upper one.",
            ),
            NoOverlap(
                name="one_range_a_day",
                same=("site", "analyte", "sex"),
                start="valid_from",
                end="valid_to",
                numbers=("age_from", "age_to"),
                violation_error_message=_(
                    "Another range of this analyte is in force on some of these days. Close it first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_analyte_display()} {self.limits} {self.unit} from {self.valid_from}"

    @property
    def limits(self) -> str:
        """The range as laboratories print it: 10–40, ≤40, ≥10."""
        low, high = (None if limit is None else f"{limit.normalize():f}" for limit in (self.lln, self.uln))
        if low is None:
            return f"≤{high}"
        return f"≥{low}" if high is None else f"{low}–{high}"

    def lln_in(self, unit: str) -> Decimal | None:
        """The lower limit in a unit of the analyte, whatever unit the laboratory states it in."""
        return None if self.lln is None else convert(self.analyte, self.lln, unit=self.unit, to=unit)

    def uln_in(self, unit: str) -> Decimal | None:
        """The upper limit in a unit of the analyte."""
        return None if self.uln is None else convert(self.analyte, self.uln, unit=self.unit, to=unit)

    @property
    def canonical_uln(self) -> Decimal | None:
        """The upper limit in the unit of the trial's rules."""
        return self.uln_in(ANALYTES[self.analyte].unit)

    @property
    def is_for_all_ages(self) -> bool:
        return self.age_from is None and self.age_to is None

    @property
    def ages(self) -> str:
        """The age band as people say it; empty for all ages."""
        if self.age_to is None:
            return "" if self.age_from is None else f"{self.age_from}+"
        return f"≤{self.age_to}" if self.age_from is None else f"{self.age_from}–{self.age_to}"

    @property
    def span(self) -> RangeSpan:
        return RangeSpan(
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            sex=self.sex,
            age_from=self.age_from,
            age_to=self.age_to,
        )

    def clean(self) -> None:
        refuse_end_before_start(self.valid_from, self.valid_to, field="valid_to")
        if self.age_from is not None and self.age_to is not None and self.age_to < self.age_from:
            raise ValidationError({"age_to": _("This is below the age from which the range holds.")})
        analyte = ANALYTES.get(self.analyte)
        if analyte is not None and self.unit and self.unit not in analyte.units:
            accepted = ", ".join(analyte.units)
            message = f"{analyte.name} is reported in {accepted}, not in “{self.unit}”."
            raise ValidationError({"unit": message})
