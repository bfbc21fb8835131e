from patients.models.baseline_disease import BaselineDisease, Etiology
from patients.models.consent import Consent, Sex
from patients.models.death import CauseOfDeath, Death
from patients.models.discontinuation import Discontinuation, OffProtocolReason
from patients.models.ecog import Ecog
from patients.models.eligibility_decision import EligibilityDecision
from patients.models.enrolment import Enrolment
from patients.models.follow_up import ContactStatus, SurvivalFollowUp
from patients.models.missed_visit import AssessmentKinds, MissedReason, MissedVisit
from patients.models.progression_decision import NotContinuedReason, ProgressionDecision
from patients.models.screening import Screening
from patients.models.visit import Visit, VisitKind

__all__ = [
    "AssessmentKinds",
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
    "MissedReason",
    "MissedVisit",
    "NotContinuedReason",
    "OffProtocolReason",
    "ProgressionDecision",
    "Screening",
    "Sex",
    "SurvivalFollowUp",
    "Visit",
    "VisitKind",
]
