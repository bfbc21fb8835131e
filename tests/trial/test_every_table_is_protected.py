"""No table of ours is without its trail, and no patient's row without its scope."""

import pytest
from django.apps import apps

from casebook.models import ClinicalRow
from casebook.registry import clinical_models
from tests.databases import as_application

ROOMS = ("trial", "casebook", "patients", "assessments", "documents", "monitoring", "analysis")
MODELS = [m for room in ROOMS for m in apps.get_app_config(room).get_models()]
CLINICAL = [m for m in MODELS if issubclass(m, ClinicalRow) or m._meta.label == "casebook.Patient"]

WITHOUT_TRAIL = {
    "trial.AuditEntry": "the trail itself",
    "trial.AuditSeal": "seals the trail",
    "casebook.Draft": "typed, not saved: no data of the trial, and only its writer sees it",
}
OWN = {"casebook.Draft", "trial.Preference"}


def _triggers(table: str) -> dict[str, str]:
    return dict(
        as_application(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            table,
        )
    )


@pytest.mark.parametrize(
    "model", [m for m in MODELS if m._meta.label not in WITHOUT_TRAIL], ids=lambda m: m._meta.label
)
def test_every_table_writes_the_trail_and_cannot_be_truncated(db, model):
    triggers = _triggers(model._meta.db_table)
    assert triggers.get("audit") == "A", "the table has no audit trigger that always fires"
    assert triggers.get("refuse_truncate") == "A"


@pytest.mark.parametrize("model", CLINICAL, ids=lambda m: m._meta.label)
def test_every_table_of_patients_is_scoped_by_row_level_security(db, model):
    table = model._meta.db_table
    [(secured,)] = as_application("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    policies = as_application("SELECT cmd FROM pg_policies WHERE tablename = %s ORDER BY cmd", table)
    assert secured
    assert [cmd for (cmd,) in policies] == ["DELETE", "INSERT", "SELECT", "UPDATE"]


@pytest.mark.parametrize("model", [m for m in MODELS if m._meta.label in OWN], ids=lambda m: m._meta.label)
def test_what_is_somebodys_own_is_scoped_to_them(db, model):
    table = model._meta.db_table
    [(secured,)] = as_application("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    [(condition,)] = as_application("SELECT qual FROM pg_policies WHERE tablename = %s", table)
    assert secured
    assert "person_id = (NULLIF(current_setting('rebaseline.actor'" in condition


def test_the_trail_is_scoped_and_guarded(db):
    [(secured,)] = as_application("SELECT relrowsecurity FROM pg_class WHERE relname = 'trial_auditentry'")
    assert secured
    for table in ("trial_auditentry", "trial_auditseal"):
        assert _triggers(table) == {"refuse_change": "A", "refuse_truncate": "A"}


@pytest.mark.parametrize("model", CLINICAL, ids=lambda m: m._meta.label)
def test_every_clinical_table_is_in_the_casebook_or_knowingly_not(model):
    """What the registry does not know, no extraction would return."""
    known = {m._meta.label for m in clinical_models()}
    outside = {"casebook.Patient", "casebook.Query", "assessments.KeyImage", "assessments.LabImport"}
    assert model._meta.label in known | outside
