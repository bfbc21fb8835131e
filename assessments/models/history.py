"""What the patient takes besides the study drug, had before, and how the carcinoma was treated."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.domain.partial_spans import PartialSpan
from casebook.models import Crf, PartialDateField
from casebook.models.backstop import backed_up
from patients.domain.hcc_history import HccTreatmentKind, PreviousTreatment
from patients.domain.medication import Inducer, Medication


class Route(models.TextChoices):
    """CDISC route of administration; those that act where they are put come last."""

    ORAL = "ORAL", _("by mouth")
    INTRAVENOUS = "INTRAVENOUS", _("into a vein")
    SUBCUTANEOUS = "SUBCUTANEOUS", _("under the skin")
    INTRAMUSCULAR = "INTRAMUSCULAR", _("into a muscle")
    TRANSDERMAL = "TRANSDERMAL", _("through the skin (patch)")
    RECTAL = "RECTAL", _("rectal")
    SUBLINGUAL = "SUBLINGUAL", _("under the tongue")
    RESPIRATORY = "RESPIRATORY (INHALATION)", _("inhaled")
    TOPICAL = "TOPICAL", _("on the skin or mucosa")
    OPHTHALMIC = "OPHTHALMIC", _("into the eye")
    NASAL = "NASAL", _("into the nose")
    UNKNOWN = "UNKNOWN", _("not known")


LOCAL_ROUTES = {Route.RESPIRATORY, Route.TOPICAL, Route.OPHTHALMIC, Route.NASAL}


@backed_up
class ConcomitantMedication(Crf):
    """One drug, as long as it was taken in one way."""

    drug = models.CharField(_("drug"), max_length=200, help_text=_("International or trade name."))
    indication = models.CharField(_("taken for"), max_length=200, blank=True)
    dose_text = models.CharField(_("dose"), max_length=100, blank=True, help_text=_("As written, with unit."))
    route = models.CharField(_("route"), max_length=30, choices=Route, blank=True)
    start = PartialDateField(_("first taken"))
    ongoing = models.BooleanField(_("still taken"))
    end = PartialDateField(_("last taken"), null=True, blank=True)

    class Meta:
        ordering = ["start", "id"]
        verbose_name = _("concomitant medication")
        verbose_name_plural = _("concomitant medication")

    def __str__(self) -> str:
        return f"{self.drug} from {self.start}"

    @property
    def span(self) -> PartialSpan:
        return PartialSpan(start=self.start, end=self.end, ongoing=self.ongoing)

    @property
    def facts(self) -> Medication:
        return Medication(drug=self.drug, span=self.span, systemic=self.route not in LOCAL_ROUTES)

    @property
    def inducer(self) -> Inducer | None:
        """The strong CYP3A4 inducer the drug is; None where it is none."""
        return self.facts.inducer


@backed_up
class MedicalHistory(Crf):
    """One condition the patient had before the trial, or still has."""

    condition = models.CharField(_("condition"), max_length=200)
    soc = models.CharField(_("organ system"), max_length=120, blank=True)
    start = PartialDateField(_("began"))
    ongoing = models.BooleanField(_("still present"))
    end = PartialDateField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["start", "id"]
        verbose_name = _("medical history")
        verbose_name_plural = _("medical history")

    def __str__(self) -> str:
        return f"{self.condition} from {self.start}"

    @property
    def span(self) -> PartialSpan:
        return PartialSpan(start=self.start, end=self.end, ongoing=self.ongoing)


class TreatmentResponse(models.TextChoices):
    """The best response, as the source states it."""

    CR = "CR", _("complete response")
    PR = "PR", _("partial response")
    SD = "SD", _("stable disease")
    PD = "PD", _("progressive disease")
    NE = "NE", _("not evaluable, or not evaluated")


@backed_up
class HccTreatment(Crf):
    """One previous treatment of the hepatocellular carcinoma; the sessions of one course are one form."""

    kind = models.CharField(
        _("treatment"),
        max_length=30,
        choices=[
            (HccTreatmentKind.RESECTION.value, _("resection")),
            (HccTreatmentKind.ABLATION.value, _("local ablation (RFA, microwave, PEI)")),
            (HccTreatmentKind.TACE.value, _("transarterial chemoembolisation (TACE)")),
            (HccTreatmentKind.HAIC.value, _("hepatic arterial infusion chemotherapy (HAIC)")),
            (HccTreatmentKind.RADIATION.value, _("radiation")),
            (HccTreatmentKind.TARGETED.value, _("molecular-targeted drug")),
            (HccTreatmentKind.CHEMOTHERAPY.value, _("systemic chemotherapy")),
            (HccTreatmentKind.TRANSPLANTATION.value, _("liver transplantation")),
            (HccTreatmentKind.OTHER.value, _("another treatment")),
        ],
    )
    detail = models.CharField(_("drug or procedure"), max_length=200, blank=True)
    start = PartialDateField(_("day, or first day"))
    end = PartialDateField(
        _("last day"), null=True, blank=True, help_text=_("Empty for a treatment of one day.")
    )
    treated_lesion = models.TextField(
        _("lesion treated"), blank=True, validators=[MaxLengthValidator(500)], help_text=_("Where it lay.")
    )
    response = models.CharField(_("best response"), max_length=2, choices=TreatmentResponse, blank=True)

    class Meta:
        ordering = ["start", "id"]
        verbose_name = _("previous treatment of the carcinoma")
        verbose_name_plural = _("previous treatments of the carcinoma")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start}"

    @property
    def span(self) -> PartialSpan:
        return PartialSpan(start=self.start, end=self.end or self.start)

    @property
    def facts(self) -> PreviousTreatment:
        return PreviousTreatment(key=self.pk, kind=HccTreatmentKind(self.kind), start=self.start)
