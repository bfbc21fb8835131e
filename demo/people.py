"""Who works on the demonstration trial. Nobody here exists."""

from dataclasses import dataclass

from demo.calendar import SITES
from trial.models import Role

PASSWORD = "synthetic-demo-trial"
"""Of everybody in the demonstration trial; it protects nothing."""

MONITORED = (("01", "02", "03", "04"), ("05", "06", "07", "08"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Someone with a role at some sites; no site is every site."""

    email: str
    full_name: str
    role: Role
    sites: tuple[str, ...] = ()


def coordinator_of(site: str) -> str:
    return f"coordinator.{site}@demo.invalid"


def investigator_of(site: str) -> str:
    return f"investigator.{site}@demo.invalid"


def monitor_of(site: str) -> str:
    number = next(n for n, sites in enumerate(MONITORED, start=1) if site in sites)
    return f"monitor.{number}@demo.invalid"


def _at_sites() -> tuple[Colleague, ...]:
    return tuple(
        Colleague(email=email, full_name=f"{role.value.capitalize()} {site}", role=role, sites=(site,))
        for site in SITES
        for email, role in (
            (coordinator_of(site), Role.COORDINATOR),
            (investigator_of(site), Role.INVESTIGATOR),
        )
    )


def _central() -> tuple[Colleague, ...]:
    roles = (Role.DATA_MANAGER, Role.STATISTICIAN, Role.ADMINISTRATOR, Role.AUDITOR, Role.READER)
    return tuple(
        Colleague(
            email=f"{role.value.replace(' ', '.')}@demo.invalid", full_name=role.value.capitalize(), role=role
        )
        for role in roles
    )


COLLEAGUES = (
    *_at_sites(),
    *(
        Colleague(email=monitor_of(sites[0]), full_name=f"Monitor {n}", role=Role.MONITOR, sites=sites)
        for n, sites in enumerate(MONITORED, start=1)
    ),
    *_central(),
)


def sign_ins() -> tuple[tuple[Role, str], ...]:
    """One person of each role, with the e-mail address to sign in with."""
    return tuple((role, next(c.email for c in COLLEAGUES if c.role is role)) for role in Role)
