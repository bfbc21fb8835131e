"""Each form of the patient's way can be entered, and refuses what cannot be true at the field."""

import pytest

from casebook.registry import spec_of
from patients import crfs, models
from tests.factories import VALID, enter, unsaved

MODELS = [spec.model for spec in crfs.SPECS]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_form_can_be_entered(study, patient, model):
    by = study.investigator_a if model is models.EligibilityDecision else None
    assert enter(model, patient, by=by).version == 1
