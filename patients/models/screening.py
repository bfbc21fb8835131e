"""The items of the eligibility criteria that no other form holds.

Each is named as the protocol names it. Empty is "not yet known": what rests on it is not evaluable.
"""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models
from django.db.models import Q

from casebook.models import Crf, PartialDateField
from casebook.models.backstop import Backstop, backed_up, once, only_with
from trial.domain.response import ImagingModality

MODALITIES = [
    (ImagingModality.CE_CT.value, "contrast-enhanced CT"),
    (ImagingModality.CE_MRI.value, "dynamic contrast-enhanced MRI"),
    (ImagingModality.CT.value, "CT without contrast"),
    (ImagingModality.MRI.value, "MRI without contrast"),
]
EVENTS = (
    "myocardial_infarction",
    "unstable_angina",
    "cardiac_failure",
    "cerebrovascular_disorder",
    "gi_hemorrhage",
)


def _answer(question: str, help_text: str = "") -> models.BooleanField:
    """Yes, no, or not yet known."""
    return models.BooleanField(question, null=True, blank=True, help_text=help_text)


def _last(event: str) -> PartialDateField:
    return PartialDateField(f"date of the last {event}", null=True, blank=True)


@backed_up
class Screening(Crf):
    date = models.DateField("date of the assessment")
    histologically_confirmed = _answer("hepatocellular carcinoma confirmed by histology")
    typical_imaging = _answer("hepatocellular carcinoma typical on imaging")
    no_curative_option = _answer("no benefit expected from resection or local ablation")
    enhancing_lesion_mm = models.DecimalField(
        "largest enhancing lesion, mm",
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[AtLeast(Decimal("0")), AtMost(Decimal("400"))],
        help_text="Longest diameter of the part enhancing in the arterial phase; 0 if no lesion enhances.",
    )
    imaging_modality = models.CharField("measured on", max_length=40, choices=MODALITIES, blank=True)
    can_follow_protocol = _answer("able to follow the protocol treatment")
    prior_targeted_therapy = _answer("previous sorafenib or other molecular-targeted drug")
    prior_systemic_chemotherapy = _answer("previous systemic chemotherapy")
    significant_ascites = _answer("clinically significant ascites", "Refractory, or needing drainage.")
    liver_transplantation = _answer("liver transplantation in the history")
    varices_likely_to_bleed = _answer("esophageal varices likely to bleed")
    myocardial_infarction = _answer("myocardial infarction, ever")
    myocardial_infarction_date = _last("myocardial infarction")
    unstable_angina = _answer("unstable angina, ever")
    unstable_angina_date = _last("episode of unstable angina")
    cardiac_failure = _answer("cardiac failure, ever")
    cardiac_failure_date = _last("episode of cardiac failure")
    cerebrovascular_disorder = _answer("cerebrovascular disorder, ever")
    cerebrovascular_disorder_date = _last("cerebrovascular event")
    hepatic_encephalopathy = _answer("hepatic encephalopathy, current or previous")
    brain_tumor = _answer("brain tumor")
    dialysis = _answer("on dialysis")
    gi_hemorrhage = _answer("gastrointestinal hemorrhage, ever")
    gi_hemorrhage_date = _last("gastrointestinal hemorrhage")
    active_double_cancer = _answer("another active cancer")
    cyp3a4_inducer = _answer("takes a CYP3A4 inducer", "For example rifampicin, phenytoin or St John's wort.")
    arrhythmia_grade = models.PositiveSmallIntegerField(
        "arrhythmia, CTCAE grade",
        null=True,
        blank=True,
        validators=[AtMost(5)],
        help_text="0 if there is none.",
    )
    uncontrolled_hypertension = _answer("poorly controlled hypertension")
    drug_hypersensitivity = _answer("hypersensitivity to a component of the study drug")
    anticancer_herbal_medicine = _answer("takes a herbal medicine approved for cancer")
    hiv = _answer("HIV infection, AIDS or a related disease")
    pregnant_or_nursing = _answer("pregnant or nursing", "Leave empty for men.")
    investigator_exclusion = _answer("unsuitable in the investigator's judgement")
    investigator_exclusion_reason = models.CharField("why unsuitable", max_length=200, blank=True)

    class Meta:
        ordering = ["date", "id"]
        verbose_name = "eligibility items"
        verbose_name_plural = "eligibility items"
        constraints = [
            once("screening", "The eligibility items form"),
            *(only_with("screening", e, f"{e}_date", empty=Q(**{f"{e}_date": None})) for e in EVENTS),
            only_with(
                "screening",
                "investigator_exclusion",
                "investigator_exclusion_reason",
                empty=Q(investigator_exclusion_reason=""),
            ),
            Backstop(
                condition=Q(investigator_exclusion=False)
                | Q(investigator_exclusion=None)
                | Q(investigator_exclusion_reason__regex=r"\S"),
                name="screening_investigator_exclusion_reason_given",
            ),
        ]

    def __str__(self) -> str:
        return f"eligibility items of {self.date}"

    def clean(self) -> None:
        errors = {
            f"{event}_date": "Answer yes above, or take the date out."
            for event in EVENTS
            if getattr(self, f"{event}_date") is not None and not getattr(self, event)
        }
        if self.investigator_exclusion and not self.investigator_exclusion_reason.strip():
            errors["investigator_exclusion_reason"] = "Say why the patient is unsuitable."
        if self.investigator_exclusion_reason and not self.investigator_exclusion:
            errors["investigator_exclusion_reason"] = "Answer yes above, or take the reason out."
        if errors:
            raise ValidationError(errors)
