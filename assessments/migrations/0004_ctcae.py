import casebook.models.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from trial.protect import protect, track


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_laboratory")]
    operations = [
        migrations.CreateModel(
            name='CtcaeTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(editable=False, max_length=220, unique=True)),
                ('version', models.CharField(max_length=10)),
                ('term', models.CharField(max_length=200)),
                ('soc', models.CharField(max_length=120, verbose_name='system organ class')),
                ('criteria', models.JSONField(default=dict)),
                ('synonyms', models.JSONField(blank=True, default=list)),
                ('meddra_code', models.CharField(blank=True, max_length=20, verbose_name='MedDRA code')),
            ],
            options={
                'verbose_name': 'CTCAE term',
                'ordering': ['version', 'soc', 'term'],
                'constraints': [models.UniqueConstraint(fields=('version', 'term'), name='one_row_per_ctcae_term')],
            },
        ),
        migrations.CreateModel(
            name='AdverseEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('description', models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='as the site describes it')),
                ('onset', casebook.models.fields.PartialDateField(verbose_name='onset')),
                ('ongoing', models.BooleanField(verbose_name='still going on')),
                ('end', casebook.models.fields.PartialDateField(blank=True, null=True, verbose_name='end')),
                ('outcome', models.CharField(blank=True, choices=[('RECOVERED/RESOLVED', 'recovered or resolved'), ('RECOVERED/RESOLVED WITH SEQUELAE', 'recovered or resolved with sequelae'), ('RECOVERING/RESOLVING', 'recovering or resolving'), ('NOT RECOVERED/NOT RESOLVED', 'not recovered, not resolved'), ('FATAL', 'fatal'), ('UNKNOWN', 'unknown')], max_length=40)),
                ('causality', models.CharField(blank=True, choices=[('UNRELATED', 'unrelated'), ('UNLIKELY', 'unlikely'), ('POSSIBLE', 'possible'), ('PROBABLE', 'probable'), ('DEFINITE', 'definite')], max_length=10, verbose_name='caused by the study drug')),
                ('action_taken', models.CharField(blank=True, choices=[('DOSE NOT CHANGED', 'dose not changed'), ('DOSE REDUCED', 'dose reduced'), ('DRUG INTERRUPTED', 'drug interrupted'), ('DRUG WITHDRAWN', 'drug withdrawn'), ('DOSE INCREASED', 'dose increased'), ('DOSE RATE REDUCED', 'dose rate reduced'), ('NOT APPLICABLE', 'not applicable'), ('UNKNOWN', 'unknown')], max_length=20, verbose_name='action taken with the study drug')),
                ('serious', models.BooleanField(verbose_name='serious')),
                ('death', models.BooleanField(default=False, verbose_name='led to death')),
                ('life_threatening', models.BooleanField(default=False, verbose_name='was life-threatening')),
                ('hospitalisation', models.BooleanField(default=False, verbose_name='needed or prolonged a stay in hospital')),
                ('disability', models.BooleanField(default=False, verbose_name='led to lasting disability or incapacity')),
                ('congenital_anomaly', models.BooleanField(default=False, verbose_name='was a congenital anomaly or birth defect')),
                ('other_serious', models.BooleanField(default=False, verbose_name='was otherwise medically important')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
                ('term', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.ctcaeterm', to_field='code', verbose_name='CTCAE term')),
            ],
            options={
                'verbose_name': 'adverse event',
                'ordering': ['onset', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AdverseEventGrade',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', casebook.models.fields.PartialDateField(verbose_name='from')),
                ('grade', models.PositiveSmallIntegerField(choices=[(1, '1 – mild'), (2, '2 – moderate'), (3, '3 – severe'), (4, '4 – life-threatening'), (5, '5 – death')])),
                ('adverse_event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='assessments.adverseevent')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
            ],
            options={
                'verbose_name': 'grade of an adverse event',
                'ordering': ['date', 'id'],
                'constraints': [models.UniqueConstraint(fields=('adverse_event', 'date'), name='one_grade_a_day', violation_error_message='Another grade from this date on is entered.'), models.CheckConstraint(condition=models.Q(('grade__range', (1, 5))), name='ctcae_grade', violation_error_message='CTCAE grades go from 1 to 5.')],
            },
        ),
        track("assessments_ctcaeterm"),
        *protect("assessments_adverseevent"),
        *protect("assessments_adverseeventgrade"),
    ]
