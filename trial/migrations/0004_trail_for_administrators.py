"""Administrators see the trail of what they keep: sites and approvals too, and nothing of any patient."""

from django.db import migrations

from trial.protect import APP_ROLE

POLICY = f"""
CREATE POLICY see_trial ON trial_auditentry FOR SELECT TO {APP_ROLE}
    USING (patient_id IS NULL AND (SELECT trial_may_manage()));
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0003_rights")]
    operations = [migrations.RunSQL(POLICY, "DROP POLICY see_trial ON trial_auditentry;")]
