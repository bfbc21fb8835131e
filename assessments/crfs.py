"""The assessments in the casebook: one entry each."""

from assessments import (
    edit_checks,
    form_checks,
    forms,
    forms_history,
    forms_imaging,
    forms_independent,
    forms_laboratory,
    history_checks,
    imaging_checks,
    independent,
    models,
)
from assessments.guides import GUIDES
from assessments.imaging_history import imaging_history
from assessments.laboratory_history import laboratory_history
from assessments.services_imaging import remove_imaging_read
from casebook.registry import CrfSpec, RowSpec, register
from patients.forms import EligibilityDecisionForm, EnrolmentForm
from patients.guides import GUIDES as PATIENT_GUIDES
from patients.models import EligibilityDecision, Enrolment


def register_all() -> None:
    _register_history()
    register(
        CrfSpec(
            slug="eligibility-decision",
            guide=PATIENT_GUIDES["eligibility-decision"],
            title="Eligibility decision",
            group="Screening",
            model=EligibilityDecision,
            form=EligibilityDecisionForm,
            date_field="date",
            permission="DECIDE_ELIGIBILITY",
            check=edit_checks.check_decision,
        )
    )
    register(
        CrfSpec(
            slug="enrolment",
            guide=PATIENT_GUIDES["enrolment"],
            title="Enrolment",
            group="Screening",
            model=Enrolment,
            form=EnrolmentForm,
            date_field="date",
            check=edit_checks.check_enrolment,
            prepare=edit_checks.freeze_eligibility,
        )
    )
    register(
        CrfSpec(
            slug="vital-signs",
            guide=GUIDES["vital-signs"],
            title="Vital signs and ECOG",
            group="Visits",
            model=models.VitalSigns,
            form=forms.VitalSignsForm,
            date_field="date",
            repeats=True,
            expected=("systolic", "diastolic", "pulse", "temperature", "weight", "ecog"),
        )
    )
    register(
        CrfSpec(
            slug="laboratory",
            guide=GUIDES["laboratory"],
            title="Laboratory values",
            group="Visits",
            model=models.LabPanel,
            form=forms_laboratory.LabPanelForm,
            date_field="date",
            repeats=True,
            expected=(
                "hemoglobin",
                "white_cells",
                "neutrophils",
                "platelets",
                "total_bilirubin",
                "albumin",
                "ast",
                "alt",
                "creatinine",
            ),
            check=form_checks.check_panel,
            history=laboratory_history,
        )
    )
    register(
        CrfSpec(
            slug="dosing",
            guide=GUIDES["dosing"],
            title="Dosing log",
            group="Treatment",
            model=models.DoseInterval,
            form=forms.DoseIntervalForm,
            date_field="start",
            repeats=True,
            check=form_checks.check_dose,
        )
    )
    register(
        CrfSpec(
            slug="adverse-event",
            guide=GUIDES["adverse-event"],
            title="Adverse event",
            group="Treatment",
            model=models.AdverseEvent,
            form=forms.AdverseEventForm,
            date_field="onset",
            repeats=True,
            expected=("outcome", "causality", "action_taken"),
            rows=RowSpec(
                model=models.AdverseEventGrade,
                form=forms.AdverseEventGradeForm,
                parent="adverse_event",
                title="Grades over time",
                check=form_checks.check_grades,
            ),
            check=form_checks.check_adverse_event,
        )
    )
    register(
        CrfSpec(
            slug="imaging",
            guide=GUIDES["imaging"],
            title="Imaging read",
            group="Imaging",
            model=models.ImagingRead,
            form=forms_imaging.ImagingReadForm,
            date_field="date",
            repeats=True,
            check=imaging_checks.check_read,
            carried=("modality",),
            own_pages="assessments:imaging",
            remove=remove_imaging_read,
            history=imaging_history,
        ),
        models.Lesion,
        models.LesionReading,
        models.LesionRole,
    )
    register(
        CrfSpec(
            slug="independent-read",
            guide=GUIDES["independent-read"],
            title="Independent read",
            group="Imaging",
            model=models.IndependentRead,
            form=forms_independent.IndependentReadForm,
            date_field="date",
            repeats=True,
            expected=("target", "non_target", "new_lesion"),
            permission="READ_INDEPENDENTLY",
            check=independent.check_independent_read,
        )
    )
    register(
        CrfSpec(
            slug="adjudication",
            guide=GUIDES["adjudication"],
            title="Adjudication of a scan",
            group="Imaging",
            model=models.Adjudication,
            form=forms_independent.AdjudicationForm,
            date_field="date",
            repeats=True,
            check=independent.check_adjudication,
        )
    )


def _register_history() -> None:
    """What was before the trial, and what is taken beside the study drug."""
    register(
        CrfSpec(
            slug="medical-history",
            guide=GUIDES["medical-history"],
            title="Medical history",
            group="Screening",
            model=models.MedicalHistory,
            form=forms_history.MedicalHistoryForm,
            date_field="start",
            repeats=True,
            check=history_checks.check_medical_history,
        )
    )
    register(
        CrfSpec(
            slug="hcc-treatment",
            guide=GUIDES["hcc-treatment"],
            title="Previous treatment of the carcinoma",
            group="Screening",
            model=models.HccTreatment,
            form=forms_history.HccTreatmentForm,
            date_field="start",
            repeats=True,
            expected=("response",),
            check=history_checks.check_hcc_treatment,
        )
    )
    register(
        CrfSpec(
            slug="concomitant-medication",
            guide=GUIDES["concomitant-medication"],
            title="Concomitant medication",
            group="Treatment",
            model=models.ConcomitantMedication,
            form=forms_history.ConcomitantMedicationForm,
            date_field="start",
            repeats=True,
            expected=("indication", "route"),
            check=history_checks.check_medication,
        )
    )
