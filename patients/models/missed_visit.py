"""A visit, a laboratory panel or a scan that was planned and did not take place."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casebook.models import Crf
from casebook.models.backstop import Backstop, backed_up
from patients.domain.schedule import AssessmentKind


class AssessmentKinds(models.TextChoices):
    CLINIC = AssessmentKind.CLINIC.value, _("clinic visit")
    LABORATORY = AssessmentKind.LABORATORY.value, _("laboratory")
    IMAGING = AssessmentKind.IMAGING.value, _("scan")


class MissedReason(models.TextChoices):
    UNWELL = "PATIENT UNWELL", _("patient too unwell to come")
    ADVERSE_EVENT = "ADVERSE EVENT", _("adverse event")
    ADMITTED = "ADMITTED ELSEWHERE", _("patient admitted to another hospital")
    DECLINED = "PATIENT DECLINED", _("patient declined")
    UNREACHABLE = "PATIENT NOT REACHED", _("patient did not come and was not reached")
    AWAY = "PATIENT AWAY", _("patient travelling or prevented")
    SITE = "SITE", _("site could not offer it (holiday, staff, equipment)")
    OTHER = "OTHER", _("other")


@backed_up
class MissedVisit(Crf):
    """It stands in the schedule where the planned one would: the next one is counted from its day."""

    kind = models.CharField(_("what was missed"), max_length=12, choices=AssessmentKinds)
    planned_date = models.DateField(
        _("date it was planned for"), help_text=_("The due date, as the page “Schedule” shows it.")
    )
    missed_reason = models.CharField(_("reason"), max_length=20, choices=MissedReason)
    missed_reason_text = models.CharField(_("reason in words"), max_length=200, blank=True)

    class Meta:
        ordering = ["planned_date", "id"]
        verbose_name = _("missed visit")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind", "planned_date"],
                name="one_missed_visit_per_day",
                violation_error_message=_("This one is already entered as missed."),
            ),
            Backstop(
                condition=~Q(missed_reason=MissedReason.OTHER) | Q(missed_reason_text__regex=r"\S"),
                name="missed_visit_reason_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.planned_date}, missed"

    @property
    def reason_in_words(self) -> str:
        return self.missed_reason_text.strip() or str(self.get_missed_reason_display())

    def clean(self) -> None:
        if self.missed_reason == MissedReason.OTHER and not self.missed_reason_text.strip():
            raise ValidationError({"missed_reason_text": _("Say what the other reason was.")})
