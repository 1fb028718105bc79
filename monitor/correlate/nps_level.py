"""The slow movement of the net promoter score: mix-adjusted daily means and a latent AR(1) level.

y_t = trend_t + level_t + noise_t with level ~ AR(1)(rho, tau) and noise_t ~ N(0, sigma² / n_t); (rho, tau) keep a
posterior on a grid instead of one value, since a few answers a day cannot tell them.
Source: Zeger (1988), Biometrika 75, 621-629, for the latent level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVEL_SDS = (0.0, 3.0, 6.0, 10.0, 15.0)
LEVEL_RHOS = (0.8, 0.95, 0.99)
LEVEL_SD_PRIOR = 7.0
SEGMENT_PRIOR_ANSWERS = 20.0
SMALLEST_WEIGHT = 0.02
LONGEST_HISTORY = 730
"""Days; answers of longer histories are averaged over two days or more, since the fit costs days cubed."""


@dataclass(frozen=True, slots=True)
class DailyScores:
    """Mix-adjusted daily means of the days with answers."""

    first: date
    days: NDArray[np.int64]
    means: FloatArray
    answers: FloatArray
    noise_variance: float


@dataclass(frozen=True, slots=True)
class LevelModel:
    """The fitted null: one entry a grid point of (rho, tau).

    Attributes:
        weights: (g,) posterior of the grid points.
        running: sums of P's columns before each day, g matrices (T, T + 1): a window's P w is the difference of two.
        roots: g lower Cholesky factors of S, (T, T).
    """

    weights: FloatArray
    running: tuple[FloatArray, ...]
    roots: tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True)
class NullSeries:
    """Simulated series without a dip.

    Attributes:
        series: (T, m) simulated daily means.
        grid: (m,) grid point of each.
    """

    series: FloatArray
    grid: IntArray

    def shares(self, factors: FloatArray) -> FloatArray:
        """Weight of each series, (m,), when a dip is as probable as none.

        A dip that is read as movement of the level makes the level look more restless than it is; the grid
        points are therefore weighted by the average of their fit without and with a dip.

        Args:
            factors: (g,) mean Bayes factor of a dip at each grid point.
        """
        tilt = (0.5 + 0.5 * factors)[self.grid]
        return np.asarray(tilt / tilt.sum(), dtype=np.float64)


def daily_scores(days: Sequence[date], values: FloatArray, segments: Sequence[str] | None) -> DailyScores:
    """Average the mix-adjusted points by day."""
    first = min(days)
    offsets = np.array([(day - first).days for day in days])
    adjusted = values if segments is None else values - _segment_effects(values, segments)
    width = int(offsets.max()) // LONGEST_HISTORY + 1
    seen, place = np.unique(offsets // width * width + width // 2, return_inverse=True)
    answers = np.bincount(place).astype(np.float64)
    means = np.bincount(place, adjusted) / answers
    spread = max(float(adjusted.var(ddof=1)), 100.0)
    return DailyScores(first, seen.astype(np.int64), means, answers, spread)


def _segment_effects(values: FloatArray, segments: Sequence[str]) -> FloatArray:
    """Each answer's segment mean minus the overall mean, shrunk by n / (n + 20) answers."""
    names, place = np.unique(np.array(segments, dtype=str), return_inverse=True)
    sizes = np.bincount(place, minlength=len(names))
    means = np.bincount(place, values, minlength=len(names)) / sizes
    effects = (means - values.mean()) * sizes / (sizes + SEGMENT_PRIOR_ANSWERS)
    return np.asarray(effects[place], dtype=np.float64)


def fit_level(daily: DailyScores) -> LevelModel:
    """Posterior of (rho, tau) on the grid by restricted likelihood; tau has a half-normal prior."""
    from scipy.linalg import cholesky, solve_triangular

    distance = np.abs(daily.days[:, None] - daily.days[None, :])
    centred = (daily.days - daily.days.mean()) / max(daily.days[-1], 1)
    design = np.column_stack([np.ones(len(centred)), centred])
    noise = daily.noise_variance / daily.answers
    logs, roots = [], []
    for rho, sd in [(rho, sd) for sd in LEVEL_SDS for rho in LEVEL_RHOS if sd > 0 or rho == LEVEL_RHOS[0]]:
        root = cholesky(sd**2 * rho**distance + np.diag(noise), lower=True)
        white = solve_triangular(root, np.column_stack([design, daily.means]), lower=True)
        information = white[:, :2].T @ white[:, :2]
        moments = white[:, :2].T @ white[:, 2]
        fit = white[:, 2] @ white[:, 2] - moments @ np.linalg.solve(information, moments)
        prior = -0.5 * (sd / LEVEL_SD_PRIOR) ** 2 - (0.0 if sd == 0 else np.log(len(LEVEL_RHOS)))
        logs.append(
            -np.log(np.diag(root)).sum() - 0.5 * np.linalg.slogdet(information)[1] - 0.5 * fit + prior
        )
        roots.append(root)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    kept = [index for index, weight in enumerate(weights) if weight > SMALLEST_WEIGHT]
    chosen = weights[kept] / weights[kept].sum()
    running = tuple(_running_sums(roots[i], design) for i in kept)
    return LevelModel(chosen, running, tuple(roots[i] for i in kept))


def _running_sums(root: FloatArray, design: FloatArray) -> FloatArray:
    """Running sums over the columns of P = S^-1 - S^-1 X (X' S^-1 X)^-1 X' S^-1, (T, T + 1).

    Args:
        root: (T, T) lower Cholesky factor of S.
        design: (T, 2) X.
    """
    from scipy.linalg import cho_solve

    inverse = cho_solve((root, True), np.eye(len(root)))
    weighted = inverse @ design
    projection = inverse - weighted @ np.linalg.solve(design.T @ weighted, weighted.T)
    return np.hstack([np.zeros((len(root), 1)), np.cumsum(projection, axis=1)])


def null_series(model: LevelModel, simulations: int, rng: np.random.Generator) -> NullSeries:
    """Series without a dip: the grid points in proportion to their weights."""
    sizes = np.maximum(1, np.rint(model.weights * simulations)).astype(int)
    draws = [
        root @ rng.standard_normal((len(root), size)) for root, size in zip(model.roots, sizes, strict=True)
    ]
    return NullSeries(np.hstack(draws), np.repeat(np.arange(len(sizes)), sizes))
