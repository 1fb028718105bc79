"""The one entry to the campaign-effect engine: daily counts and a calendar in, verdicts out.

For each series: campaigns that cannot be tested are refused with a reason; the others are fitted together
(`overlap`), tested one by one (`campaign_test`), controlled for multiplicity and judged (`verdicts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.campaign_test import CampaignTest, run_campaign_test
from monitor.correlate.multiplicity import false_discovery_rates
from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.overlap import fit_jointly
from monitor.correlate.placebo import placebo_evidence, placebo_p_value
from monitor.correlate.pooling import pooled_effects
from monitor.correlate.series_model import POOR_RECALL, build_series_model
from monitor.correlate.verdicts import (
    incidents_at_risk,
    judge,
    refusal,
    tested,
    untested,
    with_agreement,
)
from monitor.domain.effects import CorrelationReport, EffectEstimate
from monitor.domain.series import SERIES_NAMES, CampaignWindow, DailySeries, Incident, SeriesName

FloatArray = NDArray[np.float64]

LONGEST_PART = 800
STEP_DAYS = 365
CONTEXT_DAYS = 150
NOTABLE_P = 0.1
"""Placebo dates are looked at beside p-values up to this one."""
BURST_REASON = "too many of its days at risk lie in a burst of other negative posts that no calendar explains"


def estimate_effects(
    daily: DailySeries,
    campaigns: Sequence[CampaignWindow],
    incidents: Sequence[Incident] = (),
    *,
    series: SeriesName | None = None,
    seed: int = 0,
    options: CorrelatorOptions | None = None,
) -> CorrelationReport:
    """Judge every campaign of a report against the negative posts that followed it.

    Args:
        daily: posts a day.
        campaigns: the calendar; order does not matter.
        incidents: known outages and releases; order does not matter.
        series: the series to judge; None = marketing complaints where tagged (and all negatives beside).
        seed: makes the simulated p-values repeatable.
        options: knobs; None = the measured defaults.

    Returns:
        One estimate a campaign, in the order of the calendar (start, then id).

    Raises:
        InputError: when `series` is not part of the data, or the country's holidays are not known.
    """
    chosen = options or CorrelatorOptions()
    ordered = sorted(campaigns, key=lambda campaign: (campaign.start, campaign.id))
    known = sorted(incidents, key=lambda incident: (incident.start, incident.end, incident.kind))
    poor = chosen.tagger_recall is not None and chosen.tagger_recall < POOR_RECALL
    primary = series or ("negative" if poor else daily.series_names[0])
    daily.counts(primary)
    judged = {primary: _judge_series(daily, ordered, known, primary, seed=seed, options=chosen)}
    if series is None and len(daily.series_names) > 1:
        for name in daily.series_names:
            if name not in judged:
                judged[name] = _judge_series(daily, ordered, known, name, seed=seed, options=chosen)
    first = judged[primary]
    second = judged["negative"] if primary != "negative" and "negative" in judged else ()
    return CorrelationReport(
        primary,
        with_agreement(first, second),
        second,
        pooled_effects(first, ordered),
        _notes(daily, poor=poor),
    )


def _notes(daily: DailySeries, *, poor: bool) -> tuple[str, ...]:
    notes = ["No exposed and unexposed customers are compared: every link is one in time only."]
    if poor:
        notes.append("The complaint tag finds fewer than half of the complaints: all negatives are primary.")
    late = np.flatnonzero(daily.known_share < 1.0)
    if late.size:
        share = 100 * float(daily.known_share[-1])
        notes.append(
            f"Posts come late: since {daily.dates[late[0]]} not all are in, of {daily.dates[-1]} about "
            f"{share:.0f} %; so many fewer are expected there."
        )
    return tuple(notes)


def _judge_series(
    daily: DailySeries,
    campaigns: Sequence[CampaignWindow],
    incidents: Sequence[Incident],
    name: SeriesName,
    *,
    seed: int,
    options: CorrelatorOptions,
) -> tuple[EffectEstimate, ...]:
    reasons = [refusal(daily, campaign, name, options) for campaign in campaigns]
    testable = [c for c, reason in zip(campaigns, reasons, strict=True) if not reason]
    tests = _run_tests(daily, testable, incidents, name, seed=seed, options=options)
    estimates = []
    for campaign, reason in zip(campaigns, reasons, strict=True):
        if campaign in tests:
            estimates.append(tested(campaign, name, *tests[campaign]))
        else:
            estimates.append(untested(campaign, name, reason or BURST_REASON))
    q_values = false_discovery_rates([estimate.p_value for estimate in estimates])
    judged = []
    for index, (estimate, q_value) in enumerate(zip(estimates, q_values, strict=True)):
        if q_value is None:
            judged.append(estimate)
            continue
        known = incidents_at_risk(campaigns[index], incidents, options)
        verdict, reason = judge(estimate, q_value, tests[campaigns[index]][0], options, known)
        judged.append(replace(estimate, q_value=q_value, verdict=verdict, reason=reason))
    return tuple(judged)


def _run_tests(
    daily: DailySeries,
    campaigns: Sequence[CampaignWindow],
    incidents: Sequence[Incident],
    name: SeriesName,
    *,
    seed: int,
    options: CorrelatorOptions,
) -> dict[CampaignWindow, tuple[CampaignTest, tuple[str, ...]]]:
    """Test and ids of rivals of each campaign that has enough usable days at risk."""
    tests: dict[CampaignWindow, tuple[CampaignTest, tuple[str, ...]]] = {}
    for part, wanted in split_history(daily, campaigns, options):
        nearby = [c for c in campaigns if _inside(c, part, options)]
        joint = fit_jointly(build_series_model(part, name, nearby, incidents, options))
        placebos: FloatArray | None = None
        for index, region in enumerate(joint.model.regions):
            if region.campaign not in wanted:
                continue
            # its own id, not its place in the calendar: what other campaigns the data reach must not change its stream
            key = [seed, SERIES_NAMES.index(name), crc32(region.campaign.id.encode("utf-8", "replace"))]
            test = run_campaign_test(joint, index, options, np.random.default_rng(key))
            if test.p_value <= NOTABLE_P:
                if placebos is None:
                    placebos = placebo_evidence(part, joint, options)
                test = replace(test, placebo_p_value=placebo_p_value(test.evidence, placebos))
            partners = (*test.rivals, *test.shadows)
            tests[region.campaign] = (test, tuple(joint.model.regions[one].campaign.id for one in partners))
    return tests


def _inside(campaign: CampaignWindow, part: DailySeries, options: CorrelatorOptions) -> bool:
    """True when enough days of a part of the history follow the campaign's start."""
    after = (part.dates[-1] - campaign.start).days + 1
    return campaign.start >= part.dates[0] and after >= options.days_after


def split_history(
    daily: DailySeries, campaigns: Sequence[CampaignWindow], options: CorrelatorOptions
) -> list[tuple[DailySeries, set[CampaignWindow]]]:
    """Parts of a long history, each with the campaigns to be judged on it.

    A campaign is judged from the year around it: what lies farther back adds cost, not knowledge. Up to
    `LONGEST_PART` days stay in one part.

    Args:
        daily: posts a day.
        campaigns: the testable campaigns, by start.
        options: knobs.
    """
    n = len(daily.dates)
    if not campaigns:
        return []
    if n <= LONGEST_PART:
        return [(daily, set(campaigns))]
    parts: list[tuple[DailySeries, set[CampaignWindow]]] = []
    for first in range(0, n, STEP_DAYS):
        last = min(first + STEP_DAYS, n)
        members = {c for c in campaigns if first <= (c.start - daily.dates[0]).days < last}
        if members:
            days = slice(max(first - CONTEXT_DAYS, 0), min(last + options.risk_days + CONTEXT_DAYS, n))
            parts.append((daily.part(days), members))
    return parts
