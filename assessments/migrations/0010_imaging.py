import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models

from trial.protect import protect


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0005_dosing'),
        ('casebook', '0002_protect'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImagingRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('date', models.DateField(verbose_name='date of the scan')),
                ('modality', models.CharField(choices=[('CONTRAST ENHANCED CT SCAN', 'CONTRAST ENHANCED CT SCAN'), ('DYNAMIC CONTRAST ENHANCED MRI', 'DYNAMIC CONTRAST ENHANCED MRI'), ('CT SCAN', 'CT SCAN'), ('MRI', 'MRI')], max_length=40)),
                ('new_lesions_evaluated', models.BooleanField(default=True, verbose_name='scan covers where new lesions may appear')),
                ('reader_target', models.CharField(blank=True, choices=[('CR', 'CR'), ('PR', 'PR'), ('SD', 'SD'), ('PD', 'PD'), ('NE', 'NE'), ('none', 'none')], max_length=20, verbose_name='reader: target response')),
                ('reader_non_target', models.CharField(blank=True, choices=[('CR', 'CR'), ('IR/SD', 'IR/SD'), ('PD', 'PD'), ('NE', 'NE'), ('none', 'none')], max_length=20, verbose_name='reader: non-target response')),
                ('reader_new_lesion', models.CharField(blank=True, choices=[('no', 'no'), ('yes', 'yes'), ('equivocal', 'equivocal'), ('not_evaluated', 'not_evaluated')], max_length=20, verbose_name='reader: new lesion')),
                ('reader_overall', models.CharField(blank=True, choices=[('CR', 'CR'), ('PR', 'PR'), ('SD', 'SD'), ('NON-CR/NON-PD', 'NON-CR/NON-PD'), ('PD', 'PD'), ('NE', 'NE'), ('NED', 'NED')], max_length=20, verbose_name='reader: overall response')),
                ('comment', models.TextField(blank=True, max_length=2000)),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
            ],
            options={
                'verbose_name': 'imaging read',
                'ordering': ['date', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Lesion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=10)),
                ('organ', models.CharField(choices=[('LIVER', 'liver'), ('PORTAL VEIN', 'portal vein'), ('LUNG', 'lung'), ('LYMPH NODE', 'lymph node'), ('BONE', 'bone'), ('ADRENAL GLAND', 'adrenal gland'), ('PERITONEUM', 'peritoneum'), ('OTHER', 'other')], max_length=20)),
                ('place', models.CharField(blank=True, max_length=80, verbose_name='where in the organ')),
                ('kind', models.CharField(choices=[('LIVER', 'LIVER'), ('EXTRANODAL', 'EXTRANODAL'), ('NODE', 'NODE'), ('PORTAL VEIN THROMBOSIS', 'PORTAL VEIN THROMBOSIS'), ('EFFUSION', 'EFFUSION')], default='LIVER', max_length=30, verbose_name='kind of lesion')),
                ('enhancing', models.BooleanField(default=True, verbose_name='enhances in the arterial phase')),
                ('well_delineated', models.BooleanField(default=True, verbose_name='well delineated')),
                ('porta_hepatis', models.BooleanField(default=False, verbose_name='node at the porta hepatis')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
            ],
            options={
                'ordering': ['label'],
            },
        ),
        migrations.CreateModel(
            name='LesionReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('MEASURED', 'measured'), ('PRESENT', 'present, not measured'), ('ABSENT', 'absent or no arterial enhancement'), ('TOO SMALL TO MEASURE', 'too small to measure'), ('UNEQUIVOCAL PROGRESSION', 'unequivocal progression (non-target)'), ('NOT EVALUABLE', 'not evaluable')], max_length=30)),
                ('diameter', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.1')), django.core.validators.MaxValueValidator(Decimal('400'))], verbose_name='viable diameter, mm')),
                ('not_evaluable_reason', models.CharField(blank=True, max_length=200, verbose_name='reason it is not evaluable')),
                ('is_new', models.BooleanField(default=False, verbose_name='new since the baseline of the period')),
                ('typical', models.BooleanField(default=False, verbose_name='typical pattern: arterial enhancement and washout')),
                ('unequivocal', models.BooleanField(default=False, verbose_name='unequivocal (outside the liver)')),
                ('malignancy_proven', models.BooleanField(default=False, verbose_name='malignancy proven by cytology or pathology')),
                ('lesion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='assessments.lesion')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
                ('read', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='assessments.imagingread')),
            ],
            options={
                'ordering': ['read_id', 'lesion_id'],
            },
        ),
        migrations.CreateModel(
            name='LesionRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.PositiveSmallIntegerField(choices=[(1, 'Treatment 1'), (2, 'Treatment 2')])),
                ('role', models.CharField(choices=[('TARGET', 'TARGET'), ('NON-TARGET', 'NON-TARGET')], max_length=12)),
                ('lesion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='assessments.lesion')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
                ('read', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='assessments.imagingread')),
            ],
            options={
                'ordering': ['period', 'lesion_id'],
            },
        ),
        migrations.AddConstraint(
            model_name='imagingread',
            constraint=models.UniqueConstraint(fields=('patient', 'date'), name='one_read_per_scan', violation_error_message='A scan of this day is already read.'),
        ),
        migrations.AddConstraint(
            model_name='lesion',
            constraint=models.UniqueConstraint(fields=('patient', 'label'), name='one_lesion_per_label', violation_error_message='This label is already in use for another lesion.'),
        ),
        migrations.AddConstraint(
            model_name='lesionreading',
            constraint=models.UniqueConstraint(fields=('read', 'lesion'), name='one_reading_per_lesion_and_scan', violation_error_message='This lesion is already read on this scan.'),
        ),
        migrations.AddConstraint(
            model_name='lesionreading',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'MEASURED'), _negated=True), ('diameter__isnull', False), _connector='OR'), name='measured_has_a_diameter', violation_error_message='A measured lesion needs its diameter.'),
        ),
        migrations.AddConstraint(
            model_name='lesionreading',
            constraint=models.CheckConstraint(condition=models.Q(('diameter__isnull', True), ('state__in', ['MEASURED', 'UNEQUIVOCAL PROGRESSION']), _connector='OR'), name='diameter_only_if_measured', violation_error_message='Only a measured lesion has a diameter.'),
        ),
        migrations.AddConstraint(
            model_name='lesionrole',
            constraint=models.UniqueConstraint(fields=('period', 'lesion'), name='one_role_per_lesion_and_period', violation_error_message='This lesion was already chosen for this treatment period.'),
        ),
        *protect("assessments_imagingread"),
        *protect("assessments_lesion"),
        *protect("assessments_lesionreading"),
        *protect("assessments_lesionrole"),
    ]
