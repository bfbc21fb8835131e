"""Signing in: who gets in, who is kept out, and when a session ends."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from axes.models import AccessAttempt
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, Study, signed_in
from trial.audit import acting, system_person
from trial.models import Person

LOGIN = "/account/login/"
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
PASSWORD_PAGE = "/account/password/change/"


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    """What earlier tests tried from this address is forgotten."""
    cache.clear()


def sign_in(client: Client, person: Person, password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"login": person.email, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get(PASSWORD_PAGE).status_code == 200


def test_the_right_password_lets_in(client, study: Study):
    response = sign_in(client, study.coordinator_a)
    assert (response.status_code, response.url) == (302, "/")
    assert is_in(client)


def test_the_address_may_be_typed_in_capitals(client, study: Study):
    client.post(LOGIN, {"login": study.coordinator_a.email.upper(), "password": PASSWORD})
    assert is_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, study: Study):
    wrong = sign_in(client, study.coordinator_a, "not this one")
    unknown = client.post(LOGIN, {"login": "stranger@example.org", "password": PASSWORD})

    def said(response):
        return [str(error) for error in response.context["form"].non_field_errors()]

    assert said(wrong) == said(unknown) != []
    assert not is_in(client)


def test_a_wrong_password_is_counted_although_the_request_is_one_transaction(committed: Study):
    sign_in(Client(), committed.coordinator_a, "not this one")
    counted = AccessAttempt.objects.get()
    assert (counted.username, counted.failures_since_start) == (committed.coordinator_a.email, 1)


def test_five_wrong_passwords_lock_for_half_an_hour(client, study: Study):
    with time_machine.travel(MORNING) as now:
        answers = [sign_in(client, study.coordinator_a, f"guess {n}") for n in range(5)]
        assert [a.status_code for a in answers] == [200, 200, 200, 200, 429]
        assert "locked for 30 minutes" in answers[-1].content.decode()
        now.shift(timedelta(minutes=29))
        assert sign_in(client, study.coordinator_a).status_code == 429
        assert not is_in(client)
        now.shift(timedelta(minutes=2))
        assert sign_in(client, study.coordinator_a).status_code == 302
        assert is_in(client)


def test_capitals_do_not_give_five_more_guesses(client, study: Study):
    for n in range(4):
        sign_in(client, study.coordinator_a, f"guess {n}")
    last = client.post(LOGIN, {"login": study.coordinator_a.email.title(), "password": "guess 5"})
    assert last.status_code == 429


def test_a_lock_concerns_one_person_only(client, study: Study):
    for n in range(5):
        sign_in(client, study.coordinator_a, f"guess {n}")
    assert sign_in(client, study.coordinator_b).status_code == 302


def test_the_right_password_forgets_earlier_failures(client, study: Study):
    for n in range(4):
        sign_in(client, study.coordinator_a, f"guess {n}")
    sign_in(client, study.coordinator_a)
    client.post("/account/logout/")
    assert sign_in(client, study.coordinator_a, "guess 5").status_code == 200


def test_the_page_that_was_asked_for_comes_after_signing_in(client, study: Study):
    asked = client.get("/casebook/new/?site=1")
    assert asked.status_code == 302
    page = client.get(asked.url)
    next_field = re.search(r'name="next" value="([^"]*)"', page.content.decode())
    assert next_field is not None
    assert next_field[1] == "/casebook/new/?site=1"
    assert sign_in(client, study.coordinator_a, next=next_field[1]).url == "/casebook/new/?site=1"


def test_a_foreign_address_is_not_gone_to_after_signing_in(client, study: Study):
    assert sign_in(client, study.coordinator_a, next="https://elsewhere.example/").url == "/"


def test_thirty_idle_minutes_end_the_session(client, study: Study):
    with time_machine.travel(MORNING) as now:
        sign_in(client, study.coordinator_a)
        assert is_in(client)
        now.shift(timedelta(minutes=29))
        assert is_in(client)
        now.shift(timedelta(minutes=29))
        assert is_in(client)
        now.shift(timedelta(minutes=31))
        ended = client.get(PASSWORD_PAGE)
        assert ended.url == f"{LOGIN}?next={PASSWORD_PAGE}"
        assert "Your time was up" in client.get(ended.url).content.decode()


def test_a_page_that_fetches_by_itself_does_not_keep_the_session_alive(client, study: Study):
    with time_machine.travel(MORNING) as now:
        sign_in(client, study.coordinator_a)
        assert is_in(client)
        for _ in range(3):
            now.shift(timedelta(minutes=11))
            client.get(PASSWORD_PAGE, headers={"HX-Request": "true"})
        assert not is_in(client)


def test_the_browser_keeps_no_page_of_patients(study: Study, patient):
    for page in ("home", "monitoring:patients"):
        response = signed_in(study.coordinator_a).get(reverse(page))
        assert "no-store" in response["Cache-Control"]


def test_eight_hours_end_the_session_however_busy(client, study: Study):
    with time_machine.travel(MORNING) as now:
        sign_in(client, study.coordinator_a)
        for _ in range(24):
            assert is_in(client)
            now.shift(timedelta(minutes=20))
        now.shift(timedelta(minutes=1))
        assert not is_in(client)


def test_who_is_switched_off_is_out_at_the_next_request(client, study: Study):
    sign_in(client, study.coordinator_a)
    assert is_in(client)
    with acting(system_person(), reason="has left the hospital"):
        Person.objects.filter(pk=study.coordinator_a.pk).update(is_active=False)
    assert not is_in(client)
    assert sign_in(client, study.coordinator_a).url == "/account/inactive/"
    assert not is_in(client)


def test_signing_out_takes_a_post(client, study: Study):
    sign_in(client, study.coordinator_a)
    assert client.get("/account/logout/").status_code == 200
    assert is_in(client)
    client.post("/account/logout/")
    assert not is_in(client)


def test_nobody_signs_up(client, study: Study):
    typed = {"email": "new@example.org", "password1": PASSWORD}
    assert "Nobody signs up here" in client.post("/account/signup/", typed).content.decode()
    assert not Person.objects.filter(email="new@example.org").exists()


def test_nobody_changes_their_own_address(study: Study):
    page = signed_in(study.coordinator_a).post(
        "/account/email/", {"email": "new@example.org", "action_add": ""}
    )
    assert page.status_code == 404


def test_a_password_is_changed_and_the_session_goes_on(client, study: Study):
    sign_in(client, study.coordinator_a)
    new = "a quite different staple"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(PASSWORD_PAGE, typed).status_code == 302
    assert is_in(client)
    client.post("/account/logout/")
    sign_in(client, study.coordinator_a)
    assert not is_in(client)
    sign_in(client, study.coordinator_a, new)
    assert is_in(client)


def test_a_short_password_is_refused_at_its_field(study: Study):
    typed = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    page = signed_in(study.coordinator_a).post(PASSWORD_PAGE, typed)
    assert any("12 characters" in error for error in page.context["form"].errors["password1"])


def test_a_forgotten_password_is_renewed_by_mail(client, study: Study):
    client.post("/account/password/reset/", {"email": study.coordinator_a.email})
    (link,) = re.findall(r"http://testserver(\S+)", mail.outbox[0].body)
    page = client.get(link, follow=True)
    new = "a quite different staple"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    sign_in(client, study.coordinator_a, new)
    assert is_in(client)


def test_a_reset_for_an_unknown_address_does_not_tell_that_it_is_unknown(client, study: Study):
    known = client.post("/account/password/reset/", {"email": study.coordinator_a.email})
    unknown = client.post("/account/password/reset/", {"email": "stranger@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def code_now(secret: str) -> str:
    """What an authenticator app would show."""
    return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06}"


def with_authenticator_app(client: Client, person: Person) -> str:
    """Sign in, give the password once more and set up an authenticator app; returns its secret."""
    sign_in(client, person)
    asked = client.get("/account/2fa/totp/activate/")
    page = client.post(asked.url, {"password": PASSWORD, "next": "/account/2fa/totp/activate/"}, follow=True)
    assert 'src="data:image/svg' in page.content.decode()
    secret = page.context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    assert Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()
    return secret


def test_with_an_authenticator_app_the_password_alone_is_not_enough(client, study: Study):
    with time_machine.travel(MORNING) as now:
        secret = with_authenticator_app(client, study.coordinator_a)
        client.post("/account/logout/")
        assert sign_in(client, study.coordinator_a).url == "/account/2fa/authenticate/"
        assert not is_in(client)
        wrong = client.post("/account/2fa/authenticate/", {"code": "000000"})
        assert wrong.context["form"].errors["code"]
        assert not is_in(client)
        now.shift(timedelta(minutes=1))  # a code counts once
        client.post("/account/2fa/authenticate/", {"code": code_now(secret)})
        assert is_in(client)


def test_codes_of_the_second_step_cannot_be_guessed_at_length(client, study: Study):
    with time_machine.travel(MORNING) as now:
        secret = with_authenticator_app(client, study.coordinator_a)
        now.shift(timedelta(minutes=1))
        for _ in range(10):
            guesser = Client()
            sign_in(guesser, study.coordinator_a)
            guesser.post("/account/2fa/authenticate/", {"code": "000000"})
        sign_in(guesser, study.coordinator_a)
        guesser.post("/account/2fa/authenticate/", {"code": code_now(secret)})
        assert not is_in(guesser)
        now.shift(timedelta(minutes=6))
        guesser.post("/account/2fa/authenticate/", {"code": code_now(secret)})
        assert is_in(guesser)


def test_a_recovery_code_lets_in_once(client, study: Study):
    with_authenticator_app(client, study.coordinator_a)
    codes = (
        Authenticator.objects.get(user=study.coordinator_a, type="recovery_codes").wrap().get_unused_codes()
    )
    shown = client.get("/account/2fa/recovery-codes/").content.decode()
    assert all(code in shown for code in codes)
    for expected in (True, False):
        client.post("/account/logout/")
        sign_in(client, study.coordinator_a)
        client.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert is_in(client) is expected


def test_taking_the_authenticator_away_asks_for_the_person_again(client, study: Study):
    with time_machine.travel(MORNING) as now:
        with_authenticator_app(client, study.coordinator_a)
        now.shift(timedelta(minutes=20))
        away = client.get("/account/2fa/totp/deactivate/")
        assert away.status_code == 302
        assert away.url.startswith(reverse("account_reauthenticate"))


SIGNED_OUT = {
    "/healthz": 200,
    LOGIN: 200,
    "/account/password/reset/": 200,
    "/account/password/reset/done/": 200,
    "/account/inactive/": 200,
    "/account/signup/": 200,
    "/no/such/page/": 404,
    "/": 302,
    "/casebook/new/": 302,
    "/casebook/T-0001/": 302,
    PASSWORD_PAGE: 302,
    "/account/email/": 302,
    "/account/2fa/": 302,
    "/account/2fa/totp/activate/": 302,
}


@pytest.mark.parametrize(("path", "status"), SIGNED_OUT.items())
def test_what_those_who_are_not_signed_in_see(db, client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    if status == 302:
        assert answer.url == f"{LOGIN}?next={path}"


@pytest.mark.parametrize("path", ["/casebook/NOBODY/", "/casebook/NOBODY/no-such-form/new/"])
def test_a_page_that_is_not_there_says_so(study: Study, path):
    answer = signed_in(study.coordinator_a).get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_what_a_role_does_not_allow_says_so(study: Study, patient):
    answer = signed_in(study.administrator).get(f"/casebook/{patient.number}/")
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


def test_a_form_sent_from_a_page_too_old_says_so(study: Study):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(LOGIN, {"login": study.coordinator_a.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "too old to save from" in answer.content.decode()
