from assessments.models.adverse_event import (
    SERIOUSNESS_CRITERIA,
    ActionTaken,
    AdverseEvent,
    AdverseEventGrade,
    Grade,
    Outcome,
)
from assessments.models.ctcae_term import CtcaeTerm
from assessments.models.dosing import DoseFrequency, DoseInterval, DoseReason
from assessments.models.history import (
    ConcomitantMedication,
    HccTreatment,
    MedicalHistory,
    Route,
    TreatmentResponse,
)
from assessments.models.imaging import (
    ImagingRead,
    Lesion,
    LesionReading,
    LesionRole,
    NotEvaluableReason,
    Organ,
    ReadingState,
)
from assessments.models.independent_read import Adjudication, IndependentRead
from assessments.models.key_image import ImageType, KeyImage
from assessments.models.laboratory import LabPanel
from assessments.models.laboratory_import import LabImport
from assessments.models.reference_range import RangeSex, ReferenceRange
from assessments.models.vital_signs import VitalSigns
from patients.models import Ecog

__all__ = [
    "SERIOUSNESS_CRITERIA",
    "ActionTaken",
    "Adjudication",
    "AdverseEvent",
    "AdverseEventGrade",
    "ConcomitantMedication",
    "CtcaeTerm",
    "DoseFrequency",
    "DoseInterval",
    "DoseReason",
    "Ecog",
    "Grade",
    "HccTreatment",
    "ImageType",
    "ImagingRead",
    "IndependentRead",
    "KeyImage",
    "LabImport",
    "LabPanel",
    "Lesion",
    "LesionReading",
    "LesionRole",
    "MedicalHistory",
    "NotEvaluableReason",
    "Organ",
    "Outcome",
    "RangeSex",
    "ReadingState",
    "ReferenceRange",
    "Route",
    "TreatmentResponse",
    "VitalSigns",
]
