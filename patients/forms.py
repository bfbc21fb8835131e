"""The patient's forms as pages. The fields' words and limits are the models'."""

from typing import Any

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
    """Says beside what was saved which Child-Pugh score and BCLC stage it gives."""

    class Meta(CrfForm.Meta):
        model = models.BaselineDisease
        fields = [f.name for f in models.BaselineDisease.fields_entered()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["inr"].help_text = _child_pugh(self.instance)
            self.fields["bclc_stage"].help_text = _bclc(self.instance)


def _child_pugh(disease: models.BaselineDisease) -> str:
    computed = disease.child_pugh
    if computed.missing:
        return f"Child-Pugh of the saved values: not yet computable without {', '.join(computed.missing)}."
    return f"Child-Pugh of the saved values: {computed.score} points, class {computed.child_pugh_class}."


def _bclc(disease: models.BaselineDisease) -> str:
    derived = disease.derived_bclc
    if derived.stage is None:
        return derived.reason
    return f"The saved values give stage {derived.stage} ({derived.reason})."


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


class MissedVisitForm(CrfForm):
    class Meta(CrfForm.Meta):
        model = models.MissedVisit
        fields = ["kind", "planned_date", "missed_reason", "missed_reason_text"]


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
