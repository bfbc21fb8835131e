"""Setting up a trial, its people and its protocol versions; sealing and checking the trail."""

from datetime import date
from pathlib import Path

from django.db import connection

from trial.audit import set_reason
from trial.domain.protocol import parse_protocol
from trial.models import Membership, Person, ProtocolVersion, Role, Site, SiteApproval, Trial

PROTOCOLS = Path(__file__).parent / "protocols"


def create_trial(*, code: str, title: str, is_synthetic: bool) -> Trial:
    return Trial.objects.create(code=code, title=title, is_synthetic=is_synthetic)


def add_protocol_version(trial: Trial, definition: str) -> ProtocolVersion:
    """Store a protocol text after parsing it whole; ProtocolError names the key and the line that is wrong."""
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


def withdraw_role(membership: Membership, *, reason: str) -> None:
    set_reason(reason)
    membership.delete()


def seal_trail() -> int:
    """Seal what the trail has gained since the last seal; returns the number of seals made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT trial_seal_trail()")
        return cursor.fetchone()[0]


def verify_trail() -> list[str]:
    """Every way in which seals, trail and tables disagree; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT trial_verify_trail()")
        return [row[0] for row in cursor.fetchall()]
