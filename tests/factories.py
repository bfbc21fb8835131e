"""A small trial for tests: two sites, a person of every role, and forms entered as their coordinators would.

Nothing here writes past the services. Values are invented.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.forms import BaseForm
from django.test import Client

from assessments.models import (
    Adjudication,
    ConcomitantMedication,
    HccTreatment,
    IndependentRead,
    MedicalHistory,
    VitalSigns,
)
from casebook.models import Crf, PartialDateField, Patient
from casebook.registry import spec_of
from casebook.services import create_crf, edit_crf, register_patient, remove_crf
from patients import models as patients
from trial.audit import acting, system_person
from trial.models import Person, ProtocolVersion, Role, Site, Trial
from trial.services import (
    PROTOCOLS,
    add_protocol_version,
    approve_protocol_version,
    create_person,
    create_trial,
    grant_role,
)

PASSWORD = "correct horse battery staple"
PROTOCOL_FILE = PROTOCOLS / "sorafenib_beyond_progression.toml"
_numbers = count(1)
C = TypeVar("C", bound=Crf)


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


@dataclass(frozen=True, kw_only=True)
class Study:
    """The trial with its people; `_a` and `_b` work at one site, the others at both."""

    trial: Trial
    version: ProtocolVersion
    site_a: Site
    site_b: Site
    coordinator_a: Person
    coordinator_b: Person
    investigator_a: Person
    monitor_a: Person
    data_manager: Person
    statistician: Person
    administrator: Person
    auditor: Person
    reader: Person

    @property
    def people(self) -> dict[str, Person]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Person)}


ROLES: dict[str, tuple[Role, str | None]] = {
    "coordinator_a": (Role.COORDINATOR, "site_a"),
    "coordinator_b": (Role.COORDINATOR, "site_b"),
    "investigator_a": (Role.INVESTIGATOR, "site_a"),
    "monitor_a": (Role.MONITOR, "site_a"),
    "data_manager": (Role.DATA_MANAGER, None),
    "statistician": (Role.STATISTICIAN, None),
    "administrator": (Role.ADMINISTRATOR, None),
    "auditor": (Role.AUDITOR, None),
    "reader": (Role.READER, None),
}


def make_person(name: str, trial: Trial, *roles: tuple[Role, Site | None]) -> Person:
    """A person who signs in with PASSWORD."""
    with acting(system_person()):
        person = create_person(
            email=f"{name}@example.org", full_name=name.replace("_", " ").title(), password=None
        )
        person.password = _hashed()  # hashing takes its time on purpose: once is enough
        person.save(update_fields=["password"])
        for role, site in roles:
            grant_role(person, role, trial, site=site)
    return person


def make_study() -> Study:
    with acting(system_person()):
        trial = create_trial(code="sbp", title="Sorafenib beyond progression (SYNTHETIC)", is_synthetic=True)
        sites = {
            "site_a": Site.objects.create(
                trial=trial, code="01", name="Minatogawa General Hospital (SYNTHETIC)"
            ),
            "site_b": Site.objects.create(trial=trial, code="02", name="Asahigaoka Hospital (SYNTHETIC)"),
        }
        version = add_protocol_version(trial, PROTOCOL_FILE.read_text())
        for site in sites.values():
            approve_protocol_version(site, version, approved_on=date(2011, 7, 1))
    people = {
        name: make_person(name, trial, (role, sites[site] if site else None))
        for name, (role, site) in ROLES.items()
    }
    return Study(trial=trial, version=version, **sites, **people)


def make_patient(
    study: Study, *, by: Person | None = None, number: str = "", site: Site | None = None
) -> Patient:
    """A patient of site A, or of the site named, registered by the coordinator there."""
    site = site or study.site_a
    by = by or (study.coordinator_a if site == study.site_a else study.coordinator_b)
    with acting(by):
        return register_patient(site=site, number=number or f"T-{next(_numbers):04}", by=by)


VALID: dict[type[Crf], dict[str, Any]] = {
    patients.Consent: {
        "consent_date": date(2012, 1, 10),
        "birth_date": "1944-05-17",
        "sex": "M",
        "protocol_version": "1.0",
    },
    patients.Screening: {
        **{
            field.name: False
            for field in patients.Screening.fields_entered()
            if field.get_internal_type() == "BooleanField" and field.name != "pregnant_or_nursing"
        },
        "date": date(2012, 1, 12),
        "histologically_confirmed": False,
        "typical_imaging": True,
        "no_curative_option": True,
        "enhancing_lesion_mm": Decimal("42.0"),
        "imaging_modality": "CONTRAST ENHANCED CT SCAN",
        "can_follow_protocol": True,
        "arrhythmia_grade": 0,
    },
    patients.BaselineDisease: {
        "date": date(2012, 1, 12),
        "etiology": "HCV",
        "ecog": 0,
        "ascites": "NONE",
        "encephalopathy_grade": 0,
        "bilirubin": Decimal("0.9"),
        "albumin": Decimal("3.9"),
        "inr": Decimal("1.05"),
        "bclc_stage": "B",
        "vascular_invasion": False,
        "extrahepatic_spread": False,
        "nodules": 5,
        "largest_nodule_mm": Decimal("42.0"),
        "afp": Decimal("33.5"),
        "dcp": Decimal("80.0"),
        "pretreated": True,
        "tace": True,
    },
    patients.EligibilityDecision: {"date": date(2012, 1, 16), "eligible": True},
    patients.Enrolment: {"date": date(2012, 1, 16)},
    IndependentRead: {"date": date(2012, 3, 1), "overall": "SD", "target": "SD"},
    Adjudication: {"date": date(2012, 3, 1), "overall": "PD", "grounds": "SYNTHETIC"},
    ConcomitantMedication: {"drug": "Amlodipine", "start": "2010", "ongoing": True},
    MedicalHistory: {"condition": "Hypertension", "start": "2009-04", "ongoing": True},
    HccTreatment: {"kind": "TACE", "start": "2011-03"},
    patients.Visit: {"date": date(2012, 1, 20), "kind": "SCHEDULED"},
    patients.MissedVisit: {
        "kind": "CLINIC",
        "planned_date": date(2012, 2, 3),
        "missed_reason": "PATIENT UNWELL",
    },
    patients.ProgressionDecision: {"date": date(2012, 5, 1), "continued": True},
    patients.Discontinuation: {"date": date(2012, 8, 1), "off_protocol_reason": "SECOND PD"},
    patients.SurvivalFollowUp: {"contact_date": date(2012, 9, 1), "status": "ALIVE"},
    patients.Death: {"date": "2013-01-20", "cause": "DISEASE UNDER STUDY"},
    VitalSigns: {
        "date": date(2012, 1, 20),
        "systolic": 128,
        "diastolic": 76,
        "pulse": 68,
        "temperature": Decimal("36.4"),
        "weight": Decimal("61.5"),
        "ecog": 0,
    },
}
"""Values with which each form can be entered for a patient as first met; other rooms add theirs."""


def coordinator_of(patient: Patient) -> Person:
    return Person.objects.get(memberships__site=patient.site_id, memberships__role=Role.COORDINATOR)


def who_enters(model: type[Crf], patient: Patient) -> Person:
    """The site's coordinator; of an independent read, the independent reader."""
    if spec_of(model).permission == "READ_INDEPENDENTLY":
        return Person.objects.get(memberships__role=Role.READER)
    return coordinator_of(patient)


def unsaved(model: type[C], patient: Patient, **values: Any) -> C:
    """A form filled in with valid values and those given, not saved."""
    filled = VALID[model] | values
    if model is patients.Enrolment:
        filled.setdefault("registration_number", f"R-{patient.number}")
    return model(patient=patient, **filled)


def enter(model: type[C], patient: Patient, *, by: Person | None = None, **values: Any) -> C:
    """Enter a valid form through the service, as who enters it there unless somebody else is named."""
    by = by or who_enters(model, patient)
    with acting(by):
        crf = create_crf(unsaved(model, patient, **values), by=by)
        return model._default_manager.select_related("patient").get(pk=crf.pk)


def change(crf: Crf, *, by: Person | None = None, reason: str = "transcription error", **values: Any) -> Crf:
    """Change fields of a saved form through the service."""
    by = by or who_enters(type(crf), crf.patient)
    with acting(by):
        for name, value in values.items():
            setattr(crf, name, value)
        return edit_crf(crf, version=crf.version, by=by, reason=reason)


def remove(crf: Crf, *, by: Person | None = None, reason: str = "entered for the wrong patient") -> None:
    by = by or who_enters(type(crf), crf.patient)
    with acting(by):
        remove_crf(crf, version=crf.version, by=by, reason=reason)


def posted(form: BaseForm, **values: Any) -> dict[str, str]:
    """What the browser would send for this form, with the values given typed over it."""
    shown = {bound.name: bound.value() for bound in form}
    typed = {name: "" if value is None else str(value) for name, value in (shown | values).items()}
    return {name: value for name, value in typed.items() if name in form.fields}


def posted_new(model: type[Crf], patient: Patient, **values: Any) -> dict[str, str]:
    """What the browser would send to enter a valid form of this kind."""
    crf = unsaved(model, patient)
    for field in model._meta.concrete_fields:
        if isinstance(field, PartialDateField):
            setattr(crf, field.name, field.to_python(getattr(crf, field.name)))
    return posted(spec_of(model).form(instance=crf), **values)


def because(words: str = "transcription error", **reasons: str) -> dict[str, str]:
    """What the browser sends when somebody looked over the changes: one reason for all, in words."""
    return {"confirmed": "1", "why-all": "OTHER", "why-all-text": words} | reasons


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
