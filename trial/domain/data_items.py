"""The items of the eligibility form that a criterion of the protocol may be judged on."""

from enum import StrEnum


class ItemType(StrEnum):
    """What kind of answer an item has."""

    FLAG = "yes or no"
    NUMBER = "a number"
    DATE = "a date"
    CHOICE = "a choice"


class DataItem(StrEnum):
    """The name of an item, the same from the protocol file to the form."""

    BIRTH_DATE = "birth_date"
    CONSENT_DATE = "consent_date"
    ENROLMENT_DATE = "enrolment_date"
    HISTOLOGICALLY_CONFIRMED = "histologically_confirmed"
    TYPICAL_IMAGING = "typical_imaging"
    NO_CURATIVE_OPTION = "no_curative_option"
    CHILD_PUGH_SCORE = "child_pugh_score"
    ECOG = "ecog"
    ENHANCING_LESION_MM = "enhancing_lesion_mm"
    IMAGING_MODALITY = "imaging_modality"
    CAN_FOLLOW_PROTOCOL = "can_follow_protocol"
    HEMOGLOBIN = "hemoglobin"
    NEUTROPHILS = "neutrophils"
    PLATELETS = "platelets"
    BILIRUBIN = "bilirubin"
    AST = "ast"
    AST_ULN = "ast_uln"
    ALT = "alt"
    ALT_ULN = "alt_uln"
    CREATININE = "creatinine"
    CREATININE_ULN = "creatinine_uln"
    PRIOR_TARGETED_THERAPY = "prior_targeted_therapy"
    PRIOR_SYSTEMIC_CHEMOTHERAPY = "prior_systemic_chemotherapy"
    SIGNIFICANT_ASCITES = "significant_ascites"
    LIVER_TRANSPLANTATION = "liver_transplantation"
    VARICES_LIKELY_TO_BLEED = "varices_likely_to_bleed"
    MYOCARDIAL_INFARCTION = "myocardial_infarction"
    MYOCARDIAL_INFARCTION_DATE = "myocardial_infarction_date"
    UNSTABLE_ANGINA = "unstable_angina"
    UNSTABLE_ANGINA_DATE = "unstable_angina_date"
    CARDIAC_FAILURE = "cardiac_failure"
    CARDIAC_FAILURE_DATE = "cardiac_failure_date"
    CEREBROVASCULAR_DISORDER = "cerebrovascular_disorder"
    CEREBROVASCULAR_DISORDER_DATE = "cerebrovascular_disorder_date"
    HEPATIC_ENCEPHALOPATHY = "hepatic_encephalopathy"
    BRAIN_TUMOR = "brain_tumor"
    DIALYSIS = "dialysis"
    GI_HEMORRHAGE = "gi_hemorrhage"
    GI_HEMORRHAGE_DATE = "gi_hemorrhage_date"
    ACTIVE_DOUBLE_CANCER = "active_double_cancer"
    CYP3A4_INDUCER = "cyp3a4_inducer"
    ARRHYTHMIA_GRADE = "arrhythmia_grade"
    UNCONTROLLED_HYPERTENSION = "uncontrolled_hypertension"
    DRUG_HYPERSENSITIVITY = "drug_hypersensitivity"
    ANTICANCER_HERBAL_MEDICINE = "anticancer_herbal_medicine"
    HIV = "hiv"
    PREGNANT_OR_NURSING = "pregnant_or_nursing"
    INVESTIGATOR_EXCLUSION = "investigator_exclusion"

    @property
    def item_type(self) -> ItemType:
        """Return what kind of answer the item has."""
        if self in UNITS:
            return ItemType.NUMBER
        if self is DataItem.IMAGING_MODALITY:
            return ItemType.CHOICE
        return ItemType.DATE if self.value.endswith("_date") else ItemType.FLAG

    @property
    def label(self) -> str:
        """Return the item's name as a sentence shows it."""
        return LABELS.get(self, self.value.replace("_", " "))


UNITS: dict[DataItem, str] = {
    DataItem.CHILD_PUGH_SCORE: "points",
    DataItem.ECOG: "",
    DataItem.ENHANCING_LESION_MM: "mm",
    DataItem.HEMOGLOBIN: "g/dL",
    DataItem.NEUTROPHILS: "/mm3",
    DataItem.PLATELETS: "/mm3",
    DataItem.BILIRUBIN: "mg/dL",
    DataItem.AST: "U/L",
    DataItem.AST_ULN: "U/L",
    DataItem.ALT: "U/L",
    DataItem.ALT_ULN: "U/L",
    DataItem.CREATININE: "mg/dL",
    DataItem.CREATININE_ULN: "mg/dL",
    DataItem.ARRHYTHMIA_GRADE: "CTCAE grade",
}
"""The unit in which each number is recorded; "" for a number without one."""

LABELS: dict[DataItem, str] = {
    DataItem.CHILD_PUGH_SCORE: "Child-Pugh score",
    DataItem.ECOG: "ECOG performance status",
    DataItem.ENHANCING_LESION_MM: "largest enhancing lesion",
    DataItem.BILIRUBIN: "total bilirubin",
    DataItem.AST: "AST",
    DataItem.AST_ULN: "ULN of AST",
    DataItem.ALT: "ALT",
    DataItem.ALT_ULN: "ULN of ALT",
    DataItem.CREATININE: "serum creatinine",
    DataItem.CREATININE_ULN: "ULN of creatinine",
    DataItem.GI_HEMORRHAGE: "gastrointestinal hemorrhage",
    DataItem.GI_HEMORRHAGE_DATE: "gastrointestinal hemorrhage date",
    DataItem.CYP3A4_INDUCER: "CYP3A4 inducer",
    DataItem.ARRHYTHMIA_GRADE: "arrhythmia",
    DataItem.HIV: "HIV infection, AIDS or related disease",
    DataItem.INVESTIGATOR_EXCLUSION: "investigator's decision to exclude",
}
"""Names that are not simply the item's own words."""
