"""The disease and the liver before treatment."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models
from django.db.models import Q

from casebook.models import Crf
from casebook.models.backstop import Backstop, backed_up, once
from patients.domain.bclc import BclcDerivation, BclcFacts, BclcStage, derive_bclc
from patients.domain.child_pugh import Ascites, ChildPugh, ChildPughClass, ChildPughFacts, compute_child_pugh
from patients.models.ecog import Ecog


class Etiology(models.TextChoices):
    HBV = "HBV", "hepatitis B"
    HCV = "HCV", "hepatitis C"
    NBNC = "NBNC", "neither B nor C"


TREATMENTS = ("resection", "ablation", "tace", "haic", "radiation", "other_treatment")


def _number(question: str, digits: int, places: int, low: str, high: str) -> models.DecimalField:
    return models.DecimalField(
        question,
        max_digits=digits,
        decimal_places=places,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal(low)), AtMost(Decimal(high))],
    )


@backed_up
class BaselineDisease(Crf):
    """Bilirubin in mg/dL, albumin g/dL, AFP ng/mL, DCP mAU/mL, lengths mm; empty is "not known"."""

    date = models.DateField("date of the assessment")
    etiology = models.CharField("etiology", max_length=4, choices=Etiology, blank=True)
    ecog = models.PositiveSmallIntegerField("ECOG performance status", choices=Ecog, null=True, blank=True)
    ascites = models.CharField(
        "ascites", max_length=20, choices=[(a.value, a.value.lower()) for a in Ascites], blank=True
    )
    encephalopathy_grade = models.PositiveSmallIntegerField(
        "hepatic encephalopathy, grade",
        null=True,
        blank=True,
        validators=[AtMost(4)],
        help_text="0 if there is none.",
    )
    bilirubin = _number("total bilirubin, mg/dL", 4, 1, "0.1", "50")
    albumin = _number("albumin, g/dL", 3, 1, "0.5", "7")
    inr = _number("prothrombin time, INR", 4, 2, "0.5", "15")
    bclc_stage = models.CharField(
        "BCLC stage",
        max_length=1,
        choices=[(s.value, s.value) for s in BclcStage],
        blank=True,
        help_text="As the site staged the patient; a query follows where this form gives another stage.",
    )
    vascular_invasion = models.BooleanField("vascular invasion", null=True, blank=True)
    extrahepatic_spread = models.BooleanField("extrahepatic spread", null=True, blank=True)
    nodules = models.PositiveSmallIntegerField(
        "number of liver nodules",
        null=True,
        blank=True,
        validators=[AtMost(99)],
        help_text="99 if uncountable.",
    )
    largest_nodule_mm = _number("largest nodule, mm", 4, 1, "0", "400")
    afp = _number("AFP, ng/mL", 9, 1, "0", "99999999")
    dcp = _number("DCP (PIVKA-II), mAU/mL", 9, 1, "0", "99999999")
    pretreated = models.BooleanField("treated before for hepatocellular carcinoma", null=True, blank=True)
    resection = models.BooleanField("previous resection", null=True, blank=True)
    ablation = models.BooleanField("previous local ablation (RFA, PEI)", null=True, blank=True)
    tace = models.BooleanField("previous TACE", null=True, blank=True)
    haic = models.BooleanField("previous hepatic arterial infusion", null=True, blank=True)
    radiation = models.BooleanField("previous radiation", null=True, blank=True)
    other_treatment = models.BooleanField("another previous treatment", null=True, blank=True)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "baseline disease"
        verbose_name_plural = "baseline disease"
        constraints = [
            once("baseline_disease", "Baseline disease"),
            Backstop(
                condition=~Q(pretreated=False) | ~Q(*((t, True) for t in TREATMENTS), _connector=Q.OR),
                name="baseline_disease_treatments_belong",
            ),
        ]

    def __str__(self) -> str:
        return f"baseline disease of {self.date}"

    def clean(self) -> None:
        given = [name for name in TREATMENTS if getattr(self, name)]
        if self.pretreated is False and given:
            raise ValidationError({"pretreated": "A previous treatment is answered yes below."})

    @property
    def child_pugh(self) -> ChildPugh:
        return compute_child_pugh(
            ChildPughFacts(
                bilirubin=self.bilirubin,
                albumin=self.albumin,
                inr=self.inr,
                ascites=Ascites(self.ascites) if self.ascites else None,
                encephalopathy_grade=self.encephalopathy_grade,
            )
        )

    @property
    def child_pugh_score(self) -> int | None:
        """Points, 5 to 15; None while a component is missing."""
        return self.child_pugh.score

    @property
    def child_pugh_class(self) -> ChildPughClass | None:
        return self.child_pugh.child_pugh_class

    @property
    def bclc_facts(self) -> BclcFacts:
        return BclcFacts(
            nodules=self.nodules,
            largest_nodule_mm=self.largest_nodule_mm,
            vascular_invasion=self.vascular_invasion,
            extrahepatic_spread=self.extrahepatic_spread,
            ecog=self.ecog,
            child_pugh_class=self.child_pugh_class,
        )

    @property
    def derived_bclc(self) -> BclcDerivation:
        return derive_bclc(self.bclc_facts)
