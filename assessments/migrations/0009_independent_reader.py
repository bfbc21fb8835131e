"""Independent reads are written by independent readers alone."""

from django.db import migrations

from trial.protect import ENTRY_PATIENT, READER_PATIENT


def _written_by(condition: str) -> str:
    table = "assessments_independentread"
    return f"""
        ALTER POLICY enter ON {table} WITH CHECK ({condition});
        ALTER POLICY change ON {table} USING ({condition}) WITH CHECK ({condition});
        ALTER POLICY remove ON {table} USING ({condition});
    """


class Migration(migrations.Migration):
    dependencies = [("assessments", "0008_history"), ("trial", "0007_independent_reader")]
    operations = [migrations.RunSQL(_written_by(READER_PATIENT), _written_by(ENTRY_PATIENT))]
