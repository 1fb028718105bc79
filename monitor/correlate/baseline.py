"""What a count series leads to expect next, from its past alone.

A discounted gamma-Poisson level (West, Harrison 1997, ch. 14.3; the "power discount" model of Smith 1979) times a
rhythm (weekday, hour) times an exposure term:

    y_t ~ NegativeBinomial(mean = r_t m_t, 1/size = phi),      r_t | past ~ Gamma(a_t, b_t)
    m_t = rhythm_t * slow exposure_t * (fast exposure deviation_t) ** elasticity
    a_{t+1} = d a_t + g y*_t,  b_{t+1} = d b_t + g m_t,  g = 1 / (1 + phi r_t m_t)

`d` discounts the past; `y*` is the count winsorised at expected + 3 standard deviations, so that past
outbreaks do not teach the level (Noufaily 2013 down-weights them for the same reason). The count follows the
slow level of the exposure fully, and its fast deviations (viral bursts of plain activity) only in part.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BaselineOptions:
    """Constants of the baseline; the defaults are measured, see docs/decisions/0011-spike-detector.md.

    Attributes:
        discount_per_day: weight of a day's evidence one day later.
        rhythm_discount_per_day: the same for the weekday and hour factors.
        rhythm_prior: expected counts behind each factor's prior of 1.
        elasticity: exponent of fast exposure deviations, 0..1.
        activity_prior: plain posts added to both sides of that deviation, against noise.
        winsor_sds: standard deviations above the expectation at which a count stops teaching.
        winsor_correction: squared deviations are multiplied by it, since winsorising shortens them.
        dispersion: prior of phi.
        dispersion_steps: steps of evidence behind that prior.
    """

    discount_per_day: float = 0.985
    rhythm_discount_per_day: float = 0.995
    rhythm_prior: float = 5.0
    elasticity: float = 0.6
    activity_prior: float = 3.0
    winsor_sds: float = 3.0
    winsor_correction: float = 1.1
    dispersion: float = 0.15
    dispersion_steps: float = 20.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state before each step is seen.

    Attributes:
        multiplier: (T,) m_t, rhythm times exposure.
        shape, rate: (T,) a_t and b_t of the level's gamma distribution.
        dispersion: (T,) phi, extra variance beyond Poisson and beyond the uncertain level.
    """

    multiplier: FloatArray
    shape: FloatArray
    rate: FloatArray
    dispersion: FloatArray

    @property
    def expected(self) -> FloatArray:
        """(T,) expected count of each step."""
        return self.shape / self.rate * self.multiplier


class _Factors:
    """Multiplicative rhythm factors, one per slot (weekday or hour), shrunk towards 1."""

    def __init__(self, slots: int, prior: float) -> None:
        self._seen = [0.0] * slots
        self._expected = [0.0] * slots
        self._prior = prior

    def factor(self, slot: int) -> float:
        return (self._seen[slot] + self._prior) / (self._expected[slot] + self._prior)

    def update(self, slot: int, seen: float, expected_without: float, keep: float) -> None:
        self._seen[slot] = self._seen[slot] * keep + seen
        self._expected[slot] = self._expected[slot] * keep + expected_without


class _Rhythm:
    """Weekday factors, and hour factors where the step is shorter than a day."""

    def __init__(self, options: BaselineOptions, step_days: float) -> None:
        steps_per_slot = max(1.0, 1 / step_days)
        self._weekday = _Factors(7, options.rhythm_prior * steps_per_slot)
        self._hour = (
            _Factors(24, options.rhythm_prior * max(1.0, 1 / (24 * step_days))) if step_days < 0.5 else None
        )
        self._keep_week = options.rhythm_discount_per_day ** (7 * min(step_days, 1.0))
        self._keep_day = options.rhythm_discount_per_day ** min(24 * step_days, 1.0)

    def factor(self, weekday: int, hour: int) -> float:
        return self._weekday.factor(weekday) * (self._hour.factor(hour) if self._hour else 1.0)

    def update(self, weekday: int, hour: int, seen: float, level: float) -> None:
        by_hour = self._hour.factor(hour) if self._hour else 1.0
        by_weekday = self._weekday.factor(weekday)
        self._weekday.update(weekday, seen, level * by_hour, self._keep_week)
        if self._hour:
            self._hour.update(hour, seen, level * by_weekday, self._keep_day)


class _Exposure:
    """Splits plain activity into a slow level and today's deviation from it."""

    def __init__(self, options: BaselineOptions, step_days: float) -> None:
        self._rhythm = _Rhythm(options, step_days)
        self._elasticity = options.elasticity
        self._prior = options.activity_prior
        self._keep = 0.95**step_days
        self._sum = 0.0
        self._weight = 0.0

    def multiplier(self, activity: float, weekday: int, hour: int) -> float:
        """M without the counts' own rhythm, then learn from this step's activity."""
        rhythm = self._rhythm.factor(weekday, hour)
        level = (self._sum + 1) / (self._weight + 1) if self._weight else max(activity, 1.0) / rhythm
        usual = level * rhythm
        deviation: float = ((activity + self._prior) / (usual + self._prior)) ** self._elasticity
        multiplier = level * deviation
        winsorised = min(activity, 3 * usual + 3)
        self._rhythm.update(weekday, hour, winsorised, level)
        self._sum = self._sum * self._keep + winsorised / rhythm
        self._weight = self._weight * self._keep + 1
        return multiplier


class _Level:
    """The discounted gamma-Poisson level with its dispersion."""

    def __init__(self, options: BaselineOptions, step_days: float) -> None:
        self._options = options
        self._keep = options.discount_per_day**step_days
        self._keep_dispersion = 0.995**step_days
        self.shape = 0.0
        self.rate = 0.0
        self._excess = options.dispersion * options.dispersion_steps
        self._squares = options.dispersion_steps

    @property
    def dispersion(self) -> float:
        return self._excess / self._squares

    def start(self, count: float, multiplier: float) -> None:
        self.shape, self.rate = 0.5, 0.5 * multiplier / (count + 0.5)

    def age(self, steps: int) -> None:
        """Forget: the level is less sure after `steps` steps."""
        kept = self._keep**steps
        if steps > 1:  # a long gap leaves a vague level, never none
            kept = max(kept, min(1.0, 0.5 / self.shape))
        self.shape *= kept
        self.rate *= kept

    def update(self, count: float, multiplier: float) -> float:
        """Learn from a count; returns it winsorised."""
        mean = self.shape / self.rate * multiplier
        uncertain = mean + mean * mean / self.shape
        bound = mean + self._options.winsor_sds * sqrt(uncertain + self.dispersion * mean * mean)
        count = min(count, bound)
        weight = 1 / (1 + self.dispersion * mean)
        self.shape += count * weight
        self.rate += multiplier * weight
        # the correction makes good for the variance that winsorising takes away
        excess = ((count - mean) ** 2 * self._options.winsor_correction - uncertain) * weight * weight
        self._squares = self._keep_dispersion * self._squares + (mean * weight) ** 2
        self._excess = max(self._keep_dispersion * self._excess + excess, 0.01 * self._squares)
        return count


def filter_baseline(
    counts: FloatArray,
    steps: NDArray[np.int64],
    weekdays: NDArray[np.int64],
    hours: NDArray[np.int64],
    step_days: float,
    *,
    activity: FloatArray | None = None,
    known: FloatArray | None = None,
    options: BaselineOptions | None = None,
) -> Baseline:
    """Run the level, the rhythm and the exposure forward over a series.

    Args:
        counts: (T,) counts, >= 0.
        steps: (T,) position of each count on the regular grid, strictly increasing (a hole = not collected).
        weekdays, hours: (T,) 0..6 and 0..23 of each count.
        step_days: length of a step in days.
        activity: (T,) plain posts of the step (total minus counts), or None.
        known: (T,) share of each step's posts that is in already, or None: as much less is expected, of the
            activity too, so that late posts are neither quiet nor counted twice.
        options: constants.

    Returns:
        The state before each count was seen; `multiplier` uses the step's own activity, which is known
        together with the count.
    """
    options = options or BaselineOptions()
    rhythm, level = _Rhythm(options, step_days), _Level(options, step_days)
    exposure = _Exposure(options, step_days) if activity is not None else None
    states = np.empty((4, len(counts)))
    gaps = [1, *(int(after - before) for before, after in pairwise(steps))]
    shares = [1.0] * len(counts) if known is None else known.tolist()
    for index, count in enumerate(counts.tolist()):
        weekday, hour = int(weekdays[index]), int(hours[index])
        outer = shares[index]
        if exposure is not None and activity is not None:
            outer *= exposure.multiplier(float(activity[index]) / shares[index], weekday, hour)
        multiplier = outer * rhythm.factor(weekday, hour)
        if index == 0:
            level.start(count, multiplier)
        level.age(gaps[index])
        states[:, index] = multiplier, level.shape, level.rate, level.dispersion
        without_rhythm = level.shape / level.rate * outer
        rhythm.update(weekday, hour, level.update(count, multiplier), without_rhythm)
    return Baseline(*states)
