"""Concomitant medication, medical history and previous treatment of the carcinoma as pages."""

from typing import Any

from django.utils.translation import gettext as _

from assessments.models import ConcomitantMedication, HccTreatment, MedicalHistory
from casebook.forms import CrfForm


class ConcomitantMedicationForm(CrfForm):
    """Says beside a saved drug that it is an inducer of CYP3A4."""

    class Meta(CrfForm.Meta):
        model = ConcomitantMedication
        fields = [f.name for f in ConcomitantMedication.fields_entered()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inducer = self.instance.inducer if self.instance.pk is not None else None
        if inducer is not None:
            said = _("Strong CYP3A4 inducer (%(name)s): the protocol excludes it.") % {"name": inducer.name}
            self.fields["drug"].help_text = said


class MedicalHistoryForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = MedicalHistory
        fields = [f.name for f in MedicalHistory.fields_entered()]


class HccTreatmentForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = HccTreatment
        fields = [f.name for f in HccTreatment.fields_entered()]
