"""What is known of a patient when eligibility is judged."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from casebook.domain.partial_dates import PartialDate
from patients.domain.child_pugh import Ascites, ChildPugh, ChildPughFacts, compute_child_pugh
from trial.domain.criteria import Sex
from trial.domain.data_items import DataItem
from trial.domain.response import ImagingModality


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """The answers of the screening forms, under the names the protocol's criteria use.

    ``None`` is not (yet) known and never counts as no. ``enrolment_date`` is the planned day until the
    patient is enrolled. Units: hemoglobin and albumin g/dL, neutrophils and platelets /mm3, bilirubin and
    creatinine mg/dL, AST and ALT U/L, lesion mm; each ``_uln`` is the upper limit of normal of the same
    laboratory. An event's ``_date`` is asked for only where the event occurred.
    """

    sex: Sex | None = None
    birth_date: PartialDate | None = None
    consent_date: date | None = None
    enrolment_date: date | None = None

    histologically_confirmed: bool | None = None
    typical_imaging: bool | None = None
    no_curative_option: bool | None = None
    ecog: int | None = None
    enhancing_lesion_mm: Decimal | None = None
    imaging_modality: ImagingModality | None = None
    can_follow_protocol: bool | None = None

    hemoglobin: Decimal | None = None
    neutrophils: Decimal | None = None
    platelets: Decimal | None = None
    bilirubin: Decimal | None = None
    ast: Decimal | None = None
    ast_uln: Decimal | None = None
    alt: Decimal | None = None
    alt_uln: Decimal | None = None
    creatinine: Decimal | None = None
    creatinine_uln: Decimal | None = None

    albumin: Decimal | None = None
    inr: Decimal | None = None
    pt_percent: Decimal | None = None
    pt_prolonged_seconds: Decimal | None = None
    ascites: Ascites | None = None
    encephalopathy_grade: int | None = None

    prior_targeted_therapy: bool | None = None
    prior_systemic_chemotherapy: bool | None = None
    significant_ascites: bool | None = None
    liver_transplantation: bool | None = None
    varices_likely_to_bleed: bool | None = None
    myocardial_infarction: bool | None = None
    myocardial_infarction_date: PartialDate | None = None
    unstable_angina: bool | None = None
    unstable_angina_date: PartialDate | None = None
    cardiac_failure: bool | None = None
    cardiac_failure_date: PartialDate | None = None
    cerebrovascular_disorder: bool | None = None
    cerebrovascular_disorder_date: PartialDate | None = None
    hepatic_encephalopathy: bool | None = None
    brain_tumor: bool | None = None
    dialysis: bool | None = None
    gi_hemorrhage: bool | None = None
    gi_hemorrhage_date: PartialDate | None = None
    active_double_cancer: bool | None = None
    cyp3a4_inducer: bool | None = None
    cyp3a4_inducer_drugs: str = ""
    arrhythmia_grade: int | None = None
    uncontrolled_hypertension: bool | None = None
    drug_hypersensitivity: bool | None = None
    anticancer_herbal_medicine: bool | None = None
    hiv: bool | None = None
    pregnant_or_nursing: bool | None = None
    investigator_exclusion: bool | None = None
    investigator_exclusion_reason: str = ""

    @property
    def child_pugh(self) -> ChildPugh:
        """Return the Child-Pugh points of the components known so far."""
        return compute_child_pugh(
            ChildPughFacts(
                bilirubin=self.bilirubin,
                albumin=self.albumin,
                inr=self.inr,
                pt_percent=self.pt_percent,
                pt_prolonged_seconds=self.pt_prolonged_seconds,
                ascites=self.ascites,
                encephalopathy_grade=self.encephalopathy_grade,
            )
        )

    @property
    def child_pugh_score(self) -> int | None:
        """Return the Child-Pugh score, None while a component is missing."""
        return self.child_pugh.score

    def detail(self, item: DataItem) -> str:
        """Return what a reader needs beside the value of the item: its components or its reason, or ""."""
        if item is DataItem.CHILD_PUGH_SCORE:
            points = self.child_pugh.points
            return ", ".join(f"{name} {'missing' if p is None else p}" for name, p in points.items())
        if item is DataItem.INVESTIGATOR_EXCLUSION:
            return self.investigator_exclusion_reason
        if item is DataItem.CYP3A4_INDUCER:
            return self.cyp3a4_inducer_drugs
        return ""
