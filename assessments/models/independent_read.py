"""A second reader's responses to a scan, blind to the first, and the adjudication where they differ."""

from decimal import Decimal

from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.domain.mrecist import NewLesion, NonTargetResponse, Response, TargetResponse
from casebook.models import Crf
from casebook.models.backstop import backed_up


@backed_up
class IndependentRead(Crf):
    """What another reader makes of the scan of that day by the protocol's criteria."""

    date = models.DateField(_("date of the scan"))
    sum_of_targets = models.DecimalField(
        _("sum of viable target diameters, mm"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal(0)), AtMost(Decimal("2000"))],
    )
    target = models.CharField(
        _("target response"), max_length=20, blank=True, choices=[(r.value, r.value) for r in TargetResponse]
    )
    non_target = models.CharField(
        _("non-target response"),
        max_length=20,
        blank=True,
        choices=[(r.value, r.value) for r in NonTargetResponse],
    )
    new_lesion = models.CharField(
        _("new lesion"), max_length=20, blank=True, choices=[(r.value, r.value) for r in NewLesion]
    )
    overall = models.CharField(
        _("overall response"), max_length=20, choices=[(r.value, r.value) for r in Response]
    )
    comment = models.TextField(_("comment"), blank=True, max_length=1000)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = _("independent read")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_independent_read_per_scan",
                violation_error_message=_("The independent read of this scan is already entered."),
            )
        ]

    def __str__(self) -> str:
        return f"independent read of {self.date}"


@backed_up
class Adjudication(Crf):
    """What a third person decides where the two readers of a scan differ."""

    date = models.DateField(_("date of the scan"))
    overall = models.CharField(
        _("adjudicated overall response"), max_length=20, choices=[(r.value, r.value) for r in Response]
    )
    grounds = models.TextField(
        _("reason for the decision"),
        max_length=1000,
        validators=[RegexValidator(r"\S", _("Say why it was decided so."))],
    )

    class Meta:
        ordering = ["date", "id"]
        verbose_name = _("adjudication")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_adjudication_per_scan",
                violation_error_message=_("This scan is already adjudicated."),
            )
        ]

    def __str__(self) -> str:
        return f"adjudication of {self.date}: {self.overall}"
