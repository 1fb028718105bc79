"""From numbers to words: likely, possible, no sign or cannot tell, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.correlate.campaign_test import CampaignTest
from monitor.correlate.options import CorrelatorOptions
from monitor.domain.effects import EffectEstimate, Verdict
from monitor.domain.series import CampaignWindow, DailySeries, Incident, SeriesName

METHOD = (
    "negative-binomial counts around a latent AR(1) level, unknown window averaged over, simulated p-values"
)
LARGEST_PLACEBO = 0.15
OWN_SHARE = 0.8
"""A rise shared with a rival is called likely only for a campaign that is this probable to own it."""


def refusal(
    daily: DailySeries, campaign: CampaignWindow, name: SeriesName, options: CorrelatorOptions
) -> str:
    """Why a campaign cannot be tested at all; "" when it can."""
    collected = int(daily.collected.sum())
    posts = int(daily.counts(name)[daily.collected].sum())
    needed = options.minimum_tagged if name == "negative_marketing" else options.minimum_negative
    first, last = daily.dates[0], daily.dates[-1]
    before, after = (campaign.start - first).days, (last - campaign.start).days + 1
    if after <= 0 or before < 0:
        return f"it starts {campaign.start}, outside the data of {first} to {last}"
    if collected < options.minimum_days:
        return f"only {_days(collected)} {'was' if collected == 1 else 'were'} collected, {options.minimum_days} are needed"
    if posts < needed:
        return f"only {posts} {'post' if posts == 1 else 'posts'} in all, {needed} are needed"
    if before < options.days_before:
        return f"only {_days(before)} of data before its start, {options.days_before} are needed"
    if after < options.days_after:
        return f"only {_days(after)} of data from its start on, {options.days_after} are needed"
    at_risk = daily.collected[before : before + options.risk_days]
    if int(at_risk.sum()) < options.minimum_risk_days:
        return (
            f"only {int(at_risk.sum())} of the {options.risk_days} days at risk were collected, "
            f"{options.minimum_risk_days} are needed"
        )
    return ""


def _days(number: int) -> str:
    return f"{number} {'day' if number == 1 else 'days'}"


def untested(campaign: CampaignWindow, name: SeriesName, reason: str) -> EffectEstimate:
    """The estimate of a campaign that could not be tested."""
    return EffectEstimate(campaign.id, name, "cannot tell", reason=reason, method=METHOD)


def tested(
    campaign: CampaignWindow, name: SeriesName, test: CampaignTest, rivals: Sequence[str]
) -> EffectEstimate:
    """The estimate of a tested campaign, before false-discovery control and verdict."""
    size = test.size
    return EffectEstimate(
        campaign.id,
        name,
        "cannot tell",
        p_value=test.p_value,
        rate_ratio=size.ratio,
        low=size.low,
        high=size.high,
        lag_days=test.lag,
        last_day=test.last_day,
        excess=size.excess,
        excess_low=size.excess_low,
        excess_high=size.excess_high,
        minimum_detectable_rate_ratio=test.detectable,
        confounded_with=tuple(rivals),
        n=test.posts,
        method=METHOD,
        placebo_p_value=test.placebo_p_value,
        risk_days=test.risk_days,
    )


def judge(
    estimate: EffectEstimate, q_value: float, test: CampaignTest, options: CorrelatorOptions, known: str
) -> tuple[Verdict, str]:
    """Verdict and reason of a tested campaign.

    Args:
        estimate: its numbers.
        q_value: its false-discovery rate.
        test: its test.
        options: knobs.
        known: what is said of known incidents on its days at risk, "" for none.
    """
    names = ", ".join(estimate.confounded_with)
    shared = f"the rise fits {names} about as well" if test.rivals else ""
    beside = f"; {known}" if known else ""
    q_words = f"q {100 * q_value:.2g} %"
    if q_value <= options.likely_q and (estimate.rate_ratio or 0) > 1:
        if test.rivals and test.share < OWN_SHARE:
            return "cannot tell", f"posts rose ({q_words}) but {shared}: judge the campaigns as one group"
        if test.placebo_p_value is not None and test.placebo_p_value > LARGEST_PLACEBO:
            share = f"{100 * test.placebo_p_value:.0f} % of quiet dates show as much"
            return (
                "possible",
                f"more posts than expected, {q_words}, but {share}: the series bursts by itself",
            )
        return "likely", f"more posts than the level before and after explains, {q_words}{beside}"
    if q_value <= options.possible_q and test.p_value <= 0.05 and (estimate.rate_ratio or 0) > 1:
        return "possible", f"more posts than expected, but such a rise is not rare by chance, {q_words}" + (
            f"; {shared}" if shared else beside
        )
    if test.detectable is None or (
        test.detectable > options.widest_ratio and test.size.high >= options.widest_ratio
    ):
        seen = (
            "no ratio up to 9"
            if test.detectable is None
            else f"only a ratio of {test.detectable:.1f} or more"
        )
        return "cannot tell", f"too few posts: {seen} could have been seen{beside}"
    if test.rivals or test.shadows:
        return (
            "cannot tell",
            shared or f"the rise in its days fits {names} better, so its own part stays open",
        )
    return "no sign", f"no more posts than chance explains, {q_words}{beside}"


def incidents_at_risk(
    campaign: CampaignWindow, incidents: Sequence[Incident], options: CorrelatorOptions
) -> str:
    """What is said of known incidents that touch the days at risk; "" for none."""
    last = campaign.start + timedelta(days=options.risk_days - 1)
    touching = [i for i in incidents if i.start <= last and i.end >= campaign.start]
    named = [f"the known {i.kind or 'incident'} of {i.start}" for i in touching]
    if not named:
        return ""
    first, last_one = ", ".join(named[:-1]), named[-1]
    subject = f"{first} and {last_one}" if first else last_one
    return f"{subject} fell into the same days and {'was' if len(named) == 1 else 'were'} allowed for"


def with_agreement(
    primary: Sequence[EffectEstimate], second: Sequence[EffectEstimate]
) -> tuple[EffectEstimate, ...]:
    """The primary estimates, each reason followed by what all negative posts say to the same campaign."""
    if not second:
        return tuple(primary)
    return tuple(
        replace(one, reason=one.reason + _agreement(one, other))
        for one, other in zip(primary, second, strict=True)
    )


def _agreement(one: EffectEstimate, other: EffectEstimate) -> str:
    raised = {"likely", "possible"}
    if one.verdict in raised and other.verdict in raised:
        return f"; all negative posts agree ({other.verdict})"
    if one.verdict in raised and other.verdict == "no sign":
        return "; all negative posts together show no such rise"
    if one.verdict in raised:
        return "; all negative posts together cannot tell"
    if other.verdict in raised:
        return f"; but all negative posts rose ({other.verdict}): look for another cause than marketing"
    return ""
