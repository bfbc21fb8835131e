"""The trail keeps, beside the reason of a row, the reason of each field that changed; seals cover both.

`rebaseline.reasons` is an object of column and reason, "*" standing for every column that has none of its own.
Entries written before have no such reasons and are sealed in the words they always were.
"""

from django.db import migrations, models

RECORD_CHANGE = """
CREATE OR REPLACE FUNCTION trial_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    patient_column text := TG_ARGV[0];
    site_column text := TG_ARGV[1];
    ignored text[] := string_to_array(TG_ARGV[2], ',');
    acting bigint := nullif(current_setting('rebaseline.actor', true), '')::bigint;
    why text := coalesce(current_setting('rebaseline.reason', true), '');
    given jsonb := nullif(current_setting('rebaseline.reasons', true), '')::jsonb;
    old_row jsonb;
    new_row jsonb;
    entry_before jsonb;
    entry_reasons jsonb;
    row_now jsonb;
    of_patient bigint;
    of_site bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_row := to_jsonb(OLD) - ignored; END IF;
    IF TG_OP <> 'DELETE' THEN new_row := to_jsonb(NEW) - ignored; END IF;
    IF TG_OP = 'UPDATE' AND old_row = new_row THEN RETURN NULL; END IF;
    IF acting IS NULL THEN
        RAISE EXCEPTION 'no actor: % of % refused', lower(TG_OP), TG_TABLE_NAME USING ERRCODE = 'RB001';
    END IF;
    IF TG_OP <> 'INSERT' AND btrim(why) = '' THEN
        RAISE EXCEPTION 'no reason: % of % refused', lower(TG_OP), TG_TABLE_NAME USING ERRCODE = 'RB002';
    END IF;
    -- Seals and extractions take this lock alone: then no entry with a lower id or an earlier instant is on its way.
    PERFORM pg_advisory_xact_lock_shared(72001);
    row_now := coalesce(new_row, old_row);
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value) INTO entry_before
        FROM jsonb_each(old_row) o WHERE o.value IS DISTINCT FROM new_row -> o.key;
        IF given IS NOT NULL THEN
            SELECT jsonb_object_agg(b.key, coalesce(given -> b.key, given -> '*')) INTO entry_reasons
            FROM jsonb_each(entry_before) b WHERE b.key <> 'version' AND (given ? b.key OR given ? '*');
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        entry_before := old_row;
    END IF;
    IF patient_column <> '' THEN
        of_patient := (row_now ->> patient_column)::bigint;
        IF site_column = '' THEN SELECT site_id INTO of_site FROM casebook_patient WHERE id = of_patient; END IF;
    END IF;
    IF site_column <> '' THEN of_site := (row_now ->> site_column)::bigint; END IF;
    INSERT INTO trial_auditentry
        (at, transaction, actor_id, reason, reasons, "table", row_id, patient_id, site_id, operation, before, image)
    VALUES
        (clock_timestamp(), txid_current(), acting, why, entry_reasons, TG_TABLE_NAME,
         (row_now ->> 'id')::bigint, of_patient, of_site, left(TG_OP, 1), entry_before, new_row);
    RETURN NULL;
END $$;
"""

SEAL_TEXT = """
CREATE OR REPLACE FUNCTION trial_seal_text(previous text, first_id bigint, last_id bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT previous || string_agg(
        (jsonb_build_array(id, extract(epoch FROM at)::text, transaction, actor_id, reason, "table", row_id,
                           patient_id, site_id, operation, before, image)
         || CASE WHEN reasons IS NULL THEN '[]' ELSE jsonb_build_array(reasons) END)::text,
        E'\\n' ORDER BY id)
    FROM trial_auditentry WHERE id BETWEEN first_id AND last_id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0004_trail_for_administrators")]
    operations = [
        migrations.AddField("auditentry", "reasons", models.JSONField(null=True)),
        migrations.RunSQL(RECORD_CHANGE, migrations.RunSQL.noop),
        migrations.RunSQL(SEAL_TEXT, migrations.RunSQL.noop),
    ]
