"""Knobs of the campaign-effect engine, in one value; the defaults are the measured ones."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_DURATIONS = (3, 5, 7, 10, 14)
DEFAULT_FADING = (6, 12)


@dataclass(frozen=True, slots=True)
class CorrelatorOptions:
    """How campaigns are judged.

    Attributes:
        country: ISO code of the holidays to model; None = none (results then do not depend on the year).
        replicates: simulated null series a campaign for its p-value.
        notable_p, sharp_replicates: a p-value up to this one is simulated anew with so many series, so that verdicts
            do not change with the random numbers; not more than `replicates` leaves it as it is.
        longest_lag: largest lag in days from the campaign's start to the start of an effect.
        durations, fading: candidate lengths in days of a flat and of a fading effect.
        likely_q, possible_q: largest q-value called likely, possible.
        minimum_days: collected days needed.
        minimum_tagged, minimum_negative: posts needed in the tagged, in the negative series.
        days_before, days_after: days of data needed before the start and from it on.
        minimum_risk_days: collected days needed among the days at risk.
        widest_ratio: a verdict "no sign" needs a smallest detectable ratio of at most this.
        spike_share: weight of unexplained spikes in the null hypothesis where no tags tell outages apart.
        tagger_recall: measured recall of the complaint tag; below .5 all negatives become primary.
    """

    country: str | None = None
    replicates: int = 400
    notable_p: float = 0.1
    sharp_replicates: int = 4000
    longest_lag: int = 7
    durations: tuple[int, ...] = DEFAULT_DURATIONS
    fading: tuple[int, ...] = DEFAULT_FADING
    likely_q: float = 0.03
    possible_q: float = 0.20
    minimum_days: int = 60
    minimum_tagged: int = 10
    minimum_negative: int = 20
    days_before: int = 14
    days_after: int = 10
    minimum_risk_days: int = 10
    widest_ratio: float = 3.0
    tagger_recall: float | None = None
    spike_share: float = 0.2

    @property
    def risk_days(self) -> int:
        """Days from a campaign's start in which an effect is looked for."""
        return self.longest_lag + max(self.durations)
