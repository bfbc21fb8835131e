"""Prints: on the trail, seen by the person who asked for them while they may see the site; files by the worker alone."""

from django.db import migrations

from trial.protect import APP_ROLE, VISIBLE_PATIENT, VISIBLE_SITE, track

ACTOR = "nullif(current_setting('rebaseline.actor', true), '')::bigint"
SYSTEM = "(SELECT trial_is_system())"
MINE = f"(requested_by_id = {ACTOR} AND {VISIBLE_SITE})"
MY_FILE = f"(job_id IN (SELECT id FROM documents_printjob) AND {VISIBLE_PATIENT})"

SCOPE = f"""
ALTER TABLE documents_printjob ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON documents_printjob FOR SELECT TO {APP_ROLE} USING ({MINE} OR {SYSTEM});
CREATE POLICY enter ON documents_printjob FOR INSERT TO {APP_ROLE} WITH CHECK ({MINE});
CREATE POLICY change ON documents_printjob FOR UPDATE TO {APP_ROLE}
    USING (({MINE} OR {SYSTEM}) AND state <> 'FINISHED') WITH CHECK ({MINE} OR {SYSTEM});
REVOKE DELETE ON documents_printjob FROM {APP_ROLE};
ALTER TABLE documents_printedcasebook ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON documents_printedcasebook FOR SELECT TO {APP_ROLE} USING ({MY_FILE} OR {SYSTEM});
CREATE POLICY enter ON documents_printedcasebook FOR INSERT TO {APP_ROLE} WITH CHECK ({SYSTEM});
CREATE POLICY remove ON documents_printedcasebook FOR DELETE TO {APP_ROLE} USING ({SYSTEM});
REVOKE UPDATE ON documents_printedcasebook FROM {APP_ROLE};
ALTER TABLE documents_download ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON documents_download FOR SELECT TO {APP_ROLE} USING ({VISIBLE_SITE});
CREATE POLICY enter ON documents_download FOR INSERT TO {APP_ROLE}
    WITH CHECK (by_id = {ACTOR} AND job_id IN (SELECT id FROM documents_printjob));
REVOKE UPDATE, DELETE ON documents_download FROM {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("trial", "0003_rights"), ("casebook", "0002_protect")]
    operations = [
        track(
            "documents_printjob",
            patient="patient_id",
            site="site_id",
            ignore=("progress", "step", "heartbeat"),
        ),
        track("documents_printedcasebook", patient="patient_id", ignore=("content",)),
        track("documents_download", site="site_id"),
        migrations.RunSQL(SCOPE, migrations.RunSQL.noop),
    ]
