from django.db import migrations

from trial.protect import protect

TABLES = (
    "patients_consent",
    "patients_screening",
    "patients_baselinedisease",
    "patients_eligibilitydecision",
    "patients_enrolment",
    "patients_visit",
    "patients_progressiondecision",
    "patients_discontinuation",
    "patients_survivalfollowup",
    "patients_death",
)


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial"), ("casebook", "0002_protect")]
    operations = [operation for table in TABLES for operation in protect(table)]
