from assessments.models.vital_signs import Ecog, VitalSigns

__all__ = ["Ecog", "VitalSigns"]
