from casebook.models.crf import ClinicalRow, Crf
from casebook.models.fields import PartialDateField
from casebook.models.patient import Patient
from casebook.models.query import Query, QueryState

__all__ = ["ClinicalRow", "Crf", "PartialDateField", "Patient", "Query", "QueryState"]
