"""The patient's forms in the casebook: one entry each, in the order in which they are met."""

from django.utils import timezone
from django.utils.translation import gettext as _

from casebook.domain.findings import Finding, Severity
from casebook.models import Crf
from casebook.registry import CrfSpec, register
from patients import forms, models
from patients.domain.bclc import BclcStage, check_bclc
from patients.guides import GUIDES
from patients.models.baseline_disease import TREATMENTS
from patients.models.screening import EVENTS

NOT_EXPECTED_OF_EVERYBODY = {
    *(f"{event}_date" for event in EVENTS),
    "pregnant_or_nursing",
    "investigator_exclusion_reason",
}


def _check_baseline_disease(crf: Crf) -> list[Finding]:
    assert isinstance(crf, models.BaselineDisease)
    finding = check_bclc(BclcStage(crf.bclc_stage) if crf.bclc_stage else None, crf.bclc_facts)
    return [finding] if finding else []


def _check_screening(crf: Crf) -> list[Finding]:
    """An event of the history that lies after the assessment would count as none: it cannot be entered."""
    assert isinstance(crf, models.Screening)
    return [
        Finding(
            "screening.event_after_assessment",
            Severity.HARD,
            f"This lies after the assessment, {crf.date}.",
            f"{event}_date",
        )
        for event in EVENTS
        if (day := getattr(crf, f"{event}_date")) is not None and day.is_after(crf.date)
    ]


def _check_missed_visit(crf: Crf) -> list[Finding]:
    """What is still to come cannot have been missed."""
    assert isinstance(crf, models.MissedVisit)
    if crf.planned_date <= timezone.localdate():
        return []
    message = _("This day lies in the future: it can still take place.")
    return [Finding("missed_visit.future", Severity.HARD, str(message), "planned_date")]


def _answers(model: type[Crf], leave_out: set[str]) -> tuple[str, ...]:
    return tuple(f.name for f in model.fields_entered() if f.name not in leave_out)


SPECS = (
    CrfSpec(
        slug="consent",
        guide=GUIDES["consent"],
        title="Consent and demographics",
        group="Screening",
        model=models.Consent,
        form=forms.ConsentForm,
        date_field="consent_date",
    ),
    CrfSpec(
        slug="screening",
        guide=GUIDES["screening"],
        title="Eligibility items",
        group="Screening",
        model=models.Screening,
        form=forms.ScreeningForm,
        date_field="date",
        expected=_answers(models.Screening, NOT_EXPECTED_OF_EVERYBODY),
        check=_check_screening,
    ),
    CrfSpec(
        slug="baseline-disease",
        guide=GUIDES["baseline-disease"],
        title="Baseline disease",
        group="Screening",
        model=models.BaselineDisease,
        form=forms.BaselineDiseaseForm,
        date_field="date",
        expected=_answers(models.BaselineDisease, {"date", *TREATMENTS}),
        check=_check_baseline_disease,
    ),
    CrfSpec(
        slug="visit",
        guide=GUIDES["visit"],
        title="Visit",
        group="Visits",
        model=models.Visit,
        form=forms.VisitForm,
        date_field="date",
        repeats=True,
    ),
    CrfSpec(
        slug="missed-visit",
        guide=GUIDES["missed-visit"],
        title="Missed visit",
        group="Visits",
        model=models.MissedVisit,
        form=forms.MissedVisitForm,
        date_field="planned_date",
        repeats=True,
        check=_check_missed_visit,
    ),
    CrfSpec(
        slug="progression-decision",
        guide=GUIDES["progression-decision"],
        title="Decision at first progression",
        group="Treatment",
        model=models.ProgressionDecision,
        form=forms.ProgressionDecisionForm,
        date_field="date",
    ),
    CrfSpec(
        slug="discontinuation",
        guide=GUIDES["discontinuation"],
        title="End of protocol treatment",
        group="Treatment",
        model=models.Discontinuation,
        form=forms.DiscontinuationForm,
        date_field="date",
    ),
    CrfSpec(
        slug="survival-follow-up",
        guide=GUIDES["survival-follow-up"],
        title="Survival follow-up",
        group="Follow-up",
        model=models.SurvivalFollowUp,
        form=forms.SurvivalFollowUpForm,
        date_field="contact_date",
        repeats=True,
    ),
    CrfSpec(
        slug="death",
        guide=GUIDES["death"],
        title="Death",
        group="Follow-up",
        model=models.Death,
        form=forms.DeathForm,
        date_field="date",
    ),
)


def register_all() -> None:
    for spec in SPECS:
        register(spec)
