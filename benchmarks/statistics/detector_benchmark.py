"""Spike detector against the usual rules on simulated outbreaks: share found, false alarms, promised budget.

Run: python -m benchmarks.statistics.detector_benchmark [series per volume and generator]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.spikes import detect
from tests.statistics.outbreak_simulator import OutbreakSeries, draw_world, simulate

FloatArray = NDArray[np.float64]
BASES = (0.5, 1.5, 4.0, 10.0)
GENERATORS: dict[str, dict[str, float]] = {
    "mixed": {},
    "calm": {"mood_sd": 0.1, "dispersion": 0.02, "activity_bursts": 1.0},
    "moody": {"mood_sd": 0.45, "mood_rho": 0.95},
    "bursty": {"dispersion": 0.3, "activity_bursts": 12.0, "elasticity": 0.9},
}
WARM_UP = 60
MERGE_DAYS = 7


def seven_day_ratio(series: OutbreakSeries) -> FloatArray:
    """Vendor rule: today against the mean of the last seven days."""
    return _rolling(series.values, 7, 0, lambda value, past: value / max(past.mean(), 0.5))


def z_score(series: OutbreakSeries) -> FloatArray:
    """Today against mean and standard deviation of the last 28 days."""
    return _rolling(series.values, 28, 0, _standardised)


def ears_c1(series: OutbreakSeries) -> FloatArray:
    """EARS C1: seven days, no guard band."""
    return _rolling(series.values, 7, 0, _standardised)


def ears_c2(series: OutbreakSeries) -> FloatArray:
    """EARS C2: seven days with a guard band of two."""
    return _rolling(series.values, 7, 2, _standardised)


def ears_c3(series: OutbreakSeries) -> FloatArray:
    """EARS C3: C2 of three days, each less one."""
    c2 = np.maximum(ears_c2(series) - 1, 0)
    return c2 + np.concatenate([[0.0], c2[:-1]]) + np.concatenate([[0.0, 0.0], c2[:-2]])


def cusum(series: OutbreakSeries) -> FloatArray:
    """One-sided CUSUM of 28-day z-scores with reference 0.5, started again after a week."""
    z = z_score(series)
    out, level = np.zeros(len(z)), 0.0
    for day, value in enumerate(z):
        level = max(0.0, min(level, 20.0) * 0.9 + value - 0.5)
        out[day] = level
    return out


def ours(series: OutbreakSeries) -> FloatArray:
    """Score of `goodwill detect`."""
    return np.array([point.score for point in _points(series)])


def ours_without_exposure(series: OutbreakSeries) -> FloatArray:
    """The same without the total column."""
    return np.array([point.score for point in detect(series.values, _days(series))])


METHODS: dict[str, Callable[[OutbreakSeries], FloatArray]] = {
    "7-day ratio": seven_day_ratio,
    "28-day z-score": z_score,
    "EARS C1": ears_c1,
    "EARS C2": ears_c2,
    "EARS C3": ears_c3,
    "CUSUM of z": cusum,
    "goodwill detect, no exposure": ours_without_exposure,
    "goodwill detect": ours,
}


def _standardised(value: float, past: FloatArray) -> float:
    return float((value - past.mean()) / max(past.std(), 0.5))


def _rolling(
    values: FloatArray, days: int, guard: int, rule: Callable[[float, FloatArray], float]
) -> FloatArray:
    out = np.zeros(len(values))
    for day in range(days + guard, len(values)):
        out[day] = rule(values[day], values[day - days - guard : day - guard])
    return out


def _days(series: OutbreakSeries) -> list[datetime]:
    return [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(len(series.values))]


def _points(series: OutbreakSeries) -> list:  # type: ignore[type-arg]
    return detect(series.values, _days(series), exposure=series.total)


@dataclass(frozen=True, slots=True)
class Result:
    """False alarms a year, share of outbreaks found, mean delay in days."""

    false_alarms: float
    found: float
    delay: float


def at_threshold(scores: list[FloatArray], worlds: list[OutbreakSeries], threshold: float) -> Result:
    """Alarms more than a week after the last one begin a new incident."""
    false, clean_days, delays, outbreaks = 0, 0, [], 0
    for score, world in zip(scores, worlds, strict=True):
        above = score >= threshold
        above[:WARM_UP] = False
        clean = np.ones(len(score), dtype=bool)
        clean[:WARM_UP] = False
        for first, last, _ in world.outbreaks:
            clean[first : last + 8] = False
        days = np.flatnonzero(above)
        starts = days[np.diff(days, prepend=-(10**9)) > MERGE_DAYS]
        false += int(clean[starts].sum())
        clean_days += int(clean.sum())
        for first, last, _ in world.outbreaks:
            outbreaks += 1
            inside = np.flatnonzero(above[first : last + 2])
            delays += [int(inside[0])] if len(inside) else []
    return Result(365 * false / clean_days, len(delays) / max(outbreaks, 1), float(np.mean(delays or [0])))


def at_four_a_year(scores: list[FloatArray], worlds: list[OutbreakSeries]) -> Result:
    """The lowest threshold with at most four false alarms a year, coming from above."""
    everything = np.concatenate([score[WARM_UP:] for score in scores])
    best = Result(0.0, 0.0, 0.0)
    for threshold in np.unique(np.quantile(everything, 1 - np.geomspace(1e-4, 0.3, 120)))[::-1]:
        result = at_threshold(scores, worlds, float(threshold))
        if result.false_alarms > 4:
            return best
        best = result
    return best


def _promised(worlds: list[OutbreakSeries]) -> float:
    alarms = sum(point.alarm for world in worlds for point in _points(world))
    return alarms * 365 / sum(len(world.values) - 28 for world in worlds)


def _worlds(base: float, count: int, seed: int, fixed: dict[str, float]) -> list[OutbreakSeries]:
    rng = np.random.default_rng([seed, int(10 * base)])
    return [simulate(rng, draw_world(rng, base, **fixed)) for _ in range(count)]


def main(count: int = 60) -> None:
    for generator, knobs in GENERATORS.items():
        print(f"\n{generator}: share found at 4 false alarms a year (mean delay in days)")
        print("| method | " + " | ".join(f"{base:g} a day" for base in BASES) + " |")
        print("| --- |" + " --- |" * len(BASES))
        samples = [_worlds(base, count, 101, knobs) for base in BASES]
        for name, method in METHODS.items():
            cells = []
            for worlds in samples:
                result = at_four_a_year([method(world) for world in worlds], worlds)
                cells.append(f"{result.found:.2f} ({result.delay:.1f})")
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        quiet = [_promised(_worlds(base, count, 202, {**knobs, "outbreaks": 0.0})) for base in BASES]
        print(
            "| alarms a year for a promised 4, harmless | "
            + " | ".join(f"{rate:.1f}" for rate in quiet)
            + " |"
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
