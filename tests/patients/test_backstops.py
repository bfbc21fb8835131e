"""The database says again what the validators say: neither lets through what the other refuses."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import DecimalField, Field

from patients import models
from patients.models.baseline_disease import LIMITS, TREATMENTS
from patients.models.screening import EVENTS
from tests.databases import refused
from tests.factories import unsaved
from trial.audit import acting

CHECK_VIOLATION = "23514"
STEP = {"inr": Decimal("0.01"), "encephalopathy_grade": 1, "nodules": 1, "arrhythmia_grade": 1}


def _beyond(field: str, low: Any, high: Any) -> list[Any]:
    step = STEP.get(field, Decimal("0.1"))
    return [low - step, low, high, high + step]


NUMBERS = [
    (models.BaselineDisease, field, value)
    for field, (low, high) in LIMITS.items()
    for value in _beyond(field, low, high)
] + [
    (models.Screening, field, value)
    for field, (low, high) in {
        "arrhythmia_grade": (0, 5),
        "enhancing_lesion_mm": (Decimal(0), Decimal(400)),
    }.items()
    for value in _beyond(field, low, high)
]


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


@pytest.mark.parametrize(("model", "field", "value"), NUMBERS)
def test_a_number_is_refused_by_both_or_by_neither(row, patient, model, field, value):
    wrong = errors_of(unsaved(model, patient, **{field: value}))
    assert wrong in ([], [field])
    column = model._meta.get_field(field)
    if fits(column, value):
        assert database_refuses(row(model), f"{field} = %s", value) == bool(wrong)
    else:
        assert wrong, "more digits than the column holds"


def errors_of(crf: Any) -> list[str]:
    try:
        crf.clean_fields(exclude=["patient"])
    except ValidationError as error:
        return list(error.message_dict)
    return []


def fits(column: Field, value: Any) -> bool:
    if not isinstance(column, DecimalField):
        return True
    return abs(value) < 10 ** (column.max_digits - column.decimal_places)


CHOICES = [
    (model, field.name)
    for model in (
        models.Consent,
        models.Screening,
        models.BaselineDisease,
        models.ProgressionDecision,
        models.Discontinuation,
        models.SurvivalFollowUp,
        models.Death,
    )
    for field in model._meta.concrete_fields
    if field.choices
]


@pytest.mark.parametrize(("model", "field"), CHOICES)
def test_a_value_that_is_no_choice_is_refused_by_the_database_too(row, model, field):
    wrong = 9 if model._meta.get_field(field).get_internal_type() == "PositiveSmallIntegerField" else "?"
    assert database_refuses(row(model), f"{field} = %s", wrong)


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
        (models.Screening, "investigator_exclusion = false, investigator_exclusion_reason = 'x'"),
        (models.Screening, "investigator_exclusion = NULL, investigator_exclusion_reason = 'x'"),
        (models.Consent, "birth_date = 'UNK'"),
        (models.Consent, "birth_date = ''"),
        (models.Death, "date = 'UNK'"),
        (models.ProgressionDecision, "continued = false"),
        (models.ProgressionDecision, "not_continued_reason = 'OTHER'"),
        (models.Discontinuation, "off_protocol_reason = 'ADVERSE EVENT'"),
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
        (models.ProgressionDecision, "continued = false, not_continued_reason = 'RAPID GROWTH'"),
        (models.Discontinuation, "off_protocol_reason = 'ADVERSE EVENT', detail = 'Lung infection'"),
    ],
)
def test_what_may_be_true_is_let_through(row, model, assignments):
    assert not database_refuses(row(model), assignments)
