"""What an independent reader types is kept too."""

from django.db import migrations

from trial.protect import ENTRY_PATIENT, READER_PATIENT


def _own(where: str) -> str:
    own = f"person_id = nullif(current_setting('rebaseline.actor', true), '')::bigint AND ({where})"
    return f"ALTER POLICY own ON casebook_draft USING ({own}) WITH CHECK ({own});"


class Migration(migrations.Migration):
    dependencies = [("casebook", "0003_drafts"), ("trial", "0007_independent_reader")]
    operations = [migrations.RunSQL(_own(f"{ENTRY_PATIENT} OR {READER_PATIENT}"), _own(ENTRY_PATIENT))]
