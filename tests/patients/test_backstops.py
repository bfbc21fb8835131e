"""What one answer says of another: the database refuses it as the forms do.

What each field says of itself is tried for every table in `tests/assessments/test_backstops.py`.
"""

from typing import Any

import pytest

from patients import models
from patients.models.baseline_disease import TREATMENTS
from patients.models.screening import EVENTS
from tests.databases import refused
from tests.factories import unsaved
from trial.audit import acting

CHECK_VIOLATION = "23514"


@pytest.fixture
def row(study, patient):
    """Save a valid row past every validator, so that the database alone judges what is put into it."""

    def save(model: type, **values: Any) -> Any:
        crf = unsaved(model, patient, **values)
        crf.clean_fields(exclude=["patient"])
        crf.save()
        return crf

    with acting(study.coordinator_a, reason="a test"):
        yield save


def database_refuses(row: Any, assignments: str, *parameters: Any) -> bool:
    code = refused(f"UPDATE {row._meta.db_table} SET {assignments} WHERE id = {row.pk}", *parameters)
    assert code in ("", CHECK_VIOLATION), code
    return code == CHECK_VIOLATION


@pytest.mark.parametrize(
    ("model", "assignments"),
    [
        *[
            (models.Screening, f"{event} = {answer}, {event}_date = '2011'")
            for event in EVENTS
            for answer in ("false", "NULL")
        ],
        *[
            (models.BaselineDisease, f"pretreated = false, tace = false, {t} = true")
            for t in TREATMENTS
            if t != "tace"
        ],
        (models.BaselineDisease, "pretreated = false"),
        (models.Screening, "investigator_exclusion = true, investigator_exclusion_reason = ' '"),
        (models.Screening, "investigator_exclusion = false, investigator_exclusion_reason = 'x'"),
        (models.Screening, "investigator_exclusion = NULL, investigator_exclusion_reason = 'x'"),
        (models.Consent, "birth_date = 'UNK'"),
        (models.Consent, "birth_date = ''"),
        (models.Death, "date = 'UNK'"),
        (models.ProgressionDecision, "continued = false"),
        (models.MissedVisit, "missed_reason = 'OTHER'"),
        (models.MissedVisit, "missed_reason = 'OTHER', missed_reason_text = ' '"),
        (models.ProgressionDecision, "not_continued_reason = 'OTHER'"),
        (models.ProgressionDecision, "continued = false, not_continued_reason = 'OTHER', comment = ' '"),
        (models.Discontinuation, "off_protocol_reason = 'ADVERSE EVENT'"),
        (models.Discontinuation, "off_protocol_reason = 'ADVERSE EVENT', detail = ' '"),
    ],
)
def test_what_contradicts_itself_is_refused_by_the_database_too(row, model, assignments):
    assert database_refuses(row(model), assignments)


@pytest.mark.parametrize(
    ("model", "assignments"),
    [
        *[(models.Screening, f"{event} = true, {event}_date = '2011'") for event in EVENTS],
        (models.Screening, "gi_hemorrhage = NULL, gi_hemorrhage_date = NULL"),
        (models.BaselineDisease, "pretreated = false, tace = NULL"),
        (models.BaselineDisease, "pretreated = NULL, tace = true"),
        (models.BaselineDisease, "ecog = NULL, bilirubin = NULL, nodules = NULL, ascites = ''"),
        (models.Screening, "investigator_exclusion = true, investigator_exclusion_reason = 'frail'"),
        (models.ProgressionDecision, "continued = false, not_continued_reason = 'RAPID GROWTH'"),
        (models.ProgressionDecision, "continued = false, not_continued_reason = 'OTHER', comment = 'x'"),
        (models.Discontinuation, "off_protocol_reason = 'ADVERSE EVENT', detail = 'Lung infection'"),
    ],
)
def test_what_may_be_true_is_let_through(row, model, assignments):
    assert not database_refuses(row(model), assignments)
