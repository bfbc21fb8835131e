from trial.models.audit import AuditEntry, AuditSeal
from trial.models.people import Membership, Person, Role
from trial.models.trial import ProtocolVersion, Site, SiteApproval, Trial

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "Membership",
    "Person",
    "ProtocolVersion",
    "Role",
    "Site",
    "SiteApproval",
    "Trial",
]
