from assessments.models import Adjudication, IndependentRead
from casebook.forms import CrfForm


class IndependentReadForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = IndependentRead
        fields = [f.name for f in IndependentRead.fields_entered()]


class AdjudicationForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = Adjudication
        fields = [f.name for f in Adjudication.fields_entered()]
