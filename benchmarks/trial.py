"""Where the actions are measured: the SYNTHETIC trial, a patient about to be enrolled, and an empty site."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from django.db import connections
from django.test import Client

from casebook.models import Crf, Patient
from casebook.registry import spec, spec_of
from demo.complete import complete
from demo.enter import Casebook
from demo.load import BY_INVESTIGATORS, load
from demo.people import coordinator_of, investigator_of
from demo.plan import Step
from trial.audit import acting, system_person
from trial.models import Person, ProtocolVersion, Role, Site, Trial
from trial.services import approve_protocol_version, create_person, grant_role

MODEL = "SYN-001"


@contextmanager
def own_database() -> Iterator[None]:
    """A database made by its owner for the measurement and used in the application's role."""
    owner, default = connections["owner"], connections["default"]
    before = default.settings_dict["NAME"]
    name = owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    default.close()
    default.settings_dict["NAME"] = name
    owner.close()
    try:
        yield
    finally:
        default.close()
        default.settings_dict["NAME"] = before
        owner.creation.destroy_test_db(owner.settings_dict["NAME"], verbosity=0)


@dataclass(frozen=True)
class Setting:
    """Who acts, on whom. `candidate` is about to be enrolled; `blank` has no form; `newcomer` sees nobody."""

    coordinator: Person
    data_manager: Person
    statistician: Person
    newcomer: Person
    patient: Patient
    candidate: Patient
    blank: Patient
    enrolment: dict[str, Any]


def prepare() -> Setting:
    load()
    plan = complete()
    site = Site.objects.get(code=plan.sites[MODEL])
    coordinator = person(coordinator_of(site.code))
    enrolment = next(s for s in plan.steps if (s.patient, s.form) == (MODEL, "enrolment"))
    numbered = {"registration_number": "BENCH-1"}
    with acting(coordinator):
        patient = Patient.objects.select_related("site").get(number=MODEL)
        blank = Patient.objects.create(site=site, number="BENCH-0")
    return Setting(
        coordinator=coordinator,
        data_manager=person("data.manager@demo.invalid"),
        statistician=person("statistician@demo.invalid"),
        newcomer=_newcomer(),
        patient=patient,
        candidate=_candidate(plan.steps, site),
        blank=blank,
        enrolment={**enrolment.values, **numbered},
    )


def _candidate(steps: tuple[Step, ...], site: Site) -> Patient:
    """A patient entered as the model one was, up to the day of enrolment."""
    own = (step for step in steps if step.patient == MODEL)
    casebook = Casebook()
    for step in takewhile(lambda step: step.form != "enrolment", own):
        who = investigator_of if step.form in BY_INVESTIGATORS else coordinator_of
        by = person(who(site.code))
        with acting(by):
            casebook.do(replace(step, patient="BENCH-1"), site=site, by=by)
    with acting(by):
        return Patient.objects.select_related("site").get(number="BENCH-1")


def _newcomer() -> Person:
    """A monitor of a site that has no patient yet."""
    with acting(system_person()):
        trial = Trial.objects.get()
        site = Site.objects.create(trial=trial, code="99", name="Site without patients (SYNTHETIC)")
        version = ProtocolVersion.objects.get()
        approve_protocol_version(site, version, approved_on=version.protocol.cut_off)
        newcomer = create_person(email="newcomer@demo.invalid", full_name="Newcomer", password=None)
        grant_role(newcomer, Role.MONITOR, trial, site=site)
    return newcomer


def person(email: str) -> Person:
    return Person.objects.get(email=email)


def signed_in(who: Person) -> Client:
    client = Client(
        SERVER_NAME="localhost"
    )  # no test environment: its copies of contexts would be measured too
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def last_form(patient: Patient, slug: str, by: Person) -> Crf:
    with acting(by):
        return spec(slug).model._default_manager.filter(patient=patient).select_related("patient").last()


def as_sent(crf: Crf, **typed: str) -> dict[str, str]:
    """What a browser sends of a form: what stands in it, and what was typed over it."""
    shown = {bound.name: bound.value() for bound in spec_of(type(crf)).form(instance=crf)}
    return {name: "" if value is None else str(value) for name, value in (shown | typed).items()}
