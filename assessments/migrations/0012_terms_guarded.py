"""CTCAE terms come with the software (load_ctcae); nobody changes them while working."""

from django.db import migrations

from trial.protect import APP_ROLE, guard


class Migration(migrations.Migration):
    dependencies = [("assessments", "0011_swapped_lines"), ("trial", "0003_rights")]
    operations = [
        guard("assessments_ctcaeterm", only_the_system=True),
        migrations.RunSQL(f"REVOKE DELETE ON assessments_ctcaeterm FROM {APP_ROLE}", migrations.RunSQL.noop),
    ]
