"""`manage.py verify_audit` is `manage.py verify_trail`."""

from trial.management.commands.verify_trail import Command

__all__ = ["Command"]
