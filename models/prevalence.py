"""Correct the share of complaints in a period for the model's measured error.

A tagger that finds 80 % of complaints and flags 2 % of other texts shows 4.3 % where the truth is 3 %. The
estimator is Rogan and Gladen's ("Estimating prevalence from the results of a screening test", American
Journal of Epidemiology 107, 1978); its interval carries the uncertainty of the share and of both error rates
by simulation from Beta posteriors (Jeffreys priors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRAWS = 4000


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Counts behind the tagger's error rates, from texts labelled by hand.

    Attributes:
        found, positives: complaints found, of all complaints.
        false, negatives: other texts flagged, of all other texts.
    """

    found: int
    positives: int
    false: int
    negatives: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not (0 <= self.found <= self.positives and 0 <= self.false <= self.negatives):
            raise ValueError(
                f"error rates {self.found}/{self.positives} and {self.false}/{self.negatives} are impossible: "
                "expected found <= positives and false <= negatives; check the labelled set"
            )

    @property
    def sensitivity(self) -> float:
        """Share of complaints that are found."""
        return self.found / self.positives if self.positives else float("nan")

    @property
    def false_positive_rate(self) -> float:
        """Share of other texts that are flagged."""
        return self.false / self.negatives if self.negatives else float("nan")


@dataclass(frozen=True, slots=True)
class CorrectedShare:
    """A corrected share with its interval.

    Attributes:
        share, low, high: corrected share in [0, 1] with its 95 % interval.
        raw: share as flagged.
        n: texts in the period.
        usable: False where the tagger cannot be told from chance; the interval is then 0 to 1.
    """

    share: float
    low: float
    high: float
    raw: float
    n: int
    usable: bool


def corrected_share(flagged: int, n: int, rates: ErrorRates, seed: int = 0) -> CorrectedShare:
    """Estimate the true share of complaints among ``n`` texts of which ``flagged`` were flagged.

    Raises:
        ValueError: ``flagged`` is not between 0 and ``n``.
    """
    if not 0 <= flagged <= n:
        raise ValueError(f"flagged is {flagged} of {n}: expected 0 <= flagged <= n; check the counts")
    if n == 0:
        return CorrectedShare(share=float("nan"), low=0.0, high=1.0, raw=float("nan"), n=0, usable=False)
    raw = flagged / n
    gain = rates.sensitivity - rates.false_positive_rate
    generator = np.random.default_rng(seed)
    share = generator.beta(flagged + 0.5, n - flagged + 0.5, DRAWS)
    sensitivity = generator.beta(rates.found + 0.5, rates.positives - rates.found + 0.5, DRAWS)
    false = generator.beta(rates.false + 0.5, rates.negatives - rates.false + 0.5, DRAWS)
    informative = sensitivity - false > 0.02
    if not np.isfinite(gain) or gain <= 0.02 or informative.mean() < 0.975:
        return CorrectedShare(share=raw, low=0.0, high=1.0, raw=raw, n=n, usable=False)
    draws = np.clip(((share - false) / (sensitivity - false))[informative], 0.0, 1.0)
    low, high = np.quantile(draws, [0.025, 0.975])
    estimate = float(np.clip((raw - rates.false_positive_rate) / gain, 0.0, 1.0))
    return CorrectedShare(
        share=estimate,
        low=min(float(low), estimate),
        high=max(float(high), estimate),
        raw=raw,
        n=n,
        usable=True,
    )
