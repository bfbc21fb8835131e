"""The imaging read as a page: the scan, and one line per lesion."""

from assessments.models import ImagingRead
from casebook.forms import CrfForm


class ImagingReadForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = ImagingRead
        fields = [f.name for f in ImagingRead.fields_entered()]
