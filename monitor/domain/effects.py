"""What can be said about a campaign and the negative posts that followed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.domain.series import SeriesName

Verdict = Literal["likely", "possible", "no sign", "cannot tell"]

_POSTS: dict[SeriesName, str] = {
    "negative_marketing": "marketing complaints",
    "negative": "negative posts and complaints",
}


@dataclass(frozen=True, slots=True)
class EffectEstimate:
    """Association in time between one campaign and one daily series; never a claim about cause.

    Every number is finite or None. `p_value` and `q_value` are one-sided for harm.

    Attributes:
        campaign_id: the calendar's id.
        series: the series that was judged.
        verdict: likely, possible, no sign or cannot tell; `reason` explains it.
        p_value: probability of so strong a sign without any effect; None when it could not be computed.
        q_value: Benjamini-Hochberg false-discovery rate over all campaigns of the report.
        rate_ratio, low, high: posts in the effect's window over the expected number, 95 % interval.
        lag_days: days from the campaign's start to the start of the effect (posterior median).
        last_day: last day of the effect's window, counted from the campaign's start.
        excess, excess_low, excess_high: posts beyond the expected number in the window, 95 % interval.
        minimum_detectable_rate_ratio: smallest true ratio found (p <= 5 %) in 80 of 100 cases; None when
            even the largest ratio considered would not be.
        confounded_with: ids of campaigns whose windows overlap so that the two cannot be told apart.
        n: posts of the series in the days at risk.
        reason: why this verdict, in words.
        method: name of the method, for the record.
        placebo_p_value: share of quiet placebo dates of the same series with as strong a sign; None when
            there were too few.
        risk_days: length of the days at risk, counted from the start, as far as data go; 0 when not known.
    """

    campaign_id: str
    series: SeriesName
    verdict: Verdict
    p_value: float | None = None
    q_value: float | None = None
    rate_ratio: float | None = None
    low: float | None = None
    high: float | None = None
    lag_days: int | None = None
    last_day: int | None = None
    excess: float | None = None
    excess_low: float | None = None
    excess_high: float | None = None
    minimum_detectable_rate_ratio: float | None = None
    confounded_with: tuple[str, ...] = ()
    n: int = 0
    reason: str = ""
    method: str = ""
    placebo_p_value: float | None = None
    risk_days: int = 0

    def sentence(self) -> str:
        """One sentence (two when needed) that a statistician would sign."""
        posts = _POSTS[self.series]
        if self.rate_ratio is None or self.low is None or self.high is None:
            return f"{self.campaign_id}: cannot tell; {self.reason}."
        size = f"{posts} ran {self.rate_ratio:.1f} × ({self.low:.1f}-{self.high:.1f}) the expected rate"
        if self.verdict in {"likely", "possible"}:
            link = "likely linked in time" if self.verdict == "likely" else "possibly linked in time"
            return f"{self._when()} {size}{self._excess()}; {link}{self._q()}{self._overlap()}."
        seen = self._detectable()
        if self.verdict == "no sign":
            doubt = self._not_ruled_out(self.high)
            return (
                f"No sign that {posts} rose after {self.campaign_id}: {size}{seen}{doubt}{self._overlap()}."
            )
        return f"{self.campaign_id}: cannot tell; {self.reason}. After it {size}{seen}."

    def _when(self) -> str:
        if self.lag_days is None or self.last_day is None:
            return f"After {self.campaign_id}"
        return f"In days {self.lag_days}-{self.last_day} from the start of {self.campaign_id}"

    def _excess(self) -> str:
        return "" if self.excess is None else f", about {self.excess:.0f} extra posts"

    def _q(self) -> str:
        return "" if self.q_value is None else f"; q {100 * self.q_value:.2g} %"

    def _overlap(self) -> str:
        return f"; overlaps with {', '.join(self.confounded_with)}" if self.confounded_with else ""

    def _not_ruled_out(self, high: float) -> str:
        """What would be found most of the time may have been missed this time: the interval says how much."""
        limit = self.minimum_detectable_rate_ratio
        return "" if limit is None or high <= limit else f", but up to {high:.1f} × is not ruled out"

    def _detectable(self) -> str:
        if self.minimum_detectable_rate_ratio is None:
            return "; no effect of a plausible size could have been seen"
        return f"; an effect from {self.minimum_detectable_rate_ratio:.1f} × would probably have been seen"


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """Campaigns of one type or channel taken together, each drawn towards the others.

    Attributes:
        attribute, value: what they share ("type", "upsell").
        campaign_ids: the campaigns, by start.
        rate_ratio, low, high: mean rate ratio of such campaigns, 95 % interval.
        spread: standard deviation of the true log ratios between campaigns; 0 when none is seen.
        shrunk: each campaign's own ratio drawn towards the mean, in the order of `campaign_ids`.
    """

    attribute: str
    value: str
    campaign_ids: tuple[str, ...]
    rate_ratio: float
    low: float
    high: float
    spread: float
    shrunk: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CorrelationReport:
    """All campaigns of one report, in the order of the calendar (start, then id).

    Attributes:
        series: the primary series.
        campaigns: one estimate a campaign on the primary series.
        all_negative: the same campaigns on all negative posts, () unless both series were judged.
        pooled: types and channels of campaigns taken together, on the primary series.
        notes: what a reader has to know about the data, in words.
    """

    series: SeriesName
    campaigns: tuple[EffectEstimate, ...]
    all_negative: tuple[EffectEstimate, ...] = ()
    pooled: tuple[PooledEffect, ...] = ()
    notes: tuple[str, ...] = ()
