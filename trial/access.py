"""Who may do what, and at which sites. What may be done in which state is not decided here."""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from trial.models import Membership, Person, Role, Site


class Permission(StrEnum):
    VIEW_CASEBOOK = "view casebooks"
    ENTER_DATA = "enter data"
    DECIDE_ELIGIBILITY = "decide on eligibility"
    ANSWER_QUERY = "answer queries"
    RAISE_QUERY = "raise and close queries"
    KEEP_RANGES = "keep reference ranges"
    IMPORT_LABORATORY = "import laboratory values"
    VIEW_TRAIL = "read the audit trail of the trial"
    VIEW_ANALYSIS = "see analyses"
    RUN_ANALYSIS = "run analyses and export"
    MANAGE_TRIAL = "manage people, sites and protocol versions"
    READ_INDEPENDENTLY = "read scans independently"


P = Permission
_ENTRY = {P.VIEW_CASEBOOK, P.ENTER_DATA, P.ANSWER_QUERY, P.IMPORT_LABORATORY}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COORDINATOR: frozenset(_ENTRY | {P.KEEP_RANGES}),
    Role.INVESTIGATOR: frozenset(_ENTRY | {P.DECIDE_ELIGIBILITY}),
    Role.MONITOR: frozenset({P.VIEW_CASEBOOK, P.RAISE_QUERY}),
    Role.DATA_MANAGER: frozenset(
        {
            P.VIEW_CASEBOOK,
            P.RAISE_QUERY,
            P.KEEP_RANGES,
            P.IMPORT_LABORATORY,
            P.VIEW_ANALYSIS,
            P.VIEW_TRAIL,
        }
    ),
    Role.STATISTICIAN: frozenset({P.VIEW_CASEBOOK, P.VIEW_ANALYSIS, P.RUN_ANALYSIS}),
    Role.ADMINISTRATOR: frozenset({P.MANAGE_TRIAL, P.VIEW_TRAIL}),
    Role.AUDITOR: frozenset({P.VIEW_CASEBOOK, P.VIEW_ANALYSIS, P.VIEW_TRAIL}),
    Role.READER: frozenset({P.READ_INDEPENDENTLY}),
}


def roles_of(person: Person) -> list[Membership]:
    """The roles that count: an independent reader is blind, so no other right holds beside that one."""
    return [m for m in person.roles if m.role == Role.READER] or person.roles


def may(person: Person, permission: Permission, site: Site | int | None = None) -> bool:
    """Whether one of the person's roles gives the permission: at this site, or, without a site, anywhere."""
    site_id = site.pk if isinstance(site, Site) else site
    return person.is_active and any(
        permission in PERMISSIONS[Role(m.role)] and (site_id is None or m.site_id in (None, site_id))
        for m in roles_of(person)
    )


def may_everywhere(person: Person, permission: Permission) -> bool:
    """Whether the permission holds at every site: what whole-trial analyses need."""
    return person.is_active and any(
        permission in PERMISSIONS[Role(m.role)] and m.site_id is None for m in roles_of(person)
    )


def require(person: Person, permission: Permission, site: Site | int | None = None) -> None:
    if not may(person, permission, site):
        raise PermissionDenied(f"Your role does not allow you to {permission.value} here.")


def require_everywhere(person: Person, permission: Permission) -> None:
    if not may_everywhere(person, permission):
        raise PermissionDenied(f"Your role does not allow you to {permission.value} for the whole trial.")


def sites_where(person: Person, permission: Permission) -> QuerySet[Site]:
    """The sites at which the person holds the permission."""
    scopes = [m for m in roles_of(person) if permission in PERMISSIONS[Role(m.role)]]
    whole_trials = {m.trial_id for m in scopes if m.site_id is None}
    single_sites = {m.site_id for m in scopes if m.site_id is not None}
    return Site.objects.filter(Q(trial__in=whole_trials) | Q(pk__in=single_sites))
