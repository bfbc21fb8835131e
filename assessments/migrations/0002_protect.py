from django.db import migrations

from trial.protect import APP_ROLE, VISIBLE_SITE, guard, protect, scope, track

TABLES = (
    "assessments_vitalsigns",
    "assessments_labpanel",
    "assessments_adverseevent",
    "assessments_adverseeventgrade",
    "assessments_doseinterval",
    "assessments_imagingread",
    "assessments_lesion",
    "assessments_lesionreading",
    "assessments_lesionrole",
)
KEEPS_RANGES = "site_id = ANY ((SELECT trial_sites_of(ARRAY['coordinator', 'data manager']))::bigint[])"


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial"), ("casebook", "0002_protect"), ("trial", "0003_rights")]
    operations = [
        *(operation for table in TABLES for operation in protect(table)),
        track("assessments_referencerange", site="site_id"),
        scope("assessments_referencerange", visible=VISIBLE_SITE, writable=KEEPS_RANGES),
        track("assessments_ctcaeterm"),
        # CTCAE terms come with the software (load_ctcae); nobody changes them while working.
        guard("assessments_ctcaeterm", only_the_system=True),
        migrations.RunSQL(f"REVOKE DELETE ON assessments_ctcaeterm FROM {APP_ROLE}", migrations.RunSQL.noop),
    ]
