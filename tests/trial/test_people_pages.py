"""The administrator's pages: who works on the trial, in which role, at which site."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from tests.factories import make_person, signed_in
from trial.audit import acting, row_history
from trial.models import Membership, Person, Role
from trial.services import add_person, assign_role, switch_sign_in, withdraw_role


@pytest.fixture
def administrator(study) -> Client:
    return signed_in(study.administrator)


def role_of(person: Person, role: Role) -> Membership:
    return Membership.objects.get(person=person, role=role)


def addresses(study) -> list[str]:
    person, membership = study.monitor_a, role_of(study.monitor_a, Role.MONITOR)
    return [
        reverse("trial:people"),
        reverse("trial:person-new"),
        reverse("trial:person", args=[person.pk]),
        reverse("trial:sign-in-off", args=[person.pk]),
        reverse("trial:sign-in-on", args=[person.pk]),
        reverse("trial:role-withdraw", args=[membership.pk]),
        reverse("trial:sites"),
        reverse("trial:protocol-versions"),
        reverse("trial:protocol-version", args=[study.version.pk]),
    ]


@pytest.mark.parametrize(
    "name",
    ["coordinator_a", "investigator_a", "monitor_a", "data_manager", "statistician", "auditor"],
)
def test_nobody_else_manages_the_trial(study, name):
    client = signed_in(getattr(study, name))
    for address in addresses(study):
        assert client.get(address).status_code == 403
        assert client.post(address, {"reason": "x"}).status_code == 403


def test_every_page_opens_within_twelve_queries(study, administrator, django_assert_max_num_queries):
    for address in addresses(study):
        with django_assert_max_num_queries(12):
            assert administrator.get(address).status_code == 200


def test_the_list_shows_everybody_with_role_and_site_and_not_the_software_itself(study, administrator):
    page = administrator.get(reverse("trial:people")).content.decode()
    for person in study.people.values():
        assert person.full_name in page
    assert "Rebaseline (system)" not in page
    assert f"Monitor, {study.site_a}" in page


def test_a_person_is_added_and_given_a_role_at_a_site(study, administrator):
    form = {"full_name": "Hanako Sato", "email": "H.Sato@example.org", "password": "a long enough phrase"}
    added = administrator.post(reverse("trial:person-new"), form)
    person = Person.objects.get(email="h.sato@example.org")
    assert added["Location"] == reverse("trial:person", args=[person.pk])
    assert person.check_password("a long enough phrase")
    given = administrator.post(added["Location"], {"role": "coordinator", "site": study.site_b.pk})
    assert given.status_code == 302
    membership = role_of(person, Role.COORDINATOR)
    assert membership.site == study.site_b
    [entry] = row_history("trial_membership", membership.pk)
    assert (entry.operation, entry.actor) == ("I", study.administrator)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "monitor_a@example.org"}, "email"),
        ({"email": "Monitor_A@Example.org"}, "email"),
        ({"full_name": " "}, "full_name"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said_at_the_field(study, administrator, values, field):
    form = {"full_name": "Hanako Sato", "email": "h.sato@example.org", "password": ""} | values
    response = administrator.post(reverse("trial:person-new"), form)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]


def test_a_person_without_a_first_password_cannot_sign_in_by_guessing_none(study):
    with acting(study.administrator):
        person = add_person(email="n@example.org", full_name="N", password=None, by=study.administrator)
    assert not person.has_usable_password()
    assert not person.check_password("")


@pytest.mark.parametrize(
    ("role", "at_a_site", "allowed"),
    [
        (Role.COORDINATOR, True, True),
        (Role.COORDINATOR, False, False),
        (Role.INVESTIGATOR, False, False),
        (Role.MONITOR, False, False),
        (Role.STATISTICIAN, False, True),
        (Role.STATISTICIAN, True, False),
        (Role.ADMINISTRATOR, True, False),
    ],
)
def test_a_role_is_for_one_site_or_for_all_as_its_work_is(study, administrator, role, at_a_site, allowed):
    person = make_person("newcomer", study.trial)
    form = {"role": role.value, "site": study.site_a.pk if at_a_site else ""}
    response = administrator.post(reverse("trial:person", args=[person.pk]), form)
    assert (response.status_code == 302) == allowed
    assert person.memberships.exists() == allowed
    if not allowed:
        assert list(response.context["form"].errors) == ["site"]


def test_a_role_given_twice_is_refused_in_words(study, administrator):
    address = reverse("trial:person", args=[study.monitor_a.pk])
    response = administrator.post(address, {"role": "monitor", "site": study.site_a.pk})
    assert "has this role there already" in response.content.decode()


def test_a_role_is_withdrawn_with_a_reason_and_the_trail_keeps_both(study, administrator):
    membership = role_of(study.monitor_a, Role.MONITOR)
    address = reverse("trial:role-withdraw", args=[membership.pk])
    assert list(administrator.post(address, {"reason": " "}).context["form"].errors) == ["reason"]
    assert administrator.post(address, {"reason": "left the company"}).status_code == 302
    assert not study.monitor_a.memberships.exists()
    last = row_history("trial_membership", membership.pk)[-1]
    assert (last.operation, last.reason, last.actor) == ("D", "left the company", study.administrator)
    with acting(study.monitor_a):
        from casebook.models import Patient

        assert not Patient.objects.exists()


def test_switching_off_sign_in_ends_an_open_session(study, administrator):
    theirs = signed_in(study.coordinator_a)
    assert theirs.get(reverse("casebook:patient-new")).status_code == 200
    off = reverse("trial:sign-in-off", args=[study.coordinator_a.pk])
    assert administrator.post(off, {"reason": "left the hospital"}).status_code == 302
    assert theirs.get(reverse("casebook:patient-new"))["Location"].startswith(reverse("account_login"))
    on = reverse("trial:sign-in-on", args=[study.coordinator_a.pk])
    assert administrator.post(on, {"reason": "came back"}).status_code == 302
    reasons = [e.reason for e in row_history("trial_person", study.coordinator_a.pk)]
    assert reasons == ["", "left the hospital", "came back"]


def test_nobody_changes_their_own_rights(study):
    by = study.administrator
    own = role_of(by, Role.ADMINISTRATOR)
    with acting(by):
        with pytest.raises(ValidationError):
            assign_role(by, Role.COORDINATOR, study.trial, site=study.site_a, by=by)
        with pytest.raises(ValidationError):
            withdraw_role(own, by=by, reason="tired")
        with pytest.raises(ValidationError):
            switch_sign_in(by, on=False, by=by, reason="tired")
    page = signed_in(by).get(reverse("trial:person", args=[by.pk])).content.decode()
    assert "Give this role" not in page


@pytest.mark.parametrize("reason", ["", "  "])
def test_rights_are_not_taken_without_a_reason(study, reason):
    by = study.administrator
    with acting(by):
        with pytest.raises(ValidationError):
            withdraw_role(role_of(study.monitor_a, Role.MONITOR), by=by, reason=reason)
        with pytest.raises(ValidationError):
            switch_sign_in(study.monitor_a, on=False, by=by, reason=reason)


def test_the_services_ask_for_the_right_themselves(study):
    by = study.data_manager
    with acting(by):
        with pytest.raises(PermissionDenied):
            add_person(email="n@example.org", full_name="N", password=None, by=by)
        with pytest.raises(PermissionDenied):
            assign_role(study.monitor_a, Role.AUDITOR, study.trial, by=by)
        with pytest.raises(PermissionDenied):
            withdraw_role(role_of(study.monitor_a, Role.MONITOR), by=by, reason="x")
        with pytest.raises(PermissionDenied):
            switch_sign_in(study.monitor_a, on=False, by=by, reason="x")


def test_sites_and_protocol_versions_are_read_with_approvals_and_fingerprint(study, administrator):
    sites = administrator.get(reverse("trial:sites")).content.decode()
    assert study.site_a.name in sites
    assert "2011-07-01" in sites
    versions = administrator.get(reverse("trial:protocol-versions")).content.decode()
    assert study.version.sha256 in versions
    assert str(study.site_b) in versions
    text = administrator.get(reverse("trial:protocol-version", args=[study.version.pk])).content.decode()
    assert "SORAFENIB-BEYOND-PROGRESSION" in text


def test_the_software_itself_is_no_person_to_be_managed(study, administrator):
    from trial.audit import system_person

    for name in ("person", "sign-in-off", "sign-in-on"):
        assert administrator.get(reverse(f"trial:{name}", args=[system_person().pk])).status_code == 404
