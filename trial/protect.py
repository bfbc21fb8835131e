"""Migration operations that put a table under the protection of the database itself.

`protect(table)` gives it the audit trigger and, for patients' data, row-level security. Every migration that
creates a table of ours ends with it; a test finds the table that was forgotten.
"""

from django.db.migrations import RunSQL

APP_ROLE = "rebaseline_app"


def track(table: str, *, patient: str = "", site: str = "", ignore: tuple[str, ...] = ()) -> RunSQL:
    """The audit trigger. `patient` and `site` name the columns that hold them; changes of `ignore` are not
    recorded.
    """
    arguments = ", ".join(f"'{a}'" for a in (patient, site, ",".join(ignore)))
    return RunSQL(
        f"""
        CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION trial_record_change({arguments});
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit;
        CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION trial_refuse();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_truncate;
        """,
        f"DROP TRIGGER audit ON {table}; DROP TRIGGER refuse_truncate ON {table};",
    )


def guard(table: str, *, only_the_system: bool = False, person: str = "") -> RunSQL:
    """Writes of the application's role ask the acting person's right: administrators, or the system alone.

    `person` names the column of the person concerned, who is never the one who acts.
    """
    arguments = f"'{'system' if only_the_system else 'manage'}', '{person}'"
    return RunSQL(
        f"""
        CREATE TRIGGER "guard" BEFORE INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION trial_guard({arguments});
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER "guard";
        """,
        f'DROP TRIGGER "guard" ON {table};',
    )


def scope(table: str, *, visible: str, writable: str) -> RunSQL:
    """Row-level security for the application's role: one condition to see a row, one to write it."""
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY see ON {table} FOR SELECT TO {APP_ROLE} USING ({visible});
        CREATE POLICY enter ON {table} FOR INSERT TO {APP_ROLE} WITH CHECK ({writable});
        CREATE POLICY change ON {table} FOR UPDATE TO {APP_ROLE} USING ({writable}) WITH CHECK ({writable});
        CREATE POLICY remove ON {table} FOR DELETE TO {APP_ROLE} USING ({writable});
        """,
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def own_rows(table: str, *, person: str, where: str = "true") -> RunSQL:
    """What belongs to one person: nobody else sees or writes it, and they themselves only as `where` says.

    `person` names the column of its owner.
    """
    own = f"{person} = nullif(current_setting('rebaseline.actor', true), '')::bigint AND {where}"
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON {table} TO {APP_ROLE} USING ({own}) WITH CHECK ({own});
        """,
        f"DROP POLICY own ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


VISIBLE_SITE = "site_id = ANY ((SELECT trial_visible_sites())::bigint[])"
ENTRY_SITE = "site_id = ANY ((SELECT trial_entry_sites())::bigint[])"
VISIBLE_PATIENT = f"patient_id IN (SELECT id FROM casebook_patient WHERE {VISIBLE_SITE})"
READING_SITE = "site_id = ANY ((SELECT trial_reading_sites())::bigint[])"
READER_PATIENT = f"patient_id IN (SELECT id FROM casebook_patient WHERE {READING_SITE})"
ENTRY_PATIENT = f"patient_id IN (SELECT id FROM casebook_patient WHERE {ENTRY_SITE})"


def protect(table: str) -> list[RunSQL]:
    """Trail and scope of a table whose rows belong to a patient (`patient_id`)."""
    return [track(table, patient="patient_id"), scope(table, visible=VISIBLE_PATIENT, writable=ENTRY_PATIENT)]
