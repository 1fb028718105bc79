"""Company-years with known truth: what the campaign-effect engine is measured on.

A world is a year of posts at one B2B company. Plain activity has a slow level, a weekday rhythm and
viral bursts. Negative posts follow it in part and carry a latent mood (AR(1) on the log scale), a season,
a trend, known and hidden outages and the effects of some campaigns. A share of the negatives are
marketing complaints; a tagger finds 80 % of them and falsely tags 8 % of the others. Every knob is
drawn anew for each world, over wide ranges, so that an engine cannot be tuned to one generator.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.domain.series import CampaignWindow, DailySeries, Incident, SeriesName

FloatArray = NDArray[np.float64]
RISK_DAYS = 21


@dataclass(frozen=True, slots=True)
class WorldKnobs:
    """Fixed settings of one world; what is not fixed here is drawn from its seed.

    Attributes:
        base: negative posts a day.
        harmful: share of harmful campaigns (0 = a harmless world).
        days: length of the series.
        mood_rho, mood_sd: autocorrelation a day and standard deviation of the latent log mood.
        burst_scale: multiplies the number of viral bursts and the size of noise.
        season: amplitude of the yearly season and of the weekday rhythm, 1 = usual.
        hidden_outages, known_outages: expected number a year.
        recall, false_tags: of the complaint tagger.
        missing: share of days not collected, apart from whole gaps.
        crowding: campaigns a year.
    """

    base: float
    harmful: float
    days: int = 365
    mood_rho: float = 0.85
    mood_sd: float = 0.3
    burst_scale: float = 1.0
    season: float = 1.0
    hidden_outages: float = 2.0
    known_outages: float = 3.0
    recall: float = 0.8
    false_tags: float = 0.08
    missing: float = 0.02
    crowding: float = 11.0


@dataclass(frozen=True, slots=True)
class CampaignTruth:
    """What really happened after one campaign.

    Attributes:
        campaign: the calendar entry.
        ratio: rate ratio on all negatives over the effect's window (1 = harmless).
        lag, duration: of the effect, days from the campaign's start (0, 0 when harmless).
        series_ratio: expected posts over expected posts without the campaign, by series.
        clean: harmless, with no hidden outage and no harmful campaign's effect in the days at risk.
        beside_hidden: harmless, next to a hidden outage, with no harmful effect in the days at risk.
    """

    campaign: CampaignWindow
    ratio: float
    lag: int
    duration: int
    series_ratio: dict[SeriesName, float]
    clean: bool
    beside_hidden: bool


@dataclass(frozen=True, slots=True)
class World:
    """One simulated year: what an analyst sees, and the truth."""

    daily: DailySeries
    campaigns: tuple[CampaignWindow, ...]
    incidents: tuple[Incident, ...]
    truths: tuple[CampaignTruth, ...]
    knobs: WorldKnobs


def random_knobs(seed: int, *, harmful: float | None = None, base: float | None = None) -> WorldKnobs:
    """Draw the settings of a world; half of the worlds are harmless unless `harmful` is given."""
    rng = np.random.default_rng([seed, 1])
    drawn = WorldKnobs(
        base=float(np.exp(rng.uniform(np.log(0.5), np.log(10)))),
        harmful=0.0 if rng.random() < 0.5 else float(rng.uniform(0.2, 0.6)),
        days=int(rng.choice([180, 270, 365, 365, 365, 365])),
        mood_rho=float(rng.uniform(0.6, 0.96)),
        mood_sd=float(rng.uniform(0.1, 0.45)),
        burst_scale=float(rng.uniform(0.3, 1.7)),
        season=float(rng.uniform(0.2, 1.5)),
        hidden_outages=float(rng.uniform(0.5, 4)),
        known_outages=float(rng.uniform(1, 5)),
        missing=float(rng.choice([0.0, 0.02, 0.06])),
        crowding=float(rng.uniform(4, 13)),
    )
    return replace(
        drawn,
        harmful=drawn.harmful if harmful is None else harmful,
        base=drawn.base if base is None else base,
    )


def simulate(knobs: WorldKnobs, seed: int) -> World:
    """Draw one world."""
    rng = np.random.default_rng([seed, 2])
    n = knobs.days
    first = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 300)))
    weekday = (np.arange(n) + first.weekday()) % 7
    rhythm = np.where(weekday >= 5, -rng.uniform(0.3, 1.2) * knobs.season, rng.normal(0, 0.08, 7)[weekday])
    slow = _season(n, rng, knobs.season) + 0.1 * _autoregression(n, 0.97, rng)
    fast = _pulses(n, rng, 5 * knobs.burst_scale, (0.4, 1.5), (1, 5)) + 0.15 * rng.normal(size=n)
    campaigns = _calendar(n, first, knobs, rng)
    starts = np.array([(campaign.start - first).days for campaign in campaigns])
    for start in starts[rng.random(len(starts)) < 0.3]:
        fast[start : start + 3] += rng.uniform(0.1, 0.5)
    plain = _counts(np.exp(rhythm + slow + fast) * knobs.base / rng.uniform(0.05, 0.25), 0.05, rng)

    mood = knobs.mood_sd * _autoregression(n, knobs.mood_rho, rng)
    own = rng.uniform(-0.3, 0.3) * np.linspace(-1, 1, n) + 0.5 * _season(n, rng, knobs.season)
    level = np.exp(mood + own + rhythm + slow + rng.uniform(0.3, 0.7) * fast)
    level *= knobs.base / level.mean()
    known = _outages(n, rng, knobs.known_outages)
    hidden = _outages(n, rng, knobs.hidden_outages)
    effects, shapes = _effects(n, starts, knobs, rng)

    share = rng.uniform(0.08, 0.25)
    outage = 1 + sum((height for _, _, height in known + hidden), np.zeros(n))
    noise = float(rng.choice([0.0, 0.03, 0.1, 0.25])) * min(knobs.burst_scale, 1.5)
    other_mean = level * (1 - share) * outage
    complaint_base = level * share
    extra = level * sum(shapes, np.zeros(n))
    other = _counts(other_mean, noise, rng)
    complaints = _counts(complaint_base + extra, noise, rng)
    tagged = rng.binomial(complaints, knobs.recall) + rng.binomial(other, knobs.false_tags)

    collected = rng.random(n) >= knobs.missing
    if knobs.missing and rng.random() < 0.5:
        gap = int(rng.integers(30, n - 20))
        collected[gap : gap + int(rng.integers(3, 9))] = False
    collected[[0, -1]] = True
    negative = other + complaints
    daily = DailySeries(
        tuple(first + timedelta(days=day) for day in range(n)),
        np.where(collected, negative + plain, 0),
        np.where(collected, negative, 0),
        np.where(collected, tagged, 0),
        collected,
    )
    base_means: dict[SeriesName, FloatArray] = {
        "negative": other_mean + complaint_base,
        "negative_marketing": knobs.false_tags * other_mean + knobs.recall * complaint_base,
    }
    truths = _truths(campaigns, starts, effects, shapes, extra, base_means, hidden, knobs)
    incidents = tuple(
        Incident("outage", first + timedelta(days=start), first + timedelta(days=start + length - 1))
        for start, length, _ in known
    )
    return World(daily, tuple(campaigns), incidents, truths, knobs)


def _truths(
    campaigns: list[CampaignWindow],
    starts: NDArray[np.int64],
    effects: list[tuple[float, int, int]],
    shapes: list[FloatArray],
    extra: FloatArray,
    base_means: dict[SeriesName, FloatArray],
    hidden: list[tuple[int, int, FloatArray]],
    knobs: WorldKnobs,
) -> tuple[CampaignTruth, ...]:
    gain: dict[SeriesName, float] = {"negative": 1.0, "negative_marketing": knobs.recall}
    level = base_means["negative"]
    truths = []
    for index, (campaign, start) in enumerate(zip(campaigns, starts, strict=True)):
        ratio, lag, duration = effects[index]
        risk = slice(start, start + RISK_DAYS)
        harmed = bool((sum(shapes, np.zeros(level.size)) > 0.02)[risk].any())
        beside = any(start - 2 <= onset <= start + RISK_DAYS - 5 for onset, _, _ in hidden)
        window = slice(start + lag, start + lag + duration)
        added = shapes[index] * _plain_level(extra, shapes)
        series_ratio = {
            name: float(1 + gain[name] * added[window].sum() / mean[window].sum()) if duration else 1.0
            for name, mean in base_means.items()
        }
        truths.append(
            CampaignTruth(
                campaign,
                ratio,
                lag,
                duration,
                series_ratio,
                clean=not harmed and not beside,
                beside_hidden=not harmed and beside,
            )
        )
    return tuple(truths)


def _plain_level(extra: FloatArray, shapes: list[FloatArray]) -> FloatArray:
    """Level that the effects multiply, recovered where any effect acts (0 elsewhere)."""
    total = sum(shapes, np.zeros(extra.size))
    return np.divide(extra, total, out=np.zeros(extra.size), where=total > 0)


def _effects(
    n: int, starts: NDArray[np.int64], knobs: WorldKnobs, rng: np.random.Generator
) -> tuple[list[tuple[float, int, int]], list[FloatArray]]:
    """(ratio, lag, duration) and the added share of the level, (n,), for each campaign."""
    effects, shapes = [], []
    for start in starts:
        shape = np.zeros(n)
        ratio, lag, duration = 1.0, 0, 0
        if rng.random() < knobs.harmful:
            ratio = float(rng.choice([1.5, 2.0, 3.0]))
            lag, duration = int(rng.integers(0, 8)), int(rng.integers(3, 15))
            days = np.arange(duration)
            profile = np.exp(-days / (duration / 2)) if rng.random() < 0.3 else np.ones(duration)
            profile *= duration / profile.sum()
            stop = min(start + lag + duration, n)
            shape[start + lag : stop] = (ratio - 1) * profile[: max(stop - start - lag, 0)]
            duration = max(stop - start - lag, 0)
        effects.append((ratio, lag, duration))
        shapes.append(shape)
    return effects, shapes


def _calendar(n: int, first: date, knobs: WorldKnobs, rng: np.random.Generator) -> list[CampaignWindow]:
    number = max(1, int(rng.poisson(knobs.crowding * n / 365)))
    starts = np.sort(rng.choice(np.arange(20, n - 12), size=number, replace=False))
    kinds, channels = ("webinar", "upsell", "survey", "newsletter"), ("email", "in_app", "push")
    return [
        CampaignWindow(
            f"C{index:02d}",
            str(rng.choice(kinds)),
            str(rng.choice(channels)),
            first + timedelta(days=int(start)),
            first + timedelta(days=int(start + rng.integers(0, 8))),
        )
        for index, start in enumerate(starts)
    ]


def _outages(n: int, rng: np.random.Generator, number: float) -> list[tuple[int, int, FloatArray]]:
    """(start, length, added share of the level of other posts, shape (n,)) of each outage."""
    outages = []
    for _ in range(rng.poisson(number * n / 365)):
        start, length = int(rng.integers(5, n - 5)), int(rng.integers(1, 4))
        height = rng.uniform(1.5, 6.0)
        after = np.arange(n) - start
        fading = np.exp(-np.maximum(after - length + 1, 0) / rng.uniform(0.7, 2.0))
        profile = np.where((after >= 0) & (after < length), 1.0, np.where(after >= length, fading, 0.0))
        outages.append((start, length, height * np.where(profile > 0.02, profile, 0.0)))
    return outages


def _season(n: int, rng: np.random.Generator, scale: float) -> FloatArray:
    phase = rng.uniform(0, 2 * np.pi)
    season: FloatArray = scale * rng.uniform(0, 0.25) * np.sin(2 * np.pi * np.arange(n) / 365 + phase)
    return season


def _pulses(
    n: int, rng: np.random.Generator, number: float, heights: tuple[float, float], lengths: tuple[int, int]
) -> FloatArray:
    pulses = np.zeros(n)
    for _ in range(rng.poisson(number * n / 365)):
        start, length = int(rng.integers(0, n)), int(rng.integers(*lengths))
        after = np.arange(n) - start
        pulses += np.where(after >= 0, rng.uniform(*heights) * np.exp(-np.maximum(after, 0) / length), 0.0)
    return pulses


def _autoregression(n: int, rho: float, rng: np.random.Generator) -> FloatArray:
    """Stationary AR(1) with unit variance, shape (n,)."""
    innovations = rng.normal(size=n) * np.sqrt(1 - rho**2)
    values = np.empty(n)
    values[0] = rng.normal()
    for day in range(1, n):
        values[day] = rho * values[day - 1] + innovations[day]
    return values


def _counts(mean: FloatArray, overdispersion: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Negative binomial with variance mean + overdispersion * mean^2; Poisson at 0."""
    rate = mean * rng.gamma(1 / overdispersion, overdispersion, mean.size) if overdispersion else mean
    counts: NDArray[np.int64] = rng.poisson(rate).astype(np.int64)
    return counts
