"""Shares with their intervals, and whether a week lies within what the weeks before it lead to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from monitor.domain.weekly import WeekCount

Z95 = 1.959964
MINIMUM_EARLIER_WEEKS = 4
_FEW = 10
EARLIER_WEEKS = 8
# Student's t, two-sided 95 %, for 3 to 7 degrees of freedom (4 to 8 earlier weeks).
_T95 = {3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}


@dataclass(frozen=True, slots=True)
class Share:
    """A share of counted things with its 95 % interval.

    Attributes:
        value, low, high: in [0, 1].
        count, n: the share is count of n.
    """

    value: float
    low: float
    high: float
    count: int
    n: int


@dataclass(frozen=True, slots=True)
class UsualRange:
    """What the earlier weeks lead to expect of this week's share.

    Attributes:
        median: of the earlier weeks' shares.
        low, high: 95 % prediction interval of this week's share.
        weeks: earlier weeks used.
    """

    median: float
    low: float
    high: float
    weeks: int

    def place(self, value: float) -> str:
        """Return "above", "below" or "within" the usual range."""
        if value > self.high:
            return "above"
        return "below" if value < self.low else "within"


def told_weeks(weeks: Sequence[WeekCount]) -> list[bool]:
    """Which weeks a trend is drawn through: fully read, and not far fewer posts than usual.

    A week of fewer than ten posts counts where so few are usual; beside weeks of forty or more, its share would
    only tell that hardly anything was read.
    """
    usual = median([week.total for week in weeks]) if weeks else 0
    return [not week.missed_days and week.total >= max(min(_FEW, usual / 4), 1) for week in weeks]


def share_of(count: int, n: int) -> Share | None:
    """A share with Wilson's 95 % interval; None when there is nothing to take a share of.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if n <= 0:
        return None
    value = count / n
    spread = Z95 * Z95 / n
    centre = (value + spread / 2) / (1 + spread)
    half = Z95 * sqrt(value * (1 - value) / n + spread / (4 * n)) / (1 + spread)
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == n else min(1.0, centre + half)
    return Share(value, low, high, count, n)


def usual_range(counts: Sequence[int], totals: Sequence[int], n: int) -> UsualRange | None:
    """What to expect of a week with `n` posts, from the shares of the weeks before it.

    The centre is the median of the earlier shares. The width adds the spread between weeks (scaled median
    absolute deviation, less what sampling alone explains), the sampling error of a week of `n` posts, and
    the uncertainty of the median itself (pi / 2 times that of a mean), with Student's t for few weeks.

    Args:
        counts, totals: of the earlier weeks, any order; weeks without posts are left out.
        n: posts of the week to be judged.

    Source of the robust scale: Rousseeuw & Croux (1993), JASA 88, 1273-1283.
    """
    pairs = [(count, total) for count, total in zip(counts, totals, strict=True) if total > 0]
    if len(pairs) < MINIMUM_EARLIER_WEEKS or n <= 0:
        return None
    pairs = pairs[-EARLIER_WEEKS:]
    shares = [count / total for count, total in pairs]
    centre = median(shares)
    # One post is added to each side: a run of weeks with none is no proof that none can come.
    smoothed = (sum(c for c, _ in pairs) + 0.5) / (sum(t for _, t in pairs) + 1)
    sampling = [smoothed * (1 - smoothed) / total for _, total in pairs]
    mad = 1.4826 * median(abs(share - centre) for share in shares)
    between = max(0.0, mad * mad - sum(sampling) / len(sampling))
    own = smoothed * (1 - smoothed) / n
    variance = between + own + 1.571 * (between + sum(sampling) / len(sampling)) / len(pairs)
    half = _T95[min(len(pairs), EARLIER_WEEKS) - 1] * sqrt(variance)
    few_low, few_high = _small_counts(sum(c for c, _ in pairs), sum(t for _, t in pairs), n)
    low = max(0.0, min(centre - half, few_low))
    return UsualRange(centre, low, min(1.0, max(centre + half, few_high)), len(pairs))


def _small_counts(count: int, total: int, n: int) -> tuple[float, float]:
    """95 % prediction interval of a share of `n` from `count` of `total`, where counts are too small for a normal one.

    A rate with a Gamma(count + 1/2) posterior gives a negative-binomial count of the new week.
    """
    shape, chance = count + 0.5, total / (total + n)
    probability, below, value = chance**shape, 0.0, 0
    low: int | None = None
    while value < n:
        below += probability
        if low is None and below >= 0.025:
            low = value
        if below >= 0.975:
            break
        probability *= (shape + value) / (value + 1) * (1 - chance)
        value += 1
        if value > 1000 or probability == 0.0:  # large counts: the normal interval is the wider one
            return 1.0, 0.0
    return (low or 0) / n, value / n
