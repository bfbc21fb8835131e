"""The patient's forms as pages. The fields' words and limits are the models'."""

from casebook.forms import CrfForm
from patients.models import Visit


class VisitForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = Visit
        fields = ["date", "kind"]
