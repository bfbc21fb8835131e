from casebook.models.crf import ClinicalRow, Crf
from casebook.models.draft import Draft
from casebook.models.fields import MeasuredField, PartialDateField, UnitField
from casebook.models.patient import Patient
from casebook.models.query import Query, QueryState

__all__ = [
    "ClinicalRow",
    "Crf",
    "Draft",
    "MeasuredField",
    "PartialDateField",
    "Patient",
    "Query",
    "QueryState",
    "UnitField",
]
