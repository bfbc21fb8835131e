"""Drafts: each for its writer alone, without a trail, forgotten after 30 days whoever wrote them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trial.protect import ENTRY_PATIENT, own_rows

FORGET = """
CREATE FUNCTION casebook_forget_old_drafts() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (DELETE FROM casebook_draft WHERE updated < now() - interval '30 days' RETURNING 1)
    SELECT count(*)::integer FROM gone
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casebook", "0002_protect"),
        ("trial", "0002_trail"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("crf", models.CharField(max_length=40)),
                ("crf_id", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(null=True)),
                ("typed", models.JSONField()),
                ("updated", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casebook.patient"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-updated"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "patient", "crf", "crf_id"),
                        name="one_draft_per_page",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        own_rows("casebook_draft", person="person_id", where=ENTRY_PATIENT),
        migrations.RunSQL(FORGET, "DROP FUNCTION casebook_forget_old_drafts();"),
    ]
