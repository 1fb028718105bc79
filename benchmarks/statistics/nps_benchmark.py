"""NPS intervals and dips against the usual rules, on simulated answers.

Run: python -m benchmarks.statistics.nps_benchmark [histories per answer rate and depth]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.nps import adjusted_wald, points
from monitor.correlate.nps_dips import CampaignStart, find_dips
from tests.statistics.nps_simulator import NpsHistory, NpsWorld, simulate_nps

RATES = (0.7, 3.0, 10.0)
DEPTHS = (0.0, 10.0, 20.0, 30.0)
POPULATIONS = ((0.5, 0.3, 0.2), (0.3, 0.4, 0.3), (0.65, 0.25, 0.1), (0.2, 0.3, 0.5), (0.4, 0.2, 0.4))
Interval = Callable[[int, int, int], tuple[float, float]]


def wald(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """Plain Wald interval."""
    p, d = promoters / n, detractors / n
    half = 196 * float(np.sqrt(max(p + d - (p - d) ** 2, 0.0) / n))
    return 100 * (p - d) - half, 100 * (p - d) + half


def coverage(interval: Interval, n: int, draws: int = 4000) -> float:
    """Share of samples whose interval holds the truth, over several populations."""
    rng = np.random.default_rng(n)
    covered = []
    for shares in POPULATIONS:
        truth = 100 * (shares[0] - shares[2])
        for promoters, _, detractors in rng.multinomial(n, shares, draws // len(POPULATIONS)).tolist():
            low, high = interval(promoters, detractors, n)
            covered.append(low - 1e-9 <= truth <= high + 1e-9)
    return float(np.mean(covered))


def before_after(history: NpsHistory, start: date) -> tuple[bool, bool]:
    """The rules "10 points lower" and "z below -1.645", 7-34 days after against 28 days before."""
    values: NDArray[np.float64] = points(history.scores)
    offsets = np.array([(day - start).days for day in history.days])
    after, before = values[(offsets >= 7) & (offsets < 35)], values[(offsets >= -28) & (offsets < 0)]
    if len(after) < 5 or len(before) < 5:
        return False, False
    drop = float(before.mean() - after.mean())
    error = float(np.sqrt(after.var(ddof=1) / len(after) + before.var(ddof=1) / len(before)))
    return drop >= 10, drop > 1.645 * max(error, 1e-9)


def judge(history: NpsHistory, seed: int) -> dict[str, float]:
    """All methods on one history."""
    identifier, start = history.campaigns[0]
    rule, z = before_after(history, start)
    report = find_dips(
        history.days,
        history.scores,
        [CampaignStart(identifier, start)],
        segments=history.segments,
        seed=seed,
    )
    link = report.links[0]
    return {
        "drop of 10 points": float(rule),
        "before/after z": float(z),
        "goodwill, p <= 5 %": float(link.p_value is not None and link.p_value <= 0.05),
        "goodwill, any dip reported": float(len(report.dips) > 0),
        "depth": link.depth or 0.0,
        "smallest": link.smallest_detectable or 80.0,
    }


def main(count: int = 100) -> None:
    print("Coverage of nominal 95 % intervals\n| n | adjusted Wald | Wald |\n| --- | --- | --- |")
    for n in (5, 10, 20, 100):
        print(f"| {n} | {coverage(adjusted_wald, n):.3f} | {coverage(wald, n):.3f} |")
    for depth in DEPTHS:
        rows: list[list[dict[str, float]]] = []
        for rate in RATES:
            rng = np.random.default_rng([5, int(10 * rate), int(depth)])
            found = []
            for seed in range(count):
                sd, rho = float(rng.uniform(2, 10)), float(rng.uniform(0.9, 0.99))
                world = NpsWorld(rate, depth=depth, level_sd=sd, level_rho=rho)
                found.append(judge(simulate_nps(rng, world), seed))
            rows.append(found)
        print(f"\nTrue dip of {depth:g} points: share flagged at {RATES} answers a day, and mean")
        for name in rows[0][0]:
            means = [float(np.mean([row[name] for row in found])) for found in rows]
            print(
                f"| {name} | " + " | ".join(f"{m:.2f}" for m in means) + f" | {np.mean(means):.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
