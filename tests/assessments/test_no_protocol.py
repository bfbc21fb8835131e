"""At a site that has approved no protocol version: what needs none is checked, what needs one says so."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assessments.models import DoseInterval, LabPanel
from casebook.models import Query
from casebook.registry import specs
from patients.models import Consent, EligibilityDecision, Enrolment, SurvivalFollowUp, Visit
from tests.factories import enter, make_patient, posted_new, signed_in
from trial.audit import acting, system_person
from trial.models import Role, Site
from trial.services import grant_role

SAID = "No protocol version is approved for this site."


@pytest.fixture
def unapproved(study):
    """A patient of a new site, where the coordinator and the investigator of site A work too."""
    with acting(system_person()):
        site = Site.objects.create(trial=study.trial, code="09", name="New site (SYNTHETIC)")
        grant_role(study.coordinator_a, Role.COORDINATOR, study.trial, site=site)
        grant_role(study.investigator_a, Role.INVESTIGATOR, study.trial, site=site)
    for person in (study.coordinator_a, study.investigator_a):
        person.__dict__.pop("roles", None)
    return make_patient(study, site=site, by=study.coordinator_a)


def test_an_eligible_patient_cannot_be_decided_on_or_enrolled(study, unapproved):
    with pytest.raises(ValidationError) as refused:
        enter(EligibilityDecision, unapproved, by=study.investigator_a)
    assert refused.value.message_dict == {"eligible": [SAID]}
    with pytest.raises(ValidationError) as refused:
        enter(Enrolment, unapproved, by=study.coordinator_a)
    assert refused.value.message_dict == {"date": [SAID]}


def test_a_patient_may_be_refused_there(study, unapproved):
    assert enter(EligibilityDecision, unapproved, by=study.investigator_a, eligible=False).pk


@pytest.mark.parametrize(
    ("model", "who", "field"),
    [(EligibilityDecision, "investigator_a", "eligible"), (Enrolment, "coordinator_a", "date")],
)
def test_the_page_says_so_at_the_field(study, unapproved, model, who, field):
    by = study.people[who]
    slug = next(spec.slug for spec in specs() if spec.model is model)
    with acting(by):
        typed = posted_new(model, unapproved)
    page = signed_in(by).post(f"/casebook/{unapproved.number}/{slug}/new/", typed)
    assert page.status_code == 200
    assert page.context["form"].errors[field] == [SAID]
    assert SAID in page.content.decode()


def test_checks_that_need_no_protocol_are_made(study, unapproved):
    by = study.coordinator_a
    enter(Consent, unapproved, by=by)
    with pytest.raises(ValidationError, match="lies before consent"):
        enter(SurvivalFollowUp, unapproved, by=by, contact_date=date(2012, 1, 9))
    with pytest.raises(ValidationError, match="not enrolled"):
        enter(DoseInterval, unapproved, by=by)
    with pytest.raises(ValidationError, match="before the informed consent"):
        enter(DoseInterval, unapproved, by=by, start=date(2012, 1, 1))
    enter(Visit, unapproved, by=by, date=date(2012, 1, 9))
    enter(LabPanel, unapproved, by=by, alt=Decimal(30))
    with acting(by):
        asked = set(Query.objects.filter(patient=unapproved).values_list("rule_id", flat=True))
    assert asked == {"CHR-18", "lab.no_reference_range"}


def test_every_page_of_the_patient_opens(study, unapproved):
    enter(Consent, unapproved, by=study.coordinator_a)
    client = signed_in(study.investigator_a)
    forms = [spec for spec in specs() if not spec.own_pages and spec.permission != "READ_INDEPENDENTLY"]
    pages = ["", *(f"{spec.slug}/new/" for spec in forms)]
    assert {page: client.get(f"/casebook/{unapproved.number}/{page}").status_code for page in pages} == (
        dict.fromkeys(pages, 200)
    )
    for address in ("eligibility", "laboratory", "dosing", "imaging/new", "schedule"):
        assert client.get(f"/assessments/{unapproved.number}/{address}/").status_code == 200, address
    schedule = client.get(f"/assessments/{unapproved.number}/schedule/").content.decode()
    assert "No protocol version is approved for this site" in schedule
    for calendar in (f"{unapproved.number}/schedule", f"schedule/{unapproved.site_id}"):
        assert b"VEVENT" not in client.get(f"/assessments/{calendar}.ics").content
    assert client.get("/monitoring/deviations/").status_code == 200
