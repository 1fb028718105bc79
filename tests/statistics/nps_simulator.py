"""NPS answers with known dips: the truth behind the tests and benchmarks of the dip search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FIRST_DAY = date(2025, 1, 6)


@dataclass(frozen=True, slots=True)
class NpsWorld:
    """Knobs of one world.

    Attributes:
        answers_per_day: mean number of answers a day.
        days: length of the history.
        depth: points lost in the dip; 0 = no dip.
        level_sd, level_rho: slow movement of the true score (points, per day).
        mix_drift: how far the mix of segments wanders (log scale).
        campaigns: campaigns in the calendar; the first one is followed by the dip.
    """

    answers_per_day: float
    days: int = 365
    depth: float = 0.0
    level_sd: float = 6.0
    level_rho: float = 0.97
    mix_drift: float = 0.5
    campaigns: int = 1


@dataclass(frozen=True, slots=True)
class NpsHistory:
    """One simulated history; `dip` is (first, last) day or None."""

    days: list[date]
    scores: list[int]
    segments: list[str]
    campaigns: list[tuple[str, date]]
    dip: tuple[date, date] | None


def simulate_nps(rng: np.random.Generator, world: NpsWorld) -> NpsHistory:
    """Draw one history: three segments, a wandering level, and a dip 7-21 days after the first campaign."""
    level = 20 + _wander(rng, world.days, world.level_rho, world.level_sd)
    starts = np.sort(rng.choice(np.arange(60, world.days - 60), world.campaigns, replace=False))
    harmful = int(rng.integers(world.campaigns))
    dip = None
    if world.depth > 0:
        first = int(starts[harmful]) + int(rng.integers(7, 22))
        length = int(rng.integers(14, 29))
        level[first : first + length] -= world.depth
        dip = (FIRST_DAY + timedelta(days=first), FIRST_DAY + timedelta(days=first + length - 1))
    shift = _wander(rng, world.days, 0.98, world.mix_drift)
    days, scores, segments = [], [], []
    for day in range(world.days):
        weights = np.array([1.0, 0.6 * np.exp(shift[day]), 0.4 * np.exp(-shift[day])])
        for _ in range(rng.poisson(world.answers_per_day * (0.3 if day % 7 >= 5 else 1.28))):
            segment = int(rng.choice(3, p=weights / weights.sum()))
            days.append(FIRST_DAY + timedelta(days=day))
            scores.append(_answer(rng, level[day] + (0.0, 15.0, -20.0)[segment]))
            segments.append(("mid", "large", "small")[segment])
    campaigns = [
        (f"C{index:02d}", FIRST_DAY + timedelta(days=int(start))) for index, start in enumerate(starts)
    ]
    order = [harmful, *(i for i in range(world.campaigns) if i != harmful)]
    return NpsHistory(days, scores, segments, [campaigns[i] for i in order], dip)


def _answer(rng: np.random.Generator, score: float) -> int:
    """An answer of a population with this NPS: passives a quarter at most."""
    net = float(np.clip(score / 100, -0.95, 0.95))
    passive = min(0.27, 1 - abs(net))
    promoter = (1 - passive + net) / 2
    draw = rng.random()
    if draw < promoter:
        return int(rng.integers(9, 11))
    return int(rng.integers(7, 9)) if draw < promoter + passive else int(rng.integers(0, 7))


def _wander(rng: np.random.Generator, days: int, rho: float, sd: float) -> np.ndarray:
    path = np.empty(days)
    level = rng.normal(0, sd)
    for day in range(days):
        level = rho * level + rng.normal(0, sd * np.sqrt(1 - rho**2))
        path[day] = level
    return path
