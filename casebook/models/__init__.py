from casebook.models.crf import ClinicalRow, Crf
from casebook.models.fields import MeasuredField, PartialDateField, UnitField
from casebook.models.patient import Patient
from casebook.models.query import Query, QueryState

__all__ = [
    "ClinicalRow",
    "Crf",
    "MeasuredField",
    "PartialDateField",
    "Patient",
    "Query",
    "QueryState",
    "UnitField",
]
