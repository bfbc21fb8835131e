"""What lies ahead as an iCalendar file (RFC 5545): patient numbers and days, nothing of a patient's data."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from assessments.schedule_words import KIND
from patients.domain.schedule import OPEN, Planned, PlannedStatus

PRODUCT = "-//Rebaseline//Schedule//EN"
AHEAD_DAYS = 84
"""A calendar reaches twelve weeks ahead."""


def calendar_file(planned: Iterable[tuple[str, Planned]], *, trial: str, name: str, now: datetime) -> bytes:
    """A calendar of what is open or lies ahead of the patients with these numbers.

    The same visit keeps its UID in every download, so that a calendar moves it instead of showing it twice.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for number, item in planned:
        if item.status in OPEN or item.status is PlannedStatus.NOT_YET:
            calendar.add_component(_event(number, item, trial, now))
    content: bytes = calendar.to_ical()
    return content


def _event(number: str, item: Planned, trial: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{trial}-{number}-{item.kind.value}-{item.number}@rebaseline".lower())
    event.add("dtstamp", now)
    event.add("dtstart", item.due)
    event.add("dtend", item.due + timedelta(days=1))
    event.add("summary", f"{number} {KIND[item.kind]} {item.number}")
    event.add(
        "description",
        _("Window: %(earliest)s to %(latest)s") % {"earliest": item.earliest, "latest": item.latest},
    )
    event.add("transp", "TRANSPARENT")
    return event
