import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trial.protect import own_rows, track


class Migration(migrations.Migration):
    dependencies = [("trial", "0005_field_reasons")]
    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shortcuts", models.BooleanField(default=True, verbose_name="keyboard shortcuts")),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preference",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        track("trial_preference"),
        own_rows("trial_preference", person="person_id"),
    ]
