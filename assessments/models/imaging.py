"""Imaging reads: the scan, its lesions, what was seen of each, and the lesions chosen at a (new) baseline."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.lesions import LesionKind, RoleKind
from assessments.domain.mrecist import NewLesion, NonTargetResponse, Response, TargetResponse
from casebook.models import ClinicalRow, Crf
from casebook.models.backstop import Backstop, UniqueOnceWritten, backed_up
from trial.domain.response import ImagingModality


def _choices(values: list[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


class Organ(models.TextChoices):
    LIVER = "LIVER", "liver"
    PORTAL_VEIN = "PORTAL VEIN", "portal vein"
    LUNG = "LUNG", "lung"
    LYMPH_NODE = "LYMPH NODE", "lymph node"
    BONE = "BONE", "bone"
    ADRENAL_GLAND = "ADRENAL GLAND", "adrenal gland"
    PERITONEUM = "PERITONEUM", "peritoneum"
    OTHER = "OTHER", "other"


class ReadingState(models.TextChoices):
    """What the reader says of one lesion at one scan."""

    MEASURED = "MEASURED", "measured"
    PRESENT = "PRESENT", "present, not measured"
    ABSENT = "ABSENT", "absent or no arterial enhancement"
    TOO_SMALL = "TOO SMALL TO MEASURE", "too small to measure"
    PROGRESSION = "UNEQUIVOCAL PROGRESSION", "unequivocal progression (non-target)"
    NOT_EVALUABLE = "NOT EVALUABLE", "not evaluable"
    SPLIT = "SPLIT", _("split into parts")
    MERGED = "MERGED", _("merged with another lesion")


class NotEvaluableReason(models.TextChoices):
    """Why a lesion cannot be said anything of at one scan."""

    NOT_IMAGED = "NOT IMAGED", _("not imaged")
    ARTEFACT = "ARTEFACT", _("artefact")
    NO_ARTERIAL_PHASE = "NO ARTERIAL PHASE", _("no arterial phase")
    TREATED_LOCALLY = "TREATED LOCALLY", _("treated locally")
    OTHER = "OTHER", _("other")


@backed_up
class ImagingRead(Crf):
    """One read of one scan. The reader's own responses stand beside the computed ones."""

    date = models.DateField("date of the scan")
    modality = models.CharField(max_length=40, choices=_choices([m.value for m in ImagingModality]))
    new_lesions_evaluated = models.BooleanField("scan covers where new lesions may appear", default=True)
    reader_target = models.CharField(
        "reader: target response",
        max_length=20,
        blank=True,
        choices=_choices([r.value for r in TargetResponse]),
    )
    reader_non_target = models.CharField(
        "reader: non-target response",
        max_length=20,
        blank=True,
        choices=_choices([r.value for r in NonTargetResponse]),
    )
    reader_new_lesion = models.CharField(
        "reader: new lesion", max_length=20, blank=True, choices=_choices([r.value for r in NewLesion])
    )
    reader_overall = models.CharField(
        "reader: overall response", max_length=20, blank=True, choices=_choices([r.value for r in Response])
    )
    comment = models.TextField(blank=True, max_length=2000)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "imaging read"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                name="one_read_per_scan",
                violation_error_message="A scan of this day is already read.",
            )
        ]

    def __str__(self) -> str:
        return f"scan of {self.date}"


@backed_up
class Lesion(ClinicalRow):
    """A lesion keeps its label through both treatment periods. The parts of one that splits are lesions."""

    label = models.CharField(max_length=10, validators=[RegexValidator(r"\S", "A lesion has a label.")])
    organ = models.CharField(max_length=20, choices=Organ)
    place = models.CharField("where in the organ", max_length=80, blank=True)
    kind = models.CharField(
        "kind of lesion", max_length=30, choices=_choices([k.value for k in LesionKind]), default="LIVER"
    )
    enhancing = models.BooleanField("enhances in the arterial phase", default=True)
    well_delineated = models.BooleanField("well delineated", default=True)
    porta_hepatis = models.BooleanField("node at the porta hepatis", default=False)
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="parts",
        verbose_name=_("part of (a lesion that has split)"),
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["label"]
        constraints = [
            UniqueOnceWritten(
                fields=["patient", "label"],
                name="one_lesion_per_label",
                violation_error_message="This label is already in use for another lesion.",
            ),
            Backstop(condition=~models.Q(part_of=models.F("id")), name="lesion_is_no_part_of_itself"),
        ]

    def __str__(self) -> str:
        return self.label


@backed_up
class LesionReading(ClinicalRow):
    """One lesion at one scan. The diameter in mm is that of the viable part (a node: its short axis)."""

    read = models.ForeignKey(ImagingRead, models.PROTECT, related_name="readings")
    lesion = models.ForeignKey(Lesion, models.PROTECT, related_name="readings")
    state = models.CharField(max_length=30, choices=ReadingState)
    diameter = models.DecimalField(
        "viable diameter, mm",
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal("0.1")), AtMost(Decimal("400"))],
    )
    not_evaluable_reason = models.CharField(
        "reason it is not evaluable", max_length=20, blank=True, choices=NotEvaluableReason
    )
    not_evaluable_text = models.CharField(_("the reason in words"), max_length=200, blank=True)
    merged_into = models.ForeignKey(
        Lesion,
        models.PROTECT,
        related_name="merged",
        verbose_name=_("merged with"),
        null=True,
        blank=True,
    )
    is_new = models.BooleanField("new since the baseline of the period", default=False)
    typical = models.BooleanField("typical pattern: arterial enhancement and washout", default=False)
    unequivocal = models.BooleanField("unequivocal (outside the liver)", default=False)
    malignancy_proven = models.BooleanField("malignancy proven by cytology or pathology", default=False)

    class Meta:
        ordering = ["read_id", "lesion_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["read", "lesion"],
                name="one_reading_per_lesion_and_scan",
                violation_error_message="This lesion is already read on this scan.",
            ),
            Backstop(
                condition=~models.Q(state="MEASURED") | models.Q(diameter__isnull=False),
                name="measured_has_a_diameter",
            ),
            Backstop(
                condition=models.Q(diameter__isnull=True)
                | models.Q(state__in=["MEASURED", "UNEQUIVOCAL PROGRESSION"]),
                name="diameter_only_if_measured",
            ),
            Backstop(
                condition=models.Q(state="NOT EVALUABLE") ^ models.Q(not_evaluable_reason=""),
                name="not_evaluable_has_a_reason",
            ),
            Backstop(
                condition=models.Q(not_evaluable_reason="OTHER") ^ models.Q(not_evaluable_text=""),
                name="other_reason_in_words",
            ),
            Backstop(
                condition=models.Q(state="MERGED") ^ models.Q(merged_into__isnull=True),
                name="merged_names_the_other",
            ),
            Backstop(condition=~models.Q(merged_into=models.F("lesion")), name="merged_with_another"),
        ]

    def __str__(self) -> str:
        return f"lesion {self.lesion_id} on read {self.read_id}"

    def clean(self) -> None:
        may_have_diameter = (ReadingState.MEASURED, ReadingState.PROGRESSION)
        if self.state == ReadingState.MEASURED and self.diameter is None:
            raise ValidationError({"diameter": "A measured lesion needs its diameter."})
        if self.diameter is not None and self.state not in may_have_diameter:
            raise ValidationError({"diameter": "Only a measured lesion has a diameter."})
        if (problem := self._wrong_detail()) is not None:
            raise ValidationError(dict([problem]))

    def _wrong_detail(self) -> tuple[str, str] | None:
        """The field and what is wrong with it among those that belong to one state alone."""
        is_unread, is_merged = self.state == ReadingState.NOT_EVALUABLE, self.state == ReadingState.MERGED
        if is_unread and not self.not_evaluable_reason:
            return "not_evaluable_reason", gettext("Say why it could not be evaluated.")
        if self.not_evaluable_reason and not is_unread:
            return "not_evaluable_reason", gettext("Only a lesion that is not evaluable has this reason.")
        if self.not_evaluable_reason == NotEvaluableReason.OTHER and not self.not_evaluable_text.strip():
            return "not_evaluable_text", gettext("What was the other reason?")
        if self.not_evaluable_text and self.not_evaluable_reason != NotEvaluableReason.OTHER:
            return "not_evaluable_text", gettext("Words are for “other”; choose it, or clear them.")
        if is_merged and self.merged_into_id is None:
            return "merged_into", gettext("With which lesion has it merged?")
        if self.merged_into_id is not None and not is_merged:
            return "merged_into", gettext("Only a lesion that has merged names another.")
        if is_merged and self.merged_into_id == self.lesion_id:
            return "merged_into", gettext("A lesion merges with another one.")
        return None


@backed_up
class LesionRole(ClinicalRow):
    """The choice of a lesion as target or non-target of a treatment period, made on its baseline read."""

    read = models.ForeignKey(ImagingRead, models.PROTECT, related_name="roles")
    lesion = models.ForeignKey(Lesion, models.PROTECT, related_name="roles")
    period = models.PositiveSmallIntegerField(choices=[(1, "Treatment 1"), (2, "Treatment 2")])
    role = models.CharField(max_length=12, choices=_choices([r.value for r in RoleKind]))

    class Meta:
        ordering = ["period", "lesion_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "lesion"],
                name="one_role_per_lesion_and_period",
                violation_error_message="This lesion was already chosen for this treatment period.",
            )
        ]

    def __str__(self) -> str:
        return f"lesion {self.lesion_id}: {self.role} of Treatment {self.period}"
