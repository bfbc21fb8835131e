"""What PostgreSQL itself refuses to the application's role, whatever the Python above it does."""

import pytest
from django.db import connection, transaction

from assessments.models import VitalSigns
from casebook.models import Patient
from patients.models import Visit
from tests.databases import as_application, refused
from tests.factories import enter, make_patient, make_person
from trial.audit import acting, set_actor, set_reason, system_person
from trial.models import AuditEntry, Person

NEW_VISIT = (
    "INSERT INTO patients_visit (patient_id, version, date, kind) VALUES (%s, 1, '2012-03-03', 'SCHEDULED')"
)
NO_ACTOR, NO_REASON, GUARDED, NOT_ALLOWED = "RB001", "RB002", "RB003", "42501"


@pytest.fixture
def visit(patient) -> Visit:
    return enter(Visit, patient)


def test_the_tests_run_as_the_applications_role(db):
    [(role, superuser, bypasses)] = as_application(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    assert (role, superuser, bypasses) == ("rebaseline_app", False, False)


def test_a_write_without_an_actor_is_refused(study):
    assert refused("UPDATE trial_site SET name = 'x' WHERE id = %s", study.site_a.pk) == NO_ACTOR
    assert refused("DELETE FROM trial_membership WHERE person_id = %s", study.auditor.pk) == NO_ACTOR
    assert refused("INSERT INTO trial_trial (code, title, is_synthetic) VALUES ('y', 'y', true)") == NO_ACTOR


def test_without_an_actor_no_patient_is_there_to_be_read_or_written(visit):
    assert as_application("SELECT * FROM casebook_patient") == []
    assert as_application("SELECT * FROM patients_visit") == []
    assert refused(
        "INSERT INTO casebook_patient (site_id, number) VALUES (%s, 'X-1')", visit.patient.site_id
    ) in (NOT_ALLOWED, NO_ACTOR)


@pytest.mark.parametrize(
    "statement", ["UPDATE patients_visit SET date = '2012-02-02'", "DELETE FROM patients_visit"]
)
@pytest.mark.parametrize(("reason", "refusal"), [("", NO_REASON), ("   ", NO_REASON), ("wrong day", "")])
def test_a_change_of_saved_data_needs_a_reason(visit, study, statement, reason, refusal):
    with acting(study.coordinator_a, reason=reason):
        assert refused(f"{statement} WHERE id = %s", visit.pk) == refusal


def test_a_change_that_changes_nothing_leaves_no_entry(visit, study):
    with acting(study.coordinator_a):
        before = AuditEntry.objects.count()
        assert refused("UPDATE patients_visit SET date = date WHERE id = %s", visit.pk) == ""
        assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO trial_auditentry (at, transaction, actor_id, reason, "table", row_id, operation)'
        " VALUES (now(), 1, 1, '', 'patients_visit', 1, 'I')",
        "UPDATE trial_auditentry SET reason = 'better'",
        "DELETE FROM trial_auditentry",
        "TRUNCATE trial_auditentry",
        "INSERT INTO trial_auditseal (at, first_entry, last_entry, entries, sha256)"
        " VALUES (now(), 1, 1, 1, 'x')",
        "UPDATE trial_auditseal SET sha256 = 'x'",
        "DELETE FROM trial_auditseal",
        "TRUNCATE trial_auditseal",
        "ALTER TABLE trial_auditentry DISABLE TRIGGER refuse_change",
        "ALTER TABLE patients_visit DISABLE TRIGGER audit",
        "ALTER TABLE patients_visit DISABLE TRIGGER ALL",
        "ALTER TABLE patients_visit DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE patients_visit NO FORCE ROW LEVEL SECURITY",
        "DROP TRIGGER audit ON patients_visit",
        "DROP POLICY see ON patients_visit",
        "DROP TABLE patients_visit CASCADE",
        "TRUNCATE patients_visit",
        "TRUNCATE casebook_patient CASCADE",
        "SET session_replication_role = replica",
        "SET ROLE rebaseline_owner",
        "CREATE TABLE elsewhere (id bigint)",
        "CREATE OR REPLACE FUNCTION trial_record_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$",
        "UPDATE django_migrations SET name = 'x'",
    ],
)
def test_the_application_can_neither_touch_the_trail_nor_switch_off_what_writes_it(visit, study, statement):
    with acting(study.coordinator_a, reason="because"):
        assert refused(statement) == NOT_ALLOWED


NEW_ADMINISTRATOR = (
    "INSERT INTO trial_membership (person_id, trial_id, role) SELECT %s, id, 'administrator' FROM trial_trial"
)
RIGHTS = (
    "INSERT INTO trial_membership (person_id, trial_id, role) SELECT %s, id, 'auditor' FROM trial_trial",
    "UPDATE trial_membership SET role = 'monitor', site_id = NULL WHERE person_id = %s",
    "DELETE FROM trial_membership WHERE person_id = %s",
    "UPDATE trial_person SET is_active = false WHERE id = %s",
    "UPDATE trial_person SET email = 'mine@example.org' WHERE id = %s",
    "UPDATE trial_person SET password = 'known' WHERE id = %s",
)
TRIAL = (
    "INSERT INTO trial_person (email, full_name, password, is_active, is_system)"
    " VALUES ('x@example.org', 'X', 'known', true, false)",
    "UPDATE trial_trial SET is_synthetic = false",
    "INSERT INTO trial_site (trial_id, code, name) SELECT id, '99', 'x' FROM trial_trial",
    "UPDATE trial_site SET name = 'x'",
    "UPDATE trial_siteapproval SET approved_on = '2001-01-01'",
    "INSERT INTO trial_siteapproval (site_id, protocol_version_id, approved_on)"
    " SELECT site_id, protocol_version_id, '2001-01-01' FROM trial_siteapproval LIMIT 1",
    "INSERT INTO trial_protocolversion (trial_id, version, definition, sha256)"
    " SELECT id, '9', 'x', 'x' FROM trial_trial",
)
WHOEVER_DOES_NOT_MANAGE = (
    *("coordinator_a", "investigator_a", "monitor_a", "data_manager", "statistician", "auditor"),
)


@pytest.mark.parametrize("name", WHOEVER_DOES_NOT_MANAGE)
def test_nobody_who_does_not_manage_the_trial_gives_rights_or_takes_them(study, name):
    by = getattr(study, name)
    with acting(by, reason="because"):
        for person in (by, study.coordinator_b):
            assert refused(NEW_ADMINISTRATOR, person.pk) == NOT_ALLOWED
            answers = {
                sql: refused(sql, person.pk) for sql in RIGHTS if person != by or "password" not in sql
            }
            assert set(answers.values()) == {NOT_ALLOWED}, answers
        answers = {sql: refused(sql) for sql in TRIAL}
        assert set(answers.values()) == {NOT_ALLOWED}, answers


def test_an_administrator_does_for_others_what_they_cannot_for_themselves(study):
    by = study.administrator
    with acting(by, reason="because"):
        own = {sql: refused(sql, by.pk) for sql in RIGHTS if "password" not in sql}
        assert set(own.values()) == {NOT_ALLOWED}, own
        person = make_person("colleague", study.trial)
        others = {sql: refused(sql, person.pk) for sql in RIGHTS}
        assert set(others.values()) == {""}, others
        trial = {sql: refused(sql) for sql in TRIAL if "siteapproval (" not in sql}
        assert set(trial.values()) == {""}, trial


def test_an_administrator_switched_off_or_withdrawn_gives_no_right_any_more(study):
    with acting(study.administrator, reason="because"):
        [(other,)] = as_application(
            "INSERT INTO trial_person (email, full_name, password, is_active, is_system)"
            " VALUES ('second@example.org', 'Second', '!', true, false) RETURNING id"
        )
        as_application(NEW_ADMINISTRATOR, other)
    second = Person.objects.get(pk=other)
    with acting(second, reason="because"):
        assert refused(RIGHTS[0], study.monitor_a.pk) == ""
        as_application("UPDATE trial_person SET is_active = false WHERE id = %s", study.administrator.pk)
    with acting(study.administrator, reason="because"):
        assert refused(RIGHTS[0], study.monitor_a.pk) == NOT_ALLOWED


@pytest.mark.parametrize("column", ["password", "last_login"])
def test_people_keep_their_own_password_and_sign_in_without_an_actor(study, column):
    value = "now()" if column == "last_login" else "'hashed'"
    of_one = f"UPDATE trial_person SET {column} = {value} WHERE id = %s"
    assert refused(of_one, study.coordinator_a.pk) == ""  # a link from a mail, or the sign-in itself
    with acting(study.coordinator_a):
        assert refused(of_one, study.coordinator_a.pk) == ""


@pytest.mark.parametrize("actor", [None, "administrator", "system"])
def test_nobody_gets_into_the_place_of_the_system(study, actor):
    people = {"administrator": study.administrator, "system": system_person(), None: None}
    with transaction.atomic():
        if actor:
            set_actor(people[actor])
            set_reason("because")
        assert refused("UPDATE trial_person SET password = 'known' WHERE is_system") == NOT_ALLOWED
        assert refused("UPDATE trial_person SET is_active = true WHERE is_system") == NOT_ALLOWED
        statement = "UPDATE trial_person SET is_system = true WHERE id = %s"
        assert refused(statement, study.coordinator_a.pk) == NOT_ALLOWED


WRITES = """
    table                          | insert update delete
    assessments_ctcaeterm          | yes    yes    no
    auth_group                     | no     no     no
    auth_group_permissions         | no     no     no
    auth_permission                | no     no     no
    django_content_type            | no     no     no
    django_migrations              | no     no     no
    trial_auditentry               | no     no     no
    trial_auditseal                | no     no     no
    trial_membership               | yes    yes    yes
    trial_person                   | yes    yes    no
    trial_protocolversion          | yes    no     no
    trial_site                     | yes    yes    no
    trial_siteapproval             | yes    yes    no
    trial_trial                    | yes    yes    no
"""


@pytest.mark.parametrize("line", WRITES.strip().splitlines()[1:])
def test_the_application_holds_only_the_rights_it_needs(db, line):
    table, stated = (part.strip() for part in line.split("|"))
    [held] = as_application(
        "SELECT "
        + ", ".join(f"has_table_privilege(%s, '{verb}')" for verb in ("INSERT", "UPDATE", "DELETE")),
        *[table] * 3,
    )
    assert [("yes" if right else "no") for right in held] == stated.split()


@pytest.mark.parametrize("name", ["coordinator_a", "data_manager", "administrator"])
def test_terms_of_ctcae_come_with_the_software_alone(study, name):
    term = (
        "INSERT INTO assessments_ctcaeterm (code, version, term, soc, criteria, synonyms, meddra_code)"
        " VALUES ('4.03 Bliss', '4.03', 'Bliss', 'S', '{}', '[]', '')"
    )
    change = "UPDATE assessments_ctcaeterm SET soc = 'x'"
    with acting(system_person(), reason="loaded"):
        assert refused(term) == ""
    with acting(getattr(study, name), reason="because"):
        assert refused(term.replace("Bliss", "Gloom")) == NOT_ALLOWED
        assert refused(change) == NOT_ALLOWED


def test_a_coordinator_sees_and_writes_only_their_own_site_even_in_raw_sql(study, visit):
    elsewhere = make_patient(study, site=study.site_b)
    other_visit = enter(Visit, elsewhere)
    with acting(study.coordinator_a, reason="curious"):
        assert as_application("SELECT id FROM casebook_patient") == [(visit.patient_id,)]
        assert as_application("SELECT id FROM patients_visit") == [(visit.pk,)]
        assert as_application("SELECT id FROM trial_auditentry WHERE patient_id = %s", elsewhere.pk) == []
        with connection.cursor() as cursor:
            cursor.execute("UPDATE patients_visit SET date = '2012-03-03' WHERE id = %s", [other_visit.pk])
            assert cursor.rowcount == 0
            cursor.execute("DELETE FROM patients_visit WHERE id = %s", [other_visit.pk])
            assert cursor.rowcount == 0
        assert refused(NEW_VISIT, elsewhere.pk) == NOT_ALLOWED
        assert (
            refused("UPDATE patients_visit SET patient_id = %s WHERE id = %s", elsewhere.pk, visit.pk)
            == NOT_ALLOWED
        )
        move = "UPDATE casebook_patient SET site_id = %s WHERE id = %s"
        assert refused(move, study.site_b.pk, visit.patient_id) == NOT_ALLOWED


@pytest.mark.parametrize("reader", ["monitor_a", "data_manager", "statistician", "auditor"])
def test_who_only_reads_cannot_write_even_in_raw_sql(study, patient, visit, reader):
    with acting(getattr(study, reader), reason="because"):
        assert Visit.objects.filter(pk=visit.pk).exists()
        assert refused(NEW_VISIT, patient.pk) == NOT_ALLOWED
        with connection.cursor() as cursor:
            cursor.execute("UPDATE patients_visit SET date = '2012-03-03'")
            assert cursor.rowcount == 0
            cursor.execute("DELETE FROM patients_visit")
            assert cursor.rowcount == 0


def test_an_administrator_sees_no_clinical_row(study, visit):
    enter(VitalSigns, visit.patient)
    with acting(study.administrator):
        assert not Patient.objects.exists()
        assert not Visit.objects.exists()
        assert not VitalSigns.objects.exists()
        assert not AuditEntry.objects.filter(patient_id__isnull=False).exists()


def test_whose_sign_in_is_switched_off_sees_nothing(study, visit):
    with acting(study.administrator, reason="left the hospital"):
        study.coordinator_a.is_active = False
        study.coordinator_a.save()
    with acting(study.coordinator_a):
        assert not Patient.objects.exists()
