from django.http import HttpRequest

from trial.access import Permission, may
from trial.models import Trial
from trial.version import code_version


def trial(request: HttpRequest) -> dict[str, object]:
    """What every page shows: the trial, and what this person may open."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {}
    return {
        "current_trial": Trial.objects.first(),
        "code_version": code_version(),
        "may": {p.name.lower(): may(person, p) for p in Permission},
    }
