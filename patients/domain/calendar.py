"""Years and months of the calendar, as protocols count them."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the same day so many calendar months later (earlier when negative).

    Where that month is too short its last day is taken: one month before 31 March is 28 or 29 February.
    The calendar ends at the years 1 and 9999.
    """
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if months < 0 else date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def completed_years(birth: date, on: date) -> int:
    """Return the age in completed years; who is born on 29 February turns on 1 March in other years."""
    had_birthday = (on.month, on.day) >= (birth.month, birth.day)
    return on.year - birth.year - (not had_birthday)
