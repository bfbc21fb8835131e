"""Setting up a trial, its people and its protocol versions; sealing and checking the trail."""

import logging
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext

from trial.access import Permission, require
from trial.audit import set_reason
from trial.domain.protocol import check_superseded, parse_protocol
from trial.domain.receipts import SealReceipt
from trial.models import (
    AuditSeal,
    Membership,
    Person,
    Preference,
    ProtocolVersion,
    Role,
    Site,
    SiteApproval,
    Trial,
)
from trial.selectors import receipt_of

PROTOCOLS = Path(__file__).parent / "protocols"
log = logging.getLogger("trial.seals")
SITE_ROLES = (Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR)


def create_trial(*, code: str, title: str, is_synthetic: bool) -> Trial:
    return Trial.objects.create(code=code, title=title, is_synthetic=is_synthetic)


def add_protocol_version(trial: Trial, definition: str) -> ProtocolVersion:
    """Store a protocol text after parsing it whole; ProtocolError names the key and line that are wrong."""
    check_superseded(definition, trial.protocol_versions.values_list("version", flat=True))
    return ProtocolVersion.objects.create(
        trial=trial,
        version=parse_protocol(definition).version,
        definition=definition,
        sha256=ProtocolVersion.fingerprint(definition),
    )


def approve_protocol_version(site: Site, version: ProtocolVersion, *, approved_on: date) -> SiteApproval:
    return SiteApproval.objects.create(site=site, protocol_version=version, approved_on=approved_on)


def create_person(*, email: str, full_name: str, password: str | None) -> Person:
    person = Person(email=email.lower(), full_name=full_name)
    person.set_password(password)
    person.full_clean()
    person.save()
    return person


def grant_role(person: Person, role: Role, trial: Trial, *, site: Site | None = None) -> Membership:
    return Membership.objects.create(person=person, trial=trial, site=site, role=role)


@transaction.atomic
def add_person(*, email: str, full_name: str, password: str | None, by: Person) -> Person:
    """A new person without a role. Without a password they choose one by mail."""
    require(by, Permission.MANAGE_TRIAL)
    return create_person(email=email, full_name=full_name, password=password)


@transaction.atomic
def assign_role(
    person: Person, role: Role, trial: Trial, *, site: Site | None = None, by: Person
) -> Membership:
    """A role at one site, or at all; who works with patients' data does so site by site."""
    require(by, Permission.MANAGE_TRIAL)
    _require_another(person, by)
    if (role in SITE_ROLES) != (site is not None):
        raise ValidationError({"site": "Choose the site." if site is None else "This role is for all sites."})
    if (role is Role.READER) != all(held.role == Role.READER for held in person.roles) and person.roles:
        message = gettext("An independent reader is blind to the casebook and has no other role.")
        raise ValidationError({"role": message})
    membership = Membership(person=person, trial=trial, site=site, role=role)
    try:
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:
        raise ValidationError({"role": f"{person} has this role there already."}) from error
    return membership


@transaction.atomic
def withdraw_role(membership: Membership, *, by: Person, reason: str) -> None:
    require(by, Permission.MANAGE_TRIAL)
    _require_another(membership.person, by)
    _set_reason_given(reason)
    membership.delete()


@transaction.atomic
def switch_sign_in(person: Person, *, on: bool, by: Person, reason: str) -> None:
    """Let somebody sign in, or no longer; sessions they have open end with their next page."""
    require(by, Permission.MANAGE_TRIAL)
    _require_another(person, by)
    _set_reason_given(reason)
    person.is_active = on
    person.save(update_fields=["is_active"])


@transaction.atomic
def keep_preference(preference: Preference, *, by: Person) -> None:
    """How somebody likes the pages: their own business, and on the trail as everything that is kept."""
    preference.person = by
    set_reason("Preferences of the person")
    preference.save()


def _require_another(person: Person, by: Person) -> None:
    """Nobody gives rights to themselves, and no administrator locks the trial's door from outside."""
    if person == by:
        raise ValidationError("You cannot change your own rights. Another administrator can.")


def _set_reason_given(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why."})
    set_reason(reason.strip())


def seal_trail() -> int:
    """Seal what the trail has gained since the last seal; returns the number of seals made.

    Each seal also goes to the log, which whoever changes the database need not be able to change.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT trial_seal_trail()")
        made = int(cursor.fetchone()[0])
    for seal in reversed(AuditSeal.objects.order_by("-id")[:made]):
        log.info("seal %s over entries %s to %s: %s", seal.pk, seal.first_entry, seal.last_entry, seal.sha256)
    return made


def verify_trail() -> list[str]:
    """Every way in which seals, trail and tables disagree; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT trial_verify_trail()")
        return [row[0] for row in cursor.fetchall()]


def verify_receipt(receipt: SealReceipt) -> list[str]:
    """Every way in which the trail's seal of that number is not the one of the receipt."""
    seal = AuditSeal.objects.filter(pk=receipt.seal).first()
    return receipt.differences(receipt_of(seal) if seal else None)
