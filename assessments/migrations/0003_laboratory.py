import assessments.models.constraints
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models
from django.contrib.postgres.operations import BtreeGistExtension
from trial.protect import VISIBLE_SITE, protect, scope, track

KEEPS_RANGES = "site_id = ANY ((SELECT trial_sites_of(ARRAY['coordinator', 'data manager']))::bigint[])"


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_protect"), ("trial", "0002_trail")]
    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='LabPanel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('date', models.DateField(verbose_name='date of the sample')),
                ('hemoglobin', models.DecimalField(blank=True, decimal_places=1, max_digits=3, null=True, validators=[django.core.validators.MinValueValidator(Decimal('1.0')), django.core.validators.MaxValueValidator(Decimal('25.0'))], verbose_name='hemoglobin, g/dL')),
                ('white_cells', models.DecimalField(blank=True, decimal_places=0, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('500000'))], verbose_name='white blood cells, /mm³')),
                ('neutrophils', models.DecimalField(blank=True, decimal_places=0, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('400000'))], verbose_name='neutrophils, /mm³')),
                ('lymphocytes', models.DecimalField(blank=True, decimal_places=0, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('400000'))], verbose_name='lymphocytes, /mm³')),
                ('platelets', models.DecimalField(blank=True, decimal_places=0, max_digits=7, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('3000000'))], verbose_name='platelets, /mm³')),
                ('total_bilirubin', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('80.00'))], verbose_name='total bilirubin, mg/dL')),
                ('albumin', models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.50')), django.core.validators.MaxValueValidator(Decimal('8.00'))], verbose_name='albumin, g/dL')),
                ('ast', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('50000.0'))], verbose_name='AST, U/L')),
                ('alt', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('50000.0'))], verbose_name='ALT, U/L')),
                ('alp', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('20000.0'))], verbose_name='ALP, U/L')),
                ('ggt', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('20000.0'))], verbose_name='GGT, U/L')),
                ('creatinine', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.05')), django.core.validators.MaxValueValidator(Decimal('40.00'))], verbose_name='creatinine, mg/dL')),
                ('pt_inr', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.50')), django.core.validators.MaxValueValidator(Decimal('20.00'))], verbose_name='prothrombin time, INR')),
                ('sodium', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('80.0')), django.core.validators.MaxValueValidator(Decimal('220.0'))], verbose_name='sodium, mmol/L')),
                ('potassium', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('1.00')), django.core.validators.MaxValueValidator(Decimal('15.00'))], verbose_name='potassium, mmol/L')),
                ('phosphate', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.10')), django.core.validators.MaxValueValidator(Decimal('30.00'))], verbose_name='phosphate, mg/dL')),
                ('amylase', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('50000.0'))], verbose_name='amylase, U/L')),
                ('lipase', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('50000.0'))], verbose_name='lipase, U/L')),
                ('afp', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('20000000.00'))], verbose_name='AFP, ng/mL')),
                ('dcp', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('20000000.00'))], verbose_name='DCP (PIVKA-II), mAU/mL')),
                ('patient', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casebook.patient')),
            ],
            options={
                'verbose_name': 'laboratory panel',
                'ordering': ['date', 'id'],
                'constraints': [models.UniqueConstraint(fields=('patient', 'date'), name='one_laboratory_panel_per_day', violation_error_message='Laboratory values of this day are already entered.')],
            },
        ),
        migrations.CreateModel(
            name='ReferenceRange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('analyte', models.CharField(choices=[('hemoglobin', 'Hemoglobin'), ('white_cells', 'White blood cells'), ('neutrophils', 'Neutrophils'), ('lymphocytes', 'Lymphocytes'), ('platelets', 'Platelets'), ('total_bilirubin', 'Total bilirubin'), ('albumin', 'Albumin'), ('ast', 'Aspartate aminotransferase'), ('alt', 'Alanine aminotransferase'), ('alp', 'Alkaline phosphatase'), ('ggt', 'Gamma-glutamyl transferase'), ('creatinine', 'Creatinine'), ('pt_inr', 'Prothrombin time, INR'), ('sodium', 'Sodium'), ('potassium', 'Potassium'), ('phosphate', 'Phosphate'), ('amylase', 'Amylase'), ('lipase', 'Lipase'), ('afp', 'Alpha-fetoprotein'), ('dcp', 'Des-gamma-carboxy prothrombin (PIVKA-II)')], max_length=20)),
                ('sex', models.CharField(blank=True, choices=[('', 'both sexes'), ('F', 'women'), ('M', 'men')], default='', max_length=1, verbose_name='for')),
                ('unit', models.CharField(max_length=10)),
                ('lln', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='lower limit of normal')),
                ('uln', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))], verbose_name='upper limit of normal')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, help_text='The last day; empty while in force.', null=True, verbose_name='valid to')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trial.site')),
            ],
            options={
                'verbose_name': 'reference range',
                'ordering': ['site_id', 'analyte', 'sex', 'valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='range_ends_after_it_begins', violation_error_message='A range cannot end before it begins.'), models.CheckConstraint(condition=models.Q(models.Q(('lln', None), ('uln__isnull', False)), models.Q(('lln__isnull', False), ('uln', None)), models.Q(('lln__isnull', False), ('lln__lt', models.F('uln')), ('uln__isnull', False)), _connector='OR'), name='range_has_limits_in_order', violation_error_message='Give one limit or both, the lower one below the upper one.'), assessments.models.constraints.NoOverlap(end='valid_to', name='one_range_a_day', same=('site', 'analyte', 'sex'), start='valid_from', violation_error_message='Another range of this analyte is in force on some of these days. Close it first.')],
            },
        ),
        *protect("assessments_labpanel"),
        track("assessments_referencerange", site="site_id"),
        scope("assessments_referencerange", visible=VISIBLE_SITE, writable=KEEPS_RANGES),
    ]
