"""What may stand in an address: anything else is an unknown address, and never reaches a query."""

from django.urls import register_converter
from django.urls.converters import IntConverter, StringConverter


class PatientNumber(StringConverter):
    regex = "[A-Z0-9-]{1,20}"


class RowId(IntConverter):
    """The key of a row, within what PostgreSQL's bigint can hold."""

    regex = "[0-9]{1,18}"


def register_converters() -> None:
    register_converter(PatientNumber, "patient")
    register_converter(RowId, "id")
