"""Runs and their outputs: tracked, seen by people with a role in the whole trial, never edited once finished."""

from django.db import migrations

from trial.protect import APP_ROLE, track

TRIALS_OF = """
CREATE FUNCTION analysis_trials_of(roles text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(t.id), '{}')
    FROM trial_trial t, trial_person p
    WHERE p.id = nullif(current_setting('rebaseline.actor', true), '')::bigint
      AND (p.is_system OR (p.is_active AND EXISTS (
          SELECT FROM trial_membership m
          WHERE m.person_id = p.id AND m.trial_id = t.id AND m.site_id IS NULL AND m.role = ANY (roles))))
$$;
"""

SEEN = (
    "trial_id = ANY ((SELECT analysis_trials_of(ARRAY['statistician', 'data manager', 'auditor']))::bigint[])"
)
ASKED = "trial_id = ANY ((SELECT analysis_trials_of(ARRAY['statistician']))::bigint[])"
RUN_SEEN = f"run_id IN (SELECT id FROM analysis_analysisrun WHERE {SEEN})"
RUN_ASKED = f"run_id IN (SELECT id FROM analysis_analysisrun WHERE {ASKED})"

SCOPE = f"""
ALTER TABLE analysis_analysisrun ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON analysis_analysisrun FOR SELECT TO {APP_ROLE} USING ({SEEN});
CREATE POLICY enter ON analysis_analysisrun FOR INSERT TO {APP_ROLE} WITH CHECK ({ASKED});
CREATE POLICY change ON analysis_analysisrun FOR UPDATE TO {APP_ROLE}
    USING ({ASKED} AND state <> 'FINISHED') WITH CHECK ({ASKED});
REVOKE DELETE ON analysis_analysisrun FROM {APP_ROLE};
ALTER TABLE analysis_runoutput ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON analysis_runoutput FOR SELECT TO {APP_ROLE} USING ({RUN_SEEN});
CREATE POLICY enter ON analysis_runoutput FOR INSERT TO {APP_ROLE} WITH CHECK ({RUN_ASKED});
REVOKE UPDATE, DELETE ON analysis_runoutput FROM {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("analysis", "0001_initial"), ("trial", "0002_trail")]
    operations = [
        track("analysis_analysisrun", ignore=("progress", "step", "heartbeat")),
        track("analysis_runoutput", ignore=("content",)),
        migrations.RunSQL(TRIALS_OF, migrations.RunSQL.noop),
        migrations.RunSQL(SCOPE, migrations.RunSQL.noop),
    ]
