"""A date with unknown parts has changed on a page where it says something else, and only there."""

import pytest

from casebook.domain.partial_dates import PartialDate
from casebook.models import PartialDateField
from casebook.models.fields import PartialDateText
from casebook.registry import specs


def partial_dates():
    for spec in specs():
        kinds = [(spec.model, spec.form), *([(spec.rows.model, spec.rows.form)] if spec.rows else [])]
        for model, form in kinds:
            for field in model._meta.concrete_fields:
                if isinstance(field, PartialDateField):
                    yield pytest.param(model, form, field.name, id=f"{model.__name__}.{field.name}")


@pytest.mark.parametrize(("model", "form", "name"), list(partial_dates()))
@pytest.mark.parametrize(
    ("saved", "typed", "changed"),
    [
        (PartialDate("2012-03"), "2012-03", False),
        (PartialDate("2012-03"), " 2012-03 ", False),
        (PartialDate("2012-03"), "2012-03-01", True),
        (PartialDate("2012-03"), "", True),
        (PartialDate("2012-03"), "2012-3-", True),
        (PartialDate("UNK"), "unk", False),
        (PartialDate("UNK"), "", True),
        (PartialDate("UNK"), "2012", True),
        (None, "", False),
        (None, None, False),
        (None, "UNK", True),
    ],
)
def test_a_partial_date_has_changed_only_where_it_says_something_else(
    patient, model, form, name, saved, typed, changed
):
    page = form({name: typed}, instance=model(patient=patient, **{name: saved}))
    assert isinstance(page.fields[name], PartialDateText)
    assert (name in page.changed_data) is changed
