"""The trial as it stands: which protocol holds where."""

from datetime import date

from trial.domain.protocol import Protocol
from trial.models import ProtocolVersion, SiteApproval


def protocol_version_in_force(site_id: int, on: date) -> ProtocolVersion | None:
    """The version last approved at the site by that day; before any approval, the first one approved."""
    approvals = (
        SiteApproval.objects.filter(site=site_id)
        .select_related("protocol_version")
        .order_by("approved_on", "id")
    )
    known = list(approvals)
    in_force = [approval for approval in known if approval.approved_on <= on] or known[:1]
    return in_force[-1].protocol_version if in_force else None


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
