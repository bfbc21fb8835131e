"""Where a patient stands in the trial."""

from enum import StrEnum


class PatientStatus(StrEnum):
    """The stations of a patient; the order is that of a patient's way."""

    SCREENING = "screening"
    SCREEN_FAILURE = "screen failure"
    ENROLLED = "enrolled, no dose yet"
    TREATMENT_1 = "Treatment 1"
    TREATMENT_2 = "Treatment 2"
    FOLLOW_UP = "off treatment"
    LOST = "lost to follow-up"
    DEAD = "dead"
