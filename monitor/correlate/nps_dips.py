"""Dips of the net promoter score against its own history, and how well they follow campaigns in time.

Each answer is worth +100, 0 or -100 points. Segment means are taken out first (shrunk), so that a change of who
answers is no dip. The daily means then follow

    y_t = trend_t + level_t - depth * window_t + noise_t,   level ~ AR(1)(rho, tau),   noise_t ~ N(0, sigma² / n_t)

A campaign may be followed by one window of unknown lag and length. With P = S^-1 - S^-1 X (X' S^-1 X)^-1 X' S^-1
(S the covariance of level and noise, X intercept and trend), window w gives z_w = -w' P y / sqrt(w' P w), and a
depth with a half-normal prior gives it a Bayes factor; the statistic is their mean over the windows. Its
null distribution comes from simulating the fitted model; (rho, tau) are averaged over their posterior on a grid, not picked.
Sources: Zeger (1988) for the latent level; Wang et al. (2020) for averaging over single-effect windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.dip_evidence import SingleArray, bayes_factors, mean_evidence, shrinkage
from monitor.correlate.multiplicity import false_discovery_rates
from monitor.correlate.nps import nps_score, points
from monitor.correlate.nps_level import (
    DailyScores,
    LevelModel,
    NullSeries,
    daily_scores,
    fit_level,
    null_series,
)
from monitor.domain.nps import DipLink, NpsDip, NpsReport
from monitor.errors import InputError

FloatArray = NDArray[np.float64]
IntPairs = NDArray[np.int64]

LAGS = (5, 8, 11, 14, 17, 21)
LENGTHS = (14, 21, 28)
MINIMUM_DAYS = 60
MINIMUM_ANSWERS = 30
MINIMUM_WINDOW_ANSWERS = 5
MINIMUM_BEFORE = 14
POWER_CASES = 250
SIMULATIONS = 2000
LIKELY_Q = 0.05
POSSIBLE_P = 0.05
UNLINKED_P = 0.01
JUDGEABLE_DEPTH = 30.0


@dataclass(frozen=True, slots=True)
class CampaignStart:
    """A campaign as far as dips need it."""

    campaign_id: str
    start: date


@dataclass(frozen=True, slots=True)
class _Scan:
    """One family of windows, searched together.

    Attributes:
        pairs: (k, 2) first and last day of each window (offsets from the first day).
        posterior: (k,) probability of each window, given that there is a dip.
        depth, depth_sd: (k,) posterior mean and sd of the depth in each window.
        p_value: of the whole search.
        smallest: depth found in 80 of 100 cases at p <= 5 %.
    """

    pairs: IntPairs
    posterior: FloatArray
    depth: FloatArray
    depth_sd: FloatArray
    p_value: float
    smallest: float | None

    def overall_depth(self) -> tuple[float, float, float]:
        """Depth averaged over the windows with its 95 % interval (at least 0)."""
        mean = float(self.posterior @ self.depth)
        spread = float(self.posterior @ (self.depth_sd**2 + self.depth**2)) - mean**2
        half = 1.96 * float(np.sqrt(max(spread, 0.0)))
        return mean, max(0.0, mean - half), mean + half


def find_dips(
    days: Sequence[date],
    scores: Sequence[int] | NDArray[np.int64],
    campaigns: Sequence[CampaignStart] = (),
    *,
    segments: Sequence[str] | None = None,
    invitations: int | None = None,
    seed: int = 0,
) -> NpsReport:
    """Overall score, dips against own history, and a verdict per campaign.

    Args:
        days: (n,) day of each answer.
        scores: (n,) answers 0..10.
        campaigns: what may have come before a dip.
        segments: (n,) segment of each answer for the mix adjustment ("" = not told); None = no adjustment.
        invitations: how many were asked; None when unknown.
        seed: of the simulated null distribution.

    Returns:
        Dips are reported when a campaign's search has q <= 5 % over all campaigns, or the search over the whole
        history has p <= 1 %; so about 1 in 20 histories without a dip shows one.

    Raises:
        InputError: lengths differ, an answer is outside 0..10, or a campaign id comes twice.
    """
    _check(days, scores, segments, campaigns)
    overall = nps_score(scores, invitations=invitations)
    refusal = _refusal(days)
    if refusal:
        links = tuple(DipLink(c.campaign_id, None, None, "cannot tell", reason=refusal) for c in campaigns)
        return NpsReport(overall, (), links, None, refusal)
    daily = daily_scores(days, points(scores), segments)
    model = fit_level(daily)
    rng = np.random.default_rng(seed)
    null = null_series(model, SIMULATIONS, rng)
    searches = [_search(daily, model, _windows_after(daily, campaign), null) for campaign in campaigns]
    links = _links(campaigns, searches)
    anywhere = _search(daily, model, _windows_anywhere(daily), null)
    dips = _dips(daily, links, searches, anywhere)
    return NpsReport(overall, dips, links, anywhere.smallest if anywhere else None)


def _check(
    days: Sequence[date],
    scores: Sequence[int] | NDArray[np.int64],
    segments: Sequence[str] | None,
    campaigns: Sequence[CampaignStart],
) -> None:
    if len(days) != len(scores) or (segments is not None and len(segments) != len(days)):
        raise InputError(
            f"{len(days)} days, {len(scores)} scores: one day, score and segment per answer expected"
        )
    ids = [campaign.campaign_id for campaign in campaigns]
    if len(set(ids)) != len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise InputError(f"campaign {twice!r} comes twice: every campaign needs its own id")


def _refusal(days: Sequence[date]) -> str:
    if len(days) < MINIMUM_ANSWERS:
        return f"{len(days)} answers, at least {MINIMUM_ANSWERS} needed"
    span = (max(days) - min(days)).days + 1
    return f"{span} days of answers, at least {MINIMUM_DAYS} needed" if span < MINIMUM_DAYS else ""


def _windows_after(daily: DailyScores, campaign: CampaignStart) -> IntPairs:
    """Windows that may follow a campaign, as (first, last) day offsets."""
    offset = (campaign.start - daily.first).days
    pairs = [(offset + lag, offset + lag + length - 1) for lag in LAGS for length in LENGTHS]
    return np.array(pairs, dtype=np.int64)


def _windows_anywhere(daily: DailyScores) -> IntPairs:
    """Windows of two and four weeks sliding over the history."""
    last = int(daily.days[-1])
    pairs = [
        (start, start + length - 1)
        for length in (14, 28)
        for start in range(MINIMUM_BEFORE, last - length + 2, max(4, last // 120))
    ]
    return np.array(pairs, dtype=np.int64)


def _search(daily: DailyScores, model: LevelModel, pairs: IntPairs, null: NullSeries) -> _Scan | None:
    """Search a family of windows; None when no window can be judged."""
    inside = (daily.days[:, None] >= pairs[:, 0]) & (daily.days[:, None] <= pairs[:, 1])
    enough = (inside * daily.answers[:, None]).sum(axis=0) >= MINIMUM_WINDOW_ANSWERS
    usable = enough & (pairs[:, 1] <= daily.days[-1]) & (pairs[:, 0] >= MINIMUM_BEFORE)
    if not usable.any():
        return None
    windows = inside[:, usable].astype(np.float64)
    filters, errors = _filters(model, windows)
    scores = np.einsum("gtk,t->gk", filters, daily.means)
    evidence = bayes_factors(errors, scores[..., None])[..., 0]
    null_scores = _filtered(filters, null.series)
    null_statistics = mean_evidence(model.weights, errors, null_scores)
    seen = float(model.weights @ evidence.mean(axis=1))
    shares = null.shares(evidence.mean(axis=1))
    above = float(shares[null_statistics >= seen].sum())
    p_value = round((1 + above * len(shares)) / (1 + len(shares)), 9)
    posterior, depth, depth_sd = _depths(model, errors, scores, evidence)
    order = np.argsort(null_statistics)
    place = int(np.searchsorted(np.cumsum(shares[order]), 1 - POSSIBLE_P))
    critical = float(null_statistics[order[min(place, len(order) - 1)]])
    smallest = _smallest_detectable(model, errors, null_scores, _filtered(filters, windows), critical)
    return _Scan(pairs[usable], posterior, depth, depth_sd, p_value, smallest)


def _filters(model: LevelModel, windows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Filters with z = filter' y for each grid point and window, (g, T, k), and the depths' standard errors, (g, k).

    Windows, (T, k), are 1 on consecutive days and 0 on all others.
    """
    first = windows.argmax(axis=0)
    end = first + windows.sum(axis=0).astype(np.int64)
    projected = np.stack([running[:, end] - running[:, first] for running in model.running])
    information = np.maximum((windows * projected).sum(axis=1), 1e-12)
    errors = 1 / np.sqrt(information)
    return -projected * errors[:, None, :], errors


def _filtered(filters: FloatArray, series: FloatArray) -> SingleArray:
    """Scores z of each grid point and window for (T, m) series, (g, k, m); to seven digits, which simulations need."""
    single = (filters.astype(np.float32), series.astype(np.float32))
    return np.asarray(np.einsum("gtk,tm->gkm", *single, optimize=True), dtype=np.float32)


def _depths(
    model: LevelModel, errors: FloatArray, scores: FloatArray, evidence: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Posterior of the window, and of the depth in each window, (k,) each."""
    from scipy.special import log_ndtr

    joint = model.weights[:, None] * evidence
    joint = joint / joint.sum()
    shrink = shrinkage(errors)
    centre = shrink * errors * scores
    scale = errors * np.sqrt(shrink)
    ratio = centre / scale
    hazard = np.exp(-0.5 * ratio**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(ratio))
    mean = centre + scale * hazard
    variance = np.maximum(scale**2 * (1 - hazard * (hazard + ratio)), 0.0)
    posterior = joint.sum(axis=0)
    inner = joint / np.maximum(posterior, 1e-300)
    depth = (inner * mean).sum(axis=0)
    spread = (inner * (variance + mean**2)).sum(axis=0) - depth**2
    return posterior, depth, np.sqrt(np.maximum(spread, 0.0))


def _smallest_detectable(
    model: LevelModel,
    errors: FloatArray,
    null_scores: SingleArray,
    window_scores: SingleArray,
    critical: float,
) -> float | None:
    """Smallest depth (whole points) found in 80 of 100 simulated cases; None above 80 points.

    Args:
        model, errors: as in the search.
        null_scores: (g, k, m) z of series without a dip.
        window_scores: (g, k, k) z of a dip of one point upwards in each window; z is linear in the series.
        critical: what the statistic must reach.
    """
    draws = null_scores[..., :: max(1, null_scores.shape[2] // POWER_CASES)]
    dips = window_scores[..., np.arange(draws.shape[2]) % window_scores.shape[2]]
    low, high = 0, 80
    while high - low > 1:
        depth = (low + high) // 2
        power = float((mean_evidence(model.weights, errors, draws - depth * dips) >= critical).mean())
        low, high = (depth, high) if power < 0.8 else (low, depth)
    return float(high) if high < 80 else None


def _links(campaigns: Sequence[CampaignStart], searches: Sequence[_Scan | None]) -> tuple[DipLink, ...]:
    """Turn searches into verdicts, with false-discovery control over all campaigns."""
    q_values = false_discovery_rates([search.p_value if search else None for search in searches])
    return tuple(
        _link(campaign, search, q_value)
        for campaign, search, q_value in zip(campaigns, searches, q_values, strict=True)
    )


def _link(campaign: CampaignStart, search: _Scan | None, q_value: float | None) -> DipLink:
    if search is None or q_value is None:
        reason = "too few answers after it, or too short a history before it"
        return DipLink(campaign.campaign_id, None, None, "cannot tell", reason=reason)
    depth, low, high = search.overall_depth()
    verdict, reason = "no sign", ""
    if q_value <= LIKELY_Q:
        verdict = "likely"
    elif search.p_value <= POSSIBLE_P:
        verdict = "possible"
    elif search.smallest is None or search.smallest > JUDGEABLE_DEPTH:
        verdict = "cannot tell"
        seen = (
            "no dip of up to 80 points"
            if search.smallest is None
            else f"only dips above {search.smallest:.0f} points"
        )
        reason = f"not enough answers: {seen} could have been seen"
    return DipLink(
        campaign.campaign_id,
        search.p_value,
        q_value,
        verdict,
        depth,
        low,
        high,
        search.smallest,
        reason=reason,
    )


def _dips(
    daily: DailyScores, links: Sequence[DipLink], searches: Sequence[_Scan | None], anywhere: _Scan | None
) -> tuple[NpsDip, ...]:
    """Windows that passed, the strongest first where they overlap, each with the campaigns before it."""
    found: list[NpsDip] = []
    candidates = [
        search for link, search in zip(links, searches, strict=True) if search and link.verdict == "likely"
    ]
    if anywhere and anywhere.p_value <= UNLINKED_P:
        candidates.append(anywhere)
    for search in sorted(candidates, key=lambda search: search.p_value):
        dip = _dip(daily, search)
        if all(dip.end < other.start or dip.start > other.end for other in found):
            found.append(dip)
    near = [
        replace(dip, campaigns=tuple(sorted(_before(dip, daily, links, searches), key=_by_p)))
        for dip in found
    ]
    return tuple(sorted(near, key=lambda dip: dip.start))


def _dip(daily: DailyScores, search: _Scan) -> NpsDip:
    best = int(np.argmax(search.posterior))
    start, end = (int(day) for day in search.pairs[best])
    depth, low, high = search.overall_depth()
    answers = int(daily.answers[(daily.days >= start) & (daily.days <= end)].sum())
    day = daily.first + timedelta(days=start)
    return NpsDip(day, day + timedelta(days=end - start), depth, low, high, answers, search.p_value)


def _before(
    dip: NpsDip, daily: DailyScores, links: Sequence[DipLink], searches: Sequence[_Scan | None]
) -> list[DipLink]:
    """Links of the campaigns whose windows reach the dip."""
    first, last = ((day - daily.first).days for day in (dip.start, dip.end))
    return [
        link
        for link, search in zip(links, searches, strict=True)
        if search is not None and ((search.pairs[:, 0] <= last) & (search.pairs[:, 1] >= first)).any()
    ]


def _by_p(link: DipLink) -> float:
    return 1.0 if link.p_value is None else link.p_value
