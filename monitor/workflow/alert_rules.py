"""The rules: from the statistics of one day to signals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from monitor.domain.alerts import AlertOptions, Measure, RuleName, RuleOptions, Sensitivity, Signal
from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign
from monitor.domain.effects import EffectEstimate
from monitor.domain.findings import DetectionPoint, FlagLevel, RedFlag
from monitor.store.alert_posts import AccountPost
from monitor.workflow.alert_spikes import SPIKE_RULES, judge_spikes, spike_signals

_VERDICT_DAYS = 42
_AFTER_WINDOW_DAYS = 7
_DIP_DAYS = 14
_ACCOUNT_DAYS = 3
_NEARBY_DAYS = 10
_DIP_P = {Sensitivity.FEWER: 0.01, Sensitivity.BALANCED: 0.05, Sensitivity.MORE: 0.1}
_ADVERB = {"likely": "likely", "possible": "possibly"}


def find_signals(
    analysis: Analysis,
    campaigns: Sequence[Campaign],
    account_posts: Sequence[AccountPost],
    options: AlertOptions,
    points: Mapping[RuleName, Sequence[DetectionPoint]] | None = None,
    *,
    redact: Callable[[str], str],
) -> list[Signal]:
    """Everything the rules see as of the analysis' day.

    Args:
        analysis: the day's statistics.
        campaigns: of the calendar, begun by then: they name and date the verdicts, and spikes near them are likelier.
        account_posts: recent posts of known accounts above the weight.
        options: each rule's sensitivity and minimum n.
        points: the detector's points up to that day, where they are known already.
        redact: takes personal data out of campaigns' names and ids where sentences show them; what identifies a
            signal keeps the id as it is.
    """
    found: list[Signal] = []
    judged = points if points is not None else judge_spikes(analysis.daily, options, campaigns)
    for rule in SPIKE_RULES:
        found += spike_signals(judged[rule], rule, options.rules[rule], analysis.as_of)
    by_id = {campaign.external_id: campaign for campaign in campaigns}
    found += _verdicts(analysis, by_id, options.rules[RuleName.CAMPAIGN_VERDICT], redact)
    found += _dips(analysis, options.rules[RuleName.NPS_DIP])
    found += _flags(analysis, options.rules[RuleName.RED_FLAG])
    found += _accounts(account_posts, analysis.as_of)
    return [
        _with_campaigns(signal, analysis, by_id, redact)
        for signal in found
        if options.rules[signal.rule].enabled
    ]


def _verdicts(
    analysis: Analysis, by_id: Mapping[str, Campaign], options: RuleOptions, redact: Callable[[str], str]
) -> Iterator[Signal]:
    if analysis.correlation is None:
        return
    for estimate in analysis.correlation.campaigns:
        campaign = by_id.get(estimate.campaign_id)
        if (
            campaign is None
            or not _speaks(estimate, options.sensitivity)
            or estimate.n < options.minimum_posts
        ):
            continue
        onset, last = effect_days(estimate, campaign)
        is_recent = (analysis.as_of - campaign.start).days <= _VERDICT_DAYS
        if not is_recent or analysis.as_of > last + timedelta(days=_AFTER_WINDOW_DAYS):
            continue
        name, linked = redact(campaign.name), _ADVERB[estimate.verdict]
        yield Signal(
            rule=RuleName.CAMPAIGN_VERDICT,
            subject=campaign.external_id,
            onset=onset,
            last_day=min(last, analysis.as_of),
            sentence=f"The campaign “{name}” is {linked} linked in time with posts against us.",
            measure=_ratio(estimate, onset, min(last, analysis.as_of)),
            strength=estimate.rate_ratio or 0.0,
            campaigns=(campaign.external_id,),
            questions=(
                "Is the rest of the campaign still to be sent, and can it wait?",
                "Who got it who should not have?",
                "What else happened on those days?",
            ),
        )


def _speaks(estimate: EffectEstimate, sensitivity: Sensitivity) -> bool:
    if sensitivity is Sensitivity.MORE:
        return estimate.verdict in {"likely", "possible"}
    strict = sensitivity is Sensitivity.FEWER
    return estimate.verdict == "likely" and (not strict or (estimate.q_value or 1.0) <= 0.01)


def effect_days(estimate: EffectEstimate, campaign: Campaign) -> tuple[date, date]:
    """First and last day of the effect's window."""
    lag = estimate.lag_days or 0
    last = estimate.last_day if estimate.last_day is not None else lag + 7
    return campaign.start + timedelta(days=lag), campaign.start + timedelta(days=max(last, lag))


def _ratio(estimate: EffectEstimate, onset: date, last: date) -> Measure:
    def times(value: float | None) -> str:
        return "" if value is None else f"{value:.1f} ×"

    return Measure(
        what="rate against the expected one",
        value=times(estimate.rate_ratio) or "not known",
        low=times(estimate.low),
        high=times(estimate.high),
        n=estimate.n,
        window=f"{onset.isoformat()} to {last.isoformat()}",
    )


def _dips(analysis: Analysis, options: RuleOptions) -> Iterator[Signal]:
    for dip in analysis.nps.dips if analysis.nps is not None else ():
        recent = (analysis.as_of - dip.end).days <= _DIP_DAYS
        if not recent or dip.p_value > _DIP_P[options.sensitivity] or dip.n < options.minimum_posts:
            continue
        linked = tuple(link.campaign_id for link in dip.campaigns if link.verdict == "likely")
        yield Signal(
            rule=RuleName.NPS_DIP,
            subject="all",
            onset=dip.start,
            last_day=dip.end,
            sentence=f"NPS fell {dip.depth:.0f} points below its own history from {dip.start} to {dip.end}.",
            measure=Measure(
                what="NPS points lost",
                value=f"{dip.depth:.0f}",
                low=f"{dip.low:.0f}",
                high=f"{dip.high:.0f}",
                n=dip.n,
                window=f"{dip.start.isoformat()} to {dip.end.isoformat()}",
            ),
            strength=dip.depth,
            campaigns=linked,
            questions=(
                "Which segment fell?",
                "Did the survey go to other people than usual?",
                "What do the comments name?",
            ),
        )


def _flags(analysis: Analysis, options: RuleOptions) -> Iterator[Signal]:
    for flag in analysis.red_flags:
        if flag.value is None or flag.n < options.minimum_posts or not _is_up(flag, options.sensitivity):
            continue
        yield Signal(
            rule=RuleName.RED_FLAG,
            subject=f"{flag.area}/{flag.metric}",
            onset=analysis.as_of,
            last_day=analysis.as_of,
            sentence=f"Red flag, {flag.metric} ({flag.area}): {flag.reason.rstrip('.')}.",
            measure=_flag_measure(flag),
            strength=2.0 if flag.level is FlagLevel.CRITICAL else 1.0,
            questions=flag.questions,
        )


def _is_up(flag: RedFlag, sensitivity: Sensitivity) -> bool:
    """Fewer: critical against own history and benchmark; balanced: critical; more: caution, too."""
    if sensitivity is Sensitivity.MORE:
        return flag.level in {FlagLevel.CAUTION, FlagLevel.CRITICAL}
    if sensitivity is Sensitivity.FEWER:
        return flag.own_level is FlagLevel.CRITICAL and flag.benchmark_level is not FlagLevel.OK
    return flag.level is FlagLevel.CRITICAL


def _flag_measure(flag: RedFlag) -> Measure:
    def shown(value: float | None) -> str:
        if value is None:
            return ""
        return f"{100 * value:.2f} %" if flag.unit == "share" else f"{value:.1f}"

    return Measure(
        what=f"{flag.area}, {flag.metric}",
        value=shown(flag.value),
        expected=shown(flag.own_baseline),
        low=shown(flag.own_low if flag.own_baseline is not None else flag.low),
        high=shown(flag.own_high if flag.own_baseline is not None else flag.high),
        n=flag.n,
        window=flag.window,
    )


def _accounts(posts: Sequence[AccountPost], as_of: date) -> Iterator[Signal]:
    accounts = sorted({post.account for post in posts})
    for account in accounts:
        own = [post for post in posts if post.account == account]
        kind = "a marketing complaint" if any(post.complaint for post in own) else "a negative post"
        weight = own[0].weight
        yield Signal(
            rule=RuleName.KNOWN_ACCOUNT,
            # a digest: the customer's name stays in the database
            subject=hashlib.sha256(account.encode()).hexdigest()[:12],
            onset=own[0].day,
            last_day=own[-1].day,
            sentence=f"A known customer with deals worth {weight:,.0f} wrote {kind}.",
            measure=Measure(
                "posts of this customer", str(len(own)), n=len(own), window=f"{own[0].day} to {as_of}"
            ),
            strength=weight,
            questions=(
                "Who looks after this customer, and do they know?",
                "Is a renewal or an upsell under way?",
            ),
            post_ids=tuple(post.post_id for post in own),
        )


def account_window(as_of: date) -> tuple[date, date]:
    """The days in which a post of a known account is news."""
    return as_of - timedelta(days=_ACCOUNT_DAYS - 1), as_of


def _with_campaigns(
    signal: Signal, analysis: Analysis, by_id: Mapping[str, Campaign], redact: Callable[[str], str]
) -> Signal:
    """Name the campaigns around a problem; those whose effect overlaps a spike belong to it."""
    estimates = {e.campaign_id: e for e in analysis.correlation.campaigns} if analysis.correlation else {}
    near: list[str] = []
    part = list(signal.campaigns)
    for campaign in by_id.values():
        since, until = signal.onset - timedelta(days=_NEARBY_DAYS), signal.last_day
        if campaign.external_id not in part and not since <= campaign.start <= until:
            continue
        estimate = estimates.get(campaign.external_id)
        verdict = estimate.verdict if estimate else "not judged yet"
        detail = f": {_shown(estimate, redact).sentence()}" if estimate is not None else "."
        near.append(f"“{redact(campaign.name)}” ({campaign.start.isoformat()}, {verdict}){detail}")
        if estimate is not None and estimate.verdict == "likely" and signal.rule in SPIKE_RULES:
            onset, last = effect_days(estimate, campaign)
            if onset <= signal.last_day and signal.onset <= last:
                part.append(campaign.external_id)
    return replace(signal, nearby=tuple(near[:4]), campaigns=tuple(dict.fromkeys(part)))


def _shown(estimate: EffectEstimate, redact: Callable[[str], str]) -> EffectEstimate:
    """An estimate whose sentence tells no name that a calendar uses as an id."""
    overlapping = tuple(redact(campaign) for campaign in estimate.confounded_with)
    return replace(estimate, campaign_id=redact(estimate.campaign_id), confounded_with=overlapping)
