"""The independent reader: a role that sees which scans there are and its own forms.

Row-level security scopes by site and lets the checks of a save see the patient; which pages a blind reader may
open is decided by `trial.access`.
"""

from django.db import migrations, models

ROLES = (
    "coordinator",
    "investigator",
    "monitor",
    "data manager",
    "statistician",
    "administrator",
    "auditor",
    "independent reader",
)


def _sites(name: str, *roles: str) -> str:
    listed = ", ".join(f"'{role}'" for role in roles)
    return f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS bigint[] LANGUAGE sql STABLE AS $$
            SELECT trial_sites_of(ARRAY[{listed}])
        $$;
    """


VISIBLE = ("coordinator", "investigator", "monitor", "data manager", "statistician", "auditor")
QUERY = ("coordinator", "investigator", "monitor", "data manager")
READER = "independent reader"


class Migration(migrations.Migration):
    dependencies = [("trial", "0006_preferences")]
    operations = [
        migrations.AlterField(
            "membership",
            "role",
            models.CharField(choices=[(role, role.capitalize()) for role in ROLES], max_length=20),
        ),
        migrations.RemoveConstraint("membership", "membership_role"),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(condition=models.Q(("role__in", list(ROLES))), name="membership_role"),
        ),
        migrations.RunSQL(
            _sites("trial_visible_sites", *VISIBLE, READER)
            + _sites("trial_query_sites", *QUERY, READER)
            + _sites("trial_reading_sites", READER),
            _sites("trial_visible_sites", *VISIBLE)
            + _sites("trial_query_sites", *QUERY)
            + "DROP FUNCTION trial_reading_sites();",
        ),
    ]
