from django.db import migrations

from trial.protect import protect

TABLES = ("patients_visit",)


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial"), ("casebook", "0002_protect")]
    operations = [operation for table in TABLES for operation in protect(table)]
