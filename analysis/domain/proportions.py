"""Proportions of patients with their exact confidence interval."""

from dataclasses import dataclass
from fractions import Fraction

from analysis.domain.descriptive import percentage
from analysis.domain.survival import beta_quantile


@dataclass(frozen=True, slots=True)
class Proportion:
    """`count` of `n` patients; the limits (0 to 1) are None where `n` is 0."""

    count: int
    n: int
    lower: float | None
    upper: float | None

    @property
    def percent(self) -> Fraction | None:
        """The exact percentage; None where there is no patient to divide by."""
        return percentage(self.count, self.n)

    @property
    def percent_lower(self) -> float | None:
        return None if self.lower is None else 100 * self.lower

    @property
    def percent_upper(self) -> float | None:
        return None if self.upper is None else 100 * self.upper


def clopper_pearson(count: int, n: int, *, confidence: float = 0.95) -> Proportion:
    """Return `count` of `n` with the exact two-sided (Clopper-Pearson) interval.

    The limits are the proportions at which the observed count or one more extreme has half the error
    probability; they are 0 and 1 where the count is 0 and `n`.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is not a proportion of patients")
    if not 0 < confidence < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, not at {confidence}")
    if n == 0:
        return Proportion(count, n, None, None)
    tail = (1 - confidence) / 2
    return Proportion(
        count,
        n,
        lower=beta_quantile(tail, count, n - count + 1) if count else 0.0,
        upper=beta_quantile(1 - tail, count + 1, n - count) if count < n else 1.0,
    )
