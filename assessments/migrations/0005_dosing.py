import assessments.models.constraints
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models
from trial.protect import protect


class Migration(migrations.Migration):
    dependencies = [("assessments", "0004_ctcae")]
    operations = [
        migrations.CreateModel(
            name='DoseInterval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('start', models.DateField(verbose_name='first day')),
                ('end', models.DateField(blank=True, help_text='Empty while this dose goes on.', null=True, verbose_name='last day')),
                ('mg', models.DecimalField(decimal_places=2, max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('2000'))], verbose_name='mg at a time')),
                ('frequency', models.CharField(choices=[('BID', 'twice a day'), ('QD', 'once a day'), ('QOD', 'every other day')], max_length=3, verbose_name='how often')),
                ('dose_reason', models.CharField(choices=[('INITIAL', 'first dose of the trial'), ('ADVERSE EVENT', 'adverse event'), ('TOLERATED INCREASE', 'increase, tolerated so far'), ('TREATMENT 2 START', 'new dose at the start of Treatment 2'), ('TREATMENT 2 UNCHANGED', 'Treatment 2 at the dose before'), ('OTHER', 'other')], max_length=25, verbose_name='why this dose')),
                ('dose_reason_text', models.CharField(blank=True, max_length=200, verbose_name='in words')),
                ('adverse_event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.adverseevent', verbose_name='because of this adverse event')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
            ],
            options={
                'verbose_name': 'dose',
                'ordering': ['start', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('end', None), ('end__gte', models.F('start')), _connector='OR'), name='dose_ends_after_it_begins', violation_error_message='A dose cannot end before it begins.'), models.CheckConstraint(condition=models.Q(('mg__gte', 0), ('frequency__in', ['BID', 'QD', 'QOD'])), name='dose_and_frequency', violation_error_message='A dose is at least 0 mg, once, twice or every other day.'), assessments.models.constraints.NoOverlap(end='end', name='one_dose_a_day', same=('patient',), start='start', violation_error_message='Another line of the dosing log covers some of these days. End it before this one begins.')],
            },
        ),
        *protect("assessments_doseinterval"),
    ]
