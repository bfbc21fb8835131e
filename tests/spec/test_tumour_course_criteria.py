"""Every response setting of a protocol reaches the reading of tumours."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from assessments.domain.mrecist import MRECIST
from assessments.domain.tumour_criteria import response_criteria
from trial.domain.response import ResponseCriteria, ResponseStandard

PROTOCOL = ResponseCriteria(
    standard=ResponseStandard.MRECIST,
    pr_decrease_percent=Decimal(30),
    pd_increase_percent=Decimal(20),
    pd_min_abs_mm=Decimal(0),
    sd_min_days=42,
    confirmation_required=False,
    max_targets=5,
    max_targets_per_organ=2,
    min_target_mm=Decimal(10),
    min_target_node_mm=Decimal(15),
    min_porta_hepatis_node_mm=Decimal(20),
    normal_node_below_mm=Decimal(10),
    too_small_to_measure_mm=Decimal(5),
)


def test_the_published_criteria_are_the_defaults() -> None:
    assert response_criteria(PROTOCOL) == MRECIST


# The standard is no setting of the rules, and the reader chooses whose responses count.
SETTINGS = [f.name for f in fields(ResponseCriteria) if f.name not in ("standard", "reader")]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changed_in_the_protocol_changes_the_criteria(name: str) -> None:
    value = not PROTOCOL.confirmation_required if name == "confirmation_required" else None
    changed = replace(PROTOCOL, **{name: getattr(PROTOCOL, name) + 1 if value is None else value})
    expected = replace(MRECIST, **{name: getattr(changed, name)})
    assert response_criteria(changed) == expected
