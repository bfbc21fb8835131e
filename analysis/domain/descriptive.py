"""Location, range and printed forms of the numbers in a table.

Rounding is half away from zero on the exact value (as a reader with a pencil would), never on a binary
float's hidden digits: Decimal and Fraction are taken as they are, a float as the shortest decimal that
denotes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Measure = int | float | Decimal | Fraction

NOT_REACHED = "NR"
NOT_AVAILABLE = "–"


@dataclass(frozen=True, slots=True)
class Summary:
    """Exact location and range of `n` values; units are those of the values."""

    n: int
    mean: Fraction
    median: Fraction
    minimum: Fraction
    maximum: Fraction


def summarise(values: Sequence[Measure | None]) -> Summary | None:
    """Return mean, median and range of the values present; None where none is."""
    present = sorted(exact(value) for value in values if value is not None)
    if not present:
        return None
    n = len(present)
    return Summary(
        n=n,
        mean=sum(present, Fraction(0)) / n,
        median=(present[(n - 1) // 2] + present[n // 2]) / 2,
        minimum=present[0],
        maximum=present[-1],
    )


def exact(value: Measure) -> Fraction:
    """Return the value as a fraction; a float as the decimal it prints as."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def round_half_up(value: Measure, digits: int) -> Decimal:
    """Return the value rounded to `digits` decimals, a half away from zero."""
    scaled = abs(exact(value)) * 10**digits
    magnitude = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    rounded = Decimal(magnitude).scaleb(-digits)
    return -rounded if exact(value) < 0 and rounded else rounded


def format_fixed(value: Measure | None, digits: int = 1) -> str:
    """Return the value with exactly `digits` decimals: 10.0. Missing prints as a dash."""
    return NOT_AVAILABLE if value is None else f"{round_half_up(value, digits):f}"


def format_trimmed(value: Measure | None, digits: int = 1) -> str:
    """Return the value with at most `digits` decimals and no idle zeros: 75, 355.9. Missing prints as a
    dash.
    """
    text = format_fixed(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_median_range(values: Sequence[Measure | None], digits: int = 1) -> str:
    """Return "median (minimum-maximum)" of the values present."""
    summary = summarise(values)
    return NOT_AVAILABLE if summary is None else _with_range(summary.median, summary, digits)


def format_mean_range(values: Sequence[Measure | None], digits: int = 1) -> str:
    """Return "mean (minimum-maximum)" of the values present."""
    summary = summarise(values)
    return NOT_AVAILABLE if summary is None else _with_range(summary.mean, summary, digits)


def _with_range(location: Fraction, summary: Summary, digits: int) -> str:
    low, high = format_trimmed(summary.minimum, digits), format_trimmed(summary.maximum, digits)
    return f"{format_trimmed(location, digits)} ({low}-{high})"


def percentage(count: int, n: int) -> Fraction | None:
    """Return 100 count / n exactly; None where there is nobody to divide by."""
    return Fraction(100 * count, n) if n else None


def format_count_percent(count: int, n: int, digits: int = 1) -> str:
    """Return "count (percent)", the percentage of `n` patients: 21 (72.4)."""
    return f"{count} ({format_fixed(percentage(count, n), digits)})"


def format_interval(
    estimate: Measure | None, lower: Measure | None, upper: Measure | None, digits: int = 1
) -> str:
    """Return "estimate (lower-upper)" with fixed decimals: 10.3 (2.2-27.4)."""
    return f"{format_fixed(estimate, digits)} ({format_fixed(lower, digits)}-{format_fixed(upper, digits)})"


def format_median_time(median: Measure | None, lower: Measure | None, upper: Measure | None) -> str:
    """Return a survival median with its limits: 102 (42-138); what the curve never reaches prints as NR."""
    low, middle, high = (
        NOT_REACHED if value is None else format_trimmed(value) for value in (lower, median, upper)
    )
    return f"{middle} ({low}-{high})"


def format_p(p: float | None, digits: int = 4) -> str:
    """Return a p-value with fixed decimals, below the last as "<0.0001"."""
    smallest = Fraction(1, 10**digits)
    if p is not None and p < smallest:
        return f"<{format_fixed(smallest, digits)}"
    return format_fixed(p, digits)
