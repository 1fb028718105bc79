"""Exposed against unexposed customers: did complaints of those who received a campaign rise by more?

With E0, U0 posts of exposed and unexposed customers before the campaign and E1, U1 in the days at risk,

    ratio = (E1 / E0) / (U1 / U0)

is the difference in differences on the log scale. Given how many posts there were in all, only the *share* of the
exposed is random, so whatever moves both groups alike (outage, weekday, season, a wandering mood) cancels. With
E1 | E1 + U1 ~ binomial and the Jeffreys prior, the share of each stretch is Beta(E + 1/2, U + 1/2), and
the log ratio is the difference of two logits of such shares; its lower tail at 0 is the one-sided p-value.

One customer writes several posts and groups have moods of their own, so the share varies by more than a
binomial one. How much is measured on earlier stretches of the same length, each against the ones before it
(placebo dates): the mean of the Pearson chi-squares is the dispersion phi. Counts are divided by phi, averaged over what
is not known of phi (scaled inverse chi-square).

Sources: Agresti (2013), "Categorical Data Analysis", 3rd ed., sections 3.6.6 and 4.7 (posterior of an odds ratio;
quasi-likelihood); Angrist & Pischke (2009), "Mostly Harmless Econometrics", section 5.2 (difference in differences).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
CountArray = NDArray[np.int64]

RISK_DAYS = 21
BEFORE_BLOCKS = 3
"""Days before: three stretches as long as the days at risk."""
LONGEST_BLOCKS = 17
"""A year of earlier stretches at most."""
MINIMUM_DAYS_BEFORE = 28
MINIMUM_DAYS_AFTER = 10
MINIMUM_POSTS = 5
"""Posts of each group, before and after together; and posts of both groups after, and before."""
PRIOR_DISPERSION = 2.0
PRIOR_DEGREES = 3.0
"""Weight of the prior of the dispersion, in earlier stretches."""
LARGEST_RATIO = 20.0
Z_POWER = 0.8416212335729143
_DISPERSION_POINTS = 9
_SHARE_POINTS = 101


@dataclass(frozen=True, slots=True, eq=False)
class StretchCounts:
    """Posts of both groups around one campaign.

    Attributes:
        before, after: (2,) posts of exposed and unexposed customers.
        blocks: (k, 2) posts of earlier stretches of `RISK_DAYS` days, newest first, uncollected days left out.
        days_before, days_after: collected days.
    """

    before: CountArray
    after: CountArray
    blocks: CountArray
    days_before: int
    days_after: int


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How much more than binomial the share of the exposed varies.

    Attributes:
        value: 1 = binomial.
        degrees: earlier stretches it rests on, prior included.
    """

    value: float
    degrees: float


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """Ratio of rate ratios with its 95 % interval, and the one-sided p-value for harm."""

    ratio: float
    low: float
    high: float
    p_value: float
    smallest_detectable: float | None
    dispersion: Dispersion


def stretch_counts(
    exposed: CountArray, unexposed: CountArray, collected: NDArray[np.bool_], start: int
) -> StretchCounts:
    """Add up daily posts before and after a campaign's first day.

    Args:
        exposed, unexposed: (n,) posts a day of each group, on consecutive days.
        collected: (n,) whether the day was read; the others count in no group.
        start: index of the campaign's first day, 0..n-1; days beyond the data are missing, not zero.
    """
    daily = np.column_stack([exposed, unexposed]) * collected[:, None]
    after = slice(start, start + RISK_DAYS)
    edges = [start - RISK_DAYS * k for k in range(LONGEST_BLOCKS + 1) if start - RISK_DAYS * k >= 0]
    blocks = [daily[first:last].sum(axis=0) for last, first in pairwise(edges)]
    before = slice(max(0, start - BEFORE_BLOCKS * RISK_DAYS), start)
    return StretchCounts(
        daily[before].sum(axis=0),
        daily[after].sum(axis=0),
        np.array(blocks, dtype=np.int64).reshape(-1, 2),
        int(collected[before].sum()),
        int(collected[after].sum()),
    )


def refusal(counts: StretchCounts) -> str:
    """Why the two groups cannot be compared; "" when they can."""
    if counts.days_before < MINIMUM_DAYS_BEFORE:
        return f"{counts.days_before} collected days before it, at least {MINIMUM_DAYS_BEFORE} needed"
    if counts.days_after < MINIMUM_DAYS_AFTER:
        return f"{counts.days_after} collected days from its start on, at least {MINIMUM_DAYS_AFTER} needed"
    totals = counts.before + counts.after
    sums = (
        ("of customers who received it", totals[0]),
        ("of customers who did not", totals[1]),
        ("of both groups before it", counts.before.sum()),
        ("of both groups after it", counts.after.sum()),
    )
    for name, number in sums:
        if number < MINIMUM_POSTS:
            return f"{number} posts {name}, at least {MINIMUM_POSTS} needed"
    return ""


def dispersion(blocks: CountArray) -> Dispersion:
    """Dispersion of the exposed share over earlier stretches, drawn towards a prior.

    Stretch k is held against the (up to three) before it by the Pearson chi-square of the 2 x 2 table, one degree each:

        phi = (d0 phi0 + sum chi²_k) / (d0 + K),  at least 1

    Args:
        blocks: (k, 2) posts of exposed and unexposed, newest first.
    """
    chi_squares = []
    for index in range(len(blocks) - 1):
        now, earlier = blocks[index], blocks[index + 1 : index + 1 + BEFORE_BLOCKS].sum(axis=0)
        n, m, total = now.sum(), earlier.sum(), now.sum() + earlier.sum()
        columns = now + earlier
        if n and m and columns.min():
            cross = float(now[0] * earlier[1] - now[1] * earlier[0])
            chi_squares.append(cross**2 * (total - 1) / (float(n) * m * columns[0] * columns[1]))
    degrees = PRIOR_DEGREES + len(chi_squares)
    value = (PRIOR_DEGREES * PRIOR_DISPERSION + sum(chi_squares)) / degrees
    return Dispersion(max(1.0, float(value)), degrees)


def ratio_of_ratios(counts: StretchCounts) -> RatioEstimate:
    """Ratio, interval and p-value of one campaign; see the module's text.

    Args:
        counts: not refused.

    Returns:
        The posterior median of the ratio, its central 95 % interval, and the probability of a ratio of at most 1.
    """
    spread = dispersion(counts.blocks)
    ratios = _LogRatio(counts, _plausible_dispersions(spread))
    low, middle, high = (float(np.exp(ratios.quantile(share))) for share in (0.025, 0.5, 0.975))
    detectable = smallest_detectable_ratio(counts, spread)
    return RatioEstimate(middle, low, high, ratios.below(0.0), detectable, spread)


def _plausible_dispersions(spread: Dispersion) -> FloatArray:
    """Equally probable values of phi: degrees x value / chi-square(degrees), at least 1."""
    from scipy.special import chdtri

    tails = (np.arange(_DISPERSION_POINTS) + 0.5) / _DISPERSION_POINTS
    values: FloatArray = np.maximum(1.0, spread.degrees * spread.value / chdtri(spread.degrees, tails))
    return values


class _LogRatio:
    """Distribution of the log ratio: logit of the share after minus logit of the share before."""

    def __init__(self, counts: StretchCounts, dispersions: FloatArray) -> None:
        from scipy.special import betaincinv, logit

        self._before = counts.before[:, None, None] / dispersions[:, None] + 0.5
        after = counts.after[:, None, None] / dispersions[:, None] + 0.5
        shares = (np.arange(_SHARE_POINTS) + 0.5) / _SHARE_POINTS
        quantiles = np.clip(betaincinv(after[0], after[1], shares), 1e-300, 1 - 1e-16)
        self._after: FloatArray = logit(quantiles)

    def below(self, value: float) -> float:
        """Probability of a log ratio of at most `value`."""
        from scipy.special import betainc, expit

        # P(A - B <= v) = P(B >= A - v), and 1 - I_x(a, b) = I_(1-x)(b, a) keeps small tails exact.
        mirrored = expit(value - self._after)
        return float(betainc(self._before[1], self._before[0], mirrored).mean())

    def quantile(self, share: float) -> float:
        """The value that the log ratio stays below with probability `share`."""
        from scipy.optimize import brentq

        return float(brentq(lambda value: self.below(value) - share, -30.0, 30.0, xtol=1e-4))


def smallest_detectable_ratio(counts: StretchCounts, spread: Dispersion) -> float | None:
    """Smallest true ratio found (p <= 5 %) in 80 of 100 cases; None above `LARGEST_RATIO`.

    log r = (t95(degrees) + z80) sqrt(phi (1/E0 + 1/U0 + 1/(r e) + 1/u)), with e and u what the shares before lead one to
    expect after without an effect; half a post is added to each count.

    Args:
        counts: posts around the campaign.
        spread: dispersion of the exposed share.
    """
    from scipy.special import stdtrit

    before = counts.before + 0.5
    # Without an effect: the unexposed tell how busy the days after were, as far as they are enough.
    pace = (counts.after.sum() + 0.5) / (counts.before.sum() + 0.5)
    expected = np.maximum(before * pace, 0.5)
    width = float(stdtrit(spread.degrees, 0.95)) + Z_POWER
    for log_ratio in np.arange(0.05, np.log(LARGEST_RATIO), 0.02):
        ratio = float(np.exp(log_ratio))
        variance = (1 / before).sum() + 1 / (ratio * expected[0]) + 1 / expected[1]
        if log_ratio >= width * np.sqrt(spread.value * variance):
            return ratio
    return None
