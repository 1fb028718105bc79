"""One series made ready for the tests: counts, fixed part, usable days, days at risk of each campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.design import TYPICAL_RECALL, design_matrix
from monitor.correlate.latent_level import Regression
from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.unexplained_days import unexplained_days
from monitor.correlate.windows import Windows, candidate_windows
from monitor.domain.series import CampaignWindow, DailySeries, Incident, SeriesName

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FEWEST_WINDOW_DAYS = 2
FINE_DURATIONS = (3, 4, 5, 6, 7, 8, 10, 12, 14)
FINE_FADING = (4, 6, 8, 11, 14)
POOR_RECALL = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class RiskRegion:
    """Days at risk of one campaign.

    Attributes:
        campaign: the calendar entry.
        days: from the campaign's start, cut at the end of the data.
        windows: candidate windows over these days with at least two usable days.
        fine_windows: a denser set, for lag and size once an effect is looked at.
        visible: (r,) 1.0 on usable days.
    """

    campaign: CampaignWindow
    days: slice
    windows: Windows
    fine_windows: Windows
    visible: FloatArray

    def overlaps(self, other: RiskRegion) -> bool:
        """True when the two share a day at risk."""
        return bool(self.days.start < other.days.stop and other.days.start < self.days.stop)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesModel:
    """One series and the campaigns that can be tested on it.

    Attributes:
        name: the series.
        regression: counts (n,) and fixed part.
        usable: (n,) collected days without an unexplained burst of the control series.
        bursts: (n,) bursts of the series itself; hidden only outside the tested days.
        has_control: other negatives tell outages apart, so a burst that is left is no noise to learn from.
        regions: the campaigns with enough usable days at risk, by start.
    """

    name: SeriesName
    regression: Regression
    usable: BoolArray
    bursts: BoolArray
    has_control: bool
    regions: tuple[RiskRegion, ...]

    @property
    def quiet(self) -> BoolArray:
        """(n,) days from which the level may be learned."""
        return self.usable & ~self.bursts

    def without(self, days: slice) -> BoolArray:
        """(n,) days from which the level may be learned when `days` are to be predicted."""
        visible = self.quiet
        visible[days] = False
        return visible

    def with_bursts(self, offset: FloatArray) -> SeriesModel:
        """The same model with its own bursts found again, given known log effects (n,)."""
        if not self.has_control:
            return self
        return replace(self, bursts=unexplained_days(self.regression, self.usable, offset=offset))


def build_series_model(
    daily: DailySeries,
    name: SeriesName,
    campaigns: Sequence[CampaignWindow],
    incidents: Sequence[Incident],
    options: CorrelatorOptions,
) -> SeriesModel:
    """Prepare one series.

    Args:
        daily: posts a day.
        name: the series to judge.
        campaigns: the campaigns to test, each starting within the data, by start.
        incidents: known outages and releases.
        options: knobs.
    """
    usable = daily.collected & ~control_bursts(daily, incidents, options)
    regression = _regression(daily, name, incidents, options)
    has_control = _trusted_tags(daily, options)
    bursts = unexplained_days(regression, usable) if has_control else np.zeros(usable.size, dtype=bool)
    regions = [risk_region(daily, campaign, usable, options) for campaign in campaigns]
    return SeriesModel(
        name, regression, usable, bursts, has_control, tuple(region for region in regions if region)
    )


def control_bursts(
    daily: DailySeries, incidents: Sequence[Incident], options: CorrelatorOptions
) -> BoolArray:
    """(n,) days on which the untagged negatives burst: an outage nobody recorded, not marketing.

    Without tags, or with a tagger known to miss most complaints, nothing is set aside.
    """
    if daily.negative_marketing is None or not _trusted_tags(daily, options):
        return np.zeros(len(daily.dates), dtype=bool)
    others = daily.negative - daily.negative_marketing
    untagged = replace(daily, negative=others, negative_marketing=None)
    return unexplained_days(_regression(untagged, "negative", incidents, options), daily.collected)


def _trusted_tags(daily: DailySeries, options: CorrelatorOptions) -> bool:
    poor = options.tagger_recall is not None and options.tagger_recall < POOR_RECALL
    return daily.negative_marketing is not None and not poor


def _regression(
    daily: DailySeries, name: SeriesName, incidents: Sequence[Incident], options: CorrelatorOptions
) -> Regression:
    recall = options.tagger_recall or TYPICAL_RECALL
    design, means, precisions = design_matrix(daily, name, incidents, options.country, recall)
    counts = daily.counts(name).astype(float)
    means[0] = np.log(counts[daily.collected].mean() + 0.05)
    precisions[0] = 1.0
    log_known = None if daily.known is None else np.log(daily.known)
    return Regression(counts, design, means, precisions, log_known)


def risk_region(
    daily: DailySeries, campaign: CampaignWindow, usable: BoolArray, options: CorrelatorOptions
) -> RiskRegion | None:
    """The days at risk, or None when too few of them are usable."""
    start = (campaign.start - daily.dates[0]).days
    days = slice(start, min(start + options.risk_days, len(daily.dates)))
    visible = usable[days].astype(float)
    if visible.sum() < options.minimum_risk_days:
        return None
    coarse, fine = (
        candidate_windows(visible.size, options.longest_lag, flat, fading)
        for flat, fading in ((options.durations, options.fading), (FINE_DURATIONS, FINE_FADING))
    )
    kept = [_seen(windows, visible) for windows in (coarse, fine)]
    if not all(seen.any() for seen in kept):
        return None
    return RiskRegion(campaign, days, coarse.keep(kept[0]), fine.keep(kept[1]), visible)


def _seen(windows: Windows, visible: FloatArray) -> BoolArray:
    """(j,) windows with enough usable days."""
    seen: BoolArray = (windows.inside * visible).sum(axis=1) >= FEWEST_WINDOW_DAYS
    return seen
