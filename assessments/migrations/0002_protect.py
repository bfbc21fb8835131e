from django.db import migrations

from trial.protect import protect

TABLES = ("assessments_vitalsigns",)


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial"), ("casebook", "0002_protect")]
    operations = [operation for table in TABLES for operation in protect(table)]
