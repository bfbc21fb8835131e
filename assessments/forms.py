"""What was given and seen, as pages. The fields' words and limits are the models'."""

from assessments.models import VitalSigns
from casebook.forms import CrfForm


class VitalSignsForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = VitalSigns
        fields = ["date", "systolic", "diastolic", "pulse", "temperature", "weight", "ecog"]
