"""How smooth the level is: a posterior over autocorrelation, spread and overdispersion, by a small grid.

Each grid point's weight is Laplace's evidence times a weak prior that favours quiet levels. The few best
points are kept and carried through every later step, so that p-values and intervals include the
uncertainty of the level's own parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.latent_level import LevelFit, LevelPrior, Regression, fit_level

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RHOS = (0.75, 0.9, 0.97)
SIGMAS = (0.1, 0.25, 0.45, 0.75)
KAPPAS = (0.005, 0.06, 0.2, 0.5)
SIGMA_SCALE = 0.4
KAPPA_SCALE = 0.15
KEPT = 4
CANDIDATES = 12
NEGLIGIBLE = 1e-3
"""Grid points this much less probable than the best one are not looked at again."""
WORTH_A_LOOK = 5.0
"""A grid point this far below the best one (log weight) is dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelPosterior:
    """The kept grid points.

    Attributes:
        fits: fits to all visible days, best first.
        weights: (k,) posterior weights, sum 1.
        candidates: fits worth another look when the known effects change.
    """

    fits: tuple[LevelFit, ...]
    weights: FloatArray
    candidates: tuple[LevelFit, ...]

    @property
    def best(self) -> LevelFit:
        """The fit with the largest weight."""
        return self.fits[0]


def level_posterior(regression: Regression, visible: BoolArray, offset: FloatArray) -> LevelPosterior:
    """Search the grid: all spreads and overdispersions at the middle autocorrelation, the good ones at all.

    Args:
        regression: counts (n,) and fixed part.
        visible: (n,) days that may be used.
        offset: (n,) known log effects.
    """
    fits: list[LevelFit] = []
    for sigma, kappa in product(SIGMAS, KAPPAS):
        prior = LevelPrior(RHOS[1], sigma, kappa)
        start = fits[-1] if fits else None
        fits.append(fit_level(regression, prior, visible, offset, start=start, steps=4))
    for fit in _within(fits, WORTH_A_LOOK):
        for rho in (RHOS[0], RHOS[2]):
            prior = LevelPrior(rho, fit.prior.sigma, fit.prior.kappa)
            fits.append(fit_level(regression, prior, visible, offset, start=fit, steps=4))
    return _keep_best(fits)


def refit_posterior(
    regression: Regression, visible: BoolArray, offset: FloatArray, candidates: Sequence[LevelFit]
) -> LevelPosterior:
    """Weigh earlier candidates anew, after known effects or hidden days have changed."""
    return _keep_best(
        [fit_level(regression, fit.prior, visible, offset, start=fit, steps=3) for fit in candidates]
    )


def evidence_weights(fits: Sequence[LevelFit]) -> FloatArray:
    """Posterior weights (k,) of fits to the same data."""
    log_weights = np.array([fit.log_evidence + _log_prior(fit.prior) for fit in fits])
    weights = np.exp(log_weights - log_weights.max())
    normalised: FloatArray = weights / weights.sum()
    return normalised


def _log_prior(prior: LevelPrior) -> float:
    """Half-normal on sigma, exponential on kappa, flat on rho."""
    return float(-0.5 * (prior.sigma / SIGMA_SCALE) ** 2 - prior.kappa / KAPPA_SCALE)


def _within(fits: Sequence[LevelFit], distance: float) -> list[LevelFit]:
    """Fits whose log weight is at most this far below the best one's."""
    log_weights = np.array([fit.log_evidence + _log_prior(fit.prior) for fit in fits])
    return [
        fit for fit, weight in zip(fits, log_weights, strict=True) if weight >= log_weights.max() - distance
    ]


def _keep_best(fits: Sequence[LevelFit]) -> LevelPosterior:
    weights = evidence_weights(fits)
    order = np.argsort(-weights, kind="stable")
    kept = order[:KEPT]
    return LevelPosterior(
        tuple(fits[index] for index in kept),
        weights[kept] / weights[kept].sum(),
        tuple(fits[index] for index in order[:CANDIDATES] if weights[index] > NEGLIGIBLE * weights[order[0]]),
    )
