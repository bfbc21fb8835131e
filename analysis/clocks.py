"""The two clocks of a run: a cut-off and an as-of that can be."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from trial.domain.protocol import CUT_OFFS

EARLIEST, _ = CUT_OFFS


def clock_faults(cut_off: date | None, as_of: datetime | None, *, now: datetime) -> dict[str, str]:
    """What is wrong with the clocks of a run, by field; without `as_of` the data are those of now.

    Days are those of the trial's time zone. A cut-off after the day of the data would promise events that
    nobody can have entered yet.
    """
    faults = dict(_faults_of_as_of(as_of, now))
    if cut_off is not None:
        data_day = timezone.localdate(now if as_of is None or faults else as_of)
        faults |= dict(_faults_of_cut_off(cut_off, data_day, today=timezone.localdate(now)))
    return faults


def _faults_of_as_of(as_of: datetime | None, now: datetime) -> Iterator[tuple[str, str]]:
    if as_of is None:
        return
    if timezone.is_naive(as_of):
        yield "as_of", "An instant needs a time zone."
    elif as_of.year < EARLIEST.year:
        yield "as_of", f"There are no data before {EARLIEST.year}."
    elif as_of > now:
        yield "as_of", "The data cannot be taken as of an instant that is still to come."


def _faults_of_cut_off(cut_off: date, data_day: date, *, today: date) -> Iterator[tuple[str, str]]:
    if cut_off < EARLIEST:
        yield "cut_off", f"Give a day from {EARLIEST} on."
    elif cut_off > today:
        yield "cut_off", "The cut-off is still to come."
    elif cut_off > data_day:
        yield "cut_off", f"The data are of {data_day}: the cut-off cannot lie after that day."
