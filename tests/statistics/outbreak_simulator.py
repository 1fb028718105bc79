"""Daily counts with known outbreaks: the truth behind the tests and benchmarks of the spike detector.

A world is a latent mood (AR(1) on the log scale), a weekday rhythm, holidays, a plain activity level
with bursts of its own, negative-binomial noise, and outbreaks of three shapes. Every knob can vary, so
that a detector cannot be tuned to one generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHAPES = ("sharp", "plateau", "ramp")


@dataclass(frozen=True, slots=True)
class OutbreakWorld:
    """Knobs of one world.

    Attributes:
        base: negative posts a day, on average.
        days: length of the series.
        mood_rho, mood_sd: autocorrelation (per day) and stationary standard deviation of the log mood.
        dispersion: negative-binomial 1/size of the daily noise; 0 = Poisson.
        weekend: rate on Saturday and Sunday against working days.
        activity_bursts: bursts of plain activity a year (they raise both exposure and counts).
        elasticity: how counts follow fast deviations of the activity (1 = proportionally).
        outbreaks: outbreaks a year after `quiet_days`.
        strength: multiplies every outbreak's excess (0 = null world).
        quiet_days: days before the first outbreak.
        others_per_negative: plain posts per negative post.
    """

    base: float
    days: int = 730
    mood_rho: float = 0.9
    mood_sd: float = 0.3
    dispersion: float = 0.1
    weekend: float = 0.5
    activity_bursts: float = 5.0
    elasticity: float = 0.5
    outbreaks: float = 5.0
    strength: float = 1.0
    quiet_days: int = 100
    others_per_negative: float = 8.0


@dataclass(frozen=True, slots=True)
class OutbreakSeries:
    """One simulated series.

    Attributes:
        values: (days,) negative posts.
        total: (days,) all posts, negative ones included.
        expected: (days,) true mean without outbreaks, mood included.
        outbreaks: (first day, last day, shape) of each.
    """

    values: NDArray[np.float64]
    total: NDArray[np.float64]
    expected: NDArray[np.float64]
    outbreaks: tuple[tuple[int, int, str], ...]


def draw_world(rng: np.random.Generator, base: float, **fixed: float) -> OutbreakWorld:
    """A world with random nuisance: burstiness, autocorrelation and rhythm all vary."""
    knobs: dict[str, float] = {
        "mood_rho": rng.uniform(0.6, 0.97),
        "mood_sd": rng.uniform(0.1, 0.45),
        "dispersion": rng.uniform(0.0, 0.25),
        "weekend": rng.uniform(0.3, 1.0),
        "activity_bursts": rng.uniform(0.0, 10.0),
        "elasticity": rng.uniform(0.2, 0.9),
    }
    knobs.update(fixed)
    return OutbreakWorld(base=base, **knobs)  # type: ignore[arg-type]


def simulate(rng: np.random.Generator, world: OutbreakWorld) -> OutbreakSeries:
    """Draw one series of a world."""
    day = np.arange(world.days)
    rhythm = np.where(day % 7 >= 5, world.weekend, 1.0)
    rhythm = rhythm / rhythm.mean()
    rhythm[rng.random(world.days) < 10 / 365] *= 0.5  # holidays
    activity = np.exp(_autoregression(rng, world.days, 0.98, 0.25))
    fast = np.exp(_autoregression(rng, world.days, 0.5, 0.15)) * _bursts(rng, world)
    mood = np.exp(_autoregression(rng, world.days, world.mood_rho, world.mood_sd) - world.mood_sd**2 / 2)
    expected = world.base * rhythm * activity * fast**world.elasticity * mood
    outbreaks, excess = _outbreaks(rng, world)
    values = _negative_binomial(rng, expected + excess, world.dispersion)
    others = _negative_binomial(rng, world.base * world.others_per_negative * rhythm * activity * fast, 0.02)
    return OutbreakSeries(values, values + others, expected, outbreaks)


def _autoregression(rng: np.random.Generator, days: int, rho: float, sd: float) -> NDArray[np.float64]:
    steps = rng.normal(0.0, sd * np.sqrt(1 - rho**2), days)
    steps[0] = rng.normal(0.0, sd)
    path = np.empty(days)
    level = 0.0
    for index, step in enumerate(steps):
        level = rho * level + step
        path[index] = level
    return path


def _bursts(rng: np.random.Generator, world: OutbreakWorld) -> NDArray[np.float64]:
    factor = np.ones(world.days)
    for start in np.flatnonzero(rng.random(world.days) < world.activity_bursts / 365):
        length = int(rng.integers(1, 5))
        factor[start : start + length] *= rng.uniform(1.5, 5.0)
    return factor


def _outbreaks(
    rng: np.random.Generator, world: OutbreakWorld
) -> tuple[tuple[tuple[int, int, str], ...], NDArray[np.float64]]:
    excess = np.zeros(world.days)
    found: list[tuple[int, int, str]] = []
    start = world.quiet_days + int(rng.exponential(365 / max(world.outbreaks, 1e-9)))
    while start < world.days - 12 and world.outbreaks > 0:
        shape = SHAPES[int(rng.integers(3))]
        profile = outbreak_profile(rng, shape)
        ratio = rng.choice([1.0, 2.0, 4.0]) * world.strength
        excess[start : start + len(profile)] += world.base * ratio * profile
        found.append((start, start + len(profile) - 1, shape))
        start += 30 + int(rng.exponential(max(365 / world.outbreaks - 30, 1)))
    return tuple(found), excess


def outbreak_profile(rng: np.random.Generator, shape: str) -> NDArray[np.float64]:
    """Relative excess by day: sharp (high, gone in 1-2 days), plateau (3-7 days), ramp (5-10 days)."""
    if shape == "sharp":
        return np.array([1.6, 0.8])[: int(rng.integers(1, 3))]
    if shape == "plateau":
        return np.full(int(rng.integers(3, 8)), 0.8)
    length = int(rng.integers(5, 11))
    return np.linspace(1 / length, 1.0, length) * 1.2


def _negative_binomial(
    rng: np.random.Generator, mean: NDArray[np.float64], dispersion: float
) -> NDArray[np.float64]:
    rate = mean * rng.gamma(1 / dispersion, dispersion, mean.shape) if dispersion > 0 else mean
    return rng.poisson(rate).astype(np.float64)
