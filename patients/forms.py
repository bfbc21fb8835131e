"""The patient's forms as pages. The fields' words and limits are the models'."""

from casebook.forms import CrfForm
from patients import models


class ConsentForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.Consent
        fields = ["consent_date", "birth_date", "sex", "protocol_version"]


class ScreeningForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.Screening
        fields = [f.name for f in models.Screening.fields_entered()]


class BaselineDiseaseForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.BaselineDisease
        fields = [f.name for f in models.BaselineDisease.fields_entered()]


class EligibilityDecisionForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.EligibilityDecision
        fields = ["date", "eligible", "comment"]


class EnrolmentForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.Enrolment
        fields = ["date", "registration_number"]


class VisitForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.Visit
        fields = ["date", "kind"]


class ProgressionDecisionForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.ProgressionDecision
        fields = ["date", "continued", "not_continued_reason", "comment"]


class DiscontinuationForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.Discontinuation
        fields = ["date", "off_protocol_reason", "detail"]


class SurvivalFollowUpForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.SurvivalFollowUp
        fields = ["contact_date", "status", "subsequent_therapy"]


class DeathForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.Death
        fields = ["date", "cause", "cause_detail"]
