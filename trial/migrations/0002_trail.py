"""The trail: the one trigger function, the guards, the seals, and what the application's role may touch."""

from django.db import migrations

from trial.protect import APP_ROLE, track

RECORD_CHANGE = """
CREATE FUNCTION trial_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    patient_column text := TG_ARGV[0];
    site_column text := TG_ARGV[1];
    ignored text[] := string_to_array(TG_ARGV[2], ',');
    acting bigint := nullif(current_setting('rebaseline.actor', true), '')::bigint;
    why text := coalesce(current_setting('rebaseline.reason', true), '');
    old_row jsonb;
    new_row jsonb;
    entry_before jsonb;
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
    ELSIF TG_OP = 'DELETE' THEN
        entry_before := old_row;
    END IF;
    IF patient_column <> '' THEN
        of_patient := (row_now ->> patient_column)::bigint;
        IF site_column = '' THEN SELECT site_id INTO of_site FROM casebook_patient WHERE id = of_patient; END IF;
    END IF;
    IF site_column <> '' THEN of_site := (row_now ->> site_column)::bigint; END IF;
    INSERT INTO trial_auditentry
        (at, transaction, actor_id, reason, "table", row_id, patient_id, site_id, operation, before, image)
    VALUES
        (clock_timestamp(), txid_current(), acting, why, TG_TABLE_NAME, (row_now ->> 'id')::bigint, of_patient,
         of_site, left(TG_OP, 1), entry_before, new_row);
    RETURN NULL;
END $$;

CREATE FUNCTION trial_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused', lower(TG_OP), TG_TABLE_NAME USING ERRCODE = 'RB003';
END $$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON trial_auditentry
    FOR EACH ROW EXECUTE FUNCTION trial_refuse();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON trial_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION trial_refuse();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON trial_auditseal
    FOR EACH ROW EXECUTE FUNCTION trial_refuse();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON trial_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION trial_refuse();
ALTER TABLE trial_auditentry ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE trial_auditentry ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE trial_auditseal ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE trial_auditseal ENABLE ALWAYS TRIGGER refuse_truncate;
"""

SCOPE = """
CREATE FUNCTION trial_sites_of(roles text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT s.id), '{}')
    FROM trial_membership m
    JOIN trial_person p ON p.id = m.person_id AND p.is_active
    JOIN trial_site s ON s.trial_id = m.trial_id AND (m.site_id IS NULL OR m.site_id = s.id)
    WHERE m.person_id = nullif(current_setting('rebaseline.actor', true), '')::bigint
      AND m.role = ANY (roles)
$$;
CREATE FUNCTION trial_visible_sites() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT trial_sites_of(ARRAY['coordinator', 'investigator', 'monitor', 'data manager', 'statistician', 'auditor'])
$$;
CREATE FUNCTION trial_entry_sites() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT trial_sites_of(ARRAY['coordinator', 'investigator'])
$$;
CREATE FUNCTION trial_query_sites() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT trial_sites_of(ARRAY['coordinator', 'investigator', 'monitor', 'data manager'])
$$;
"""

SEALS = """
CREATE FUNCTION trial_seal_text(previous text, first_id bigint, last_id bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT previous || string_agg(
        jsonb_build_array(id, extract(epoch FROM at)::text, transaction, actor_id, reason, "table", row_id,
                          patient_id, site_id, operation, before, image)::text,
        E'\\n' ORDER BY id)
    FROM trial_auditentry WHERE id BETWEEN first_id AND last_id
$$;

CREATE FUNCTION trial_seal_trail(batch integer DEFAULT 10000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    previous trial_auditseal;
    first_id bigint;
    last_id bigint;
    many bigint;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(72001);
    LOOP
        SELECT * INTO previous FROM trial_auditseal ORDER BY id DESC LIMIT 1;
        SELECT min(id), max(id), count(*) INTO first_id, last_id, many
        FROM (SELECT id FROM trial_auditentry WHERE id > coalesce(previous.last_entry, 0) ORDER BY id LIMIT batch) e;
        EXIT WHEN many = 0;
        INSERT INTO trial_auditseal (at, first_entry, last_entry, entries, sha256)
        VALUES (clock_timestamp(), first_id, last_id, many,
                encode(sha256(convert_to(
                    trial_seal_text(coalesce(previous.sha256, ''), first_id, last_id), 'UTF8')), 'hex'));
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION trial_verify_trail() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    seal trial_auditseal;
    previous text := '';
    previous_entry bigint := 0;
    name text;
    differing bigint;
BEGIN
    FOR seal IN SELECT * FROM trial_auditseal ORDER BY id LOOP
        IF (SELECT count(*) FROM trial_auditentry WHERE id > previous_entry AND id <= seal.last_entry) <> seal.entries
           OR seal.sha256 IS DISTINCT FROM encode(sha256(convert_to(
               trial_seal_text(previous, seal.first_entry, seal.last_entry), 'UTF8')), 'hex') THEN
            RETURN NEXT format('seal %s over entries %s to %s is broken', seal.id, seal.first_entry, seal.last_entry);
        END IF;
        previous := seal.sha256;
        previous_entry := seal.last_entry;
    END LOOP;
    FOR name IN SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                WHERE t.tgname = 'audit' AND NOT t.tgisinternal ORDER BY 1 LOOP
        EXECUTE format($q$
            WITH latest AS (
                SELECT DISTINCT ON (row_id) row_id, image FROM trial_auditentry
                WHERE "table" = %L ORDER BY row_id, id DESC)
            SELECT count(*) FROM %I t FULL JOIN (SELECT * FROM latest WHERE image IS NOT NULL) l ON l.row_id = t.id
            WHERE t.id IS NULL OR l.row_id IS NULL OR NOT to_jsonb(t) @> l.image $q$, name, name)
        INTO differing;
        IF differing > 0 THEN
            RETURN NEXT format('%s rows of %s differ from their trail', differing, name);
        END IF;
    END LOOP;
END $$;
"""

GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {APP_ROLE};
REVOKE INSERT, UPDATE, DELETE ON trial_auditentry, trial_auditseal FROM {APP_ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE};
ALTER TABLE trial_auditentry ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON trial_auditentry FOR SELECT TO {APP_ROLE}
    USING (site_id IS NULL OR site_id = ANY ((SELECT trial_visible_sites())::bigint[]));
"""

SYSTEM_PERSON = """
SELECT set_config('rebaseline.actor', '0', true);
INSERT INTO trial_person (password, email, full_name, is_active, is_system)
VALUES ('!', 'system@rebaseline.invalid', 'Rebaseline (system)', false, true);
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0001_initial"), ("sessions", "0001_initial")]
    operations = [
        migrations.RunSQL(RECORD_CHANGE, migrations.RunSQL.noop),
        migrations.RunSQL(SCOPE, migrations.RunSQL.noop),
        migrations.RunSQL(SEALS, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        track("trial_person", ignore=("password", "last_login")),
        track("trial_trial"),
        track("trial_site", site="id"),
        track("trial_membership"),
        track("trial_protocolversion"),
        track("trial_siteapproval", site="site_id"),
        migrations.RunSQL(SYSTEM_PERSON, migrations.RunSQL.noop),
    ]
