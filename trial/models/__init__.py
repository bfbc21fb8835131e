from trial.models.audit import AuditEntry, AuditSeal
from trial.models.job import Job, JobState
from trial.models.people import Membership, Person, Preference, Role
from trial.models.trial import ProtocolVersion, Site, SiteApproval, Trial

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "Job",
    "JobState",
    "Membership",
    "Person",
    "Preference",
    "ProtocolVersion",
    "Role",
    "Site",
    "SiteApproval",
    "Trial",
]
