from patients.models.baseline_disease import BaselineDisease, Etiology
from patients.models.consent import Consent, Sex
from patients.models.death import CauseOfDeath, Death
from patients.models.discontinuation import Discontinuation, OffProtocolReason
from patients.models.ecog import Ecog
from patients.models.eligibility_decision import EligibilityDecision
from patients.models.enrolment import Enrolment
from patients.models.follow_up import ContactStatus, SurvivalFollowUp
from patients.models.progression_decision import NotContinuedReason, ProgressionDecision
from patients.models.screening import Screening
from patients.models.visit import Visit, VisitKind

__all__ = [
    "BaselineDisease",
    "CauseOfDeath",
    "Consent",
    "ContactStatus",
    "Death",
    "Discontinuation",
    "Ecog",
    "EligibilityDecision",
    "Enrolment",
    "Etiology",
    "NotContinuedReason",
    "OffProtocolReason",
    "ProgressionDecision",
    "Screening",
    "Sex",
    "SurvivalFollowUp",
    "Visit",
    "VisitKind",
]
