"""The trial as it stands: which protocol holds where, and what its trail holds."""

from collections.abc import Iterable, MutableMapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from trial.domain.protocol import Protocol
from trial.domain.receipts import SealReceipt
from trial.models import AuditEntry, AuditSeal, Person, Preference, ProtocolVersion, SiteApproval, Trial

PATIENTS = "casebook_patient"


def protocol_version_in_force(site_id: int, on: date) -> ProtocolVersion | None:
    """The version last approved at the site by that day; before any approval, the first one approved.

    Every save asks, so without the cost of building a statement anew.
    """
    sql = f"""
        SELECT v.*, a.approved_on
        FROM "{SiteApproval._meta.db_table}" a
        JOIN "{ProtocolVersion._meta.db_table}" v ON v.id = a.protocol_version_id
        WHERE a.site_id = %s ORDER BY a.approved_on, a.id
    """
    known: list[Any] = list(ProtocolVersion.objects.raw(sql, [site_id]))
    in_force = [version for version in known if version.approved_on <= on] or known[:1]
    return in_force[-1] if in_force else None


def protocol_in_force(site_id: int, on: date) -> Protocol | None:
    version = protocol_version_in_force(site_id, on)
    return version.protocol if version else None


def protocols_in_force(on: date) -> dict[int, Protocol]:
    """The protocol in force at each site by that day, in one query."""
    approvals = SiteApproval.objects.select_related("protocol_version").order_by(
        "site_id", "approved_on", "id"
    )
    found: dict[int, Protocol] = {}
    for approval in approvals:
        if approval.approved_on <= on or approval.site_id not in found:
            found[approval.site_id] = approval.protocol_version.protocol
    return found


def trail(
    *,
    person: int | None = None,
    table: str = "",
    patient: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEntry]:
    """The entries the acting person may see, newest first; both days are included."""
    entries = AuditEntry.objects.order_by("-id")
    if person is not None:
        entries = entries.filter(actor_id=person)
    if table:
        entries = entries.filter(table=table)
    if patient:
        numbered = Q(image__number__iexact=patient) | Q(before__number__iexact=patient)
        rows = AuditEntry.objects.filter(numbered, table=PATIENTS).order_by().values_list("row_id", flat=True)
        entries = entries.filter(patient_id__in=set(rows))
    if since is not None:
        entries = entries.filter(at__gte=_midnight(since))
    if until is not None:
        entries = entries.filter(at__lt=_midnight(until + timedelta(days=1)))
    return entries


def patient_numbers(entries: Iterable[AuditEntry]) -> dict[int, str]:
    """The number of each patient the entries concern, from the trail itself: of removed patients too."""
    concerned = {entry.patient_id for entry in entries if entry.patient_id is not None}
    registered = AuditEntry.objects.filter(table=PATIENTS, row_id__in=concerned).order_by("id")
    rows = registered.values_list("row_id", "image__number", "before__number")
    return {row_id: image or before for row_id, image, before in rows if image or before}


def last_seal() -> AuditSeal | None:
    return AuditSeal.objects.order_by("-id").first()


def receipt_of(seal: AuditSeal) -> SealReceipt:
    """What to keep elsewhere of a seal."""
    return SealReceipt(
        trial=Trial.objects.get().code,
        seal=seal.pk,
        last_entry=seal.last_entry,
        sealed_at=seal.at.astimezone(UTC).isoformat(),
        sha256=seal.sha256,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def preference_of(person: Person) -> Preference:
    """How this person likes the pages; as they come where nothing was chosen."""
    return Preference.objects.filter(person=person).first() or Preference(person=person)


def uses_shortcuts(person: Person, session: MutableMapping[str, Any]) -> bool:
    """Whether this person uses the keys, asked once in a session."""
    if "shortcuts" not in session:
        session["shortcuts"] = preference_of(person).shortcuts
    return bool(session["shortcuts"])
