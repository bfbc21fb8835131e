"""What the application's role may write outside the casebook, and on whose behalf.

The trigger asks the acting person's rights, as row-level security does for patients' data: a statement slipped
into somebody's request cannot give rights, take them or set another person's password. Signing in and choosing
a new password by mail act for nobody yet; everything else without an actor is refused by the trail.
"""

from django.db import migrations

from trial.protect import APP_ROLE, guard

GUARD = f"""
CREATE FUNCTION trial_may_manage() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM trial_person p
        WHERE p.id = nullif(current_setting('rebaseline.actor', true), '')::bigint
          AND (p.is_system OR (p.is_active AND EXISTS (
              SELECT FROM trial_membership m
              WHERE m.person_id = p.id AND m.role = 'administrator' AND m.site_id IS NULL))))
$$;

CREATE FUNCTION trial_is_system() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM trial_person
                   WHERE id = nullif(current_setting('rebaseline.actor', true), '')::bigint AND is_system)
$$;

CREATE FUNCTION trial_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    only_the_system boolean := TG_ARGV[0] = 'system';
    person_column text := TG_ARGV[1];
    acting text := nullif(current_setting('rebaseline.actor', true), '');
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    allowed boolean;
BEGIN
    IF current_user <> '{APP_ROLE}' THEN
        allowed := true;
    ELSIF coalesce((old_row ->> 'is_system')::boolean, false) OR coalesce((new_row ->> 'is_system')::boolean, false) THEN
        allowed := false;
    ELSIF acting IS NULL OR old_row - 'last_login' = new_row - 'last_login' THEN
        allowed := true;
    ELSIF old_row - '{{password,last_login}}'::text[] = new_row - '{{password,last_login}}'::text[] THEN
        allowed := new_row ->> 'id' = acting OR trial_may_manage();
    ELSIF only_the_system OR acting IN (old_row ->> person_column, new_row ->> person_column) THEN
        allowed := trial_is_system();
    ELSE
        allowed := trial_may_manage();
    END IF;
    IF NOT allowed THEN
        RAISE EXCEPTION '% of % refused: not the acting person''s right', lower(TG_OP), TG_TABLE_NAME
            USING ERRCODE = '42501';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""

NEVER_WRITTEN = f"""
REVOKE DELETE ON trial_person, trial_trial, trial_site, trial_siteapproval FROM {APP_ROLE};
REVOKE UPDATE, DELETE ON trial_protocolversion FROM {APP_ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_content_type, auth_group, auth_group_permissions, auth_permission
    FROM {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0002_trail"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        guard("trial_person", person="id"),
        guard("trial_membership", person="person_id"),
        guard("trial_trial"),
        guard("trial_site"),
        guard("trial_protocolversion"),
        guard("trial_siteapproval"),
        migrations.RunSQL(NEVER_WRITTEN, migrations.RunSQL.noop),
    ]
