"""Exposed against unexposed customers: did their net promoter score fall by more?

Every account has one vote a cell (group x before/after), its mean answer, since answers of one account are alike.
The difference in differences is

    change = (m_E1 - m_E0) - (m_U1 - m_U0)      points

with the adjusted means and variances of `nps` (3/4 promoter, 3/4 detractor and 3 votes added to each cell):
var = 100² (p + d - (p - d)²) / (n + 3), summed over the cells; p one-sided for a loss, from the normal distribution.

Sources: Rocks (2016), The American Statistician 70 (4), 365-372; Angrist & Pischke (2009), section 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.nps import PSEUDO_ANSWERS, PSEUDO_DETRACTORS, PSEUDO_PROMOTERS, Z95

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DAYS_BEFORE = 91
FIRST_DAY_AFTER = 3
LAST_DAY_AFTER = 41
"""Scores follow slowly: answers of days 3-41 from the start count as after."""
MINIMUM_VOTES = 5
"""Votes in each of the four cells."""
Z95_ONE_SIDED = 1.6448536269514722
Z_POWER = 0.8416212335729143
CELLS = (
    "of customers who received it before",
    "of customers who received it after",
    "of others before",
    "of others after",
)


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """Change of the exposed minus change of the others, in points.

    Attributes:
        votes: accounts with answers: exposed before, exposed after, others before, others after.
        change, low, high: with the 95 % interval; None when refused.
        p_value: one-sided for a loss.
        smallest_detectable: loss found (p <= 5 %) in 80 of 100 cases.
        reason: why refused; "" otherwise.
    """

    votes: tuple[int, int, int, int]
    change: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    smallest_detectable: float | None = None
    reason: str = ""


def compare_scores(
    days: IntArray, points: FloatArray, exposed: NDArray[np.bool_], voters: IntArray
) -> ScoreChange:
    """Difference in differences of the score around one campaign.

    Args:
        days: (n,) day of each answer, counted from the campaign's start.
        points: (n,) +100, 0 or -100.
        exposed: (n,) whether the customer received it; who is in neither group is left out beforehand.
        voters: (n,) account of each answer as a number; an answer without account has a number of its own.
    """
    cells = [_cell(points[inside], voters[inside]) for inside in _cells(days, exposed)]
    votes = (cells[0][0], cells[1][0], cells[2][0], cells[3][0])
    for name, number in zip(CELLS, votes, strict=True):
        if number < MINIMUM_VOTES:
            return ScoreChange(
                votes, reason=f"{number} accounts with answers {name} it, at least {MINIMUM_VOTES} needed"
            )
    means, variances = (np.array([cell[k] for cell in cells]) for k in (1, 2))
    change = float((means[1] - means[0]) - (means[3] - means[2]))
    error = float(np.sqrt(variances.sum()))
    return ScoreChange(
        votes,
        change,
        max(-200.0, change - Z95 * error),
        min(200.0, change + Z95 * error),
        _lower_tail(change / error),
        (Z95_ONE_SIDED + Z_POWER) * error,
    )


def _cells(days: IntArray, exposed: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    before = (days >= -DAYS_BEFORE) & (days < 0)
    after = (days >= FIRST_DAY_AFTER) & (days <= LAST_DAY_AFTER)
    for group in (exposed, ~exposed):
        yield group & before
        yield group & after


def _cell(points: FloatArray, voters: IntArray) -> tuple[int, float, float]:
    """Votes, adjusted mean and its variance (points²)."""
    if not len(points):
        return 0, 0.0, float("inf")
    _, index, answers = np.unique(voters, return_inverse=True, return_counts=True)
    promoters = float((np.bincount(index, points > 0) / answers).sum())
    detractors = float((np.bincount(index, points < 0) / answers).sum())
    total = len(answers) + PSEUDO_ANSWERS
    p, d = (promoters + PSEUDO_PROMOTERS) / total, (detractors + PSEUDO_DETRACTORS) / total
    return len(answers), 100 * (p - d), 1e4 * (p + d - (p - d) ** 2) / total


def _lower_tail(z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(z))
