from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms

from casebook.models import UnitField
from casebook.registry import specs
from monitoring.domain.status import PatientStatus
from trial.models import Site


class PatientFilter(forms.Form):
    """Narrows the patient list; what is not understood narrows nothing."""

    q = forms.CharField(label="Number contains", required=False, max_length=20)
    site = forms.ModelChoiceField(queryset=Site.objects.none(), required=False, empty_label="all sites")
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "every status"), *((s.value, s.value) for s in PatientStatus)],
    )

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["site"]).queryset = sites


class QueryForm(forms.Form):
    """An answer, a closing note or a new question: one text."""

    text = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class RaiseQueryForm(QueryForm):
    """A question on a field of a form, on the form, or (without a form) on the patient."""

    field = forms.ChoiceField(label="On", required=False)

    field_order = ["field", "text"]

    def __init__(self, *args: Any, slug: str = "", **kwargs: Any) -> None:
        super().__init__(*args, label="Question", **kwargs)
        spec = next((s for s in specs() if s.slug == slug), None)
        if spec is None:
            del self.fields["field"]
        else:
            named = [
                (f.name, str(f.verbose_name))
                for f in spec.model.fields_entered()
                if not isinstance(f, UnitField)
            ]
            cast(forms.ChoiceField, self.fields["field"]).choices = [("", "the form as a whole"), *named]
