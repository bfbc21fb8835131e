from django.db import migrations

from trial.protect import ENTRY_SITE, VISIBLE_PATIENT, VISIBLE_SITE, scope, track

QUERY_PATIENT = "patient_id IN (SELECT id FROM casebook_patient WHERE site_id = ANY ((SELECT trial_query_sites())::bigint[]))"


class Migration(migrations.Migration):
    dependencies = [("casebook", "0001_initial"), ("trial", "0002_trail")]
    operations = [
        track("casebook_patient", patient="id", site="site_id"),
        scope("casebook_patient", visible=VISIBLE_SITE, writable=ENTRY_SITE),
        track("casebook_query", patient="patient_id"),
        scope("casebook_query", visible=VISIBLE_PATIENT, writable=QUERY_PATIENT),
    ]
